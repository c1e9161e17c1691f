import hashlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.seeds import derive, random_order, uniform_below

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
