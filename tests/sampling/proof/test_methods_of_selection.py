"""Every method that the stand-alone script knows selects what the system selects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.schemes import METHODS, Unit, select
from sampling.proof.verify_draw import SELECT

SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=14)
LARGE = st.lists(st.sampled_from([1, 2, 5, 5, 5, 90, 91]), min_size=1, max_size=12)


def units_of(sizes: Any, turn: int) -> list[tuple[str, int]]:
    """Ids that are not in the order of the list."""
    return [(f"ấp-{(place * 7 + turn) % 101:03d}", size) for place, size in enumerate(sizes)]


def by_the_system(method: str, units: Any, n: int, seed: str) -> list[tuple[Any, ...]]:
    drawn = select(method, [Unit(unit, size) for unit, size in units], n, seed, "commune", "start", "01")
    return [(one.index, one.is_certainty, one.probability, one.is_approximate) for one in drawn]


def test_the_script_knows_every_method_that_looks_at_sizes_only():
    assert sorted(SELECT) == sorted(code for code, method in METHODS.items() if not method.uses_balance)


@pytest.mark.parametrize("method", sorted(SELECT))
@given(sizes=SIZES | LARGE, n=st.integers(0, 12), turn=st.integers(0, 100), seed=st.text("abc01", min_size=1))
def test_script_and_system_select_the_same(method: str, sizes: Any, n: int, turn: int, seed: str):
    units = units_of(sizes, turn)
    by_the_script = list(SELECT[method](units, n, seed, "commune", "start", "01"))
    assert by_the_script == by_the_system(method, units, n, seed)


@pytest.mark.parametrize("method", sorted(SELECT))
def test_they_agree_on_a_long_list_too(method: str):
    units = units_of([3 + place * place % 97 for place in range(101)], 5)
    by_the_script = list(SELECT[method](units, 17, "2026", "commune", "start", "01"))
    assert by_the_script == by_the_system(method, units, 17, "2026")
