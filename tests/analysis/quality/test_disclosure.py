"""Small cells and rounded counts."""

import numpy as np
import pytest

from analysis.quality import SuppressionError, find_small_cells, round_counts


def test_small_cells_are_marked_but_not_empty_ones():
    assert find_small_cells(np.array([0, 1, 9, 10]), minimum=10).tolist() == [False, True, True, False]


@pytest.mark.parametrize("base", [1, 3, 5, 10])
def test_rounded_counts_are_the_nearest_multiples(base: int):
    counts = np.arange(100)
    rounded = round_counts(counts, base=base)
    assert (rounded % base == 0).all()
    assert (np.abs(rounded - counts) <= base / 2).all()


def test_halves_are_rounded_up():
    assert round_counts(np.array([5, 15, 25]), base=10).tolist() == [10, 20, 30]


@pytest.mark.parametrize(("counts", "base"), [([-1], 5), ([1], 0)])
def test_negative_counts_and_bases_are_refused(counts: list[int], base: int):
    with pytest.raises(SuppressionError, match="base of at least 1"):
        round_counts(np.array(counts), base=base)
