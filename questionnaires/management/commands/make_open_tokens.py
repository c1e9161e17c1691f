"""Make one-time tokens of an open round, for the receipts of a one-stop shop."""

import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.models import OpenRound
from questionnaires.services.open_tokens import (
    TokenBatchError,
    TokenFile,
    dossiers_in,
    make_tokens,
    tokens_file,
)
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import read_moment


class Command(TranslatedCommand):
    """Write a file with a token for each dossier number; the same number and week give the same token."""

    help = gettext_noop(
        "Make one-time tokens of an open round from a list of dossier numbers, as CSV, XLSX or slips to "
        "print; neither is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round, list, file and last day."""
        parser.add_argument("round", help=_("code of the open round"))
        parser.add_argument(
            "dossiers", type=Path, help=_("text or CSV file, numbers in the first column, no heading")
        )
        parser.add_argument("output", type=Path, help=_("file to write: .csv, .xlsx or .pdf"))
        parser.add_argument(
            "--until",
            default="",
            help=_("a day of the last week in which they are taken, dd/mm/yyyy; the last day if left out"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the tokens, write the file and tell how many they are."""
        open_round = OpenRound.objects.filter(code=options["round"]).first()
        if open_round is None:
            raise CommandError(
                _("There is no open round with the code %(code)s.") % {"code": options["round"]}
            )
        output: Path = options["output"]
        endings = {f".{file_format}": file_format for file_format in TokenFile}
        if output.suffix not in endings:
            raise CommandError(
                _("Expected a file that ends in .csv, .xlsx or .pdf, got %(name)s.") % {"name": output}
            )
        last_day = timezone.localtime(open_round.closes_at).date()
        if options["until"]:
            last_day = read_moment(options["until"], datetime.time()).date()
        try:
            dossiers = dossiers_in(options["dossiers"].read_text(encoding="utf-8-sig"))
            made = make_tokens(round=open_round, dossiers=dossiers, last_day=last_day)
            output.write_bytes(tokens_file(open_round, made, last_day, endings[output.suffix]))
        except (TokenBatchError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("%(n)s tokens were written to %(name)s.") % {"n": len(made), "name": output})
