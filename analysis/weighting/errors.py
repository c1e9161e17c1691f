"""Errors of the weighting core."""

from analysis.estimation import AnalysisError


class WeightingError(AnalysisError):
    """The weights cannot be adjusted as asked."""

    code = "weighting"


class MarginError(WeightingError):
    """Population margins do not fit the answers or each other."""

    code = "margin"


class ConvergenceError(WeightingError):
    """Raking did not reach the margins."""

    code = "raking-convergence"
