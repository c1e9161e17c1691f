"""The ranking: units in groups, each with its interval and its rank interval."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from survey_site.core.charts.marks import Figure, Group, Unit, limits
from survey_site.core.charts.scale import Scale, Span, Tick, rounded_scale

STEP = 5
MOST_LABELS = 5
HEAD = 28
GROUP_HEIGHT = 36
ROW_HEIGHT = 24
FOOT = 24
BASELINE = 5
"""Distance in pixels from the middle of a row to the baseline of its text."""


@dataclass(frozen=True)
class Row:
    """One unit of the ranking, placed."""

    unit: Unit
    y: int
    x: float
    whisker: Span
    is_selected: bool
    is_similar: bool
    is_incomparable: bool

    @property
    def top(self) -> int:
        """Upper edge of the row."""
        return self.y - ROW_HEIGHT // 2

    @property
    def text_y(self) -> int:
        """Baseline of the row's text."""
        return self.y + BASELINE


@dataclass(frozen=True)
class RowGroup:
    """A heading and the rows below it."""

    group: Group
    text_y: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Ranking:
    """The whole chart."""

    groups: tuple[RowGroup, ...]
    ticks: tuple[Tick, ...]
    nation: Span
    nation_x: float
    plot_top: int
    plot_bottom: int
    height: int
    row_height: int = ROW_HEIGHT

    @property
    def plot_height(self) -> int:
        """Height of the grid."""
        return self.plot_bottom - self.plot_top


def thinned(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """Keep every grid line, but not every label, so that a phone has room for them and for the ranks beside.

    Parameters
    ----------
    ticks : sequence of Tick
        At distances of `STEP`.

    Returns
    -------
    tuple of Tick
        The last has no label; beyond `MOST_LABELS`, only even multiples of the step have one.

    Examples
    --------
    >>> [tick.is_labelled for tick in thinned(Scale(70, 100).ticks(5))]
    [True, False, True, False, True, False, False]
    """
    step = STEP if len(ticks) <= MOST_LABELS else 2 * STEP
    return tuple(replace(tick, is_labelled=tick.value % step == 0 and not tick.is_last) for tick in ticks)


@dataclass(frozen=True)
class Reference:
    """The unit that a reader compares with, and how the others stand to it, all by code.

    Attributes
    ----------
    code : str
        Its row is highlighted; empty for none.
    similar : collection of str
        Units that get the sign of being not distinguishable from it.
    incomparable : collection of str
        Units that get the sign of not being comparable with it.
    """

    code: str = ""
    similar: Collection[str] = ()
    incomparable: Collection[str] = ()


def place_row(unit: Unit, y: int, scale: Scale, reference: Reference) -> Row:
    """Place one unit at the height `y`."""
    figure = unit.figure
    return Row(
        unit=unit,
        y=y,
        x=scale.position(figure.value),
        whisker=scale.span(figure.lower, figure.upper),
        is_selected=unit.code == reference.code,
        is_similar=unit.code in reference.similar,
        is_incomparable=unit.code in reference.incomparable,
    )


def ranking_chart(units: Sequence[Unit], nation: Figure, reference: Reference | None = None) -> Ranking:
    """Place the units in groups, inside a group by estimate.

    Parameters
    ----------
    units : sequence of Unit
        In any order, at least one.
    nation : Figure
        Drawn as a band behind the rows.
    reference : Reference, optional
        The unit to compare with.

    Returns
    -------
    Ranking
        x in per cent of the plot, y in pixels. Groups without a unit are left out.

    Examples
    --------
    >>> unit = Unit("01", "Hà Nội", Figure(84, 83, 85), Group.HIGHER, 1, 1)
    >>> chart = ranking_chart([unit], Figure(80, 76, 81))
    >>> chart.groups[0].rows[0].x
    90.0
    """
    scale = rounded_scale(limits([nation, *(unit.figure for unit in units)]), STEP)
    groups = []
    y = HEAD
    for group in Group:
        members = sorted(
            (unit for unit in units if unit.group == group), key=lambda unit: (-unit.figure.value, unit.code)
        )
        if not members:
            continue
        heading = y + GROUP_HEIGHT // 2 + BASELINE
        first = y + GROUP_HEIGHT + ROW_HEIGHT // 2
        rows = tuple(
            place_row(unit, first + index * ROW_HEIGHT, scale, reference or Reference())
            for index, unit in enumerate(members)
        )
        groups.append(RowGroup(group=group, text_y=heading, rows=rows))
        y += GROUP_HEIGHT + len(members) * ROW_HEIGHT
    return Ranking(
        groups=tuple(groups),
        ticks=thinned(scale.ticks(STEP)),
        nation=scale.span(nation.lower, nation.upper),
        nation_x=scale.position(nation.value),
        plot_top=HEAD,
        plot_bottom=y,
        height=y + FOOT,
    )
