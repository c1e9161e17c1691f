"""What can be wrong with a criteria set or with the values scored by it."""

from analysis.estimation.errors import AnalysisError


class ParError(AnalysisError):
    """A refusal of the reform-index core.

    Parameters
    ----------
    code
        Stable name of the problem.
    expected, got, hint
        What was needed, what came, and what to do.

    Examples
    --------
    >>> error = ParError(
    ...     "no_values", expected="a province with an index", got="none", hint="Score one first."
    ... )
    >>> error.code, str(error)
    ('no_values', 'Expected a province with an index; got none. Score one first.')
    """

    code = "par"

    def __init__(self, code: str, /, *, expected: str, got: str, hint: str) -> None:
        super().__init__(expected=expected, got=got, hint=hint)
        self.code = code


class CriteriaSetError(ParError):
    """A criteria-set document that contradicts its own schema or its own sums."""
