"""Whole villages shared out among enumerators: loads that differ little, ways that are short.

Places are put in the order of a Hilbert curve, which keeps neighbours together, and the order is cut into
runs of nearly equal load. Moves and swaps between enumerators then shorten the way without letting the loads
drift apart. Everything is deterministic: the same villages give the same shares, and ties go by code.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""

HILBERT_BITS = 16
MOST_ROUNDS = 200
LEAST_GAIN_KM = 1e-9


class WorkloadError(ValueError):
    """Raised when villages cannot be shared out as asked."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A village: its code, the place of its commune in degrees, and how many cases it has."""

    code: str
    latitude: float
    longitude: float
    n_cases: int


@dataclass(frozen=True, slots=True)
class Workload:
    """The villages of one enumerator in the order of the way, with their cases and the length of the way."""

    stops: tuple[Stop, ...]
    n_cases: int
    km: float


def distance_km(first: Stop, second: Stop) -> float:
    """Return the great-circle distance of two villages.

    Parameters
    ----------
    first, second : Stop
        Places in degrees.

    Returns
    -------
    float
        Kilometres, on a sphere.

    Notes
    -----
    The haversine formula: 2 R arcsin √(sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2)) [1]_. Roads are longer; as a
    measure of who is near whom the straight line serves.

    References
    ----------
    .. [1] Sinnott, R. W. (1984). Virtues of the haversine. Sky and Telescope 68, 159.

    Examples
    --------
    >>> round(distance_km(Stop("a", 21.0, 105.8, 1), Stop("b", 10.8, 106.7, 1)))
    1138
    """
    north, south = math.radians(first.latitude), math.radians(second.latitude)
    across = math.radians(second.longitude - first.longitude)
    share = math.sin((south - north) / 2) ** 2
    share += math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(share, 1.0)))


def way_km(stops: Sequence[Stop]) -> float:
    """Return the length of the way from the first village to the last, in the order given.

    Parameters
    ----------
    stops : sequence of Stop
        In the order of the way.

    Returns
    -------
    float
        Kilometres.

    Examples
    --------
    >>> way_km([Stop("a", 10, 106, 1)])
    0.0
    """
    return math.fsum(distance_km(one, other) for one, other in pairwise(stops))


def hilbert_place(x: int, y: int, bits: int = HILBERT_BITS) -> int:
    """Return the place of a cell of a square grid on the Hilbert curve.

    Parameters
    ----------
    x, y : int
        Cell, each from 0 to 2**bits - 1.
    bits : int, optional
        The grid has 2**bits cells along each side.

    Returns
    -------
    int
        From 0 to 4**bits - 1; cells with neighbouring places are neighbours.

    References
    ----------
    .. [1] Hilbert, D. (1891). Ueber die stetige Abbildung einer Linie auf ein Flächenstück. Math. Annalen 38.

    Examples
    --------
    >>> [hilbert_place(x, y, bits=1) for x, y in ((0, 0), (0, 1), (1, 1), (1, 0))]
    [0, 1, 2, 3]
    """
    place = 0
    side = 1 << (bits - 1)
    while side:
        right, upper = int(bool(x & side)), int(bool(y & side))
        place += side * side * ((3 * right) ^ upper)
        if not upper:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        x, y = x & (side - 1), y & (side - 1)
        side >>= 1
    return place


def share_out(stops: Iterable[Stop], n_enumerators: int) -> list[Workload]:
    """Share whole villages out among enumerators.

    Parameters
    ----------
    stops : iterable of Stop
        Villages with at least one case each, in any order.
    n_enumerators : int
        How many people there are.

    Returns
    -------
    list of Workload
        One for each enumerator, from the one whose way begins first on the curve; empty ones at the end where
        there are fewer villages than people.

    Raises
    ------
    WorkloadError
        If there is nobody, a village comes twice, or has no place or no case.

    Notes
    -----
    The order of the curve is cut so that the largest load is as small as a cut into runs can make it; among
    equal cuts, so that the sum of squared loads is smallest (dynamic programming). A village then moves, or
    two villages change places, wherever that shortens the total way, without a load above the largest one
    and without a wider spread of loads. Villages of one commune share its place, so they tend to stay with
    one person.

    Examples
    --------
    >>> villages = [Stop(f"v{n}", 10 + n, 106, 5) for n in range(4)]
    >>> [[stop.code for stop in load.stops] for load in share_out(villages, 2)]
    [['v0', 'v1'], ['v2', 'v3']]
    """
    listed = sorted(stops, key=lambda stop: stop.code)
    _check(listed, n_enumerators)
    ordered = _on_curve(listed)
    n_groups = min(n_enumerators, len(ordered))
    groups = _shortened(_cut(ordered, n_groups)) if ordered else []
    loads = [_workload(group) for group in groups]
    return loads + [Workload((), 0, 0.0)] * (n_enumerators - len(loads))


def _check(stops: Sequence[Stop], n_enumerators: int) -> None:
    """Refuse what cannot be shared out."""
    if n_enumerators < 1:
        raise WorkloadError(f"Expected at least one enumerator, got {n_enumerators}. Choose somebody.")
    for one, other in pairwise(stops):
        if one.code == other.code:
            raise WorkloadError(f"Expected each village once, got {one.code!r} again. Remove one.")
    for stop in stops:
        if not (math.isfinite(stop.latitude) and math.isfinite(stop.longitude)) or stop.n_cases < 1:
            raise WorkloadError(
                f"Expected a place and at least one case for village {stop.code!r}, got"
                f" {stop.latitude}, {stop.longitude} and {stop.n_cases}. Complete it or leave it out."
            )


def _on_curve(stops: Sequence[Stop]) -> list[Stop]:
    """Sort along the curve; a degree of longitude counts as much as it is long here."""
    if not stops:
        return []
    middle = math.radians(math.fsum(stop.latitude for stop in stops) / len(stops))
    points = [(stop.longitude * math.cos(middle), stop.latitude) for stop in stops]
    left, low = (min(axis) for axis in zip(*points, strict=True))
    span = max(max(x - left, y - low) for x, y in points) or 1.0
    cells = (1 << HILBERT_BITS) - 1

    def place(point: tuple[float, float]) -> int:
        return hilbert_place(
            *(round((value - base) / span * cells) for value, base in zip(point, (left, low), strict=True))
        )

    keyed = sorted(
        zip(map(place, points), (stop.code for stop in stops), stops, strict=True), key=lambda row: row[:2]
    )
    return [stop for _place, _code, stop in keyed]


def _cut(stops: Sequence[Stop], n_groups: int) -> list[list[Stop]]:
    """Cut a row into runs: the largest load as small as can be, then the squares of the loads."""
    sums = [0]
    for stop in stops:
        sums.append(sums[-1] + stop.n_cases)
    n_stops = len(stops)
    best: list[tuple[int, int]] = [(0, 0)] + [(sums[-1] + 1, 0)] * n_stops
    cuts: list[list[int]] = []
    for group in range(1, n_groups + 1):
        row, chosen = [(sums[-1] + 1, 0)] * (n_stops + 1), [0] * (n_stops + 1)
        for end in range(group, n_stops + 1):
            options = (
                (
                    max(best[start][0], sums[end] - sums[start]),
                    best[start][1] + (sums[end] - sums[start]) ** 2,
                    start,
                )
                for start in range(group - 1, end)
                if best[start][0] <= sums[-1]
            )
            *value, chosen[end] = min(options)
            row[end] = (value[0], value[1])
        best, cuts = row, [*cuts, chosen]
    ends = [n_stops]
    for chosen in reversed(cuts):
        ends.append(chosen[ends[-1]])
    edges = list(reversed(ends))
    return [list(stops[start:end]) for start, end in pairwise(edges)]


def _shortened(groups: list[list[Stop]]) -> list[list[Stop]]:
    """Move and swap villages while that shortens the way; loads never drift further apart."""
    loads = [sum(stop.n_cases for stop in group) for group in groups]
    least, most = min(loads), max(loads)
    groups = [_way(group) for group in groups]
    for _round in range(MOST_ROUNDS):
        change = _best_change(groups, least, most)
        if change is None:
            break
        for place, group in change:
            groups[place] = group
    return groups


type Change = tuple[tuple[int, list[Stop]], tuple[int, list[Stop]]]


def _best_change(groups: Sequence[list[Stop]], least: int, most: int) -> Change | None:
    """Return the move or swap that saves most, if any does."""
    lengths = [way_km(group) for group in groups]
    best_gain, best = LEAST_GAIN_KM, None
    for first, one in enumerate(groups):
        for second in range(first + 1, len(groups)):
            before = lengths[first] + lengths[second]
            for left, right in _exchanges(one, groups[second], least, most):
                ways = _way(left), _way(right)
                gain = before - way_km(ways[0]) - way_km(ways[1])
                if gain > best_gain:
                    best_gain, best = gain, ((first, ways[0]), (second, ways[1]))
    return best


def _exchanges(
    one: Sequence[Stop], other: Sequence[Stop], least: int, most: int
) -> Iterable[tuple[list[Stop], list[Stop]]]:
    """Yield what two groups become by moving one village or swapping two, within the limits of the loads."""
    loads = [sum(stop.n_cases for stop in group) for group in (one, other)]
    for given in (None, *one):
        for taken in (None, *other):
            change = (given.n_cases if given else 0) - (taken.n_cases if taken else 0)
            new = (loads[0] - change, loads[1] + change)
            if given is taken or not (least <= min(new) and max(new) <= most):
                continue
            left = [stop for stop in one if stop is not given] + ([taken] if taken else [])
            right = [stop for stop in other if stop is not taken] + ([given] if given else [])
            if left and right:
                yield left, right


def _way(stops: Sequence[Stop]) -> list[Stop]:
    """Order villages by going on to the nearest one, from the outermost; ties by code."""
    if not stops:
        return []
    rest = sorted(stops, key=lambda stop: stop.code)
    start = min(rest, key=lambda stop: (-max(distance_km(stop, other) for other in rest), stop.code))
    way = [start]
    rest.remove(start)
    while rest:
        here = way[-1]
        nearest = min(rest, key=lambda stop: (distance_km(here, stop), stop.code))
        way.append(nearest)
        rest.remove(nearest)
    return way


def _workload(stops: Sequence[Stop]) -> Workload:
    """Count the cases and measure the way of a share."""
    return Workload(tuple(stops), sum(stop.n_cases for stop in stops), way_km(stops))
