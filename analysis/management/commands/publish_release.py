"""Publish the index and its points from a new snapshot of a frozen round."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from analysis.estimation import SINGLE_PSU_POLICIES, AnalysisError
from analysis.index import INDEX_CODE
from analysis.models import CriteriaSet, IndexMethod, PublishedEstimate, Release, Snapshot
from analysis.refusals import described
from analysis.services import (
    MethodMismatchError,
    NoPrecisionError,
    RoundNotEstimableError,
    publish_release,
    require_frozen,
    take_snapshot,
)
from analysis.snapshots import SnapshotError
from questionnaires.selectors import RoundWithoutQuestionnaireError
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, words_of

REFUSALS = (
    MethodMismatchError,
    NoPrecisionError,
    RoundNotEstimableError,
    RoundWithoutQuestionnaireError,
    SnapshotError,
)
"""What can be put right by the person at the keyboard."""
DECIMALS = 2
SHOWN = 10
"""Parts without a figure that are named one by one."""


class Command(TranslatedCommand):
    """Weight, estimate and publish a frozen round."""

    help = gettext_noop("Take a snapshot of a frozen round, weight, estimate and publish it.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round, methods and code."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("--method", required=True, help=_("code of the index method, for example M2023"))
        parser.add_argument("--criteria-set", required=True, help=_("code of the criteria set"))
        parser.add_argument("--code", required=True, help=_("code of the release; it never changes"))
        parser.add_argument(
            "--single-psu",
            choices=list(SINGLE_PSU_POLICIES),
            default="fail",
            help=_("what to do with a stratum of one drawn unit"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Publish with a progress bar and print the national figure."""
        try:
            release = self._publish(options)
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        except AnalysisError as error:
            raise CommandError(described(error)) from error
        except ValidationError as error:
            raise CommandError(words_of(error)) from error
        headline = release.estimates.get(
            domain_level=PublishedEstimate.DomainLevel.NATION,
            node_code=INDEX_CODE,
            statistic=release.method.document["headline"],
        )
        self.stdout.write(
            _("%(code)s: %(value)s (%(lower)s to %(upper)s), %(n)d figures.")
            % {
                "code": release.code,
                "value": floatformat(headline.value, DECIMALS),
                "lower": floatformat(headline.lower, DECIMALS),
                "upper": floatformat(headline.upper, DECIMALS),
                "n": release.estimates.count(),
            }
        )

        withheld = release.rates["withheld"]
        if withheld:
            self.stderr.write(
                _("%(n)d parts of the index have no figure: %(parts)s. The release lists the reasons.")
                % {"n": len(withheld), "parts": ", ".join(_named(part) for part in withheld[:SHOWN])}
            )

    def _publish(self, options: dict[str, Any]) -> Release:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            shown = bar.add_task("")

            def tell(step: str, done: int, total: int) -> None:
                bar.update(shown, description=step, completed=done, total=total)

            return publish_release(
                snapshot=new_snapshot(options["round"]),
                method=newest(IndexMethod, options["method"]),
                criteria_set=newest(CriteriaSet, options["criteria_set"]),
                code=options["code"],
                single_psu=options["single_psu"],
                progress=tell,
            )


def _named(part: Mapping[str, str]) -> str:
    return f"{part['domain'] or INDEX_CODE}/{part['node']}/{part['statistic']} ({part['reason']})"


def new_snapshot(round_code: str) -> Snapshot:
    """Return a snapshot of a frozen round, taken now: earlier ones may hold what was withdrawn since."""
    survey_round = find_round(round_code)
    require_frozen(survey_round)
    return take_snapshot(round=survey_round)


def newest[Method: (IndexMethod, CriteriaSet)](model: type[Method], code: str) -> Method:
    """Return the last version of a method."""
    try:
        return model.objects.filter(code=code).latest("version")
    except model.DoesNotExist as error:
        known = ", ".join(sorted(set(model.objects.values_list("code", flat=True)))) or "–"
        raise CommandError(
            _("Expected one of %(known)s, got %(code)s. Run load_methods if there are none.")
            % {"known": known, "code": code}
        ) from error
