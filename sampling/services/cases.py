"""Cases in the field: outcomes, and reserves released with a reason."""

from collections.abc import Mapping
from fractions import Fraction

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.models import Case, Disposition, Sample, SampledUnit
from sampling.models.rounds import RoundStatus
from sampling.models.samples import CaseQuerySet
from sampling.services.audit import User, record
from sampling.services.inclusion import area_probability, population_of, recount
from sampling.services.rounds import require_status
from sampling.services.territories import require_place

FIELDWORK_STATUSES = (RoundStatus.OPEN, RoundStatus.CLOSED)
BATCH_SIZE = 2_000


class CaseError(ValueError):
    """Raised when a case cannot change as asked."""


@transaction.atomic
def record_disposition(*, case: Case, disposition: str, user: User = None) -> Case:
    """Record the outcome of one case."""
    require_status(case.sample.round, *FIELDWORK_STATUSES)
    case.disposition = Case.objects.select_for_update().get(pk=case.pk).disposition
    _require_active(case)
    _require_contact(case)
    _require_unanswered(case)
    before = case.disposition
    case.disposition = _known(disposition)
    case.save(update_fields=["disposition"])
    details = {"from": before, "to": case.disposition}
    record(case, "sampling.record_disposition", user=user, details=details)
    return case


@transaction.atomic
def record_dispositions(*, sample: Sample, outcomes: Mapping[int, str], user: User = None) -> int:
    """Record the outcomes of many cases, by their id, with one entry in the audit log."""
    require_status(sample.round, *FIELDWORK_STATUSES)
    wanted = {pk: _known(disposition) for pk, disposition in outcomes.items()}
    held = sample.cases.active().select_for_update(of=("self",)).order_by("pk")
    cases = [case for case in held.only("number", "disposition") if case.pk in wanted]
    if len(cases) < len(wanted):
        missing = len(wanted) - len(cases)
        raise CaseError(
            _("%(count)s cases are not in the sample, or are reserves that were not released.")
            % {"count": missing}
        )
    for case in cases:
        _require_contact(case)
        _require_unanswered(case)
        case.disposition = wanted[case.pk]
    Case.objects.bulk_update(cases, ["disposition"], batch_size=BATCH_SIZE)
    record(sample, "sampling.record_dispositions", user=user, details={"cases": len(cases)})
    return len(cases)


@transaction.atomic
def release_reserve(*, village: SampledUnit, reason: str, user: User = None) -> Case:
    """Release the next sealed reserve of a village, in the order of the draw.

    Inclusion probability and design weight in the village then count the larger sample; the case that was
    replaced stays in it as a nonrespondent.
    """
    require_place(user, village.sample.round, [village.province_id])
    require_status(village.sample.round, RoundStatus.OPEN)
    _require_reason(reason)
    _refuse_replaced(village)
    if village.stage == SampledUnit.Stage.AGENCY:
        raise CaseError(
            _("The reserve of a list is that of a stratum, not of an agency. Release it for its stratum.")
        )
    case = _next_reserve(Case.objects.filter(village=village))
    if case is None:
        raise CaseError(_("Village %(village)s has no reserve left.") % {"village": village.frame_unit.name})
    pool = Case.objects.filter(village=village)
    return _release(case, pool, reason, above=area_probability(village), user=user)


@transaction.atomic
def release_list_reserve(*, sample: Sample, stratum: str, reason: str, user: User = None) -> Case:
    """Release the next sealed reserve of a stratum of a transaction list, in the order of the draw."""
    pool = Case.objects.filter(sample=sample, stratum=stratum, village__stage=SampledUnit.Stage.AGENCY)
    provinces = pool.order_by().values_list("village__province", flat=True).distinct()
    require_place(user, sample.round, provinces)
    require_status(sample.round, RoundStatus.OPEN)
    _require_reason(reason)
    case = _next_reserve(pool)
    if case is None:
        raise CaseError(_("Stratum %(stratum)s has no reserve left.") % {"stratum": stratum})
    return _release(case, pool, reason, above=Fraction(1), user=user)


def _require_reason(reason: str) -> None:
    """Refuse to release without a reason."""
    if not reason.strip():
        raise CaseError(_("Expected a reason for releasing a reserve, got none."))


def _refuse_replaced(village: SampledUnit) -> None:
    """Refuse a village that was given up, or whose commune was: its cases stay nonrespondents."""
    above = village.parent
    if village.replacements.exists() or (above is not None and above.replacements.exists()):
        raise CaseError(
            _("Village %(village)s was replaced. Release reserves in the village that took its place.")
            % {"village": village.frame_unit.name}
        )


def _next_reserve(pool: CaseQuerySet) -> Case | None:
    """Return the sealed reserve whose turn it is."""
    reserves = pool.select_for_update().sealed_reserves()
    return reserves.order_by("draw_order").first()


def _release(case: Case, pool: CaseQuerySet, reason: str, *, above: Fraction, user: User) -> Case:
    """Unseal a reserve and count n + 1 out of N for every case of the pool."""
    n_before = pool.active().count()
    population = population_of(pool, n_before)
    case.released_at = timezone.now()
    case.release_reason = reason.strip()
    case.full_clean(exclude=["sample", "village"])
    case.save(update_fields=["released_at", "release_reason"])
    recount(pool, n=n_before + 1, population=population, above=above)
    record(case, "sampling.release_reserve", user=user, details={"reason": case.release_reason})
    case.refresh_from_db()
    return case


def _require_active(case: Case) -> None:
    """Refuse a sealed reserve."""
    if case.is_reserve and case.released_at is None:
        raise CaseError(
            _("Case %(number)s is a sealed reserve. Release it with a reason before it is asked.")
            % {"number": case.number}
        )


def _require_contact(case: Case) -> None:
    """Refuse an outcome of a visit that must not take place."""
    if case.disposition == Disposition.WITHHELD:
        raise CaseError(
            _("Case %(number)s is on the do-not-contact list. Its outcome stays until that is withdrawn.")
            % {"number": case.number}
        )


def _require_unanswered(case: Case) -> None:
    """Refuse another outcome for a case that has answered: only withdrawing the answers changes it."""
    if case.has_answered:
        raise CaseError(
            _("Case %(number)s has sent its answers. Its outcome stays until they are withdrawn.")
            % {"number": case.number}
        )


def _known(disposition: str) -> str:
    """Return the value of a disposition that somebody may record, or refuse another."""
    recorded = [value for value in Disposition.values if value != Disposition.WITHHELD]
    if disposition not in recorded:
        raise CaseError(
            _("Expected one of the dispositions %(known)s, got %(got)s.")
            % {"known": ", ".join(recorded), "got": disposition}
        )
    return Disposition(disposition).value
