"""Elements of the index in official order, on one axis, under the headings of their contents."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_site.core.charts.marks import Figure, limits
from survey_site.core.charts.scale import Scale, Span, Tick, rounded_scale

STEP = 5
HEAD = 24
HEADING_HEIGHT = 32
ROW_HEIGHT = 44
TEXT_OFFSET = 16
DOT_OFFSET = 30


@dataclass(frozen=True)
class Element:
    """An element with the nation's figure and, if one is chosen, a province's."""

    code: str
    title: str
    nation: Figure
    province: Figure | None = None


@dataclass(frozen=True)
class Content:
    """A content with its elements in official order."""

    code: str
    title: str
    elements: Sequence[Element]


@dataclass(frozen=True)
class Placed:
    """A figure on the axis."""

    x: float
    whisker: Span


@dataclass(frozen=True)
class ElementRow:
    """One element, placed."""

    element: Element
    text_y: int
    y: int
    nation: Placed
    province: Placed | None


@dataclass(frozen=True)
class ContentGroup:
    """A heading and the rows below it."""

    content: Content
    text_y: int
    rows: tuple[ElementRow, ...]


@dataclass(frozen=True)
class ElementsChart:
    """The whole chart."""

    groups: tuple[ContentGroup, ...]
    ticks: tuple[Tick, ...]
    plot_top: int
    height: int


def place(figure: Figure, scale: Scale) -> Placed:
    """Put a figure on the axis."""
    return Placed(x=scale.position(figure.value), whisker=scale.span(figure.lower, figure.upper))


def place_element(element: Element, top: int, scale: Scale) -> ElementRow:
    """Place one element in the row that begins at `top`."""
    return ElementRow(
        element=element,
        text_y=top + TEXT_OFFSET,
        y=top + DOT_OFFSET,
        nation=place(element.nation, scale),
        province=place(element.province, scale) if element.province else None,
    )


def elements_chart(contents: Sequence[Content]) -> ElementsChart:
    """Place contents and elements in the order in which they come.

    Parameters
    ----------
    contents : sequence of Content
        With at least one element among them.

    Returns
    -------
    ElementsChart
        x in per cent of the plot, y in pixels.

    Examples
    --------
    >>> chart = elements_chart([Content("P", "Policy", [Element("P-A", "A", Figure(80, 78, 82))])])
    >>> chart.groups[0].rows[0].nation.x
    50.0
    """
    elements = [element for content in contents for element in content.elements]
    figures = [element.nation for element in elements]
    figures += [element.province for element in elements if element.province]
    scale = rounded_scale(limits(figures), STEP)
    groups = []
    y = HEAD
    for content in contents:
        first = y + HEADING_HEIGHT
        rows = tuple(
            place_element(element, first + index * ROW_HEIGHT, scale)
            for index, element in enumerate(content.elements)
        )
        groups.append(ContentGroup(content=content, text_y=first - DOT_OFFSET // 5, rows=rows))
        y = first + len(rows) * ROW_HEIGHT
    return ElementsChart(groups=tuple(groups), ticks=scale.ticks(STEP), plot_top=HEAD, height=y)
