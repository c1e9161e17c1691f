"""Load the population margins of a round from a CSV file."""

import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from analysis.services import MarginTableError, load_margins
from sampling.models import SurveyRound


class Command(BaseCommand):
    """Check a table of margins; write it, or report every problem and write nothing."""

    help = "Load population margins: a CSV file with the columns province, variable, category, population."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the round, the file, and where its figures come from."""
        parser.add_argument("round", help="code of the round")
        parser.add_argument("file", type=Path, help="CSV file (UTF-8)")
        parser.add_argument("--source", required=True, help="where the populations come from")
        parser.add_argument(
            "--date", required=True, type=datetime.date.fromisoformat, help="day they describe, yyyy-mm-dd"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load the file and say how many rows it had."""
        try:
            n_rows = load_margins(
                round=SurveyRound.objects.get(code=options["round"]),
                rows=options["file"],
                source=options["source"],
                date=options["date"],
            )
        except (SurveyRound.DoesNotExist, MarginTableError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("%(n)d margins loaded.") % {"n": n_rows})
