"""Design-based estimation: a design, estimators named after estimands, results that carry their precision."""

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray
from analysis.estimation.association import STATISTICS as ASSOCIATION_STATISTICS
from analysis.estimation.association import CrossTable, association_test, cross_table
from analysis.estimation.calibration import Calibration
from analysis.estimation.comparisons import difference_test, mean_test
from analysis.estimation.design import SurveyDesign
from analysis.estimation.differences import change, difference, minus_overall, stack_rounds
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
from analysis.estimation.families import FAMILIES as REGRESSION_FAMILIES
from analysis.estimation.intervals import METHODS as INTERVAL_METHODS
from analysis.estimation.intervals import Interval
from analysis.estimation.likelihood import likelihood_limits
from analysis.estimation.moments import population_covariances
from analysis.estimation.multiplicity import adjust_p_values
from analysis.estimation.pairwise import PairwiseComparison, compare_pairs
from analysis.estimation.pps import Brewer, HartleyRao, JointProbabilities, Overton, PpsMethod
from analysis.estimation.quantile_estimate import QuantileEstimate
from analysis.estimation.quantile_rules import RULES as QUANTILE_RULES
from analysis.estimation.quantile_rules import weighted_quantile
from analysis.estimation.quantiles import INTERVAL_TYPES as QUANTILE_INTERVALS
from analysis.estimation.quantiles import quantile
from analysis.estimation.query import QueryDesign, SumQuery
from analysis.estimation.ranks import RANK_SCORES, rank_test
from analysis.estimation.regression import Regression, regress
from analysis.estimation.replicate_bootstrap import multistage_factors
from analysis.estimation.replicate_factors import ReplicationOptions, ResamplingStage
from analysis.estimation.replicate_weights import METHODS as REPLICATION_METHODS
from analysis.estimation.replication import ReplicateDesign
from analysis.estimation.scores import RowScores, ratio_scores, simple_random_variance, total_scores
from analysis.estimation.significance import SignificanceTest
from analysis.estimation.single_psu import POLICIES as SINGLE_PSU_POLICIES
from analysis.estimation.standardisation import standardised_mean

__all__ = [
    "ASSOCIATION_STATISTICS",
    "FEW_DEGREES_OF_FREEDOM",
    "INTERVAL_METHODS",
    "OVERALL",
    "QUANTILE_INTERVALS",
    "QUANTILE_RULES",
    "RANK_SCORES",
    "REGRESSION_FAMILIES",
    "REPLICATION_METHODS",
    "SINGLE_PSU_POLICIES",
    "AnalysisError",
    "BoolArray",
    "Brewer",
    "Calibration",
    "CrossTable",
    "DesignError",
    "DomainError",
    "Domains",
    "EstimandError",
    "Estimate",
    "FloatArray",
    "HartleyRao",
    "IntArray",
    "Interval",
    "IntervalError",
    "JointProbabilities",
    "Overton",
    "PairwiseComparison",
    "PpsMethod",
    "QuantileEstimate",
    "QueryDesign",
    "Regression",
    "ReplicateDesign",
    "ReplicationOptions",
    "ResamplingStage",
    "RowScores",
    "SignificanceTest",
    "SinglePsuError",
    "SumQuery",
    "SurveyDesign",
    "adjust_p_values",
    "association_test",
    "change",
    "compare_pairs",
    "cross_table",
    "difference",
    "difference_test",
    "likelihood_limits",
    "mean_test",
    "minus_overall",
    "multistage_factors",
    "population_covariances",
    "quantile",
    "rank_test",
    "ratio_scores",
    "regress",
    "simple_random_variance",
    "stack_rounds",
    "standardised_mean",
    "total_scores",
    "weighted_quantile",
]
