"""Dots with intervals find their place on the axis."""

import pytest

from analysis.viewsets.dots import MOST_ROWS, Drawn, dot_chart, tick_step


def test_intervals_lie_inside_the_axis_in_the_order_given() -> None:
    chart = dot_chart([Drawn("b", 81.0, 79.2, 83.1), Drawn("a", 70.0, 66.6, 74.0)])
    assert chart is not None
    assert [dot.figure.label for dot in chart.dots] == ["b", "a"]
    assert all(0 <= dot.start < dot.x < dot.end <= 100 for dot in chart.dots)
    assert chart.dots[0].y < chart.dots[1].y < chart.bottom < chart.height


def test_ticks_are_round_and_reach_both_ends() -> None:
    chart = dot_chart([Drawn("a", 3.41, 3.38, 3.44)])
    assert chart is not None
    assert [chart.ticks[0].x, chart.ticks[-1].x] == [0.0, 100.0]
    assert chart.decimals == 2


@pytest.mark.parametrize("count", [0, MOST_ROWS + 1])
def test_nothing_is_drawn_for_none_or_too_many(count: int) -> None:
    assert dot_chart([Drawn("a", 2.0, 1.0, 3.0)] * count) is None


def test_an_interval_without_width_has_an_axis() -> None:
    assert tick_step(0.0) == 1.0
    chart = dot_chart([Drawn("median", 4.0, 4.0, 4.0)])
    assert chart is not None
    assert chart.dots[0].x == 0.0
