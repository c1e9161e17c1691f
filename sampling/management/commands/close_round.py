"""Close a round."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round
from sampling.services import RoundStateError, close_round


class Command(TranslatedCommand):
    """Close an open round: no further answer is taken."""

    help = gettext_noop("Close a round: no further answer is taken, figures may be computed.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the round."""
        parser.add_argument("round", help=_("code of the round"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Change the state and say so."""
        try:
            survey_round = close_round(round=find_round(options["round"]))
        except RoundStateError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("Round %(round)s: %(state)s.")
            % {"round": survey_round.code, "state": survey_round.get_status_display()}
        )
