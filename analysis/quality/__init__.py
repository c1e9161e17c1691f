"""How good the figures are and which may be shown: response, precision, ranks, small areas, small cells."""

from analysis.quality.area_variance import VARIANCE_METHODS, ModelVariance, estimate_model_variance
from analysis.quality.benchmarking import BENCHMARKS, benchmark
from analysis.quality.disclosure import MINIMUM_PUBLISHED, ROUNDING_BASE, find_small_cells, round_counts
from analysis.quality.errors import (
    ComponentsError,
    DispositionError,
    PrecisionError,
    RankError,
    RepresentativityError,
    SmallAreaError,
    SuppressionError,
)
from analysis.quality.fay_herriot import AreaModel, SmallAreaEstimates, fit_fay_herriot
from analysis.quality.groups import compact_letters, describe_groups, find_tiers
from analysis.quality.precision import (
    POLICIES,
    PUBLISH,
    WITH_CARE,
    WITHHELD,
    PrecisionPolicy,
    PrecisionRule,
    assess_precision,
    measure_precision,
)
from analysis.quality.propensity import fit_propensities
from analysis.quality.ranks import (
    RankDistribution,
    RankSets,
    interval_rank_sets,
    joint_rank_sets,
    observed_ranks,
    simulate_ranks,
)
from analysis.quality.representativity import ResponseIndicator, partial_indicators, response_indicator
from analysis.quality.response_rates import (
    OUTCOME_RATES,
    DispositionCounts,
    RateDefinition,
    count_dispositions,
    estimate_eligibility,
    outcome_rates,
)
from analysis.quality.suppression import (
    TableSuppression,
    add_margins,
    find_computable_cells,
    suppress_parts,
    suppress_table,
)
from analysis.quality.variance_components import VarianceComponents, variance_components
from analysis.quality.variance_function import VarianceFunction, smooth_variances

__all__ = [
    "BENCHMARKS",
    "MINIMUM_PUBLISHED",
    "OUTCOME_RATES",
    "POLICIES",
    "PUBLISH",
    "ROUNDING_BASE",
    "VARIANCE_METHODS",
    "WITHHELD",
    "WITH_CARE",
    "AreaModel",
    "ComponentsError",
    "DispositionCounts",
    "DispositionError",
    "ModelVariance",
    "PrecisionError",
    "PrecisionPolicy",
    "PrecisionRule",
    "RankDistribution",
    "RankError",
    "RankSets",
    "RateDefinition",
    "RepresentativityError",
    "ResponseIndicator",
    "SmallAreaError",
    "SmallAreaEstimates",
    "SuppressionError",
    "TableSuppression",
    "VarianceComponents",
    "VarianceFunction",
    "add_margins",
    "assess_precision",
    "benchmark",
    "compact_letters",
    "count_dispositions",
    "describe_groups",
    "estimate_eligibility",
    "estimate_model_variance",
    "find_computable_cells",
    "find_small_cells",
    "find_tiers",
    "fit_fay_herriot",
    "fit_propensities",
    "interval_rank_sets",
    "joint_rank_sets",
    "measure_precision",
    "observed_ranks",
    "outcome_rates",
    "partial_indicators",
    "response_indicator",
    "round_counts",
    "simulate_ranks",
    "smooth_variances",
    "suppress_parts",
    "suppress_table",
    "variance_components",
]
