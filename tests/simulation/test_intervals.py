"""Nominal 95 % intervals of the national design hold the truth as often as they promise."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.intervals import REPORT, Cell, monte_carlo_error, repeat, simulate, table

PAGE = Path(__file__).parents[2] / "docs" / "methodology" / "coverage.md"
PROVINCES, NATION = (0.94, 0.975), (0.94, 0.98)
WORST, WORST_OF_ONE_FIXED_LIST = 0.92, 0.90
"""A fixed list can work against single provinces of the one nation that lies in it: the page says why."""


def floor_of(row: dict[str, Any]) -> float:
    is_one_fixed_list = row["order"] == "sorted" and row["n_nations"] == 1
    return WORST_OF_ONE_FIXED_LIST if is_one_fixed_list else WORST


def check_promise(report: dict[str, Any]) -> None:
    for row in report["rows"]:
        cell = f"ICC {row['icc']}, {row['order']}, nations: {row['n_nations']}"
        assert PROVINCES[0] <= row["provinces"] <= PROVINCES[1], cell
        assert row["worst"] >= floor_of(row), f"{cell}: province {row['worst_province']}"
        assert NATION[0] <= row["nation"] <= NATION[1], cell


def recorded() -> dict[str, Any]:
    report: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))
    return report


def test_draws_are_shared_among_nations_of_one_model() -> None:
    cell = Cell(icc=0.05, order="sorted", n_nations=2)
    both = repeat(cell, n_draws=4, seed=1)
    ones = [repeat(replace(cell, n_nations=1), n_draws=2, seed=seed) for seed in (1, 2)]
    assert both["icc_reached"] == pytest.approx(sum(one["icc_reached"] for one in ones) / 2)
    assert both["icc_reached"] == pytest.approx(0.05, abs=0.01)


def test_error_of_a_mean_knows_that_draws_of_a_nation_are_alike() -> None:
    held = np.array([[1.0], [1.0], [0.0], [0.0]])
    assert monte_carlo_error(held, n_nations=1) == pytest.approx(np.sqrt(1 / 3 / 4))
    assert monte_carlo_error(held, n_nations=2) == pytest.approx(0.5)


@pytest.mark.simulation
def test_intervals_hold_what_they_promise() -> None:
    check_promise(simulate(n_draws=2_000, seed=1))


def test_both_orders_are_held_to_the_same_floor() -> None:
    held = {(row["icc"], row["order"]) for row in recorded()["rows"] if floor_of(row) == WORST}
    assert held == set(product((0.03, 0.05, 0.08), ("sorted", "randomised")))


def test_the_page_shows_the_recorded_simulation() -> None:
    report = recorded()
    assert report["n_draws"] == 2_000
    assert table(report) in PAGE.read_text(encoding="utf-8")


def test_the_recorded_simulation_keeps_the_promise() -> None:
    check_promise(recorded())


def test_a_few_draws_still_give_what_was_recorded() -> None:
    """The recorded figures come from this code: the half widths of 8 draws are near those of 2,000."""
    few = simulate(n_draws=8, seed=1, n_nations=2)
    for fresh, row in zip(few["rows"], recorded()["rows"], strict=True):
        assert (fresh["icc"], fresh["order"]) == (row["icc"], row["order"])
        assert fresh["nation_half_width"] == pytest.approx(row["nation_half_width"], rel=0.1)
