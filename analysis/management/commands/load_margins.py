"""Load the population margins of a round from a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from analysis.services import MarginTableError, load_margins
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, read_date


class Command(TranslatedCommand):
    """Check a table of margins; write it, or report every problem and write nothing."""

    help = gettext_noop(
        "Load population margins: a CSV file with the columns province, variable, category, population."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the round, the file, and where its figures come from."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("file", type=Path, help=_("CSV file (UTF-8)"))
        parser.add_argument("--source", required=True, help=_("where the populations come from"))
        parser.add_argument(
            "--date", required=True, type=read_date, help=_("day they describe, dd/mm/yyyy or yyyy-mm-dd")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load the file and say how many rows it had."""
        try:
            n_rows = load_margins(
                round=find_round(options["round"]),
                rows=options["file"],
                source=options["source"],
                date=options["date"],
            )
        except MarginTableError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                _("The file “%(name)s” cannot be opened: %(reason)s.")
                % {"name": options["file"], "reason": error.strerror}
            ) from error
        self.stdout.write(_("%(n)d margins loaded.") % {"n": n_rows})
