"""How good the data are and what of them may be shown: outcome rates and small cells."""

from analysis.quality.disclosure import MINIMUM_PUBLISHED, find_small_cells
from analysis.quality.response_rates import DispositionCounts, DispositionError, outcome_rates

__all__ = ["MINIMUM_PUBLISHED", "DispositionCounts", "DispositionError", "find_small_cells", "outcome_rates"]
