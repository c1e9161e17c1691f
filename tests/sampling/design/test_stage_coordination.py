"""Area stages that permanent numbers select: what they promise, and what has no meaning."""

from dataclasses import replace
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from sampling.design.area_selection import AREA_METHODS, AreaSelection
from sampling.design.coordination import CoordinationError, overlap_of_pairs, start_for_pairs
from sampling.design.list_coordination import ListCoordination
from sampling.design.schemes import METHODS
from sampling.design.schemes.order_probabilities import ORDERS, order_probabilities
from sampling.design.stage_coordination import (
    Steering,
    chances,
    check_coordinated,
    coordinated_design,
    number_pairs,
)
from sampling.design.stage_plans import AreaStage
from sampling.design.stages import AreaUnit, drawn_units, order_units

COORDINATED = [method for method in AREA_METHODS if METHODS[method].supports_coordination]
SIZES = {"01": (40, 25, 15, 10, 6, 120), "02": (9, 8, 7, 30, 5, 5, 5)}
UNITS = [
    AreaUnit(f"{stratum}{place:03d}", stratum, size)
    for stratum, sizes in SIZES.items()
    for place, size in enumerate(sizes)
]
WANTED, N_DRAWS, LEVEL = 2, 2_000, 0.01


def stage(method: str, key: str, start: Fraction = Fraction(1, 3)) -> AreaStage:
    selection = AreaSelection.from_document({"selection": method, "order": ["random"]})
    return AreaStage("commune", WANTED, selection=selection, steering=Steering(key, start))


def drawn(plan: AreaStage, seed: str = "2026") -> set[str]:
    return {unit.code for each in order_units(plan, UNITS, seed) for unit in drawn_units(each)}


def design_of(method: str) -> dict[str, object]:
    by_size = METHODS[method].needs_size
    return {"n": WANTED, "n_by_stratum": {}, "measure_of_size": "size" if by_size else None}


def targets(method: str) -> dict[str, float]:
    """What the method really does, by code."""
    found = chances([(unit.above, unit.code, unit.size) for unit in UNITS], design_of(method))
    true = {code: float(pi) for code, (_stratum, pi) in found.items()}
    if method not in ORDERS:
        return true
    for stratum in SIZES:
        open_ones = [code for code in true if code.startswith(stratum) and true[code] < 1]
        exact = order_probabilities(np.array([true[code] for code in open_ones]), method)
        true |= dict(zip(open_ones, exact.tolist(), strict=True))
    return true


@pytest.mark.parametrize("method", COORDINATED)
def test_units_come_as_often_as_promised_over_many_keys(method: str):
    expected = targets(method)
    counts = dict.fromkeys(expected, 0)
    for number in range(N_DRAWS):
        for code in drawn(stage(method, f"key {number}")):
            counts[code] += 1
    level = LEVEL / (len(COORDINATED) * len(UNITS))
    for code, chance in expected.items():
        if chance == 1:
            assert counts[code] == N_DRAWS
        else:
            assert stats.binomtest(counts[code], N_DRAWS, chance).pvalue > level, code


@pytest.mark.parametrize("method", COORDINATED)
def test_the_next_round_meets_as_many_as_asked(method: str):
    found = chances([(unit.above, unit.code, unit.size) for unit in UNITS], design_of(method))
    pairs = dict.fromkeys({(pi, pi) for _stratum, pi in found.values()}, 0)
    for _stratum, pi in found.values():
        pairs[pi, pi] += 1
    start = start_for_pairs(Fraction(3, 5), previous_start=Fraction(1, 3), pairs=pairs)
    expected = overlap_of_pairs((start - Fraction(1, 3)) % 1, pairs)
    plans = (stage(method, f"key {number}") for number in range(500))
    overlaps = [
        len(drawn(plan) & drawn(replace(plan, steering=Steering(plan.steering.key, start))))
        for plan in plans
        if plan.steering is not None
    ]
    error = np.std(overlaps) / sqrt(len(overlaps))
    allowed = 4 * error if method in {"poisson", "bernoulli"} else 0.5
    assert abs(float(np.mean(overlaps)) - expected) <= allowed


def test_the_seed_orders_the_list_but_does_not_select():
    plan = stage("pareto", "key")
    assert drawn(plan, "one") == drawn(plan, "two")
    orders = [order_units(plan, UNITS, seed)[0].codes for seed in ("one", "two")]
    assert orders[0] != orders[1]


@pytest.mark.parametrize("method", sorted(set(AREA_METHODS) - set(COORDINATED)))
def test_a_method_without_numbers_has_no_overlap(method: str):
    with pytest.raises(CoordinationError, match="has no meaning there"):
        check_coordinated({"code": "commune", "selection": method})
    with pytest.raises(CoordinationError, match="'village'"):
        coordinated_design({"stage": "village", "selection": method}, ListCoordination())


def test_an_unknown_method_is_refused():
    with pytest.raises(CoordinationError, match="one number per unit"):
        check_coordinated({"code": "commune", "selection": "quota"})


def test_numbers_of_stages_are_independent_and_sorted():
    communes, villages = (number_pairs(["b", "a"], "key", name) for name in ("commune", "village"))
    assert [code for code, _number in communes] == ["a", "b"]
    assert {number for _code, number in communes}.isdisjoint(number for _code, number in villages)


def test_the_first_round_starts_where_the_seed_of_its_stage_says():
    first = ListCoordination()
    assert first.start_at("2026", "commune") == first.start_at("2026", "commune")
    assert len({first.start_at("2026", name) for name in ("commune", "village", "dossier")}) == 3


def test_equal_probabilities_do_not_look_at_the_size():
    rows = [("01", "a", 90), ("01", "b", 10), ("02", "c", 5)]
    found = chances(rows, {"n": 1, "n_by_stratum": {"02": 1}, "measure_of_size": None})
    assert found == {"a": ("01", Fraction(1, 2)), "b": ("01", Fraction(1, 2)), "c": ("02", Fraction(1))}


def test_the_key_does_not_show():
    assert "secret" not in repr(Steering("secret", Fraction(0)))
