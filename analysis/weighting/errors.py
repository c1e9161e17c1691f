"""Errors of the weighting core."""

from analysis.estimation import AnalysisError


class WeightingError(AnalysisError):
    """The weights cannot be adjusted as asked."""

    code = "weighting"


class MarginError(WeightingError):
    """Population totals do not fit the answers or each other."""

    code = "margin"


class BoundsError(WeightingError):
    """Limits of factors or weights cannot hold, alone or together with the totals."""

    code = "bounds"


class PropensityError(WeightingError):
    """The model of response cannot be fitted."""

    code = "propensity"


class ConvergenceError(WeightingError):
    """Raking did not reach the margins."""

    code = "raking-convergence"
