"""Positions of dots with intervals, as plain values; the template draws them.

Along x in per cent of the plot, along y in pixels, so that one drawing serves every width.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FULL = 100.0
HEAD = 28
ROW_HEIGHT = 42
TEXT_OFFSET, DOT_OFFSET = 14, 28
FOOT = 92
"""Room for the marks below the plot."""
MOST_ROWS = 80
WANTED_TICKS = 5
STEPS = (1, 2, 5, 10)
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure to be drawn, with its label."""

    label: str
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure on the axis."""

    figure: Drawn
    text_y: int
    y: int
    x: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line with its value."""

    value: float
    x: float


@dataclass(frozen=True, slots=True)
class DotChart:
    """The whole picture."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    height: int
    decimals: int
    bottom: int
    top: int = HEAD


def dot_chart(figures: Sequence[Drawn]) -> DotChart | None:
    """Place figures on one axis, in their order; None for none, or for more than a reader can follow.

    Examples
    --------
    >>> chart = dot_chart([Drawn("a", 81.0, 80.0, 82.0)])
    >>> chart.dots[0].x, [tick.value for tick in chart.ticks]
    (50.0, [80.0, 80.5, 81.0, 81.5, 82.0])
    """
    if not 0 < len(figures) <= MOST_ROWS:
        return None
    low, high = min(one.lower for one in figures), max(one.upper for one in figures)
    step = tick_step(high - low)
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)

    def position(value: float) -> float:
        return round((value / step - first) / (last - first) * FULL, _DECIMALS)

    dots = tuple(
        Dot(
            figure=one,
            text_y=HEAD + number * ROW_HEIGHT + TEXT_OFFSET,
            y=HEAD + number * ROW_HEIGHT + DOT_OFFSET,
            x=position(one.value),
            start=position(one.lower),
            end=position(one.upper),
        )
        for number, one in enumerate(figures)
    )
    ticks = tuple(Tick(number * step, position(number * step)) for number in range(first, last + 1))
    bottom = HEAD + len(figures) * ROW_HEIGHT
    decimals = max(0, -math.floor(math.log10(step)))
    return DotChart(dots, ticks, bottom + FOOT, decimals, bottom)


def tick_step(span: float) -> float:
    """Return a distance of 1, 2 or 5 times a power of ten that cuts a span into about five.

    Examples
    --------
    >>> tick_step(12.0), tick_step(0.0)
    (5.0, 1.0)
    """
    if span <= 0:
        return 1.0
    rough = span / WANTED_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in STEPS if step * power >= rough)
