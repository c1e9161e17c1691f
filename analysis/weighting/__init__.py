"""From design weights to final weights, step by step, each with its factor and its effect."""

from analysis.weighting.bridge import UNWEIGHTED, Estimand, weighted_design, weighting_bridge
from analysis.weighting.calibration import calibrate
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
from analysis.weighting.designs import calibrate_design, poststratify_design, rake_design, with_known_totals
from analysis.weighting.distances import DISTANCES, Bounds, find_distance
from analysis.weighting.errors import (
    BoundsError,
    ConvergenceError,
    MarginError,
    PropensityError,
    WeightingError,
)
from analysis.weighting.margins import Auxiliary, KnownTotal, Margin, cross_labels
from analysis.weighting.multiplicity import DRAWN_UNIT, PERSON, UNITS_OF_ANALYSIS, share_weights
from analysis.weighting.nonresponse import NonresponseAdjustment, adjust_nonresponse
from analysis.weighting.propensity import (
    PropensityAdjustment,
    adjust_by_propensity,
    adjust_by_propensity_classes,
    fit_propensity,
)
from analysis.weighting.raking import CalibrationFactors, poststratify, rake
from analysis.weighting.steps import (
    NO_MARGINS,
    Weighting,
    WeightingStep,
    kish_deff,
    start_weighting,
    weight_respondents,
)
from analysis.weighting.trimming import TRIMMING_RULES, Trimming, trim, trimming_limit

__all__ = [
    "DISTANCES",
    "DRAWN_UNIT",
    "MINIMUM_ANSWERS",
    "MINIMUM_PSUS",
    "NO_MARGINS",
    "PERSON",
    "TRIMMING_RULES",
    "UNITS_OF_ANALYSIS",
    "UNWEIGHTED",
    "Auxiliary",
    "Bounds",
    "BoundsError",
    "CalibrationFactors",
    "Cell",
    "CellMerge",
    "CellMerging",
    "CellMinimum",
    "ConvergenceError",
    "Estimand",
    "KnownTotal",
    "Margin",
    "MarginError",
    "NonresponseAdjustment",
    "Parents",
    "PropensityAdjustment",
    "PropensityError",
    "Trimming",
    "Weighting",
    "WeightingError",
    "WeightingStep",
    "adjust_by_propensity",
    "adjust_by_propensity_classes",
    "adjust_nonresponse",
    "calibrate",
    "calibrate_design",
    "cross_labels",
    "find_distance",
    "fit_propensity",
    "kish_deff",
    "merge_thin_cells",
    "poststratify",
    "poststratify_design",
    "rake",
    "rake_design",
    "share_weights",
    "start_weighting",
    "trim",
    "trimming_limit",
    "weight_respondents",
    "weighted_design",
    "weighting_bridge",
    "with_known_totals",
]
