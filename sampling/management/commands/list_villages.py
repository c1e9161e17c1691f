"""List the villages that a seed draws, whose registers are needed."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, write_text
from sampling.models import FrameUnit, SamplingFrame, SurveyRound
from sampling.selectors import StrataError
from sampling.services import DrawRefusedError
from sampling.services.draws import area_draw
from sampling.spreadsheets import csv_text

HEADER = ("province_code", "commune_code", "village_code", "village", "adults")


class Command(TranslatedCommand):
    """Say which villages must send their register; nothing is written to the database."""

    help = gettext_noop("List the drawn villages as CSV: those that must send their register of adults.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round and seed."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("--seed", required=True, help=_("the seed with which the communes were listed"))
        parser.add_argument("--out", type=Path, help=_("file to write; standard output if left out"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the list."""
        try:
            rows = village_rows(find_round(options["round"]), options["seed"])
        except (DrawRefusedError, StrataError) as error:
            raise CommandError(str(error)) from error
        text = csv_text(HEADER, rows)
        if options["out"]:
            write_text(text, options["out"])
        else:
            self.stdout.write(text, ending="")
        self.stderr.write(_("%(count)s villages drawn.") % {"count": len(rows)})


def village_rows(survey_round: SurveyRound, seed: str) -> list[tuple[object, ...]]:
    """Return a row for every drawn village, in the order of the list."""
    area = area_draw(round=survey_round, seed=seed)
    units = FrameUnit.objects.filter(frame__round=survey_round, frame__stage=SamplingFrame.Stage.VILLAGE)
    described = {
        code: rest for code, *rest in units.values_list("code", "code", "name", "measure_of_size").iterator()
    }
    return [
        (area.province_of[commune.code], commune.code, *described[village.code])
        for commune in area.communes
        for village in area.villages[commune.code]
    ]
