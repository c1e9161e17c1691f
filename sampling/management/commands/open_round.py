"""Open a round for answers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sampling.management.terminal import find_round
from sampling.services import RoundStateError, open_round


class Command(BaseCommand):
    """Open a round whose sample is drawn."""

    help = "Open a round for answers once its sample is drawn."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the round."""
        parser.add_argument("round", help="code of the round")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Change the state and say so."""
        try:
            survey_round = open_round(round=find_round(options["round"]))
        except RoundStateError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("Round %(round)s: %(state)s.")
            % {"round": survey_round.code, "state": survey_round.get_status_display()}
        )
