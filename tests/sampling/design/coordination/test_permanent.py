import hashlib
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.coordination import (
    CoordinationError,
    key_fingerprint,
    permanent_numbers,
    shifted,
    start_from_seed,
)
from sampling.design.seeds import derive

KEY = "a long secret that lives for many rounds"
SPACE = 1 << 256


def test_recipe_can_be_followed_by_hand():
    stage_key = derive(KEY, "permanent numbers", "commune").hex()
    expected = hashlib.sha256(f"{stage_key}:00004".encode()).hexdigest()
    assert permanent_numbers(["00004"], KEY, "commune") == [int(expected, 16)]


def test_number_stays_with_the_unit_and_its_stage():
    first = permanent_numbers(["a", "b"], KEY, "commune")
    assert permanent_numbers(["new", "b", "a"], KEY, "commune")[:0:-1] == first
    assert not set(permanent_numbers(["a", "b"], KEY, "village")) & set(first)
    assert not set(permanent_numbers(["a", "b"], KEY + "x", "commune")) & set(first)


def test_fingerprint_tells_keys_apart():
    assert key_fingerprint(KEY) == key_fingerprint(KEY) != key_fingerprint(KEY + "x")
    assert KEY not in key_fingerprint(KEY)


@pytest.mark.parametrize("key", ["", "  "])
def test_empty_key_is_refused(key: str):
    with pytest.raises(CoordinationError, match="coordination key"):
        permanent_numbers(["a"], key, "commune")


@settings(derandomize=True)
@given(st.lists(st.integers(0, SPACE - 1), unique=True), st.fractions(0, 1, max_denominator=1_000))
def test_shift_goes_round_the_circle(numbers: list[int], start: Fraction):
    if start == 1:
        with pytest.raises(CoordinationError, match="from 0 to below 1"):
            shifted(numbers, start)
        return
    moved = shifted(numbers, start)
    assert len(set(moved)) == len(numbers)
    assert all(0 <= number < SPACE for number in moved)
    back = (SPACE - start.numerator * SPACE // start.denominator) % SPACE
    assert shifted(moved, Fraction(back, SPACE)) == numbers


def test_start_is_uniform_and_belongs_to_the_seed():
    starts = [start_from_seed(str(seed), "commune") for seed in range(400)]
    assert all(0 <= start < 1 for start in starts)
    assert 0.45 < sum(starts) / 400 < 0.55
    assert start_from_seed("1", "commune") == starts[1] != start_from_seed("1", "village")
