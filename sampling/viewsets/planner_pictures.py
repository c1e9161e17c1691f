"""Positions of the planner's pictures as plain values; the templates draw them.

Along x in per cent of the plot, along y in pixels, so that one drawing serves every width.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sampling.design.planning import StratumPlan
from sampling.design.purchases import Path, Purchase
from sampling.viewsets.planner_area import POINTS, DomainRow

FULL = 100.0
MILLION = 1_000_000
WANTED_TICKS = 4
STEPS = (1, 2, 5, 10)
ROOM = 1.05
"""Room beyond the longest bar."""
CURVE_HEIGHT = 220
CURVE_TOP = 20


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line with its value; `at` in per cent along x, in pixels along y."""

    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight axis from the first to the last tick."""

    first: float
    last: float
    step: float

    @classmethod
    def over(cls, low: float, high: float) -> "Scale":
        """Return a scale with round ticks around values.

        Examples
        --------
        >>> scale = Scale.over(0, 930)
        >>> scale.last, scale.step
        (1000.0, 500.0)
        """
        step = tick_step(high - low)
        first = math.floor(low / step) * step
        return cls(first, max(math.ceil(high / step) * step, first + step), step)

    def at(self, value: float) -> float:
        """Return the place of a value in per cent.

        Examples
        --------
        >>> Scale(0, 1000, 200).at(250)
        25.0
        """
        return round((value - self.first) / (self.last - self.first) * FULL, 2)

    @property
    def decimals(self) -> int:
        """Decimals that tell the ticks apart."""
        return max(0, -math.floor(math.log10(self.step)))

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Every grid line."""
        count = round((self.last - self.first) / self.step)
        values = (self.first + number * self.step for number in range(count + 1))
        return tuple(Tick(value, self.at(value)) for value in values)


def tick_step(span: float) -> float:
    """Return a distance of 1, 2 or 5 times a power of ten that cuts a span into about four.

    Examples
    --------
    >>> tick_step(930), tick_step(4.4), tick_step(0)
    (500.0, 2.0, 1.0)
    """
    if span <= 0:
        return 1.0
    rough = span / WANTED_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in STEPS if step * power >= rough)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the picture: people under both plans, margins under both plans."""

    row: DomainRow
    standard_bar: float | None
    bar: float
    standard_dot: float | None
    dot: float | None


@dataclass(frozen=True, slots=True)
class PlanChart:
    """People and margins of all domains on two axes."""

    rows: tuple[PlanRow, ...]
    people: Scale
    margins: Scale
    target: float


def plan_chart(rows: Sequence[DomainRow], target: float) -> PlanChart:
    """Place the people and margins of every domain; a margin that does not exist has no dot."""
    counts = [count for row in rows for count in (row.people, row.standard_people) if count]
    widths = [width for row in rows for width in (row.margin, row.standard_margin) if width is not None]
    people = Scale.over(0, max(counts, default=1))
    margins = Scale.over(min([*widths, target]), max([*widths, target]))

    def place(scale: Scale, value: float | None) -> float | None:
        return None if value is None else scale.at(value)

    drawn = tuple(
        PlanRow(
            row=row,
            standard_bar=place(people, row.standard_people),
            bar=people.at(row.people),
            standard_dot=place(margins, row.standard_margin),
            dot=place(margins, row.margin),
        )
        for row in rows
    )
    return PlanChart(drawn, people, margins, margins.at(target))


@dataclass(frozen=True, slots=True)
class PurchaseBar:
    """What one purchase gains, as lengths in per cent; None where nothing can be told."""

    purchase: Purchase
    label: str
    gain: float | None
    per_million: float | None
    bar: float
    million_bar: float

    @property
    def margin(self) -> float | None:
        """Half-width then, in points."""
        return self.purchase.margin * POINTS if math.isfinite(self.purchase.margin) else None

    @property
    def cost(self) -> float:
        """Cost in millions."""
        return self.purchase.cost / MILLION


def purchase_bars(purchases: Sequence[Purchase], labels: Mapping[str, str]) -> tuple[PurchaseBar, ...]:
    """Measure purchases against the best of them."""
    gains = [_points(one.gain) for one in purchases]
    rates = [_points(one.gain_per_million) if one.cost else None for one in purchases]
    best = max([gain for gain in gains if gain is not None], default=0.0) or 1.0
    top = max([rate for rate in rates if rate is not None], default=0.0) or 1.0
    return tuple(
        PurchaseBar(
            purchase,
            labels[purchase.stage],
            gain,
            rate,
            round(max(gain or 0, 0) / best * FULL, 2),
            round(max(rate or 0, 0) / top * FULL, 2),
        )
        for purchase, gain, rate in zip(purchases, gains, rates, strict=True)
    )


def _points(gain: float) -> float | None:
    return gain * POINTS if math.isfinite(gain) else None


@dataclass(frozen=True, slots=True)
class CurveLine:
    """A path as the points of a polyline in a square of 100 by 100."""

    stage: str
    label: str
    points: str
    cost: float
    margin: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Half-widths along a growing budget."""

    lines: tuple[CurveLine, ...]
    costs: Scale
    margins: Scale
    margin_ticks: tuple[Tick, ...]
    start_x: float
    start_y: float
    height: int = CURVE_HEIGHT
    top: int = CURVE_TOP

    @property
    def bottom(self) -> int:
        """Where the axis of costs is."""
        return self.top + self.height


def curve_of(paths: Sequence[Path], labels: Mapping[str, str]) -> Curve | None:
    """Draw paths on common axes; None if there is nothing to draw."""
    kept = [path for path in paths if all(map(math.isfinite, path.margins))]
    if not kept:
        return None
    costs = Scale.over(
        min(min(path.costs) for path in kept) / MILLION, max(max(path.costs) for path in kept) / MILLION
    )
    margins = Scale.over(
        min(min(path.margins) for path in kept) * POINTS, max(max(path.margins) for path in kept) * POINTS
    )
    ticks = tuple(
        Tick(tick.value, round(CURVE_TOP + CURVE_HEIGHT * (1 - tick.at / FULL), 1)) for tick in margins.ticks
    )
    lines = tuple(_line(path, labels[path.stage], costs, margins) for path in kept)
    start = kept[0]
    return Curve(
        lines=lines,
        costs=costs,
        margins=margins,
        margin_ticks=ticks,
        start_x=costs.at(start.costs[0] / MILLION),
        start_y=round(CURVE_TOP + CURVE_HEIGHT * (1 - margins.at(start.margins[0] * POINTS) / FULL), 1),
    )


def _line(path: Path, label: str, costs: Scale, margins: Scale) -> CurveLine:
    pairs = [
        f"{costs.at(cost / MILLION)},{FULL - margins.at(margin * POINTS):.2f}"
        for cost, margin in zip(path.costs, path.margins, strict=True)
    ]
    return CurveLine(path.stage, label, " ".join(pairs), path.costs[-1] / MILLION, path.margins[-1] * POINTS)


def takes_of(strata: Sequence[StratumPlan]) -> tuple[float, ...]:
    """Return the mean take of every stage after the first, weighted by the units it is taken in."""
    n_stages = len(strata[0].stages)
    sums = [sum(stratum.counts[place] for stratum in strata) for place in range(n_stages)]
    return tuple(below / above for above, below in pairwise(sums))
