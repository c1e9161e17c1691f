"""Checking a whole area frame before anything is written, so that one report names every problem.

Problems are values: the place, a code, what came, and the value that belongs into "what was expected".
Whoever shows a report translates `EXPECTED` and `HINTS`; `FrameProblem.expected` and `.hint` are the same in
English.
"""

import datetime
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sampling.design.frame_places import RowPlace

DISTRICT_STAGE, COMMUNE_STAGE, VILLAGE_STAGE = "district", "commune", "village"
REQUIRED_COLUMNS = ("code", "name", "parent_code", "measure_of_size")
OPTIONAL_COLUMNS = ("exclusion_reason",)
FIRST_ROW = 2
LONGEST = {"code": 24, "name": 120, "parent_code": 24, "exclusion_reason": 200}
LARGEST_SIZE = 2_147_483_647
CODE_DIGITS = {DISTRICT_STAGE: 3, COMMUNE_STAGE: 5, VILLAGE_STAGE: 5}
"""Digits of the codes in the tables: of districts, of communes, and of the communes above villages."""

LONGEST_QUOTE = 60
_TWO_READINGS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
"""1.234 is twelve hundred and thirty-four in Viet Nam, and a little more than one elsewhere."""

FIRST_KNOWN_YEAR = 2025


class ProblemCode(StrEnum):
    """What can be wrong with a frame."""

    EMPTY_FILE = "empty_file"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    MISSING_VALUE = "missing_value"
    TOO_LONG = "too_long"
    DUPLICATE_CODE = "duplicate_code"
    UNKNOWN_UNIT = "unknown_unit"
    LOST_ZEROS = "lost_zeros"
    OUTSIDE_VALIDITY = "outside_validity"
    WRONG_PARENT = "wrong_parent"
    OUTSIDE_TERRITORY = "outside_territory"
    NOT_A_WHOLE_NUMBER = "not_a_whole_number"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    NEGATIVE_SIZE = "negative_size"
    TOO_LARGE = "too_large"


def _(message: str) -> str:
    """Mark a text for the catalogues; whoever shows a report translates it."""
    return message


EXPECTED = {
    ProblemCode.EMPTY_FILE: _("at least one unit"),
    ProblemCode.MISSING_COLUMN: _("the column %(value)s"),
    ProblemCode.UNKNOWN_COLUMN: _("only the columns %(value)s"),
    ProblemCode.MISSING_VALUE: _("a value"),
    ProblemCode.TOO_LONG: _("at most %(value)s characters"),
    ProblemCode.DUPLICATE_CODE: _("each code once; it is in row %(value)s already"),
    ProblemCode.UNKNOWN_UNIT: _("the code of an administrative unit"),
    ProblemCode.LOST_ZEROS: _("%(value)s, with its leading zeros"),
    ProblemCode.OUTSIDE_VALIDITY: _("a code valid on %(value)s"),
    ProblemCode.WRONG_PARENT: _("%(value)s"),
    ProblemCode.OUTSIDE_TERRITORY: _("a unit of the territory of the round"),
    ProblemCode.NOT_A_WHOLE_NUMBER: _("a whole number"),
    ProblemCode.AMBIGUOUS_NUMBER: _("a whole number that can be read in one way"),
    ProblemCode.NEGATIVE_SIZE: _("0 or more"),
    ProblemCode.TOO_LARGE: _("at most %(value)s"),
}
"""What was expected, with the place of a value."""

HINTS = {
    ProblemCode.EMPTY_FILE: _("Add one row for each unit below the row of column names."),
    ProblemCode.MISSING_COLUMN: _("Add the column; write its name exactly so."),
    ProblemCode.UNKNOWN_COLUMN: _("Remove or rename the column."),
    ProblemCode.MISSING_VALUE: _("Fill in the cell."),
    ProblemCode.TOO_LONG: _("Shorten the text."),
    ProblemCode.DUPLICATE_CODE: _("Keep one row for each code."),
    ProblemCode.UNKNOWN_UNIT: _("Correct the code; it is in no table of administrative units."),
    ProblemCode.LOST_ZEROS: _("Format the column as text and write the leading zeros."),
    ProblemCode.OUTSIDE_VALIDITY: _(
        "Use the code valid on the reference date, or correct the reference date."
    ),
    ProblemCode.WRONG_PARENT: _("Correct the code of the unit above."),
    ProblemCode.OUTSIDE_TERRITORY: _("Remove the row; other units are not asked in this round."),
    ProblemCode.NOT_A_WHOLE_NUMBER: _("Write digits only, without separators or decimals."),
    ProblemCode.AMBIGUOUS_NUMBER: _(
        "One separator and three digits can be thousands or decimals. Write digits only, without separators."
    ),
    ProblemCode.NEGATIVE_SIZE: _("Write the number of adults; 0 for a unit without residents."),
    ProblemCode.TOO_LARGE: _("Correct the number of adults."),
}
"""What to do about each problem."""


@dataclass(frozen=True, slots=True)
class FrameProblem:
    """One thing wrong at one place, named as a person sees it in the file."""

    row: int
    column: str
    code: ProblemCode
    got: str = ""
    value: str = ""
    file: str = ""
    """Name of the file, if the frame came in several."""

    @property
    def expected(self) -> str:
        """Say what was expected, in English."""
        return EXPECTED[self.code] % {"value": self.value}

    @property
    def hint(self) -> str:
        """Say what to do, in English."""
        return HINTS[self.code]


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One checked unit; a unit with a reason is excluded by name."""

    code: str
    name: str
    parent_code: str
    size: int
    exclusion_reason: str = ""

    @property
    def is_excluded(self) -> bool:
        """Tell whether the unit stays out of the draw."""
        return self.size == 0 or bool(self.exclusion_reason)


@dataclass(frozen=True, slots=True)
class FrameReport:
    """All problems of a frame, and its rows if there are none."""

    problems: tuple[FrameProblem, ...]
    rows: tuple[FrameRow, ...]
    absent: tuple[str, ...] = ()
    """Codes of units that exist on the reference date but not in the frame: they cannot be drawn."""

    @property
    def is_accepted(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.problems

    @property
    def excluded(self) -> tuple[FrameRow, ...]:
        """Return the units excluded by name."""
        return tuple(row for row in self.rows if row.is_excluded)


@dataclass(frozen=True, slots=True)
class UnitPeriod:
    """A period in which the code of a commune or district had one meaning."""

    parent_code: str
    valid_from: datetime.date
    valid_to: datetime.date | None

    def covers(self, date: datetime.date) -> bool:
        """Tell whether the unit existed on `date`."""
        return self.valid_from <= date and (self.valid_to is None or date <= self.valid_to)


type KnownUnits = Mapping[str, Sequence[UnitPeriod]]


def check_frame(
    rows: Iterable[Mapping[str, object]],
    *,
    stage: str,
    known: KnownUnits,
    reference_date: datetime.date,
    territory: Container[str] | None = None,
) -> FrameReport:
    """Check every row of an area frame.

    Parameters
    ----------
    rows : iterable of mappings
        One mapping per unit with the columns ``code``, ``name``, ``parent_code``, ``measure_of_size`` and, if
        wanted, ``exclusion_reason``. Values are text as read from the file.
    stage : {"district", "commune", "village"}
        A district's parent is its province, a commune's its province or, until 30 June 2025, its district, a
        village's its commune.
    known : mapping of str to sequence of UnitPeriod
        Periods of every code of a commune; at the stage of districts, of every code of a district.
    reference_date : datetime.date
        The day on which codes must be valid.
    territory : container of str, optional
        The codes among `known` that may come; without it, all may.

    Returns
    -------
    FrameReport
        Problems by row. Rows that know their place (`RowPlace`) are named by it; others are numbered as a
        spreadsheet shows them, the column names being row 1. Units with size 0 are not a problem but
        excluded.

    Raises
    ------
    ValueError
        If the stage has no area frame.

    Examples
    --------
    >>> day = datetime.date(2026, 1, 1)
    >>> known = {"00004": [UnitPeriod("01", datetime.date(2025, 7, 1), None)]}
    >>> row = {"code": "00004", "name": "Ba Đình", "parent_code": "01", "measure_of_size": "-3"}
    >>> report = check_frame([row], stage="commune", known=known, reference_date=day)
    >>> [(problem.row, problem.column, problem.got) for problem in report.problems]
    [(2, 'measure_of_size', '-3')]
    """
    if stage not in _UNIT_CHECKS:
        raise ValueError(f"Expected one of the stages {tuple(_UNIT_CHECKS)}, got {stage!r}.")
    placed = [(RowPlace.of(row, position), row) for position, row in enumerate(rows, start=FIRST_ROW)]
    texts = [{str(column).strip(): _text(value) for column, value in row.items()} for _place, row in placed]
    problems = _column_problems(texts, placed[0][0] if placed else RowPlace(FIRST_ROW, {}))
    if problems:
        return FrameReport(tuple(problems), ())
    check = _RowCheck(stage, known, reference_date, territory)
    checked = [check.row(place, row) for (place, _row), row in zip(placed, texts, strict=True)]
    if check.problems:
        return FrameReport(tuple(check.problems), ())
    frame_rows = tuple(row for row in checked if row is not None)
    return FrameReport((), frame_rows, check.absent() if stage != VILLAGE_STAGE else ())


def _text(value: object) -> str:
    """Turn a cell into text without surrounding spaces; whole floats of spreadsheets lose their ".0"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _column_problems(rows: Sequence[Mapping[str, str]], first: RowPlace) -> list[FrameProblem]:
    """Check that there are rows and that the columns are those agreed."""
    if not rows:
        return [FrameProblem(1, "", ProblemCode.EMPTY_FILE)]
    header, seen_as = first.header_row, first.columns
    columns = dict.fromkeys(column for row in rows for column in row)
    allowed = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
    missing = [
        FrameProblem(header, column, ProblemCode.MISSING_COLUMN, ", ".join(columns), column)
        for column in REQUIRED_COLUMNS
        if column not in columns
    ]
    unknown = [
        FrameProblem(
            header, seen_as.get(column, column), ProblemCode.UNKNOWN_COLUMN, column, ", ".join(allowed)
        )
        for column in columns
        if column not in allowed
    ]
    return missing + unknown


class _RowCheck:
    """Checks rows one after the other and remembers what was seen."""

    def __init__(
        self,
        stage: str,
        known: KnownUnits,
        reference_date: datetime.date,
        territory: Container[str] | None,
    ) -> None:
        self.known = known
        self.date = reference_date
        self.territory = territory
        self.problems: list[FrameProblem] = []
        self.seen: dict[str, RowPlace] = {}
        self._check_unit = _UNIT_CHECKS[stage]
        self._digits = CODE_DIGITS[stage]

    def row(self, place: RowPlace, row: Mapping[str, str]) -> FrameRow | None:
        """Check one row; return it if nothing is wrong with it."""
        before = len(self.problems)
        self._check_lengths(place, row)
        self._check_duplicate(place, row.get("code", ""))
        if row.get("code") and row.get("parent_code"):
            self._check_unit(self, place, row)
        size = self._size(place, row.get("measure_of_size", ""))
        if len(self.problems) > before or size is None:
            return None
        return FrameRow(row["code"], row["name"], row["parent_code"], size, row.get("exclusion_reason", ""))

    def absent(self) -> tuple[str, ...]:
        """Return the units of the reference date, and of the territory, that did not come."""
        existing = {
            code
            for code, periods in self.known.items()
            if self._on_the_day(periods) and self._is_inside(code)
        }
        return tuple(sorted(existing.difference(self.seen)))

    def check_unit(self, place: RowPlace, row: Mapping[str, str]) -> None:
        """Check that the unit exists on the day, below the unit that the row says."""
        period = self._period(place, "code", row["code"])
        if period and period.parent_code != row["parent_code"]:
            self._add(place, "parent_code", ProblemCode.WRONG_PARENT, row["parent_code"], period.parent_code)

    def check_village(self, place: RowPlace, row: Mapping[str, str]) -> None:
        """Check that the commune above the village exists on the day."""
        self._period(place, "parent_code", row["parent_code"])

    def _on_the_day(self, periods: Sequence[UnitPeriod]) -> UnitPeriod | None:
        """Return the period that covers the reference date."""
        return next((period for period in periods if period.covers(self.date)), None)

    def _period(self, place: RowPlace, column: str, code: str) -> UnitPeriod | None:
        """Return the meaning of a code on the reference date, or note why it cannot come."""
        periods = self.known.get(code, ())
        period = self._on_the_day(periods)
        padded = code.zfill(self._digits)
        if period is None and periods:
            got = f"{code} ({_span(periods[-1])})"
            self._add(place, column, ProblemCode.OUTSIDE_VALIDITY, got, f"{self.date:%d/%m/%Y}")
        elif period is None and padded in self.known:
            self._add(place, column, ProblemCode.LOST_ZEROS, code, padded)
        elif period is None:
            self._add(place, column, ProblemCode.UNKNOWN_UNIT, code)
        elif not self._is_inside(code):
            self._add(place, column, ProblemCode.OUTSIDE_TERRITORY, code)
        return period

    def _is_inside(self, code: str) -> bool:
        """Tell whether a unit may come."""
        return self.territory is None or code in self.territory

    def _check_lengths(self, place: RowPlace, row: Mapping[str, str]) -> None:
        """Check that cells are filled and fit."""
        for column in REQUIRED_COLUMNS:
            if not row.get(column):
                self._add(place, column, ProblemCode.MISSING_VALUE)
        for column, longest in LONGEST.items():
            text = row.get(column, "")
            if len(text) > longest:
                self._add(place, column, ProblemCode.TOO_LONG, text, str(longest))

    def _check_duplicate(self, place: RowPlace, code: str) -> None:
        """Check that no earlier row has the code."""
        if code and code in self.seen:
            self._add(place, "code", ProblemCode.DUPLICATE_CODE, code, self.seen[code].beside(place))
        self.seen.setdefault(code, place)

    def _size(self, place: RowPlace, text: str) -> int | None:
        """Read the measure of size."""
        if not text:
            return None
        problem = _size_problem(text)
        if problem:
            self._add(place, "measure_of_size", problem, text, str(LARGEST_SIZE))
            return None
        return int(text)

    def _add(self, place: RowPlace, column: str, code: ProblemCode, got: str = "", value: str = "") -> None:
        """Note a problem."""
        seen_as = place.columns.get(column, column)
        quote = got[:LONGEST_QUOTE]
        self.problems.append(FrameProblem(place.number, seen_as, code, quote, value, place.file))


def _size_problem(text: str) -> ProblemCode | None:
    """Say what is wrong with a measure of size, if anything."""
    digits = text.removeprefix("-")
    if _TWO_READINGS.fullmatch(text):
        return ProblemCode.AMBIGUOUS_NUMBER
    if not (digits.isascii() and digits.isdecimal()):
        return ProblemCode.NOT_A_WHOLE_NUMBER
    if text.startswith("-") and digits.strip("0"):
        return ProblemCode.NEGATIVE_SIZE
    significant = digits.lstrip("0")
    is_too_large = len(significant) > len(str(LARGEST_SIZE)) or int(significant or "0") > LARGEST_SIZE
    return ProblemCode.TOO_LARGE if is_too_large else None


def _span(period: UnitPeriod) -> str:
    """Write a period as days, in a way that needs no words."""
    start = f"{period.valid_from:%d/%m/%Y}" if period.valid_from.year >= FIRST_KNOWN_YEAR else "…"
    end = f"{period.valid_to:%d/%m/%Y}" if period.valid_to else "…"
    return f"{start} – {end}"


_UNIT_CHECKS = {
    DISTRICT_STAGE: _RowCheck.check_unit,
    COMMUNE_STAGE: _RowCheck.check_unit,
    VILLAGE_STAGE: _RowCheck.check_village,
}
