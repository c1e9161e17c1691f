"""Nominal 95 % intervals of the national design hold the truth as often as they promise."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.intervals import REPORT, simulate, table

PAGE = Path(__file__).parents[2] / "docs" / "methodology" / "coverage.md"
PROVINCES, NATION = (0.94, 0.975), (0.94, 0.98)
WORST = {"randomised": 0.92, "sorted": 0.90}
"""A fixed order can work against single provinces: why the template does not use it, says the page."""


def check_promise(report: dict[str, Any]) -> None:
    for row in report["rows"]:
        cell = f"ICC {row['icc']}, {row['order']}"
        assert PROVINCES[0] <= row["provinces"] <= PROVINCES[1], cell
        assert row["worst"] >= WORST[row["order"]], f"{cell}: province {row['worst_province']}"
        assert NATION[0] <= row["nation"] <= NATION[1], cell


def recorded() -> dict[str, Any]:
    report: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))
    return report


@pytest.mark.simulation
def test_intervals_hold_what_they_promise() -> None:
    check_promise(simulate(n_draws=2_000, seed=1))


def test_the_page_shows_the_recorded_simulation() -> None:
    report = recorded()
    assert report["n_draws"] == 2_000
    assert table(report) in PAGE.read_text(encoding="utf-8")


def test_the_recorded_simulation_keeps_the_promise() -> None:
    check_promise(recorded())


def test_a_few_draws_still_give_what_was_recorded() -> None:
    """The recorded figures come from this code: the half widths of 8 draws are near those of 2,000."""
    for fresh, row in zip(simulate(n_draws=8, seed=1)["rows"], recorded()["rows"], strict=True):
        assert (fresh["icc"], fresh["order"]) == (row["icc"], row["order"])
        assert fresh["nation_half_width"] == pytest.approx(row["nation_half_width"], rel=0.1)
