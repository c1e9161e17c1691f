"""Write the drawn list of a round."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, write_text
from sampling.models import Sample
from sampling.resources import drawn_list


class Command(TranslatedCommand):
    """Write the drawn list as CSV, without personal data."""

    help = gettext_noop(
        "Write the drawn list as CSV: cases by their number in the register, without personal data."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round and file."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("--out", type=Path, required=True, help=_("file to write"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file and name it."""
        survey_round = find_round(options["round"])
        sample = Sample.objects.filter(round=survey_round).first()
        if sample is None:
            raise CommandError(
                _("Round %(round)s has no sample. Draw it first.") % {"round": survey_round.code}
            )
        write_text(drawn_list(sample), options["out"])
        self.stdout.write(
            _("%(path)s: %(count)s cases.") % {"path": options["out"], "count": sample.cases.active().count()}
        )
