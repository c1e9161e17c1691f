"""The database's picture of methods, releases and published figures."""

from analysis.models.margins import PopulationMargin
from analysis.models.methods import CriteriaSet, IndexMethod
from analysis.models.releases import PublishedEstimate, Release, Scorecard, Snapshot

__all__ = [
    "CriteriaSet",
    "IndexMethod",
    "PopulationMargin",
    "PublishedEstimate",
    "Release",
    "Scorecard",
    "Snapshot",
]
