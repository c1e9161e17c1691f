"""Files of households of drawn villages: the list to draw from on one side, names and addresses apart."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.utils.translation import gettext as _

from sampling.files.problems import Difference
from sampling.resources import FIRST_ROW, FileProblem, RegisterFilesError
from sampling.services.contacts import readable_email
from sampling.services.frame_files import read_frame_table
from sampling.services.household_contacts import Head
from sampling.services.household_lists import LONGEST_GROUP
from sampling.services.registers import LONGEST_NUMBER, HouseholdList

VILLAGE, NUMBER, GROUP, POSITION = "village", "number", "group", "position"
HEAD, ADDRESS, PHONE, EMAIL = "head", "address", "phone", "email"
REQUIRED = (VILLAGE, NUMBER)
LONGEST: Mapping[str, int] = {
    NUMBER: LONGEST_NUMBER,
    GROUP: LONGEST_GROUP,
    HEAD: 120,
    ADDRESS: 200,
    PHONE: 20,
    EMAIL: 254,
}
"""Most characters of each text."""
COLUMNS = (*REQUIRED, GROUP, POSITION, HEAD, ADDRESS, PHONE, EMAIL)


@dataclass(slots=True)
class HouseholdFile:
    """The lists of villages, and by village how to find their households."""

    lists: dict[str, HouseholdList] = field(default_factory=dict)
    heads: dict[str, list[Head]] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()


def read_households_file(path: Path) -> HouseholdFile:
    """Read the households of one or many villages from a file with a column `village`.

    All rows are checked before anything is returned.
    """
    table = read_frame_table(path, stage="households")
    rows = table.rows
    columns = list(rows[0]) if rows else []
    problems = _column_problems(path.name, columns)
    if problems:
        raise RegisterFilesError(problems)
    by_village: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for raw in rows:
        row = {column: value.strip() for column, value in raw.items()}
        problems += _row_problems(path.name, raw.number, row, seen)
        seen.add((row[VILLAGE], row[NUMBER]))
        by_village[row[VILLAGE]].append(row)
    if problems:
        raise RegisterFilesError(problems)
    return HouseholdFile(
        {village: _list_of(listed) for village, listed in by_village.items()},
        {village: _heads_of(listed) for village, listed in by_village.items()},
        tuple(replace(difference, file=path.name) for difference in table.differences),
    )


def _column_problems(file: str, columns: Sequence[str]) -> list[FileProblem]:
    """Name columns that are missing or not known."""
    got = ", ".join(columns)
    missing = [
        FileProblem(
            file,
            FIRST_ROW - 1,
            column,
            _("the column %(value)s") % {"value": column},
            got or "—",
            _("Add the column; write its name exactly so."),
        )
        for column in REQUIRED
        if column not in columns
    ]
    unknown = [
        FileProblem(
            file,
            FIRST_ROW - 1,
            column,
            _("only the columns %(value)s") % {"value": ", ".join(COLUMNS)},
            column,
            _("Remove or rename the column."),
        )
        for column in columns
        if column not in COLUMNS
    ]
    return missing + unknown


def _row_problems(
    file: str, number: int, row: Mapping[str, str], seen: set[tuple[str, str]]
) -> list[FileProblem]:
    """Say what is wrong with one row."""
    found: list[tuple[str, str, str]] = [
        (column, _("a value"), _("Fill in the cell.")) for column in REQUIRED if not row[column]
    ]
    if (row[VILLAGE], row[NUMBER]) in seen:
        found.append((NUMBER, _("each number once in a village"), _("Remove the second row.")))
    if row.get(POSITION) and not row[POSITION].isdecimal():
        found.append((POSITION, _("a whole number of 0 or more"), _("Correct the cell.")))
    if row.get(EMAIL) and not readable_email(row[EMAIL]):
        found.append((EMAIL, _("an e-mail address"), _("Correct the cell or empty it.")))
    for column, longest in LONGEST.items():
        if len(row.get(column, "")) > longest:
            expected = _("at most %(value)s characters") % {"value": longest}
            found.append((column, expected, _("Shorten the text.")))
    return [
        FileProblem(file, number, column, expected, row[column] or "—", hint)
        for column, expected, hint in found
    ]


def _list_of(rows: Sequence[Mapping[str, str]]) -> HouseholdList:
    """Return what may be drawn from."""
    return HouseholdList(
        ids=[row[NUMBER] for row in rows],
        group=[row.get(GROUP, "") for row in rows],
        position=[int(row.get(POSITION) or 0) for row in rows],
    )


def _heads_of(rows: Sequence[Mapping[str, str]]) -> list[Head]:
    """Return how to find the households of which that is known."""
    columns = (HEAD, ADDRESS, PHONE, EMAIL)
    heads = [Head(row[NUMBER], *(row.get(column, "") for column in columns)) for row in rows]
    return [head for head in heads if head.full_name or head.address]
