"""Withdraw the answers behind a receipt number or a case number."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.services import WithdrawalError, withdraw_response
from sampling.management.base import TranslatedCommand


class Command(TranslatedCommand):
    """Delete the answers of one form while its round is not frozen."""

    help = gettext_noop("Withdraw a form: its answers are deleted and the case counts as a refusal.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare number and reason."""
        parser.add_argument("number", help=_("receipt number, or case number of a paper form"))
        parser.add_argument("--reason", default="", help=_("why, for the audit log"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Withdraw and name the round."""
        try:
            case = withdraw_response(number=options["number"], reason=options["reason"])
        except WithdrawalError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("The form was withdrawn from round %(round)s and its answers are deleted.")
            % {"round": case.sample.round.code}
        )
