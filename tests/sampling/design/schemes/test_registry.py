from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.schemes import (
    METHODS,
    Unit,
    joint_probabilities_of,
    method_named,
    select,
    target_probabilities,
)
from sampling.design.selection import SelectionError
from tests.sampling.design.frequencies import N_DRAWN, UNITS

PAGE = Path(__file__).parents[4] / "docs" / "methodology" / "selection.md"
DRAWN = {
    "simple_random": [0, 4, 7, 8],
    "systematic": [0, 2, 5, 7],
    "bernoulli": [0, 4, 7, 8],
    "poisson": [0, 4, 8, 9],
    "sequential_poisson": [0, 4, 8, 9],
    "pareto": [0, 4, 8, 9],
    "pps_systematic": [0, 2, 8, 9],
    "pps_systematic_random": [0, 1, 8, 9],
    "sampford": [0, 2, 5, 9],
    "tille": [0, 2, 8, 9],
    "cube": [0, 1, 4, 9],
}
"""What the seed 2026 draws: if one of these lists changes, no draw made before can be verified any more."""

frames = st.dictionaries(
    st.text("abcxyz0123456789-", min_size=1, max_size=6),
    st.tuples(st.integers(1, 3_000), st.integers(0, 20)),
    min_size=1,
    max_size=20,
).map(lambda rows: [Unit(name, size, (value,)) for name, (size, value) in rows.items()])


def test_lists_drawn_before_are_drawn_again():
    again = {
        code: [one.index for one in select(code, UNITS, N_DRAWN, "2026", "village", "00004")]
        for code in METHODS
    }
    assert again == DRAWN


@pytest.mark.parametrize("method", METHODS)
@settings(derandomize=True, max_examples=30)
@given(units=frames, n=st.integers(0, 12))
def test_every_method_keeps_its_promises(method: str, units: list[Unit], n: int):
    known = METHODS[method]
    selected = select(method, units, n, "seed", "x")
    targets = target_probabilities([unit.size for unit in known.sized(units)], n)
    indices = [one.index for one in selected]
    assert indices == sorted(set(indices))
    assert all(one.probability == targets[one.index] for one in selected)
    assert {index for index, target in enumerate(targets) if target == 1} <= set(indices)
    assert all(one.is_certainty == (one.probability == 1) for one in selected)
    assert all(one.is_approximate == (not known.is_exact) for one in selected if not one.is_certainty)
    if known.has_fixed_size:
        assert len(selected) == min(n, len(units))


@pytest.mark.parametrize("method", METHODS)
@settings(derandomize=True, max_examples=20)
@given(units=frames, n=st.integers(1, 8))
def test_draws_are_reproducible_and_the_order_of_input_is_irrelevant(method: str, units: list[Unit], n: int):
    drawn = [units[one.index].id for one in select(method, units, n, "seed", "x")]
    assert [units[one.index].id for one in select(method, units, n, "seed", "x")] == drawn
    if not METHODS[method].uses_order:
        turned = sorted(units, key=lambda unit: unit.id[::-1], reverse=True)
        assert {turned[one.index].id for one in select(method, turned, n, "seed", "x")} == set(drawn)


@pytest.mark.parametrize("method", METHODS)
def test_seed_and_labels_matter(method: str):
    units = [Unit(f"{place:03}", 50 + place) for place in range(120)]
    samples = [
        tuple(one.index for one in select(method, units, 11, *parts))
        for parts in (("2026",), ("2027",), ("2026", "commune"), ("2026", "commune", "01"))
    ]
    assert len(set(samples)) == len(samples)


@pytest.mark.parametrize("method", [code for code, known in METHODS.items() if not known.needs_size])
def test_methods_without_size_have_equal_probabilities(method: str):
    assert {one.probability for one in select(method, UNITS, 4, "seed")} == {
        select(method, UNITS, 4, "x")[0].probability
    }


@pytest.mark.parametrize("method", METHODS)
def test_impossible_units_are_refused(method: str):
    with pytest.raises(SelectionError, match="once"):
        select(method, [Unit("a"), Unit("a")], 1, "seed")
    with pytest.raises(SelectionError, match="0 or more"):
        select(method, [Unit("a")], -1, "seed")


@pytest.mark.parametrize("method", METHODS)
def test_no_units_and_no_sample(method: str):
    assert select(method, [], 2, "seed") == []
    assert select(method, UNITS, 0, "seed") == []


def test_the_page_says_what_the_methods_promise():
    page = PAGE.read_text(encoding="utf-8").split("## Properties")[1].split("## Which one")[0]
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| `")
    ]
    assert rows == [
        [
            code,
            "used" if known.needs_size else "not used",
            "exact" if known.is_exact else "approximate",
            "fixed" if known.has_fixed_size else "random",
            "used" if known.uses_order else "irrelevant",
            "yes" if known.supports_coordination else "no",
            (known.joint or "none") + ("" if known.is_joint_exact else "` *"),
        ]
        for code, known in METHODS.items()
    ]


def test_unknown_methods_are_named():
    with pytest.raises(SelectionError, match=r"out of simple_random, .*, got 'quota'"):
        select("quota", UNITS, 1, "seed")


def test_codes_are_the_keys():
    assert [method_named(code).code for code in METHODS] == list(METHODS)
    assert [code for code, known in METHODS.items() if known.supports_coordination] == [
        "simple_random",
        "bernoulli",
        "poisson",
        "sequential_poisson",
        "pareto",
    ]


@pytest.mark.parametrize("method", [code for code, known in METHODS.items() if known.joint])
def test_joint_probabilities_belong_to_the_method(method: str):
    joint = joint_probabilities_of(method, UNITS, N_DRAWN)
    targets = target_probabilities([unit.size for unit in METHODS[method].sized(UNITS)], N_DRAWN)
    np.testing.assert_allclose(np.diag(joint), [float(target) for target in targets])
    assert all(
        joint[pair] <= min(joint[pair[0]][pair[0]], joint[pair[1]][pair[1]]) + 1e-12
        for pair in combinations(range(10), 2)
    )


def test_a_method_without_joint_probabilities_says_so():
    with pytest.raises(SelectionError, match="'cube'"):
        joint_probabilities_of("cube", UNITS, N_DRAWN)
