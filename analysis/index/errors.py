"""Errors of the index core."""

from analysis.estimation import AnalysisError


class IndexMethodError(AnalysisError):
    """A method document contradicts itself or misses something."""

    code = "index-method"


class IndexEstimationError(AnalysisError):
    """The index of a method cannot be estimated from these answers."""

    code = "index-estimation"
