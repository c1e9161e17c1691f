"""Values that a design of a list is written in: texts, counts, columns, shares, and the error about them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sampling.design.fingerprints import Cell
from sampling.design.refusals import RefusalError, Said, said
from sampling.design.refusals import marked as _

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
A_DOCUMENT = said(_("a document"))


class ListDesignError(RefusalError):
    """Raised when a design of a list cannot be read or does not fit its frame.

    Parameters
    ----------
    expected : str
        What would have been right, with named places.
    got : object
        What came.
    hint : str
        What to do.
    **values : object
        What stands in the places.

    Examples
    --------
    >>> str(ListDesignError("a unit", "house", "Take another."))
    'Expected a unit, got house. Take another.'
    """

    def __init__(self, expected: str, got: object, hint: str, **values: object) -> None:
        right = Said(expected, values)
        super().__init__(
            _("Expected %(expected)s, got %(got)s. %(hint)s"), expected=right, got=got, hint=Said(hint)
        )
        self.expected, self.got, self.hint = str(right), str(got), hint


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


def some(names: Sequence[object]) -> Said:
    """List names, the first of them if they are many.

    Parameters
    ----------
    names : sequence
        The names, or texts that name them.

    Returns
    -------
    Said
        At most ten of them, and how many more there are.

    Examples
    --------
    >>> str(some(["01", "79"]))
    '01, 79'
    """
    more = len(names) - NAMES_SHOWN
    shown = said("%(names)s", names=list(names[:NAMES_SHOWN]))
    return said(_("%(names)s and %(more)s more"), names=shown, more=more) if more > 0 else shown


def read_keys(
    document: object, known: Sequence[str], needed: Sequence[str], name: str | Said = A_DOCUMENT
) -> Mapping[str, Any]:
    """Read a mapping with keys that are all known, and none that is needed missing.

    Parameters
    ----------
    document : object
        What came.
    known, needed : sequence of str
        Keys that may, and that must, be there.
    name : str or Said, optional
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
        raise ListDesignError(
            _("%(key)s to be a mapping"), repr(document), _('Write {"name": value}.'), key=name
        )
    unknown = sorted(set(document).difference(known))
    if unknown:
        raise ListDesignError(
            _("the keys %(known)s"), some(unknown), _("Check the spelling or take it out."), known=list(known)
        )
    missing = [key for key in needed if key not in document]
    if missing:
        raise ListDesignError(
            _("the keys %(known)s"), said(_("%(key)s without them"), key=name), _("Add them."), known=missing
        )
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
        raise ListDesignError(
            _("%(key)s to be one of %(known)s"), repr(value), _("Choose one of them."), key=key, known=choices
        )
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
        raise ListDesignError(
            _("%(key)s to be a whole number of 0 or more"), repr(value), _("Round it."), key=key
        )
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
        raise ListDesignError(
            _("%(key)s to be true or false"), repr(value), _("Write it without quotes."), key=key
        )
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
        raise ListDesignError(_("%(key)s to be a mapping"), repr(value), _('Write {"name": value}.'), key=key)
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
        raise ListDesignError(
            _("%(key)s to be a list of text"), repr(value), _('Write ["01", "79"].'), key=key
        )
    for text in value:
        if not isinstance(text, str) or SEPARATOR in text:
            raise ListDesignError(
                _("%(key)s to hold text without '%(sign)s'"),
                repr(text),
                _("Codes are text: write 01 as '01'."),
                key=key,
                sign=SEPARATOR,
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
            _("%(key)s to be columns out of %(known)s, each once"),
            some(unknown or names),
            _("Take other columns."),
            key=key,
            known=list(known),
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
            _("%(key)s to be a number from 0 to %(most)s as text"),
            repr(value),
            _('Write "0", "0.25" or "1/4".'),
            key=key,
            most=most,
        )
    return number
