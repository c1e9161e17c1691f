"""Loading population margins: data with a source and a date, never constants."""

import csv
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from analysis.models import PopulationMargin
from analysis.selectors.margins import TABLE_COLUMNS
from sampling.models import SamplingFrame, SurveyRound
from sampling.services.territories import require_territory

URBAN, RURAL, UNKNOWN_AREA = "urban", "rural", "unknown"
"""Categories of the variable `urban`; no population figure is of unknown areas, which a list may have."""

FIRST_LINE = 2
MAX_LISTED = 20

type MarginRow = Mapping[str, str | int]


class MarginTableError(ValueError):
    """Raised with every problem of a margin table at once; nothing is written then."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """One row that was read: its line and its values."""

    line: int
    province: str
    variable: str
    category: str
    population: int


@transaction.atomic
def load_margins(
    *,
    round: SurveyRound,
    rows: Iterable[MarginRow] | Path,
    source: str,
    date: datetime.date,
    user: AbstractBaseUser | None = None,
) -> int:
    """Replace the margins of a round by a table, or by a CSV file, and return the number of rows."""
    require_territory(user, round)
    if SamplingFrame.objects.filter(round=round, stage=SamplingFrame.Stage.DOSSIER).exists():
        raise MarginTableError(
            _(
                "Round %(round)s draws from a list of dossiers. Whoever has dossiers is not the adult "
                "population: such a round takes no population figures."
            )
            % {"round": round.code}
        )
    listed = list(_csv_rows(rows)) if isinstance(rows, Path) else list(rows)
    problems: list[str] = []
    counted = [row for line, raw in enumerate(listed, FIRST_LINE) if (row := _read(line, raw, problems))]
    problems += _contradictions(counted)
    if problems or not counted:
        raise MarginTableError("\n".join(problems[:MAX_LISTED]) or _("Expected rows in the table; got none."))
    PopulationMargin.objects.filter(round=round).delete()
    PopulationMargin.objects.bulk_create(
        PopulationMargin(
            round=round,
            province_code=row.province,
            variable=row.variable,
            category=row.category,
            population=row.population,
            source=source,
            reference_date=date,
        )
        for row in counted
    )
    log(
        round,
        "analysis.load_margins",
        user=user,
        data={"source": source, "date": date.isoformat(), "n": len(counted)},
    )
    return len(counted)


def _csv_rows(path: Path) -> Iterator[MarginRow]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _read(line: int, raw: MarginRow, problems: list[str]) -> _Counted | None:
    """Read one row, or say what is wrong with it."""
    missing = [name for name in TABLE_COLUMNS if raw.get(name) in (None, "")]
    if missing:
        problems.append(
            _("Row %(line)d: expected a value in %(columns)s; got none. Fill it in.")
            % {"line": line, "columns": ", ".join(missing)}
        )
        return None
    variable, population = str(raw["variable"]), str(raw["population"])
    if variable not in PopulationMargin.Variable.values:
        problems.append(
            _("Row %(line)d, variable: expected one of %(known)s; got %(got)s. Correct it.")
            % {"line": line, "known": ", ".join(PopulationMargin.Variable.values), "got": variable}
        )
        return None
    if not population.isdecimal():
        problems.append(
            _("Row %(line)d, population: expected a whole number from 0 on; got %(got)s. Correct it.")
            % {"line": line, "got": population}
        )
        return None
    return _Counted(line, str(raw["province"]), variable, str(raw["category"]), int(population))


def _contradictions(rows: Iterable[_Counted]) -> list[str]:
    """Find categories given twice, and provinces whose variables add up to different populations."""
    problems = []
    seen: set[tuple[str, str, str]] = set()
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        key = (row.province, row.variable, row.category)
        if key in seen:
            problems.append(
                _("Row %(line)d: %(key)s is there twice. Remove one of the rows.")
                % {"line": row.line, "key": " ".join(key)}
            )
        seen.add(key)
        totals[row.province][row.variable] += row.population
    problems += [
        _("Province %(province)s: expected one population for all variables; got %(got)s. Use one source.")
        % {"province": province, "got": ", ".join(f"{name} {n}" for name, n in by_variable.items())}
        for province, by_variable in totals.items()
        if len(set(by_variable.values())) > 1
    ]
    return problems
