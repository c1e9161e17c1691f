"""Every method of selection draws units, pairs and common units as often as it says."""

import pytest

from sampling.design.schemes import METHODS
from tests.sampling.design.frequencies import LEVEL, N_COMPARISONS, smallest_p_value
from tests.sampling.design.overlaps import CASES, overlap_deviation

N_DRAWS = 100_000
OVERLAP_LIMIT = 4.0
"""Standard errors; beyond the Bonferroni bound of all cases at a level of 0.01 by less than one half."""


@pytest.mark.simulation
@pytest.mark.parametrize("method", METHODS)
def test_units_and_pairs_are_drawn_as_often_as_promised(method: str) -> None:
    assert smallest_p_value(method, N_DRAWS, "simulation") > LEVEL / N_COMPARISONS


@pytest.mark.simulation
@pytest.mark.parametrize("case", CASES, ids=str)
def test_rounds_overlap_as_much_as_expected(case: tuple[str, str, str, int]) -> None:
    assert abs(overlap_deviation(*case, n_keys=N_DRAWS // 5)) < OVERLAP_LIMIT
