"""What the commands share: days as people write them, tables, progress, rounds by their code."""

import datetime
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sampling.models import SurveyRound
from sampling.resources import FileProblem
from sampling.spreadsheets import BYTE_ORDER_MARK

SEED_BYTES = 16
STEPS = {
    "areas": gettext_lazy("Communes and villages"),
    "persons": gettext_lazy("Adults"),
    "cases": gettext_lazy("List of respondents"),
    "answers": gettext_lazy("Interviews"),
}

type Report = Callable[[str, int, int], None]


def read_date(text: str) -> datetime.date:
    """Read a day as people here write it, or in ISO form."""
    day, _separator, rest = text.partition("/")
    month, _separator, year = rest.partition("/")
    iso = f"{year}-{month:0>2}-{day:0>2}" if rest else text
    try:
        date = parse_date(iso)
    except ValueError:
        date = None
    if date is None:
        raise CommandError(_("Expected a day such as 01/03/2026, got %(text)s.") % {"text": text})
    return date


def read_moment(text: str, default: datetime.time) -> datetime.datetime:
    """Read a day, with an hour such as 07:30 behind it or the default one."""
    day, _separator, hour = text.strip().partition(" ")
    try:
        time = datetime.time.fromisoformat(hour) if hour else default
    except ValueError as error:
        raise CommandError(_("Expected an hour such as 07:30, got %(text)s.") % {"text": hour}) from error
    return timezone.make_aware(datetime.datetime.combine(read_date(day), time))


def find_round(code: str) -> SurveyRound:
    """Return a round by its code."""
    try:
        return SurveyRound.objects.select_related("template").get(code=code)
    except SurveyRound.DoesNotExist as error:
        raise CommandError(_("There is no round with the code %(code)s.") % {"code": code}) from error


def seed_or_new(seed: str | None) -> str:
    """Return the seed given, or an unpredictable one."""
    return seed or secrets.token_hex(SEED_BYTES)


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align columns with spaces."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def problem_table(problems: Sequence[FileProblem]) -> str:
    """Lay out the problems of files."""
    titles = (_("file"), _("row"), _("column"), _("expected"), _("got"), _("what to do"))
    rows = [
        (found.file, str(found.row or "—"), found.column, found.expected, found.got, found.hint)
        for found in problems
    ]
    return "\n".join(table([titles, *rows]))


def words_of(error: ValidationError) -> str:
    """Return every message of a validation error with the field it is about."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return "\n".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())


def write_text(text: str, path: Path) -> None:
    """Write a table that spreadsheet programs recognise as UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(BYTE_ORDER_MARK + text, encoding="utf-8", newline="")


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Show one bar per step on standard error, gone when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        shown = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in shown:
                shown[step] = progress.add_task(str(STEPS.get(step, step)), total=total)
            progress.update(shown[step], completed=done, total=total)

        yield report
