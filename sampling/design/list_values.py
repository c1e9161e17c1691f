"""Values that a design of a list is written in: texts, counts, columns, shares, and the error about them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sampling.design.fingerprints import Cell

STRATUM_COLUMNS = (
    "agency",
    "province",
    "predecessor_province",
    "region",
    "is_urban",
    "level",
    "field",
    "channel",
    "party",
)
"""Columns that may make strata, and that a filter may look at."""

SEPARATOR = "|"
NAMES_SHOWN = 10


class ListDesignError(ValueError):
    """Raised when a design of a list cannot be read or does not fit its frame.

    Parameters
    ----------
    expected : str
        What would have been right.
    got : object
        What came.
    hint : str
        What to do.

    Examples
    --------
    >>> str(ListDesignError("a unit", "house", "Take another."))
    'Expected a unit, got house. Take another.'
    """

    def __init__(self, expected: str, got: object, hint: str) -> None:
        super().__init__(f"Expected {expected}, got {got}. {hint}")
        self.expected, self.got, self.hint = expected, str(got), hint


def cell_text(value: Cell) -> str:
    """Return a cell of the frame as the text that stands in stratum keys and filters.

    Parameters
    ----------
    value : str, int, bool or None
        A cell.

    Returns
    -------
    str
        Empty for a missing value, ``true`` or ``false`` for a truth value.

    Examples
    --------
    >>> cell_text(None), cell_text(value=True), cell_text("01")
    ('', 'true', '01')
    """
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def stratum_key(values: Sequence[Cell]) -> str:
    """Return the name of a stratum from its values.

    Parameters
    ----------
    values : sequence of cells
        One per stratum column, in the order of the design.

    Returns
    -------
    str
        The values with ``|`` between them; empty for a design without strata.

    Examples
    --------
    >>> stratum_key(["01", "land", True])
    '01|land|true'
    """
    return SEPARATOR.join(cell_text(value) for value in values)


def some(names: Sequence[str]) -> str:
    """List names, the first of them if they are many.

    Parameters
    ----------
    names : sequence of str
        The names.

    Returns
    -------
    str
        At most ten of them, and how many more there are.

    Examples
    --------
    >>> some(["01", "79"])
    '01, 79'
    """
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def read_keys(
    document: object, known: Sequence[str], needed: Sequence[str], name: str = "a document"
) -> Mapping[str, Any]:
    """Read a mapping with keys that are all known, and none that is needed missing.

    Parameters
    ----------
    document : object
        What came.
    known, needed : sequence of str
        Keys that may, and that must, be there.
    name : str, optional
        What an error calls the mapping.

    Returns
    -------
    mapping
        What came.

    Raises
    ------
    ListDesignError
        If it is something else.

    Examples
    --------
    >>> read_keys({"by": []}, ["by"], ["by"])
    {'by': []}
    """
    if not isinstance(document, Mapping):
        raise ListDesignError(f"{name} to be a mapping", repr(document), 'Write {"name": value}.')
    unknown = sorted(set(document).difference(known))
    if unknown:
        raise ListDesignError(
            f"the keys {', '.join(known)}", some(unknown), "Check the spelling or take it out."
        )
    missing = [key for key in needed if key not in document]
    if missing:
        raise ListDesignError(f"the keys {', '.join(missing)}", f"{name} without them", "Add them.")
    return document


def read_choice[T: StrEnum](kind: type[T], value: object, key: str) -> T:
    """Read one of the values of an enumeration.

    Parameters
    ----------
    kind : type
        The enumeration.
    value : object
        What came.
    key : str
        What an error calls it.

    Returns
    -------
    StrEnum
        The member.

    Raises
    ------
    ListDesignError
        If there is no such value.
    """
    choices = [choice.value for choice in kind]
    if value not in choices:
        raise ListDesignError(f"{key} to be one of {', '.join(choices)}", repr(value), "Choose one of them.")
    return kind(value)


def read_whole(value: object, key: str) -> int:
    """Read a whole number of 0 and more; truth values are none.

    Parameters
    ----------
    value : object
        What came.
    key : str
        What an error calls it.

    Returns
    -------
    int
        The number.

    Raises
    ------
    ListDesignError
        If it is something else.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ListDesignError(f"{key} to be a whole number of 0 or more", repr(value), "Round it.")
    return value


def read_flag(value: object, key: str) -> bool:
    """Read a truth value.

    Parameters
    ----------
    value : object
        What came.
    key : str
        What an error calls it.

    Returns
    -------
    bool
        The value.

    Raises
    ------
    ListDesignError
        If it is something else.
    """
    if not isinstance(value, bool):
        raise ListDesignError(f"{key} to be true or false", repr(value), "Write it without quotes.")
    return value


def read_mapping(value: object, key: str) -> dict[str, Any]:
    """Read a mapping.

    Parameters
    ----------
    value : object
        What came.
    key : str
        What an error calls it.

    Returns
    -------
    dict
        A copy.

    Raises
    ------
    ListDesignError
        If it is something else.
    """
    if not isinstance(value, Mapping):
        raise ListDesignError(f"{key} to be a mapping", repr(value), 'Write {"name": value}.')
    return dict(value)


def read_texts(value: object, key: str) -> tuple[str, ...]:
    """Read a list of text.

    Parameters
    ----------
    value : object
        What came.
    key : str
        What an error calls it.

    Returns
    -------
    tuple of str
        The texts; none holds the sign that separates the values of a stratum.

    Raises
    ------
    ListDesignError
        If it is something else.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ListDesignError(f"{key} to be a list of text", repr(value), 'Write ["01", "79"].')
    for text in value:
        if not isinstance(text, str) or SEPARATOR in text:
            raise ListDesignError(
                f"{key} to hold text without {SEPARATOR!r}", repr(text), "Codes are text: write 01 as '01'."
            )
    return tuple(value)


def read_columns(value: object, key: str, known: Sequence[str] = STRATUM_COLUMNS) -> tuple[str, ...]:
    """Read columns of the frame, each once.

    Parameters
    ----------
    value : object
        What came.
    key : str
        What an error calls it.
    known : sequence of str, optional
        Columns that may be named.

    Returns
    -------
    tuple of str
        Names in the order given.

    Raises
    ------
    ListDesignError
        If a column is unknown or stands twice.

    Examples
    --------
    >>> read_columns(["province", "field"], "strata")
    ('province', 'field')
    """
    names = read_texts(value, key)
    unknown = [name for name in names if name not in known]
    if unknown or len(set(names)) < len(names):
        raise ListDesignError(
            f"{key} to be columns out of {', '.join(known)}, each once",
            some(unknown or names),
            "Take other columns.",
        )
    return names


def read_fraction(value: object, key: str, *, most: int) -> Fraction:
    """Read a number from 0 to `most` that is written as text, so that it is exact.

    Parameters
    ----------
    value : object
        What came, for example ``"0"``, ``"0.25"`` or ``"1/4"``.
    key : str
        What an error calls it.
    most : int
        The largest possible value.

    Returns
    -------
    Fraction
        The number.

    Raises
    ------
    ListDesignError
        If it is something else.

    Examples
    --------
    >>> str(read_fraction("0.25", "share", most=1))
    '1/4'
    """
    try:
        number = Fraction(value) if isinstance(value, str) else Fraction(-1)
    except (ValueError, ZeroDivisionError):
        number = Fraction(-1)
    if not 0 <= number <= most:
        raise ListDesignError(
            f"{key} to be a number from 0 to {most} as text", repr(value), 'Write "0", "0.25" or "1/4".'
        )
    return number
