"""The headline figure on its axis."""

from dataclasses import dataclass

from survey_site.core.charts.marks import Figure
from survey_site.core.charts.scale import FULL, Scale, Span, Tick

STEP = 10


@dataclass(frozen=True)
class HeadlineChart:
    """Interval, value and axis of one figure."""

    x: float
    interval: Span
    ticks: tuple[Tick, ...]


def headline_chart(figure: Figure) -> HeadlineChart:
    """Place a percentage on an axis that ends at 100.

    Parameters
    ----------
    figure : Figure
        In per cent.

    Returns
    -------
    HeadlineChart
        x in per cent of the plot; the axis begins at the ten below the interval, one more to the left.

    Examples
    --------
    >>> headline_chart(Figure(83.5, 82.9, 84.1)).x
    45.0
    """
    low = max((figure.lower // STEP - 1) * STEP, 0.0)
    scale = Scale(low, FULL)
    return HeadlineChart(
        x=scale.position(figure.value),
        interval=scale.span(figure.lower, figure.upper),
        ticks=scale.ticks(STEP),
    )
