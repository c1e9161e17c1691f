from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.schemes import serpentine_order
from sampling.design.selection import SelectionError

keys = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=4),
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
    max_size=40,
)


def test_second_key_turns_round_in_every_second_group():
    units = {f"{region}{size}": (region, size) for region in "NCS" for size in (1, 2, 3)}
    assert serpentine_order(units) == ["C1", "C2", "C3", "N3", "N2", "N1", "S1", "S2", "S3"]


def test_third_key_winds_through_both():
    units = {f"{a}{b}{c}": (a, b, c) for a in "12" for b in "12" for c in "12"}
    assert serpentine_order(units) == ["111", "112", "122", "121", "221", "222", "212", "211"]


@settings(derandomize=True)
@given(keys)
def test_every_id_stands_once_and_groups_stay_together(units: dict[str, tuple[int, int, int]]):
    order = serpentine_order(units)
    assert sorted(order) == sorted(units)
    assert [units[unit][0] for unit in order] == sorted(key[0] for key in units.values())
    changes = sum(units[one][:2] != units[other][:2] for one, other in pairwise(order))
    assert changes == max(len({key[:2] for key in units.values()}) - 1, 0)


@settings(derandomize=True)
@given(keys)
def test_order_of_input_is_irrelevant(units: dict[str, tuple[int, int, int]]):
    assert serpentine_order(dict(reversed(units.items()))) == serpentine_order(units)


def test_neighbours_differ_by_one_step_in_a_full_grid():
    units = {f"{a}{b}{c}": (a, b, c) for a in range(3) for b in range(4) for c in range(5)}
    steps = [
        sum(abs(x - y) for x, y in zip(units[one], units[other], strict=True))
        for one, other in pairwise(serpentine_order(units))
    ]
    assert set(steps) == {1}


def test_no_keys_and_no_units():
    assert serpentine_order({"b": (), "a": ()}) == ["a", "b"]
    assert serpentine_order({}) == []


def test_units_with_fewer_keys_are_refused():
    with pytest.raises(SelectionError, match=r"as many keys for every unit, got \[1, 2\]"):
        serpentine_order({"a": (1, 2), "b": (1,)})
