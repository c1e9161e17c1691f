"""Cases in the field: outcomes, and reserves released with a reason."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.models import Case, Disposition, Sample, SampledUnit
from sampling.models.rounds import RoundStatus
from sampling.services.audit import User, record
from sampling.services.rounds import require_status

FIELDWORK_STATUSES = (RoundStatus.OPEN, RoundStatus.CLOSED)
BATCH_SIZE = 2_000


class CaseError(ValueError):
    """Raised when a case cannot change as asked."""


@transaction.atomic
def record_disposition(*, case: Case, disposition: str, user: User = None) -> Case:
    """Record the outcome of one case."""
    require_status(case.sample.round, *FIELDWORK_STATUSES)
    _require_active(case)
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
    cases = [case for case in sample.cases.active().only("disposition") if case.pk in wanted]
    if len(cases) < len(wanted):
        missing = len(wanted) - len(cases)
        raise CaseError(
            _("%(count)s cases are not in the sample, or are reserves that were not released.")
            % {"count": missing}
        )
    for case in cases:
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
    require_status(village.sample.round, RoundStatus.OPEN)
    if not reason.strip():
        raise CaseError(_("Expected a reason for releasing a reserve, got none."))
    reserves = Case.objects.select_for_update().filter(village=village).sealed_reserves()
    case = reserves.order_by("draw_order").first()
    if case is None:
        raise CaseError(_("Village %(village)s has no reserve left.") % {"village": village.frame_unit.name})
    n_before = Case.objects.filter(village=village).active().count()
    case.released_at = timezone.now()
    case.release_reason = reason.strip()
    case.full_clean(exclude=["sample", "village"])
    case.save(update_fields=["released_at", "release_reason"])
    _enlarge(village, n_before)
    record(case, "sampling.release_reserve", user=user, details={"reason": case.release_reason})
    case.refresh_from_db()
    return case


def _enlarge(village: SampledUnit, n_before: int) -> None:
    """Let one more case count: p grows from n / N to (n + 1) / N for every case of the village."""
    growth = (n_before + 1) / n_before
    Case.objects.filter(village=village).update(
        inclusion_probability=F("inclusion_probability") * growth,
        design_weight=Greatest(F("design_weight") / growth, Value(1.0)),
    )


def _require_active(case: Case) -> None:
    """Refuse a sealed reserve."""
    if case.is_reserve and case.released_at is None:
        raise CaseError(
            _("Case %(number)s is a sealed reserve. Release it with a reason before it is asked.")
            % {"number": case.number}
        )


def _known(disposition: str) -> str:
    """Return the value of a disposition, or refuse an unknown one."""
    if disposition not in Disposition.values:
        raise CaseError(
            _("Expected one of the dispositions %(known)s, got %(got)s.")
            % {"known": ", ".join(Disposition.values), "got": disposition}
        )
    return Disposition(disposition).value
