import hashlib
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.seeds import (
    NUMBER_BITS,
    derive,
    is_below,
    random_order,
    uniform_below,
    uniform_number,
    uniform_numbers,
)

ids = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=30)


def test_parts_are_hashed_with_their_lengths():
    expected = hashlib.sha256(b"\0\0\0\0\0\0\0\4seed" + b"\0\0\0\0\0\0\0\2ab").digest()
    assert derive("seed", "ab") == expected


def test_labels_cannot_be_shifted():
    assert derive("s", "ab", "c") != derive("s", "a", "bc") != derive("sa", "bc")


@given(st.integers(1, 2**256))
def test_uniform_stays_below_the_bound(bound: int):
    assert 0 <= uniform_below(bound, "seed") < bound


def test_every_result_has_the_same_chance():
    counts = Counter(uniform_below(5, "seed", str(place)) for place in range(5_000))
    assert sum((count - 1_000) ** 2 / 1_000 for count in counts.values()) < 18.5


@pytest.mark.parametrize("bound", [0, -1, 2**256 + 1])
def test_impossible_bound_is_refused(bound: int):
    with pytest.raises(ValueError, match="between 1 and"):
        uniform_below(bound, "seed")


@given(ids, st.randoms(use_true_random=False))
def test_order_does_not_depend_on_the_order_of_input(units: Any, random: Any):
    shuffled = list(units)
    random.shuffle(shuffled)
    assert random_order(shuffled, "seed", "x") == random_order(units, "seed", "x")
    assert sorted(random_order(units, "seed", "x")) == sorted(units)


def test_order_is_the_one_a_query_engine_gives():
    prefix = derive("seed", "person", "v1").hex()
    units = [str(number) for number in range(50)]
    expected = sorted(units, key=lambda unit: (hashlib.sha256(f"{prefix}:{unit}".encode()).hexdigest(), unit))
    assert random_order(units, "seed", "person", "v1") == expected


def test_labels_give_independent_orders():
    units = [str(number) for number in range(20)]
    assert random_order(units, "seed", "a") != random_order(units, "seed", "b")


@given(ids)
def test_random_order_is_the_order_of_the_numbers(units: Any):
    numbers = dict(zip(units, uniform_numbers(units, "seed", "x"), strict=True))
    assert sorted(units, key=lambda unit: (numbers[unit], unit)) == random_order(units, "seed", "x")
    assert all(0 <= number < 1 << NUMBER_BITS for number in numbers.values())


def test_a_number_is_the_hash_of_its_labels():
    assert uniform_number("seed", "ab") == int(derive("seed", "ab").hex(), 16)


@given(st.fractions(0, 1, max_denominator=10**6))
def test_a_chance_is_met_to_the_last_bit(probability: Fraction):
    space = 1 << NUMBER_BITS
    border = -(-probability.numerator * space // probability.denominator)
    assert border == 0 or is_below(border - 1, probability)
    assert not is_below(border, probability)
