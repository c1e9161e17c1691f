"""Import a transaction list from files on the server."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from sampling.files.encodings import CHOICES
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, read_date, table, write_text
from sampling.models import FrameImport
from sampling.models.imports import ImportStatus
from sampling.services import (
    FrameFileError,
    FrameInUseError,
    ImportStateError,
    RoundStateError,
    cancel_import,
    check_import,
    confirm_import,
    read_frame_file,
    start_import,
)
from sampling.services.import_words import (
    STEPS,
    describe_findings,
    describe_unreadable,
    report_csv,
    report_titles,
    severity_word,
)

SHOWN = 5
"""Places of each finding that the terminal shows; the report has all that are kept."""


class Command(TranslatedCommand):
    """Check the files of a list; with --confirm the list becomes the frame, without it nothing is kept."""

    help = gettext_noop(
        "Check the files of a transaction list, whatever their size, and with --confirm make it the frame of "
        "a round."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to import for which round."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument(
            "files", nargs="+", type=Path, help=_("CSV, XLSX, XLS or Parquet files, one list together")
        )
        parser.add_argument("--source", required=True, help=_("where the list comes from"))
        parser.add_argument("--date", required=True, help=_("day of the list, dd/mm/yyyy or yyyy-mm-dd"))
        parser.add_argument(
            "--confirm", action="store_true", help=_("keep the list as the frame of the round")
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            type=_column,
            help=_("name of a column in the files, such as id=“Số phiếu”; may be given several times"),
        )
        parser.add_argument("--encoding", choices=list(CHOICES), help=_("encoding of CSV files"))
        parser.add_argument(
            "--agencies", type=Path, help=_("file with the columns code and name: agencies that may occur")
        )
        parser.add_argument("--report", type=Path, help=_("CSV file for everything that was found"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check with a progress bar, say what was found, and keep the list if that is asked for."""
        try:
            frame_import = self._start(options)
            self._check(frame_import)
            self._show(frame_import, options["report"])
            if frame_import.status != ImportStatus.CHECKED:
                raise CommandError(_("The list is refused. Nothing was written."))
            self._keep(frame_import, is_wanted=options["confirm"])
        except (FrameFileError, FrameInUseError, ImportStateError, RoundStateError, OSError) as error:
            raise CommandError(str(error)) from error

    def _start(self, options: dict[str, Any]) -> FrameImport:
        """Take the files."""
        chosen: dict[str, Any] = {"columns": dict(options["column"]), "encoding": options["encoding"] or ""}
        if options["agencies"]:
            rows = read_frame_file(options["agencies"])
            chosen["agencies"] = [{"code": row["code"], "name": row.get("name", "")} for row in rows]
        return start_import(
            round=find_round(options["round"]),
            source=options["source"],
            reference_date=read_date(options["date"]),
            files=options["files"],
            options=chosen,
        )

    def _check(self, frame_import: FrameImport) -> None:
        """Check behind a progress bar; somebody who stops it leaves nothing behind."""
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task(str(STEPS["reading"]), total=frame_import.n_bytes)

            def tell(current: FrameImport) -> None:
                step = str(STEPS[current.report["step"]])
                progress.update(
                    bar, completed=current.n_bytes_done, description=f"{step} ({current.n_rows:,})"
                )

            try:
                check_import(frame_import=frame_import, progress=tell)
            except BaseException:
                cancel_import(frame_import=frame_import)
                raise

    def _show(self, frame_import: FrameImport, report: Path | None) -> None:
        """Print what was found, and write all of it if asked."""
        if unreadable := describe_unreadable(frame_import):
            self.stdout.write(unreadable)
        rows = [
            (
                severity_word(finding.severity),
                f"{finding.count:,}",
                problem.file,
                str(problem.row or "—"),
                problem.column or "—",
                problem.expected,
                problem.got,
                problem.hint,
            )
            for finding in describe_findings(frame_import)
            for problem in finding.problems[:SHOWN]
        ]
        for line in table([report_titles(), *rows]) if rows else ():
            self.stdout.write(line)
        if report is not None:
            write_text(report_csv(frame_import), report)

    def _keep(self, frame_import: FrameImport, *, is_wanted: bool) -> None:
        """Make the list the frame, or say how."""
        found = {
            "rows": frame_import.report["n_units"],
            "agencies": frame_import.report["n_agencies"],
            "persons": frame_import.report["n_persons"],
            "digest": frame_import.report["digest"],
        }
        self.stdout.write(
            _(
                "Dossiers: %(rows)s; agencies: %(agencies)s; persons with a number: %(persons)s. "
                "SHA-256 %(digest)s."
            )
            % found
        )
        if is_wanted:
            frame = confirm_import(frame_import=frame_import)
            self.stdout.write(_("The list is the frame now: %(frame)s.") % {"frame": frame})
        else:
            cancel_import(frame_import=frame_import)
            self.stdout.write(_("Nothing was kept. Run the command with --confirm to keep the list."))


def _column(text: str) -> tuple[str, str]:
    """Read name=name."""
    column, separator, name = text.partition("=")
    if not separator or not name.strip():
        raise ArgumentTypeError(_("Expected column=name, got %(text)s.") % {"text": text})
    return column.strip(), name.strip()
