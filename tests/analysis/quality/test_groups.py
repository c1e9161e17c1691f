"""Groups that never hide a difference."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.index import compare_pairs
from analysis.quality import compact_letters, describe_groups, find_tiers, joint_rank_sets
from tests.analysis.quality.makers import make_estimate


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Values, and a relation "shown to be higher" that agrees with their order."""
    value = np.array(draw(st.lists(st.integers(0, 30), min_size=1, max_size=8)), dtype=float)
    shown = np.array(draw(st.lists(st.booleans(), min_size=len(value) ** 2, max_size=len(value) ** 2)))
    return value, shown.reshape(len(value), -1) & (value[:, None] > value[None, :])


@settings(max_examples=50, deadline=None)
@given(comparisons())
def test_two_share_a_letter_exactly_if_they_are_not_apart(comparison: tuple[np.ndarray, np.ndarray]):
    value, is_higher = comparison
    apart = is_higher | is_higher.T
    letters = compact_letters(value, apart)
    for first, one in enumerate(letters):
        for second, other in enumerate(letters):
            assert bool(set(one) & set(other)) != apart[first, second]


@settings(max_examples=50, deadline=None)
@given(comparisons())
def test_everyone_in_a_higher_tier_is_shown_to_be_higher(comparison: tuple[np.ndarray, np.ndarray]):
    value, is_higher = comparison
    tiers = np.array(find_tiers(value, is_higher))
    assert sorted(set(tiers)) == list(range(1, tiers.max() + 1))
    assert is_higher[tiers[:, None] < tiers[None, :]].all()


def test_all_apart_have_tiers_of_their_own():
    value = np.array([1.0, 3.0, 2.0])
    assert find_tiers(value, value[:, None] > value[None, :]) == [3, 1, 2]


def test_more_groups_than_letters_go_on_with_numbers():
    value = np.arange(30, 0, -1).astype(float)
    letters = compact_letters(value, ~np.eye(30, dtype=bool))
    assert letters[25:28] == ["z", "a1", "b1"]


def test_tests_of_all_pairs_and_rank_sets_are_described_alike():
    estimates = make_estimate([10.0, 30.0, 29.9], 0.5, df=20)
    for comparison in (compare_pairs(estimates), joint_rank_sets(estimates)):
        frame = describe_groups(comparison)
        assert frame["domain"].tolist() == ["b", "c", "a"]
        assert frame["tier"].tolist() == [1, 1, 2]
        assert frame["letters"].tolist() == ["a", "a", "b"]
        assert frame["n_not_distinguishable"].tolist() == [1, 1, 0]
        assert frame["rank_high"].tolist() == [2, 2, 3]
