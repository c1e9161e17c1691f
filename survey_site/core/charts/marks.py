"""What charts are given: figures with their uncertainty, and the groups against the nation."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Where a unit stands against the nation; the last is rare, where an error is not known."""

    HIGHER = "higher"
    NOT_DISTINGUISHABLE = "not_distinguishable"
    LOWER = "lower"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Figure:
    """A value with its interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Unit:
    """A unit of the ranking."""

    code: str
    name: str
    figure: Figure
    group: Group
    rank_low: int
    rank_high: int


def limits(figures: Sequence[Figure]) -> list[float]:
    """Return all interval limits, for the axis."""
    return [limit for figure in figures for limit in (figure.lower, figure.upper)]
