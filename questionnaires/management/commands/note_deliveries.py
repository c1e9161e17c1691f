"""Write the reports of delivery that a provider hands out into the ledger of messages."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from questionnaires.models import Channel
from questionnaires.services.messages import DeliveryReport, note_deliveries
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round
from sampling.services import FrameFileError, read_frame_file

NUMBER, STATUS, ERROR = "number", "status", "error"
DELIVERED, UNDELIVERED = ("delivered", "DELIVRD"), ("undelivered", "UNDELIV", "EXPIRED", "REJECTD")
"""Words for the two ends of a message: plain ones, and those of SMPP."""


class Command(TranslatedCommand):
    """Read the file as a whole, then write; other words, such as “on its way”, say nothing yet."""

    help = gettext_noop(
        "Take a provider's file of delivery reports (columns number, status and, if wanted, error) into the "
        "ledger of messages."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round, file, channel and the words of the provider."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("file", type=Path, help=_("CSV (UTF-8) or XLSX file"))
        how, sms = _("How the messages were sent"), Channel.SMS.value
        parser.add_argument("--channel", choices=Channel.values, default=sms, help=how)
        words = _("word of the provider; may be given several times")
        parser.add_argument("--delivered", action="append", default=[], help=words)
        parser.add_argument("--undelivered", action="append", default=[], help=words)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write what the file says and tell the numbers."""
        try:
            rows = read_frame_file(options["file"])
        except FrameFileError as error:
            raise CommandError(str(error)) from error
        missing = [name for name in (NUMBER, STATUS) if rows and name not in rows[0]]
        if missing or not rows:
            raise CommandError(
                _("Expected a file with the columns number and status, and a row for each message.")
            )
        meanings = dict.fromkeys(map(str.casefold, (*DELIVERED, *options["delivered"])), True)
        meanings |= dict.fromkeys(map(str.casefold, (*UNDELIVERED, *options["undelivered"])), False)
        reports = list(reports_of(rows, meanings))
        counts = note_deliveries(
            round=find_round(options["round"]), channel=Channel(options["channel"]), reports=reports
        )
        self.stdout.write(
            _(
                "%(delivered)s delivered, %(failed)s not delivered; %(passing)s without an end yet, "
                "%(unknown)s of other rounds."
            )
            % {**counts, "passing": len(rows) - len(reports)}
        )


def reports_of(rows: Sequence[Mapping[str, str]], meanings: Mapping[str, bool]) -> Iterator[DeliveryReport]:
    """Yield what the rows say whose status is an end."""
    for row in rows:
        meaning = meanings.get(row[STATUS].strip().casefold())
        if meaning is not None:
            yield DeliveryReport(row[NUMBER].strip(), meaning, row.get(ERROR, "").strip())
