"""Draw the sample of a round."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, problem_table, progress_bars, seed_or_new
from sampling.models import Sample, SurveyRound
from sampling.resources import RegisterFilesError, missing_registers, read_registers
from sampling.selectors import StrataError
from sampling.services import (
    DrawRefusedError,
    FrameFileError,
    Register,
    RegisterError,
    RoundStateError,
    draw_sample,
)
from sampling.services.draws import area_draw

REFUSALS = (DrawRefusedError, FrameFileError, RegisterError, RoundStateError, StrataError)
"""What can be put right by the person at the keyboard."""


class Command(TranslatedCommand):
    """Draw communes, villages and adults, or say what is missing and write nothing."""

    help = gettext_noop(
        "Draw communes, villages and adults of a round from its frames and the registers of its villages."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round, seed and registers."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("--seed", help=_("seed of the draw; an unpredictable one is made if left out"))
        parser.add_argument(
            "--registers",
            type=Path,
            required=True,
            help=_(
                "folder with one CSV or XLSX file per village, named by its code (columns number, sex, "
                "age_group), or one file with the column village as well"
            ),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Draw with progress bars and print the proof."""
        survey_round, seed = find_round(options["round"]), seed_or_new(options["seed"])
        try:
            registers = complete_registers(survey_round, seed, options["registers"])
            with progress_bars() as report:
                sample = draw_sample(round=survey_round, seed=seed, registers=registers, progress=report)
        except RegisterFilesError as error:
            self.stdout.write(problem_table(error.problems))
            raise CommandError(_("%(problems)s Nothing was written.") % {"problems": error}) from error
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        self._show(sample)

    def _show(self, sample: Sample) -> None:
        """Print how many were drawn, and by what the draw can be checked."""
        self.stdout.write(
            _("%(communes)s communes, %(villages)s villages, %(persons)s respondents, %(reserves)s reserves.")
            % {
                "communes": sample.n_communes,
                "villages": sample.n_villages,
                "persons": sample.n_persons,
                "reserves": sample.n_reserves,
            }
        )
        self.stdout.write(_("Seed: %(seed)s") % {"seed": sample.seed})
        self.stdout.write(_("Fingerprint of the list: %(digest)s") % {"digest": sample.fingerprint})


def complete_registers(survey_round: SurveyRound, seed: str, path: Path) -> Mapping[str, Register]:
    """Return the registers, or name every drawn village that has none."""
    registers = read_registers(path)
    drawn = area_draw(round=survey_round, seed=seed).village_codes()
    missing = missing_registers(drawn, registers)
    if missing:
        raise RegisterFilesError(missing)
    return registers
