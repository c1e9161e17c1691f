"""From design weights to final weights, step by step, each with its factor and its effect."""

from analysis.weighting.cells import (
    MINIMUM_ANSWERS,
    MINIMUM_PSUS,
    Cell,
    CellMerge,
    CellMerging,
    CellMinimum,
    Parents,
    merge_thin_cells,
)
from analysis.weighting.errors import ConvergenceError, MarginError, WeightingError
from analysis.weighting.nonresponse import NonresponseAdjustment, adjust_nonresponse
from analysis.weighting.raking import Margin, Raking, rake
from analysis.weighting.steps import (
    NO_MARGINS,
    Weighting,
    WeightingStep,
    kish_deff,
    start_weighting,
    weight_respondents,
)

__all__ = [
    "MINIMUM_ANSWERS",
    "MINIMUM_PSUS",
    "NO_MARGINS",
    "Cell",
    "CellMerge",
    "CellMerging",
    "CellMinimum",
    "ConvergenceError",
    "Margin",
    "MarginError",
    "NonresponseAdjustment",
    "Parents",
    "Raking",
    "Weighting",
    "WeightingError",
    "WeightingStep",
    "adjust_nonresponse",
    "kish_deff",
    "merge_thin_cells",
    "rake",
    "start_weighting",
    "weight_respondents",
]
