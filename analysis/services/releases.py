"""Publishing: from a snapshot to figures that never change."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.log_actions import log

from analysis.index import IndexMethod as ParsedIndexMethod
from analysis.index import IndexResult, parse_index_method
from analysis.models import CriteriaSet, IndexMethod, PublishedEstimate, Release, Scorecard, Snapshot
from analysis.par import CriteriaSet as ParsedCriteriaSet
from analysis.par import parse_criteria_set
from analysis.selectors import margins_of, province_names, rates_document
from analysis.services.figures import build_figures, comparisons_document, standings
from analysis.services.frame_totals import frame_totals
from analysis.services.index_queries import estimate_release
from analysis.services.replaced_units import compare_without_replacements, within_published
from analysis.services.scorecards import build_scorecards
from analysis.services.snapshots import open_cases, require_frozen, snapshot_path
from analysis.services.weighting import Weighted, rests_on_approximation, weight_snapshot
from analysis.snapshots import SnapshotContent, write_weights
from analysis.weighting import DRAWN_UNIT, PERSON, UNITS_OF_ANALYSIS
from sampling.selectors.draws import is_rehearsed
from sampling.services.territories import require_territory

BATCH_SIZE = 2_000
FILE_SUFFIX_BYTES = 4

type Progress = Callable[[str, int, int], None]
"""Told which step begins, how many are done and how many there are, as in a draw."""

N_STEPS = 4


class UnitOfAnalysisError(ValueError):
    """Raised when a release would count something else than its method does."""


@dataclass(frozen=True, eq=False)
class _Computed:
    """All that a release publishes, before anything is written; the content has no answers."""

    content: SnapshotContent
    weighted: Weighted
    result: IndexResult
    unit: str
    replacements: dict[str, Any]
    criteria_set: ParsedCriteriaSet

    @property
    def is_provisional(self) -> bool:
        """Whether a figure depends on a rule without an official text, or weights without margins."""
        method, sipas = self.result.method, self.criteria_set.sipas
        return (
            method.is_provisional
            or any(content.is_weight_provisional for content in method.contents)
            or self.criteria_set.is_provisional
            or (sipas is not None and sipas.is_provisional)
            or not self.weighted.is_calibrated
            or (self.unit == PERSON and not method.unit_of_analysis)
        )


@transaction.atomic
def publish_release(
    *,
    snapshot: Snapshot,
    method: IndexMethod,
    criteria_set: CriteriaSet,
    code: str,
    single_psu: str = "fail",
    unit_of_analysis: str = "",
    user: AbstractBaseUser | None = None,
    progress: Progress | None = None,
) -> Release:
    """Weight a snapshot of a frozen round, estimate the index and its points, publish all under a code.

    A stratum with a single PSU is refused unless `single_psu` names a policy, which the release then records.
    A method that does not say what it counts leaves it to `unit_of_analysis`; counting persons in a sample of
    dossiers then makes the release provisional.
    """
    require_territory(user, snapshot.round)
    require_frozen(snapshot.round)
    tell = progress or _say_nothing
    release = Release(code=code, snapshot=snapshot, method=method, criteria_set=criteria_set)
    computed = _compute(release, single_psu, unit_of_analysis, tell)
    tell(_("Publishing"), N_STEPS - 1, N_STEPS)
    _save(release, computed)
    audited = {"snapshot": snapshot.digest, "single_psu": single_psu, "unit_of_analysis": computed.unit}
    log(release, "analysis.publish_release", user=user, data=audited)
    tell(pgettext("release", "Published"), N_STEPS, N_STEPS)
    return release


def covered_by(release: Release, truth: Mapping[str, float]) -> int:
    """Count the provinces whose 95 % interval covers a known truth, given in percent by province code."""
    headline = release.estimates.filter(
        domain_level=PublishedEstimate.DomainLevel.PROVINCE,
        node=PublishedEstimate.Node.INDEX,
        statistic=release.method.document["headline"],
    )
    rows = headline.filter(domain_code__in=truth).values_list("domain_code", "lower", "upper")
    return sum(lower <= truth[code] <= upper for code, lower, upper in rows)


def _say_nothing(_step: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""


def _unit_of_analysis(method: ParsedIndexMethod, chosen: str) -> str:
    """Return what an index counts: what its method names, or what was chosen where it names nothing."""
    named = method.unit_of_analysis
    if chosen and chosen not in UNITS_OF_ANALYSIS:
        raise UnitOfAnalysisError(
            _("Expected one of the units of analysis %(known)s, got %(got)s.")
            % {"known": ", ".join(UNITS_OF_ANALYSIS), "got": chosen}
        )
    if named and chosen not in ("", named):
        raise UnitOfAnalysisError(
            _("Method %(method)s names what it counts; leave the choice to it.") % {"method": method.code}
        )
    return named or chosen or DRAWN_UNIT


def _compute(release: Release, single_psu: str, chosen_unit: str, tell: Progress) -> _Computed:
    """Read, weight and estimate."""
    snapshot = release.snapshot
    tell(_("Reading the snapshot"), 0, N_STEPS)
    content = open_cases(snapshot)
    method = parse_index_method(release.method.document)
    tell(_("Weighting"), 1, N_STEPS)
    unit = _unit_of_analysis(method, chosen_unit)
    margins = margins_of(snapshot.round) or frame_totals(snapshot.round, method, unit)
    weighted = weight_snapshot(content, margins, single_psu=single_psu, unit=unit)
    tell(_("Estimating"), 2, N_STEPS)
    path = snapshot_path(snapshot)
    result = estimate_release(path, content.variables, weighted, method, single_psu=single_psu)
    return _Computed(
        content=content,
        weighted=weighted,
        result=result,
        unit=unit,
        replacements=compare_without_replacements(
            path, content, margins, result, single_psu=single_psu, unit=unit
        ),
        criteria_set=parse_criteria_set(release.criteria_set.document),
    )


def _save(release: Release, computed: _Computed) -> None:
    """Write the release, its weights beside the snapshot, and its figures."""
    survey_round = release.snapshot.round
    placed = standings(computed.result)
    release.weighting = list(computed.weighted.steps)
    names = province_names(survey_round)
    figures = build_figures(release, computed.result, names, placed)
    release.rates = rates_document(computed.content.rows, computed.result) | {
        "withheld": list(figures.withheld)
    }
    release.comparisons = comparisons_document(placed)
    headlines = {row.domain_code for row in figures.rows if row.is_headline(computed.result.method.headline)}
    release.replacements = within_published(computed.replacements, headlines)
    release.is_provisional = computed.is_provisional or survey_round.template.is_provisional
    release.is_demo = survey_round.is_demo
    release.is_rehearsed = is_rehearsed(survey_round)
    release.is_approximate = rests_on_approximation(computed.weighted.steps)
    release.full_clean()
    stored = write_weights(computed.weighted.weights, _weights_path(release))
    release.weights_file, release.weights_digest = stored.path.name, stored.digest
    release.save(force_insert=True)
    PublishedEstimate.objects.bulk_create(figures.rows, batch_size=BATCH_SIZE)
    scorecards = build_scorecards(release, computed.result, computed.criteria_set, names)
    complete = [card for card in scorecards if card.province_code not in figures.incomplete_provinces]
    Scorecard.objects.bulk_create(complete, batch_size=BATCH_SIZE)


def _weights_path(release: Release) -> Path:
    suffix = secrets.token_hex(FILE_SUFFIX_BYTES)
    file_name = f"{release.snapshot.round.code}-{release.code}-weights-{suffix}.parquet"
    return Path(settings.SNAPSHOT_ROOT) / file_name
