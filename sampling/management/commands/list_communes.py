"""List the communes that a seed draws, whose villages have to be listed."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, seed_or_new, write_text
from sampling.models import FrameUnit, SamplingFrame, SurveyRound
from sampling.selectors import StrataError
from sampling.services import DrawRefusedError, communes_to_list
from sampling.spreadsheets import csv_text

HEADER = ("province_code", "province", "commune_code", "commune", "type", "adults")


class Command(TranslatedCommand):
    """Say which communes must send the list of their villages; nothing is written to the database."""

    help = gettext_noop("List the drawn communes as CSV: those that must send the list of their villages.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round and seed."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("--seed", help=_("seed of the draw; an unpredictable one is made if left out"))
        parser.add_argument("--out", type=Path, help=_("file to write; standard output if left out"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the list, and the seed to use again."""
        survey_round, seed = find_round(options["round"]), seed_or_new(options["seed"])
        try:
            codes = communes_to_list(round=survey_round, seed=seed)
        except (DrawRefusedError, StrataError) as error:
            raise CommandError(str(error)) from error
        text = csv_text(HEADER, commune_rows(survey_round, codes))
        if options["out"]:
            write_text(text, options["out"])
        else:
            self.stdout.write(text, ending="")
        self.stderr.write(
            _("%(count)s communes drawn. Keep the seed for the draw itself: %(seed)s")
            % {"count": len(codes), "seed": seed}
        )


def commune_rows(survey_round: SurveyRound, codes: list[str]) -> list[tuple[object, ...]]:
    """Return a row for every drawn commune, in the order of the draw."""
    units = FrameUnit.objects.filter(
        frame__round=survey_round, frame__stage=SamplingFrame.Stage.COMMUNE, code__in=codes
    )
    rows = units.values_list(
        "administrative_unit__parent__code",
        "administrative_unit__parent__name",
        "code",
        "name",
        "administrative_unit__unit_type",
        "measure_of_size",
    )
    by_code = {row[HEADER.index("commune_code")]: row for row in rows}
    return [by_code[code] for code in codes]
