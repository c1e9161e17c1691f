"""Strata of attributes, and totals divided among them: what is promised, and what cannot be."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sampling.design.allocation import AllocationError
from sampling.design.area_selection import AreaSelection
from sampling.design.area_strata import RULES, AreaAllocation, stratum_name
from sampling.design.stage_frames import stage_design
from sampling.design.stage_plans import AreaStage, DesignError, StagePlan, area_allocation
from sampling.design.stages import AreaUnit, drawn_units, order_units

SIZES = {"01|urban": [40, 25, 15, 10, 6, 90], "01|rural": [9, 8, 7, 30, 5, 5, 5], "02|rural": [20, 10]}
UNITS = [
    AreaUnit(f"{stratum}{place}", stratum, size)
    for stratum, sizes in SIZES.items()
    for place, size in enumerate(sizes)
]
N_DRAWS, LEVEL = 2_000, 0.01


@pytest.mark.parametrize("rule", RULES)
def test_units_of_a_divided_total_come_as_often_as_stated(rule: str):
    allocation = AreaAllocation(rule, 8, sd={"01|urban": Fraction(2), "*": Fraction(1)})
    plan = AreaStage("commune", 8, selection=AreaSelection(order=("random",)), allocation=allocation)
    counts = {unit.code: 0 for unit in UNITS}
    stated: dict[str, Fraction] = {}
    for number in range(N_DRAWS):
        drawn = [unit for each in order_units(plan, UNITS, f"{number}") for unit in drawn_units(each)]
        assert len(drawn) == 8
        for unit in drawn:
            counts[unit.code] += 1
            stated[unit.code] = unit.probability
    level = LEVEL / (len(RULES) * len(UNITS))
    for code, probability in stated.items():
        if probability == 1:
            assert counts[code] == N_DRAWS
        else:
            assert stats.binomtest(counts[code], N_DRAWS, float(probability)).pvalue > level, code
    assert sum(stated.values()) == 8


@given(
    counts=st.dictionaries(
        st.text("ab", min_size=1, max_size=3), st.lists(st.integers(1, 99), min_size=1), min_size=1
    ),
    rule=st.sampled_from(sorted(RULES)),
    minimum=st.integers(0, 3),
    share=st.floats(0, 1),
)
def test_what_is_divided_adds_up_and_keeps_the_limits(
    counts: dict[str, list[int]], rule: str, minimum: int, share: float
):
    least = sum(min(minimum, len(sizes)) for sizes in counts.values())
    most = sum(map(len, counts.values()))
    total = max(1, round(least + share * (most - least)))
    divided = AreaAllocation(rule, total, minimum).divide(counts)
    assert sum(divided.values()) == total
    assert all(min(minimum, len(counts[name])) <= n <= len(counts[name]) for name, n in divided.items())


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"rule": "quota"},
        {"rule": "equal", "per": 3},
        {"rule": "equal", "minimum": -1},
        {"rule": "equal", "minimum": True},
        {"rule": "equal", "minimum": 5, "maximum": 4},
        {"rule": "equal", "minimum": 0, "maximum": 0},
        {"rule": "power", "exponent": "2"},
        {"rule": "power", "exponent": 0.5},
        {"rule": "neyman", "sd": {"01": "a"}},
        {"rule": "neyman", "sd": [1]},
        {"rule": "cost_optimal", "cost": {"*": "0"}},
        {"rule": "cost_optimal", "cost": {"*": "1/0"}},
    ],
)
def test_an_allocation_that_cannot_be_is_refused(document: dict[str, Any]):
    with pytest.raises(AllocationError, match="Expected"):
        AreaAllocation.from_document(document, 10)


def test_strata_without_spread_cannot_share():
    with pytest.raises(AllocationError, match="spread above 0"):
        AreaAllocation("neyman", 4, sd={"*": Fraction(0)}).divide({"a": [1, 1], "b": [1, 1]})


@pytest.mark.parametrize(
    ("values", "expected"), [({"province": "01"}, "urban"), ({"province": "", "urban": "urban"}, "province")]
)
def test_a_missing_attribute_is_named(values: dict[str, str], expected: str):
    with pytest.raises(AllocationError, match=f"a value of {expected} for"):
        stratum_name(values, ["province", "urban"])


def test_a_name_too_long_to_be_stored_is_refused():
    with pytest.raises(AllocationError, match="at most 24"):
        stratum_name({"region": "R" * 20, "urban": "urban"}, ["region", "urban"])


def stage(code: str = "commune", **changes: Any) -> dict[str, Any]:
    plain = {"code": code, "selection": "pps_systematic", "order": ["random"], "n_units": 8, "exceptions": []}
    return plain | changes


def test_allocation_and_exceptions_exclude_each_other():
    exceptions = [{"stratum": "01", "n_units": 3}]
    with pytest.raises(DesignError, match="got both"):
        area_allocation([stage(allocation={"rule": "equal"}, exceptions=exceptions)])
    with pytest.raises(DesignError, match="got one at village"):
        area_allocation([stage(), stage("village", allocation={"rule": "equal"})])
    with pytest.raises(DesignError, match="by one rule of"):
        area_allocation([stage(allocation={"rule": "quota"})])


def test_the_design_of_a_stage_says_what_divides_and_what_makes_strata():
    stages = [
        stage(allocation={"rule": "equal"}),
        stage("village"),
        {"code": "person", "selection": "simple_random", "order": ["random"], "n_units": 5},
    ]
    document = {"strata": {"by": ["region"]}, "stages": stages}
    first = stage_design(document, "commune")
    assert (first["strata"], first["allocation"], first["n"]) == (["region"], {"rule": "equal"}, 8)
    assert not {"strata", "allocation"} & stage_design(document, "village").keys()
    plan = StagePlan.from_document(document)
    assert [each.allocation is not None for each in plan.areas] == [True, False]
    fixed = plan.area("commune").as_committed({"n_by_stratum": {"RRD": 8}})
    assert (fixed.wanted_of("RRD"), fixed.allocation) == (8, None)
