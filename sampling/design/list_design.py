"""How a list is drawn from a frame of dossiers: the document "list-design/1"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sampling.design.fingerprints import Cell, digest_of_document

FORMAT = "list-design/1"
FRAME_COLUMNS = (
    "id",
    "agency",
    "province",
    "predecessor_province",
    "region",
    "is_urban",
    "level",
    "field",
    "channel",
    "settled_on",
    "party",
    "person_key",
    "multiplicity",
    "size",
)
"""Columns of a frame of dossiers, in the order of its canonical form."""

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
MEASURE_OF_SIZE = "size"
PERCENT = 100
KEYS = (
    "format",
    "unit",
    "strata",
    "sizes",
    "allocation",
    "selection",
    "measure_of_size",
    "reserve_percent",
    "filter",
)
NAMES_SHOWN = 10


class Unit(StrEnum):
    """What is drawn."""

    DOSSIER = "dossier"
    PERSON = "person"


class Selection(StrEnum):
    """How it is drawn."""

    SIMPLE_RANDOM = "simple_random"
    PPS_SYSTEMATIC = "pps_systematic"


MEASURE_OF = {Selection.SIMPLE_RANDOM: None, Selection.PPS_SYSTEMATIC: MEASURE_OF_SIZE}


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


@dataclass(frozen=True, slots=True)
class ListDesign:
    """A checked design; :meth:`from_document` reads one.

    Parameters
    ----------
    unit : Unit
        Dossiers, or persons by their first dossier.
    strata : tuple of str
        Columns that make the strata; none for one stratum.
    sizes : tuple of ((value, …), n)
        Units wanted by stratum, sorted; the rows of a stratum with 0 take no part, as if the filter left them
        out.
    selection : Selection
        Simple random, or systematic with probability proportional to size.
    reserve_percent : int
        Reserve of a stratum in percent of its sample, rounded up.
    allocation : mapping
        How the sizes came about; kept as it is.
    filter : mapping of column to tuple of str
        Rows that are left in: those with one of the values in every column.
    """

    unit: Unit
    strata: tuple[str, ...]
    sizes: tuple[tuple[tuple[str, ...], int], ...]
    selection: Selection = Selection.SIMPLE_RANDOM
    reserve_percent: int = 0
    allocation: Mapping[str, Any] = field(default_factory=dict)
    filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ListDesign":
        """Read and check a document.

        Parameters
        ----------
        document : mapping
            ``format``, ``unit``, ``strata`` and ``sizes``; optional are ``allocation``, ``selection``,
            ``measure_of_size``, ``reserve_percent`` and ``filter``.

        Returns
        -------
        ListDesign
            The design, in canonical form whatever the order of the sizes and of the filter.

        Raises
        ------
        ListDesignError
            If something is missing, unknown, twice or contradictory.

        Examples
        --------
        >>> design = ListDesign.from_document(
        ...     {
        ...         "format": "list-design/1",
        ...         "unit": "dossier",
        ...         "strata": ["province"],
        ...         "sizes": [[["79"], 60], [["01"], 40]],
        ...         "reserve_percent": 10,
        ...     }
        ... )
        >>> design.wanted, design.reserves
        ({'01': 40, '79': 60}, {'01': 4, '79': 6})
        """
        _check_keys(document)
        strata = _columns(document["strata"], "strata")
        design = cls(
            unit=_choice(Unit, document["unit"], "unit"),
            strata=strata,
            sizes=_sizes(document["sizes"], len(strata)),
            selection=_choice(Selection, document.get("selection", Selection.SIMPLE_RANDOM), "selection"),
            reserve_percent=_whole(document.get("reserve_percent", 0), "reserve_percent"),
            allocation=_mapping(document.get("allocation", {}), "allocation"),
            filter=_filter(document.get("filter", {})),
        )
        _check_selection(design, document)
        return design

    @property
    def wanted(self) -> dict[str, int]:
        """Units wanted by stratum key."""
        return {stratum_key(values): n for values, n in self.sizes}

    @property
    def reserves(self) -> dict[str, int]:
        """Units of the reserve by stratum key: the percentage of the sample, rounded up."""
        return {key: -(-n * self.reserve_percent // PERCENT) for key, n in self.wanted.items()}

    @property
    def left_out(self) -> frozenset[str]:
        """Keys of the strata of size 0: no row of theirs can be drawn, counts or stands for a person."""
        return frozenset(key for key, n in self.wanted.items() if not n)

    @property
    def takes_all_rows(self) -> bool:
        """Tell whether every row of the frame takes part: there is no filter and no stratum of size 0."""
        return not self.filter and not self.left_out

    @property
    def n_wanted(self) -> int:
        """Units wanted in all, without reserves."""
        return sum(n for _values, n in self.sizes)

    @property
    def measure_of_size(self) -> str | None:
        """The column of sizes, or None where all units have the same chance."""
        return MEASURE_OF[self.selection]

    def document(self) -> dict[str, Any]:
        """Return the canonical document: every key is there, lists of values are sorted.

        Returns
        -------
        dict
            What :meth:`from_document` reads back to an equal design.
        """
        return {
            "format": FORMAT,
            "unit": self.unit.value,
            "strata": list(self.strata),
            "sizes": [[list(values), n] for values, n in self.sizes],
            "allocation": dict(self.allocation),
            "selection": self.selection.value,
            "measure_of_size": self.measure_of_size,
            "reserve_percent": self.reserve_percent,
            "filter": {column: list(self.filter[column]) for column in sorted(self.filter)},
        }

    def digest(self) -> str:
        """Return the SHA-256 of the canonical document.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        return digest_of_document(self.document())

    def check_counts(self, counts: Mapping[str, int]) -> None:
        """Refuse a frame that cannot give what is wanted.

        Parameters
        ----------
        counts : mapping of stratum key to int
            Units of the frame that the filter leaves in, by stratum.

        Raises
        ------
        ListDesignError
            If strata have fewer units than wanted, or strata of the frame have no size; the strata are named.

        Examples
        --------
        >>> design = ListDesign(Unit.DOSSIER, ("province",), ((("01",), 40),))
        >>> design.check_counts({"01": 1000})
        >>> design.check_counts({"01": 39})
        Traceback (most recent call last):
        sampling.design.list_design.ListDesignError: Expected at least as many units as wanted in every \
stratum, got 01 (wanted 40, there are 39). Lower these sizes or join the strata with others.
        """
        wanted = self.wanted
        short = [
            f"{key} (wanted {n}, there are {counts.get(key, 0)})"
            for key, n in wanted.items()
            if counts.get(key, 0) < n
        ]
        if short:
            raise ListDesignError(
                "at least as many units as wanted in every stratum",
                _some(short),
                "Lower these sizes or join the strata with others.",
            )
        left_out = sorted(key for key, n in counts.items() if n > 0 and key not in wanted)
        if left_out:
            raise ListDesignError(
                "a size for every stratum of the frame",
                f"none for {_some(left_out)}",
                "Give them a size (0 leaves them out on purpose) or leave them out by the filter.",
            )


def _some(names: Sequence[str]) -> str:
    """List names, the first of them if they are many."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _check_keys(document: Mapping[str, Any]) -> None:
    """Refuse another format, and keys that are missing or unknown."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, Mapping) else type(document).__name__
        raise ListDesignError(f"a document of the format {FORMAT}", repr(found), "Check the file.")
    unknown = sorted(set(document).difference(KEYS))
    if unknown:
        raise ListDesignError(
            f"the keys {', '.join(KEYS)}", _some(unknown), "Check the spelling or take it out."
        )
    missing = [key for key in ("unit", "strata", "sizes") if key not in document]
    if missing:
        raise ListDesignError(f"the keys {', '.join(missing)}", "a document without them", "Add them.")


def _choice[T: StrEnum](kind: type[T], value: object, key: str) -> T:
    """Read one of the values of an enumeration."""
    choices = [choice.value for choice in kind]
    if value not in choices:
        raise ListDesignError(f"{key} to be one of {', '.join(choices)}", repr(value), "Choose one of them.")
    return kind(value)


def _whole(value: object, key: str) -> int:
    """Read a whole number of 0 and more; truth values are none."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ListDesignError(f"{key} to be a whole number of 0 or more", repr(value), "Round it.")
    return value


def _mapping(value: object, key: str) -> dict[str, Any]:
    """Read a mapping."""
    if not isinstance(value, Mapping):
        raise ListDesignError(f"{key} to be a mapping", repr(value), 'Write {"name": value}.')
    return dict(value)


def _texts(value: object, key: str) -> tuple[str, ...]:
    """Read a list of text."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ListDesignError(f"{key} to be a list of text", repr(value), 'Write ["01", "79"].')
    for text in value:
        if not isinstance(text, str) or SEPARATOR in text:
            raise ListDesignError(
                f"{key} to hold text without {SEPARATOR!r}", repr(text), "Codes are text: write 01 as '01'."
            )
    return tuple(value)


def _columns(value: object, key: str) -> tuple[str, ...]:
    """Read columns of the frame, each once."""
    names = _texts(value, key)
    unknown = [name for name in names if name not in STRATUM_COLUMNS]
    if unknown or len(set(names)) < len(names):
        raise ListDesignError(
            f"{key} to be columns out of {', '.join(STRATUM_COLUMNS)}, each once",
            _some(unknown or names),
            "Take other columns.",
        )
    return names


def _sizes(value: object, n_columns: int) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Read pairs of stratum values and a size, and sort them."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ListDesignError("sizes to be a list of [values, n]", repr(value), 'Write [[["01"], 40]].')
    sizes = [_size(pair, n_columns) for pair in value]
    values = [key for key, _n in sizes]
    twice = sorted({stratum_key(key) for key in values if values.count(key) > 1}) if _repeats(values) else []
    if twice:
        raise ListDesignError("every stratum once in sizes", _some(twice), "Add their sizes up.")
    return tuple(sorted(sizes))


def _repeats(values: Sequence[tuple[str, ...]]) -> bool:
    return len(set(values)) < len(values)


def _size(pair: object, n_columns: int) -> tuple[tuple[str, ...], int]:
    """Read the size of one stratum."""
    n_parts = 2
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != n_parts:
        raise ListDesignError("sizes to hold pairs [values, n]", repr(pair), 'Write [["01"], 40].')
    values = _texts(pair[0], "the values of a stratum")
    if len(values) != n_columns:
        raise ListDesignError(
            f"{n_columns} values in every stratum of sizes", repr(pair[0]), "Give one per column of strata."
        )
    return values, _whole(pair[1], f"the size of {stratum_key(values)}")


def _filter(value: object) -> dict[str, tuple[str, ...]]:
    """Read the values to keep by column."""
    rows = _mapping(value, "filter")
    _columns(list(rows), "filter")
    kept = {column: tuple(sorted(set(_texts(rows[column], f"filter of {column}")))) for column in rows}
    empty = [column for column, values in kept.items() if not values]
    if empty:
        raise ListDesignError("at least one value in every filter", _some(empty), "Take the filter out.")
    return kept


def _check_selection(design: ListDesign, document: Mapping[str, Any]) -> None:
    """Refuse a measure of size or a reserve that does not go with the selection."""
    measure = document.get("measure_of_size", design.measure_of_size)
    if measure != design.measure_of_size:
        raise ListDesignError(
            f"measure_of_size {design.measure_of_size!r} with {design.selection.value}",
            repr(measure),
            "Change the selection or the measure of size.",
        )
    if design.selection is Selection.PPS_SYSTEMATIC and design.reserve_percent:
        raise ListDesignError(
            "no reserve with pps_systematic",
            f"{design.reserve_percent} percent",
            "Ask for more units instead, or select simply at random: only a random order can be continued.",
        )
    if not design.n_wanted:
        raise ListDesignError("at least one unit wanted", "0", "Give a stratum a size.")
