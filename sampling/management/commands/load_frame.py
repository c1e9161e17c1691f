"""Load the frame of one stage from a CSV, XLSX or XLS file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.files.problems import Difference
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, read_date, table
from sampling.models import FrameUnit
from sampling.models.areas import UnknownPeriodError
from sampling.services import (
    FrameFileError,
    FrameInUseError,
    FrameRefusedError,
    LoadedFrame,
    RoundStateError,
    describe_problem,
    load_frame,
)
from sampling.services.frame_files import read_frame_table

AREA_STAGES = ("commune", "village")


class Command(TranslatedCommand):
    """Check a frame file; write the frame, or report every problem and write nothing."""

    help = gettext_noop(
        "Check a frame file and load it; a refused file is reported row by row and nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what to load for which round."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("stage", choices=AREA_STAGES, help=_("what the rows are"))
        parser.add_argument("file", type=Path, help=_("CSV (UTF-8) or XLSX file"))
        parser.add_argument("--source", required=True, help=_("where the list comes from"))
        parser.add_argument(
            "--reference-date", required=True, help=_("day of the list, dd/mm/yyyy or yyyy-mm-dd")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load the file and say what became of it."""
        try:
            table_read = read_frame_table(options["file"], stage=options["stage"])
            self._show_differences(table_read.differences)
            loaded = load_frame(
                round=find_round(options["round"]),
                stage=options["stage"],
                rows=table_read.rows,
                source=options["source"],
                reference_date=read_date(options["reference_date"]),
            )
        except FrameRefusedError as error:
            self._show_problems(error)
            raise CommandError(_("%(problems)s Nothing was written.") % {"problems": error}) from error
        except (FrameFileError, FrameInUseError, RoundStateError, UnknownPeriodError) as error:
            raise CommandError(str(error)) from error
        self._show_frame(loaded)

    def _show_differences(self, differences: Sequence[Difference]) -> None:
        """Print what is read otherwise than it is written."""
        titles = (_("row"), _("column"), _("in the file"), _("read as"), _("why"))
        rows = [
            (str(told.row or "—"), told.column, told.got, told.becomes, told.reason) for told in differences
        ]
        for line in table([titles, *rows]) if rows else ():
            self.stdout.write(line)

    def _show_problems(self, error: FrameRefusedError) -> None:
        """Print the report as a table."""
        titles = (_("row"), _("column"), _("expected"), _("got"), _("what to do"))
        texts = map(describe_problem, error.report.problems)
        rows = [(str(text.row), text.column, text.expected, text.got, text.hint) for text in texts]
        for line in table([titles, *rows]):
            self.stdout.write(line)

    def _show_frame(self, loaded: LoadedFrame) -> None:
        """Print how many units were loaded, and name those left out."""
        frame, report = loaded.frame, loaded.report
        self.stdout.write(
            _("%(count)s units loaded, SHA-256 %(digest)s.")
            % {"count": frame.n_units, "digest": frame.digest}
        )
        for unit in FrameUnit.objects.filter(frame=frame).exclude(exclusion_reason="").order_by("code"):
            self.stdout.write(
                _("Excluded: %(unit)s: %(reason)s.") % {"unit": unit, "reason": unit.exclusion_reason}
            )
        if report.absent:
            self.stdout.write(
                _("Not in the file, so they cannot be drawn: %(count)s communes of the reference date.")
                % {"count": len(report.absent)}
            )
