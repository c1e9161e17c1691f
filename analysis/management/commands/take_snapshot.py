"""Take a snapshot of a closed round."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from analysis.services import RoundNotEstimableError, take_snapshot
from questionnaires.selectors import RoundWithoutQuestionnaireError
from sampling.models import SurveyRound


class Command(BaseCommand):
    """Write a closed round to a Parquet file with its hash."""

    help = "Write a closed round to a Parquet file, the only input of an estimate."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the round."""
        parser.add_argument("round", help="code of the round")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the snapshot and name the file."""
        try:
            snapshot = take_snapshot(round=SurveyRound.objects.get(code=options["round"]))
        except (SurveyRound.DoesNotExist, RoundNotEstimableError, RoundWithoutQuestionnaireError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(file)s: %(n)d rows, SHA-256 %(digest)s.")
            % {"file": snapshot.file_name, "n": snapshot.n_rows, "digest": snapshot.digest}
        )
