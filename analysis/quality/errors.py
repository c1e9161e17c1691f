"""Errors of the quality core: what was expected, what came, and what to do."""

from analysis.estimation import AnalysisError


class DispositionError(AnalysisError):
    """Counts of dispositions that cannot be."""

    code = "dispositions"


class SmallAreaError(AnalysisError):
    """An area model that the figures cannot carry."""

    code = "small-area"


class ComponentsError(AnalysisError):
    """A sample whose spread cannot be split among its stages."""

    code = "components"


class RankError(AnalysisError):
    """Ranks that cannot, or may not, be given."""

    code = "ranks"


class RepresentativityError(AnalysisError):
    """A response model that cannot be fitted."""

    code = "representativity"


class PrecisionError(AnalysisError):
    """A precision policy that is not known."""

    code = "precision"


class SuppressionError(AnalysisError):
    """A table whose cells cannot be protected, or that is no table of counts."""

    code = "suppression"
