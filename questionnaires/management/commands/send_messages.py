"""Send the messages that wait."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.messages.gateways import GatewayFileError
from questionnaires.models import Message, MessageStatus
from questionnaires.services.messages import send_queued
from questionnaires.services.messages.sending import ChannelsDownError
from sampling.management.base import TranslatedCommand
from sampling.models import SurveyRound


class Command(TranslatedCommand):
    """Send what waits in all rounds, or in one, as far as rate and hour allow."""

    help = gettext_noop(
        "Send the messages that wait, within the rate and not at night; run it every five minutes, so that "
        "what a restart interrupted goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the round."""
        parser.add_argument("--round", default="", help=_("code of a round; without it, all rounds"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Send round by round and tell the numbers; one round that cannot send does not stop the others."""
        unfinished = (MessageStatus.QUEUED, MessageStatus.SENDING)
        waiting = Message.objects.filter(status__in=unfinished).values("template__round")
        rounds = SurveyRound.objects.filter(pk__in=waiting).select_related("template")
        if options["round"]:
            rounds = rounds.filter(code=options["round"])
        failures = [words for survey_round in rounds if (words := self._send(survey_round))]
        if failures:
            raise CommandError("\n".join(failures))

    def _send(self, survey_round: SurveyRound) -> str:
        """Send what waits in a round; return why that did not go well, empty if it did."""
        try:
            progress = send_queued(round=survey_round)
            numbers = {
                "round": survey_round.code,
                "sent": progress.counts["sent"],
                "failed": progress.counts["failed"],
                "withheld": progress.counts["withheld"],
            }
            self.stdout.write(
                _("Round %(round)s: %(sent)s sent, %(failed)s failed, %(withheld)s withheld.") % numbers
            )
            progress.refuse_down()
        except (ChannelsDownError, GatewayFileError) as error:
            return f"{survey_round.code}: {error}"
        return ""
