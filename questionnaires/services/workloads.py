"""Sharing the villages of a province out among enumerators: a proposal, and the assignments that follow."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.services.assignments import assign_village
from sampling.design.fingerprints import digest_of_rows
from sampling.design.workloads import Stop, Workload, share_out
from sampling.models import AdministrativeUnit, Disposition, SampledUnit, SurveyRound
from sampling.services.territories import require_place

TO_VISIT = Q(cases__disposition__in=(Disposition.PENDING, Disposition.NON_CONTACT, Disposition.BREAKOFF)) & (
    Q(cases__is_reserve=False) | Q(cases__released_at__isnull=False)
)
"""Cases that still need a visit."""


class ProposalChangedError(ValueError):
    """Raised when the villages are no longer those of the proposal that was looked at."""


@dataclass(frozen=True, slots=True)
class Share:
    """The villages of one enumerator."""

    enumerator: AbstractUser
    load: Workload
    villages: tuple[SampledUnit, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who would work where, and the villages that could not be placed."""

    shares: tuple[Share, ...]
    without_place: tuple[SampledUnit, ...]

    @property
    def n_cases(self) -> int:
        """Cases of all shares."""
        return sum(share.load.n_cases for share in self.shares)

    @property
    def digest(self) -> str:
        """What tells one proposal from another."""
        return digest_of_rows(
            [share.enumerator.pk, *sorted(village.pk for village in share.villages)] for share in self.shares
        )


def propose_workloads(
    *,
    round: SurveyRound,
    province: AdministrativeUnit,
    enumerators: Sequence[AbstractUser],
    is_everything: bool = False,
) -> Proposal:
    """Share the villages of a province out; only those that nobody has yet, unless everything is asked for.

    A village counts the cases that still need a visit. A village whose commune has no coordinates is named
    instead of being placed anywhere.
    """
    villages = SampledUnit.objects.filter(
        sample__round=round,
        province=province,
        stage=SampledUnit.Stage.VILLAGE,
        replacements__isnull=True,
        parent__replacements__isnull=True,
    )
    if not is_everything:
        villages = villages.filter(assignment__isnull=True)
    counted = villages.annotate(n_to_visit=Count("cases", filter=TO_VISIT)).filter(n_to_visit__gt=0)
    listed = counted.select_related("province", "frame_unit", "parent__frame_unit__administrative_unit")
    by_code, without_place = {}, []
    for village in listed.order_by("frame_unit__code"):
        stop = _stop(village)
        if stop is None:
            without_place.append(village)
        else:
            by_code[stop.code] = (stop, village)
    loads = share_out([stop for stop, _village in by_code.values()], len(enumerators))
    people = sorted(enumerators, key=lambda person: person.get_username())
    shares = (
        Share(person, load, tuple(by_code[stop.code][1] for stop in load.stops))
        for person, load in zip(people, loads, strict=True)
    )
    return Proposal(tuple(shares), tuple(without_place))


def _stop(village: SampledUnit) -> Stop | None:
    """Return where a village lies, as far as its commune tells."""
    unit = village.parent.frame_unit.administrative_unit if village.parent else None
    if unit is None or unit.latitude is None or unit.longitude is None:
        return None
    n_cases = int(vars(village)["n_to_visit"])
    return Stop(village.frame_unit.code, unit.latitude, unit.longitude, n_cases)


@transaction.atomic
def apply_workloads(
    *, round: SurveyRound, proposal: Proposal, seen_digest: str, user: AbstractUser | None = None
) -> int:
    """Assign the villages of a proposal that somebody has looked at; every assignment is on record.

    A person of a province shares out villages of that province only, in its rounds and in national ones.
    """
    pairs = [(village, share.enumerator) for share in proposal.shares for village in share.villages]
    require_place(user, round, {village.province_id for village, _enumerator in pairs})
    if proposal.digest != seen_digest:
        raise ProposalChangedError(
            _("The villages have changed since the proposal was shown. Look at the new one.")
        )
    for village, enumerator in pairs:
        assign_village(village=village, enumerator=enumerator, user=user)
    details = {
        "villages": len(pairs),
        "enumerators": len(proposal.shares),
        "cases": proposal.n_cases,
    }
    log(instance=round, action="questionnaires.apply_workloads", user=user, data=details)
    return len(pairs)
