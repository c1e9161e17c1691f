"""Two thousand draws of every method; a hundred thousand are in tests/simulation."""

import numpy as np
import pytest

from sampling.design.schemes import METHODS
from tests.sampling.design.frequencies import LEVEL, N_COMPARISONS, UNITS, p_values, smallest_p_value


@pytest.mark.parametrize("method", METHODS)
def test_units_and_pairs_are_drawn_as_often_as_promised(method: str):
    assert smallest_p_value(method, 2_000) > LEVEL / N_COMPARISONS


def test_the_comparison_notices_a_wrong_probability():
    counts = np.full(len(UNITS), 1_000)
    assert p_values(counts, 2_000, np.full(len(UNITS), 0.5)).min() > 0.9
    assert p_values(counts, 2_000, np.full(len(UNITS), 0.57)).max() < LEVEL / N_COMPARISONS
    assert p_values(np.array([1]), 2_000, np.array([0.0]))[0] == 0
    assert p_values(np.array([1_999]), 2_000, np.array([1.0]))[0] == 0
