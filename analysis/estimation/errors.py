"""Errors of the estimation core: what was expected, what came, and what to do."""


class AnalysisError(ValueError):
    """An error of a statistical core that a person can act on.

    Parameters
    ----------
    expected, got, hint : str
        What the function needed, what it was given, and how to put it right.

    Examples
    --------
    >>> error = AnalysisError(expected="weights above 0", got="-1.0 in row 3", hint="Check the weights.")
    >>> str(error)
    'Expected weights above 0; got -1.0 in row 3. Check the weights.'
    """

    code = "analysis"

    def __init__(self, *, expected: str, got: str, hint: str) -> None:
        self.expected = expected
        self.got = got
        self.hint = hint
        super().__init__(f"Expected {expected}; got {got}. {hint}")


class DesignError(AnalysisError):
    """The sample design cannot be what it was said to be."""

    code = "design"


class SinglePsuError(DesignError):
    """A stratum has one PSU only, so its variance cannot be estimated."""

    code = "single-psu"


class DomainError(AnalysisError):
    """The domains do not fit the rows, or hold none of them."""

    code = "domain"


class EstimandError(AnalysisError):
    """What was to be estimated does not fit the design."""

    code = "estimand"


class IntervalError(AnalysisError):
    """The interval that was asked for does not exist for this estimate."""

    code = "interval"


def refuse_name(given: object, what: str, error: type[AnalysisError]) -> None:
    """Refuse a text where one entry per row is needed: it is the name of a column, not the column.

    Parameters
    ----------
    given : object
    what : str
        Name of the argument.
    error : type
        To raise.

    Raises
    ------
    AnalysisError
        Of the type given.

    Examples
    --------
    >>> refuse_name(["north", "south"], "by", DomainError)
    """
    if isinstance(given, str):
        raise error(
            expected=f"{what} with one entry per row",
            got=f"the text {given!r}",
            hint="Pass the column, not its name, for example frame['province'].",
        )
