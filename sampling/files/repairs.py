"""What can be put right in a frame without doubt: lost zeros of known codes, separators of thousands.

Every repair is a difference that a person confirms; what allows a doubt stays as it is, for the check to
refuse.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from sampling.design.frame_check import (
    CODE_DIGITS,
    COMMUNE_STAGE,
    DISTRICT_STAGE,
    VILLAGE_STAGE,
    KnownUnits,
    UnitPeriod,
)
from sampling.files.cells import CellError, read_whole
from sampling.files.problems import Difference
from sampling.files.tables import TableRow

type Reason = Callable[[], str]


def repair_frame(
    rows: Iterable[TableRow], *, stage: str, known: KnownUnits, reference_date: datetime.date
) -> tuple[list[TableRow], list[Difference]]:
    """Return the rows as they will be checked, and each cell that was put right.

    A code gets its zeros back only if it has none of the meanings of codes as it stands, the longer one is
    valid on the reference date, and no other row has the longer one.
    """
    repair = _Repair(list(rows), stage, known, reference_date)
    return [repair.row(row) for row in repair.rows], repair.differences


class _Repair:
    """Puts rows right one after the other and notes what was done."""

    def __init__(
        self, rows: Sequence[TableRow], stage: str, known: KnownUnits, reference_date: datetime.date
    ) -> None:
        self.rows = rows
        self.known = known
        self.date = reference_date
        self.codes = {row.get("code", "").strip() for row in rows}
        self.differences: list[Difference] = []
        self._repair_codes = _CODES[stage]
        self._digits = CODE_DIGITS[stage]

    def row(self, row: TableRow) -> TableRow:
        """Return a row with what could be put right."""
        mended = TableRow({column: cell.strip() for column, cell in row.items()}, row.number, row.head)
        self._repair_codes(self, mended)
        self._repair_size(mended)
        return mended

    def unit(self, row: TableRow) -> None:
        """Give a unit of the tables, and the unit above it, their zeros back."""
        code = row.get("code", "")
        padded = self._padded(code)
        if padded not in self.codes:
            self._set(row, "code", padded, _LOST_ZEROS)
        period = self._valid(row.get("code", ""))
        parent = row.get("parent_code", "")
        if period and parent.isdecimal() and parent.zfill(len(period.parent_code)) == period.parent_code:
            self._set(row, "parent_code", period.parent_code, _LOST_ZEROS)

    def village(self, row: TableRow) -> None:
        """Give the commune of a village its zeros back, and the village's own code, which begins with it."""
        parent, code = row.get("parent_code", ""), row.get("code", "")
        padded = self._padded(parent)
        self._set(row, "parent_code", padded, _LOST_ZEROS)
        longer = padded.removesuffix(parent) + code
        if parent and padded != parent and code.startswith(parent) and longer not in self.codes:
            self._set(row, "code", longer, _LOST_ZEROS)

    def _padded(self, code: str) -> str:
        """Return a code with its zeros, or as it is if there is a doubt."""
        longer = code.zfill(self._digits)
        is_lost = code.isascii() and code.isdecimal() and code not in self.known and self._valid(longer)
        return longer if is_lost else code

    def _valid(self, code: str) -> UnitPeriod | None:
        """Return the meaning of a code on the reference date."""
        return next((period for period in self.known.get(code, ()) if period.covers(self.date)), None)

    def _repair_size(self, row: TableRow) -> None:
        """Write a number with separators in plain digits, if it can be read in one way."""
        text = row.get("measure_of_size", "")
        if text and not text.removeprefix("-").isdecimal():
            try:
                self._set(row, "measure_of_size", read_whole(text), _SEPARATORS)
            except CellError:
                return

    def _set(self, row: TableRow, column: str, becomes: str, reason: Reason) -> None:
        """Put a cell right and note it."""
        got = row.get(column, "")
        if got != becomes:
            row[column] = becomes
            seen_as = row.head.labels.get(column, column)
            self.differences.append(Difference(row.number, seen_as, got, becomes, reason(), row.head.file))


def _lost_zeros() -> str:
    """Say why a code is longer."""
    return _("The spreadsheet dropped leading zeros; only this code is valid on the reference date.")


def _separators() -> str:
    """Say why a number is written otherwise."""
    return _("The number has separators of thousands or empty decimals.")


_LOST_ZEROS: Reason = _lost_zeros
_SEPARATORS: Reason = _separators
_CODES: Mapping[str, Callable[[_Repair, TableRow], None]] = {
    DISTRICT_STAGE: _Repair.unit,
    COMMUNE_STAGE: _Repair.unit,
    VILLAGE_STAGE: _Repair.village,
}
