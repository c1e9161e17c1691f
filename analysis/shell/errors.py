"""What can be wrong with the files given in the shell."""

from analysis.estimation import AnalysisError


class InputError(AnalysisError):
    """A file of data or settings that cannot be used."""
