"""Pictures of a draw as plain numbers; templates put them into inline SVG.

Lengths of bars are in per cent of the plot, so that one drawing serves every width. The map has units of its
own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

FULL = 100.0
WEST, EAST, SOUTH, NORTH = 102.0, 117.0, 7.5, 23.5
"""Degrees that the map covers: the country with both archipelagos."""

UNITS_PER_DEGREE = 40
LEFT_OF_NAME, BELOW_NAME = 12, 16
ARCHIPELAGOS = (("Hoàng Sa", 16.568, 112.135), ("Trường Sa", 9.71, 114.45))
"""Name, latitude and longitude; drawn on every map, whatever was drawn in the sample."""

N_CLASSES = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One stratum: units taken of those it has; `width` is the share of the longest bar, in per cent."""

    label: str
    wanted: int
    n_units: int
    width: float
    is_short: bool


def allocation_bars(strata: Iterable[tuple[str, int, int]]) -> list[Bar]:
    """Return one bar for each stratum, as long as the units it gives.

    Parameters
    ----------
    strata : iterable of (label, units wanted, units there)
        In the order of the picture.

    Returns
    -------
    list of Bar
        A stratum that has fewer units than wanted gives what it has and is marked.

    Examples
    --------
    >>> [(bar.label, bar.width, bar.is_short) for bar in allocation_bars([("01", 12, 126), ("96", 6, 3)])]
    [('01', 100.0, False), ('96', 25.0, True)]
    """
    rows = [(label, min(wanted, there), there, there < wanted) for label, wanted, there in strata]
    longest = max((given for _label, given, _there, _short in rows), default=0)
    return [
        Bar(label, given, there, FULL * (given / longest) if longest else 0.0, is_short)
        for label, given, there, is_short in rows
    ]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map with what is said about it."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Archipelago:
    """An archipelago with its name."""

    spot: Spot
    name_x: float
    name_y: float
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class CommuneMap:
    """A map of communes: all of the frame as one path of dots, the drawn ones as spots."""

    width: int
    height: int
    frame_path: str
    drawn: tuple[Spot, ...]
    archipelagos: tuple[Archipelago, ...]


def commune_map(
    frame: Iterable[tuple[float, float]], drawn: Iterable[tuple[str, float, float]]
) -> CommuneMap:
    """Place communes by their coordinates; Hoàng Sa and Trường Sa are always there.

    Parameters
    ----------
    frame : iterable of (latitude, longitude)
        Every unit of the frame, in degrees.
    drawn : iterable of (name, latitude, longitude)
        The drawn units.

    Returns
    -------
    CommuneMap
        Along x the longitude, along y the latitude downwards, both in `UNITS_PER_DEGREE`.

    Examples
    --------
    >>> picture = commune_map([(21.0, 105.8)], [("Ba Đình", 21.0, 105.8)])
    >>> picture.frame_path, [(spot.title, spot.x, spot.y) for spot in picture.drawn]
    ('M152 100h0', [('Ba Đình', 152.0, 100.0)])
    """
    spots = tuple(_spot(*each) for each in drawn)
    names = {spot.title for spot in spots}
    return CommuneMap(
        width=round((EAST - WEST) * UNITS_PER_DEGREE),
        height=round((NORTH - SOUTH) * UNITS_PER_DEGREE),
        frame_path="".join(f"M{_x(longitude):g} {_y(latitude):g}h0" for latitude, longitude in frame),
        drawn=spots,
        archipelagos=tuple(
            _archipelago(name, latitude, longitude, is_drawn=name in names)
            for name, latitude, longitude in ARCHIPELAGOS
        ),
    )


def _archipelago(name: str, latitude: float, longitude: float, *, is_drawn: bool) -> Archipelago:
    """Place an archipelago and its name."""
    spot = _spot(name, latitude, longitude)
    return Archipelago(spot, spot.x - LEFT_OF_NAME, spot.y + BELOW_NAME + LEFT_OF_NAME, is_drawn)


def _spot(title: str, latitude: float, longitude: float) -> Spot:
    """Place one unit."""
    return Spot(_x(longitude), _y(latitude), title)


def _x(longitude: float) -> float:
    """Return where a longitude lies."""
    return round((longitude - WEST) * UNITS_PER_DEGREE, 1)


def _y(latitude: float) -> float:
    """Return where a latitude lies."""
    return round((NORTH - latitude) * UNITS_PER_DEGREE, 1)


@dataclass(frozen=True, slots=True)
class SizeClass:
    """One class of sizes: its limits and how many units of frame and sample it has; shares in per cent."""

    low: int
    high: int
    n_frame: int
    n_drawn: int
    frame_width: float
    drawn_width: float


def size_distribution(frame: Sequence[int], drawn: Sequence[int]) -> list[SizeClass]:
    """Compare the sizes of the drawn units with those of the frame.

    Parameters
    ----------
    frame, drawn : sequence of int
        Measures of size.

    Returns
    -------
    list of SizeClass
        `N_CLASSES` classes of equal width from the smallest to the largest size. Widths are shares of all
        units of the frame or of the sample, scaled so that the largest share fills the plot. Selection with
        probability proportional to size draws large units more often.

    Examples
    --------
    >>> classes = size_distribution([1, 1, 1, 11], [11])
    >>> (classes[0].n_frame, classes[0].frame_width), (classes[-1].n_drawn, classes[-1].drawn_width)
    ((3, 75.0), (1, 100.0))
    """
    if not frame:
        return []
    low, high = min(frame), max(frame)
    edges = [low + (high - low + 1) * step // N_CLASSES for step in range(N_CLASSES + 1)]
    limits = [(start, end) for start, end in pairwise(edges) if end > start]
    counts = [
        (start, end, sum(start <= size < end for size in frame), sum(start <= size < end for size in drawn))
        for start, end in limits
    ]
    shares = [(n / len(frame), m / len(drawn) if drawn else 0.0) for _start, _end, n, m in counts]
    largest = max(max(pair) for pair in shares)
    return [
        SizeClass(start, end - 1, n, m, FULL * (of_frame / largest), FULL * (of_drawn / largest))
        for (start, end, n, m), (of_frame, of_drawn) in zip(counts, shares, strict=True)
    ]
