"""Cut answers that an earlier version left with their cases, and write what is separated anew."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.services import cut_old_answers, rewrite_all
from sampling.management.base import TranslatedCommand


class Command(TranslatedCommand):
    """Cut what was sent alone, and all answers of frozen rounds; then write answers anew, shuffled."""

    help = gettext_noop(
        "Cut answers from their cases that an earlier version of the site left with them, and write "
        "separated answers anew in a random order. Run it every night."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of rounds."""
        parser.add_argument(
            "--all",
            action="store_true",
            help=_("write the answers of frozen and closed rounds anew too, once after an update"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Cut and count, then write anew."""
        self.stdout.write(_("%(n)d forms were cut from their cases.") % {"n": cut_old_answers()})
        rewrite_all(with_ended=options["all"])
        self.stdout.write(_("The answers were written anew in a random order."))
