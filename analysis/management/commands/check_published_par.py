"""Compare the rules of the reform index with published figures."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rich.console import Console
from rich.table import Table

from analysis.methods import MethodsError, criteria_set, published_checks_document
from analysis.par import CheckResult, published_checks
from analysis.par.checks import FAILS
from sampling.management.base import TranslatedCommand

DEFAULT_CRITERIA_SET = "876-2022"
WIDTH = 120


class Command(TranslatedCommand):
    """Compute every published figure by our rules and print both; an unexpected difference is an error."""

    help = gettext_noop(
        "Compute published PAR figures by our rules and print expected, computed and verdict."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose groups are used."""
        parser.add_argument(
            "--criteria-set",
            default=DEFAULT_CRITERIA_SET,
            help=_("code of the criteria set whose groups are used"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the table; end with an error if a check fails, not for a known mismatch."""
        try:
            chosen = criteria_set(options["criteria_set"]).parsed
        except MethodsError as error:
            raise CommandError(str(error)) from error
        results = published_checks(published_checks_document(), chosen)
        console = Console(width=WIDTH)
        with console.capture() as printed:
            console.print(_table(results))
        self.stdout.write(printed.get())
        failed = [result.check for result in results if result.status == FAILS]
        if failed:
            raise CommandError(
                _("Expected the published figures; %(checks)s differ. Correct the rule or the record.")
                % {"checks": ", ".join(failed)}
            )


def _table(results: list[CheckResult]) -> Table:
    table = Table(_("check"), _("what"), _("published value"), _("our value"), _("verdict"))
    verdicts = {"passes": _("passes"), "fails": _("fails"), "known mismatch": _("known mismatch")}
    for result in results:
        table.add_row(result.check, result.what, result.expected, result.computed, verdicts[result.status])
    return table
