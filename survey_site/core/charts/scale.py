"""The shared axis of a chart."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FULL = 100.0
"""Width of a plot, in per cent of itself."""


@dataclass(frozen=True)
class Tick:
    """A grid line: its value, where it stands, and whether there is room for its label."""

    value: float
    x: float
    is_labelled: bool = True

    @property
    def is_last(self) -> bool:
        """Whether the plot ends here."""
        return self.x == FULL


@dataclass(frozen=True)
class Span:
    """A stretch of the axis."""

    x: float
    width: float

    @property
    def end(self) -> float:
        """Where the stretch ends."""
        return round(self.x + self.width, 2)


@dataclass(frozen=True)
class Scale:
    """A linear axis from `low` to `high`."""

    low: float
    high: float

    def position(self, value: float) -> float:
        """Return where a value stands.

        Parameters
        ----------
        value : float
            In units of the axis.

        Returns
        -------
        float
            Per cent of the plot's width, kept between 0 and 100.

        Examples
        --------
        >>> Scale(70, 90).position(75)
        25.0
        """
        share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * FULL, 2)

    def span(self, lower: float, upper: float) -> Span:
        """Return the stretch between two values.

        Parameters
        ----------
        lower, upper : float
            In units of the axis.

        Returns
        -------
        Span
            Start and width in per cent.

        Examples
        --------
        >>> Scale(70, 90).span(75, 80)
        Span(x=25.0, width=25.0)
        """
        start = self.position(lower)
        return Span(x=start, width=round(self.position(upper) - start, 2))

    def ticks(self, step: float) -> tuple[Tick, ...]:
        """Return grid lines at the multiples of a step.

        Parameters
        ----------
        step : float
            Distance between two lines, in units of the axis, positive.

        Returns
        -------
        tuple of Tick
            In rising order, ends included.

        Examples
        --------
        >>> [tick.x for tick in Scale(70, 80).ticks(5)]
        [0.0, 50.0, 100.0]
        """
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return tuple(Tick(index * step, self.position(index * step)) for index in range(first, last + 1))


def rounded_scale(values: Iterable[float], step: float, limits: Sequence[float] = (0.0, FULL)) -> Scale:
    """Return the shortest axis of whole steps that holds all values.

    Parameters
    ----------
    values : iterable of float
        What must be on the axis, in its units.
    step : float
        The ends are multiples of it.
    limits : sequence of two float
        The axis never goes beyond them.

    Returns
    -------
    Scale
        At least one step long.

    Raises
    ------
    ValueError
        If there is no value.

    Examples
    --------
    >>> rounded_scale([73.2, 88.1], 5)
    Scale(low=70.0, high=90.0)
    """
    present = list(values)
    if not present:
        raise ValueError("Expected at least one value for an axis, got none; draw no chart without figures.")
    low = max(math.floor(min(present) / step) * step, limits[0])
    high = min(math.ceil(max(present) / step) * step, limits[1])
    if high <= low:
        low, high = high - step, low + step
        low, high = max(low, limits[0]), min(high, limits[1])
    return Scale(float(low), float(high))
