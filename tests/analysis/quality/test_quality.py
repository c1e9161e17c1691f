"""Outcome rates by hand, and small cells."""

import math

import numpy as np
import pytest

from analysis.quality import DispositionCounts, DispositionError, find_small_cells, outcome_rates

COUNTS = DispositionCounts(
    complete=50, partial=10, refusal=15, non_contact=10, other=5, unknown_household=6, unknown_other=4
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RR1", 50 / 100),
        ("RR2", 60 / 100),
        ("RR3", 50 / 95),
        ("RR4", 60 / 95),
        ("RR5", 50 / 90),
        ("RR6", 60 / 90),
        ("COOP1", 50 / 80),
        ("COOP4", 60 / 75),
        ("REF1", 15 / 100),
        ("REF3", 15 / 90),
        ("CON1", 80 / 100),
        ("CON3", 80 / 90),
    ],
)
def test_rates_by_hand(name: str, value: float):
    assert outcome_rates(COUNTS, eligibility=0.5)[name] == pytest.approx(value)


def test_a_rate_without_cases_is_missing():
    assert math.isnan(outcome_rates(DispositionCounts(complete=0, unknown_other=3))["RR5"])


@pytest.mark.parametrize("counts", [{"complete": -1}, {"complete": 0}])
def test_impossible_counts_are_refused(counts: dict[str, int]):
    with pytest.raises(DispositionError, match="at least one case"):
        DispositionCounts(**counts)


def test_an_eligibility_above_one_is_refused():
    with pytest.raises(DispositionError, match="between 0 and 1"):
        outcome_rates(COUNTS, eligibility=1.5)


def test_small_cells_are_marked_but_not_empty_ones():
    assert find_small_cells(np.array([0, 1, 9, 10]), minimum=10).tolist() == [False, True, True, False]
