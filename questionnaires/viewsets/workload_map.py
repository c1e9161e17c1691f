"""The picture of a proposal: communes at their place, ways between them, each enumerator with a number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from questionnaires.services.workloads import Share
from sampling.design.workloads import Stop

SIDE, MARGIN = 320, 22
APART = 17
"""Pixels between villages of one commune, which share its place."""
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True, slots=True)
class Mark:
    """A village on the map with the number of its enumerator."""

    x: float
    y: float
    number: int
    code: str


@dataclass(frozen=True, slots=True)
class WorkloadMap:
    """Marks and ways in a square."""

    marks: tuple[Mark, ...]
    ways: tuple[tuple[int, str], ...]
    side: int = SIDE


def workload_map(shares: Sequence[Share]) -> WorkloadMap | None:
    """Place the villages of a proposal; None if there are none."""
    stops = [stop for share in shares for stop in share.load.stops]
    if not stops:
        return None
    middle = math.cos(math.radians(sum(stop.latitude for stop in stops) / len(stops)))
    across, up = ([stop.longitude * middle for stop in stops], [stop.latitude for stop in stops])
    span = max(max(across) - min(across), max(up) - min(up)) or 1.0
    scale = (SIDE - 2 * MARGIN) / span
    seen: dict[tuple[float, float], int] = {}

    def place(stop: Stop) -> tuple[float, float]:
        point = (stop.latitude, stop.longitude)
        turn = seen[point] = seen.get(point, -1) + 1
        away = APART * math.sqrt(turn) if turn else 0.0
        x = MARGIN + (stop.longitude * middle - min(across)) * scale + away * math.cos(turn * GOLDEN_ANGLE)
        y = SIDE - MARGIN - (stop.latitude - min(up)) * scale + away * math.sin(turn * GOLDEN_ANGLE)
        return round(min(max(x, 9), SIDE - 9), 1), round(min(max(y, 9), SIDE - 9), 1)

    marks, ways = [], []
    for number, share in enumerate(shares, start=1):
        points = [(stop, place(stop)) for stop in share.load.stops]
        marks += [Mark(x, y, number, stop.code) for stop, (x, y) in points]
        ways.append((number, " ".join(f"{x},{y}" for _stop, (x, y) in points)))
    return WorkloadMap(tuple(marks), tuple(ways))
