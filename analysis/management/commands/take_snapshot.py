"""Take a snapshot of a closed round."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from analysis.services import RoundNotEstimableError, take_snapshot
from questionnaires.selectors import RoundWithoutQuestionnaireError
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round


class Command(TranslatedCommand):
    """Write a closed round to a Parquet file with its hash."""

    help = gettext_noop("Write a closed round to a Parquet file, the only input of an estimate.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the round."""
        parser.add_argument("round", help=_("code of the round"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the snapshot and name the file."""
        try:
            snapshot = take_snapshot(round=find_round(options["round"]))
        except (RoundNotEstimableError, RoundWithoutQuestionnaireError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(file)s: %(n)d rows, SHA-256 %(digest)s.")
            % {"file": snapshot.file_name, "n": snapshot.n_rows, "digest": snapshot.digest}
        )
