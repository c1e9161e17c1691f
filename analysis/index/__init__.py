"""Index methods as data, and the satisfaction index estimated by them."""

from analysis.estimation import (
    HIGHER,
    LOWER,
    NOT_COMPARABLE,
    NOT_DISTINGUISHABLE,
    PairwiseComparison,
    compare_pairs,
)
from analysis.index.comparison import compare_with_nation
from analysis.index.errors import IndexEstimationError, IndexMethodError
from analysis.index.estimating import estimate_index
from analysis.index.method import Content, Criterion, Element, IndexMethod, Scale
from analysis.index.nodes import INDEX_CODE, IndexNode
from analysis.index.parsing import parse_index_method
from analysis.index.querying import IndexQuery
from analysis.index.result import NATION, POOLED_SHARE, IndexResult

__all__ = [
    "HIGHER",
    "INDEX_CODE",
    "LOWER",
    "NATION",
    "NOT_COMPARABLE",
    "NOT_DISTINGUISHABLE",
    "POOLED_SHARE",
    "Content",
    "Criterion",
    "Element",
    "IndexEstimationError",
    "IndexMethod",
    "IndexMethodError",
    "IndexNode",
    "IndexQuery",
    "IndexResult",
    "PairwiseComparison",
    "Scale",
    "compare_pairs",
    "compare_with_nation",
    "estimate_index",
    "parse_index_method",
]
