"""Changes of state: methods loaded, snapshots taken, results published."""

from analysis.selectors import RoundNotEstimableError
from analysis.services.figures import NoPrecisionError
from analysis.services.index_queries import MethodMismatchError
from analysis.services.margins import MarginTableError, load_margins
from analysis.services.methods import LoadedMethods, load_methods
from analysis.services.microdata import export_microdata
from analysis.services.recipes import export_recipe
from analysis.services.releases import Progress, UnitOfAnalysisError, covered_by, publish_release
from analysis.services.snapshots import (
    RoundNotFrozenError,
    discard_working_snapshots,
    open_snapshot,
    require_frozen,
    take_snapshot,
)
from analysis.services.weighting import Weighted, weight_snapshot

__all__ = [
    "LoadedMethods",
    "MarginTableError",
    "MethodMismatchError",
    "NoPrecisionError",
    "Progress",
    "RoundNotEstimableError",
    "RoundNotFrozenError",
    "UnitOfAnalysisError",
    "Weighted",
    "covered_by",
    "discard_working_snapshots",
    "export_microdata",
    "export_recipe",
    "load_margins",
    "load_methods",
    "open_snapshot",
    "publish_release",
    "require_frozen",
    "take_snapshot",
    "weight_snapshot",
]
