"""Design-based estimation: a design, estimators named after estimands, results that carry their precision."""

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray
from analysis.estimation.comparisons.against_zero import compare_with_zero
from analysis.estimation.comparisons.association import STATISTICS as ASSOCIATION_STATISTICS
from analysis.estimation.comparisons.association import CrossTable, association_test, cross_table
from analysis.estimation.comparisons.differences import change, difference, minus_overall, stack_rounds
from analysis.estimation.comparisons.groups import difference_test, mean_test
from analysis.estimation.comparisons.multiplicity import adjust_p_values
from analysis.estimation.comparisons.pairwise import (
    HIGHER,
    LOWER,
    NOT_COMPARABLE,
    NOT_DISTINGUISHABLE,
    PairwiseComparison,
    compare_pairs,
)
from analysis.estimation.comparisons.ranks import RANK_SCORES, rank_test
from analysis.estimation.comparisons.significance import SignificanceTest
from analysis.estimation.designs.calibration import Calibration
from analysis.estimation.designs.pps import Brewer, HartleyRao, JointProbabilities, Overton, PpsMethod
from analysis.estimation.designs.query_calibration import QueryCalibration
from analysis.estimation.designs.query_design import QueryDesign
from analysis.estimation.designs.single_psu import POLICIES as SINGLE_PSU_POLICIES
from analysis.estimation.designs.sum_query import SumQuery
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.designs.variance import COUNTED, DEGREE_RULES, EFFECTIVE
from analysis.estimation.domains import OVERALL, Domains
from analysis.estimation.errors import (
    AnalysisError,
    DesignError,
    DomainError,
    EstimandError,
    IntervalError,
    SinglePsuError,
)
from analysis.estimation.moments import population_covariances
from analysis.estimation.quantiles.estimating import INTERVAL_TYPES as QUANTILE_INTERVALS
from analysis.estimation.quantiles.estimating import quantile
from analysis.estimation.quantiles.result import QuantileEstimate
from analysis.estimation.quantiles.rules import RULES as QUANTILE_RULES
from analysis.estimation.quantiles.rules import weighted_quantile
from analysis.estimation.regression.families import FAMILIES as REGRESSION_FAMILIES
from analysis.estimation.regression.fitting import Regression, regress
from analysis.estimation.regression.response import PropensityModel, fit_response
from analysis.estimation.replication.bootstrap import multistage_factors
from analysis.estimation.replication.factors import ReplicationOptions, ResamplingStage
from analysis.estimation.replication.replicate_design import ReplicateDesign
from analysis.estimation.replication.weights import METHODS as REPLICATION_METHODS
from analysis.estimation.results.estimate import FEW_DEGREES_OF_FREEDOM, Estimate
from analysis.estimation.results.intervals import METHODS as INTERVAL_METHODS
from analysis.estimation.results.intervals import Interval
from analysis.estimation.results.likelihood import likelihood_limits
from analysis.estimation.rows.scores import RowScores, ratio_scores, simple_random_variance, total_scores
from analysis.estimation.standardisation import standardised_mean

__all__ = [
    "ASSOCIATION_STATISTICS",
    "COUNTED",
    "DEGREE_RULES",
    "EFFECTIVE",
    "FEW_DEGREES_OF_FREEDOM",
    "HIGHER",
    "INTERVAL_METHODS",
    "LOWER",
    "NOT_COMPARABLE",
    "NOT_DISTINGUISHABLE",
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
    "PropensityModel",
    "QuantileEstimate",
    "QueryCalibration",
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
    "compare_with_zero",
    "cross_table",
    "difference",
    "difference_test",
    "fit_response",
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
