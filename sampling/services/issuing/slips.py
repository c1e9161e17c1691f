"""Selection slips: the sealed number of each household on paper, to be opened once the adults are listed.

On a device the seal opens by itself when the list is closed. A slip can be opened before, so only those who
issue lists for the whole country print slips, for households that are not listed yet, and each print is on
record. A printed list of respondents never carries what stands on a slip.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.design.within_household import MOST_ON_PAPER, selection_table
from sampling.models import AdultRule, Household, Sample
from sampling.models.rounds import RoundStatus
from sampling.models.samples import LEFT_IN_PEACE
from sampling.sealing import number_of_household
from sampling.selectors.territories import province_of
from sampling.services.audit import record
from sampling.services.issuing.access import ISSUE_DRAW, ExportTooEarlyError, checked_scope
from sampling.services.issuing.lists import IssuedFile
from sampling.services.issuing.scopes import PlacedVillage, Scope, safe_name

TEMPLATE = "sampling/print/slips.html"


@dataclass(frozen=True, slots=True)
class Slip:
    """What is folded, closed and handed out with one household."""

    case_number: str
    household: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VillageSlips:
    """The slips of one village."""

    place: PlacedVillage
    slips: tuple[Slip, ...]


def has_slips(sample: Sample) -> bool:
    """Tell whether the adults of households are chosen by sealed numbers."""
    return Household.objects.filter(case__sample=sample, rule=AdultRule.LISTED_ADULTS).exists()


@transaction.atomic
def make_selection_slips(*, scope: Scope, user: AbstractUser) -> IssuedFile:
    """Return the slips of the households of a scope whose adults are not listed yet, as a page to print."""
    if not user.has_perm(ISSUE_DRAW) or province_of(user) is not None:
        raise PermissionDenied
    scope = checked_scope(scope, user)
    if scope.sample.round.status != RoundStatus.OPEN:
        raise ExportTooEarlyError(_("Slips are printed while the round is open for answers."))
    villages = list(_slips(scope))
    n_slips = sum(len(village.slips) for village in villages)
    details = {"rows": n_slips, "villages": len(villages), "scope": scope.code}
    record(scope.sample, "sampling.print_slips", user=user, details=details)
    context = {
        "round": scope.sample.round,
        "villages": villages,
        "adults": range(1, MOST_ON_PAPER + 1),
        "printed_at": timezone.localtime(),
        "is_demo": scope.sample.round.is_demo,
    }
    name = f"{safe_name(f'{scope.sample.round.code}-{scope.code}')}-slips.html"
    page = render_to_string(TEMPLATE, context).encode()
    return IssuedFile(name, page, "text/html; charset=utf-8", n_slips)


def _slips(scope: Scope) -> Iterator[VillageSlips]:
    """Yield the slips of every village that has any; nobody refused or withheld is among them."""
    cases = scope.cases().exclude(disposition__in=LEFT_IN_PEACE)
    sealed = Household.objects.filter(case__in=cases, rule=AdultRule.LISTED_ADULTS, n_adults__isnull=True)
    by_village: dict[int, list[Slip]] = {}
    for household in sealed.select_related("case").order_by("case__number"):
        case = household.case
        slip = Slip(case.number, case.register_number, selection_table(number_of_household(household)))
        by_village.setdefault(case.village_id, []).append(slip)
    for place in scope.villages():
        if place.unit.pk in by_village:
            yield VillageSlips(place, tuple(by_village[place.unit.pk]))
