"""Design-based estimation: a design, estimators named after estimands, results that carry their precision."""

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray
from analysis.estimation.calibration import Calibration
from analysis.estimation.design import SurveyDesign
from analysis.estimation.domains import OVERALL, Domains
from analysis.estimation.errors import (
    AnalysisError,
    DesignError,
    DomainError,
    EstimandError,
    IntervalError,
    SinglePsuError,
)
from analysis.estimation.estimate import FEW_DEGREES_OF_FREEDOM, Estimate
from analysis.estimation.intervals import METHODS as INTERVAL_METHODS
from analysis.estimation.intervals import Interval
from analysis.estimation.multiplicity import adjust_p_values
from analysis.estimation.scores import RowScores, ratio_scores, simple_random_variance, total_scores
from analysis.estimation.single_psu import POLICIES as SINGLE_PSU_POLICIES

__all__ = [
    "FEW_DEGREES_OF_FREEDOM",
    "INTERVAL_METHODS",
    "OVERALL",
    "SINGLE_PSU_POLICIES",
    "AnalysisError",
    "BoolArray",
    "Calibration",
    "DesignError",
    "DomainError",
    "Domains",
    "EstimandError",
    "Estimate",
    "FloatArray",
    "IntArray",
    "Interval",
    "IntervalError",
    "RowScores",
    "SinglePsuError",
    "SurveyDesign",
    "adjust_p_values",
    "ratio_scores",
    "simple_random_variance",
    "total_scores",
]
