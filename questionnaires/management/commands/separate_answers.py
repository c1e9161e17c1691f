"""Write what is separated anew, so that no order of rows tells which were written together."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.services import rewrite_all
from sampling.management.base import TranslatedCommand


class Command(TranslatedCommand):
    """Write answers anew, shuffled."""

    help = gettext_noop("Write separated answers anew in a random order. Run it every night.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of rounds."""
        parser.add_argument(
            "--all",
            action="store_true",
            help=_("write the answers of frozen and closed rounds anew too, once after an update"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write anew."""
        rewrite_all(with_ended=options["all"])
        self.stdout.write(_("The answers were written anew in a random order."))
