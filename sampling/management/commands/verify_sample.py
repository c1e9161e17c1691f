"""Prove the draw of a round."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, problem_table
from sampling.models import Sample
from sampling.resources import RegisterFilesError, read_registers
from sampling.services import DrawRefusedError, FrameFileError, RegisterError, verify_sample


class Command(TranslatedCommand):
    """Draw again from frames, registers, design and seed, and compare with what is stored."""

    help = gettext_noop(
        "Draw a sample again from its frames, registers, design and seed, and compare every row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round and registers."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument(
            "--registers", type=Path, required=True, help=_("folder or file with the registers of the draw")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare and name every difference."""
        sample = Sample.objects.filter(round=find_round(options["round"])).first()
        if sample is None:
            raise CommandError(_("Round %(round)s has no sample.") % {"round": options["round"]})
        try:
            result = verify_sample(sample=sample, registers=read_registers(options["registers"]))
        except RegisterFilesError as error:
            self.stdout.write(problem_table(error.problems))
            raise CommandError(str(error)) from error
        except (DrawRefusedError, FrameFileError, RegisterError) as error:
            raise CommandError(str(error)) from error
        if not result.is_proved:
            raise CommandError("\n".join(result.differences))
        self.stdout.write(_("The draw is proved: frames, registers, design and seed give the stored list."))
