"""The adults of a drawn household: listed once, and one of them chosen by what nobody could know before."""

import datetime
from collections.abc import Callable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.design.selection import SelectionError
from sampling.design.within_household import SelectedAdult, select_adult, select_last_birthday
from sampling.models import AdultRule, Case, Disposition, Household
from sampling.models.rounds import RoundStatus
from sampling.sealing import SealError, number_of_household
from sampling.services.audit import User, record
from sampling.services.cases import CaseError
from sampling.services.contacts import ListedAdult, keep_adults
from sampling.services.rounds import require_status

MOST_ADULTS = 30
AGE_GROUPS = ((61, "61+"), (50, "50-60"), (35, "35-49"), (25, "25-34"), (0, "18-24"))
"""First year and name of the age groups of population margins, from the oldest."""

LONGEST_NAME = 120


class HouseholdError(CaseError):
    """Raised when the adults of a household cannot be listed as asked."""


@transaction.atomic
def list_adults(
    *, case: Case, adults: Sequence[ListedAdult], user: User = None, on: datetime.date | None = None
) -> Household:
    """Close the list of adults, then open the seal and choose one: in one step, and only once.

    The adults stand from the oldest to the youngest; `on` is the day of the visit, for the rule of the last
    birthday. A household without adults is recorded as not eligible. From then on the case stands for one
    adult of as many as were listed; the audit log says who listed how many, and who was chosen.
    """
    require_status(case.sample.round, RoundStatus.OPEN)
    household = _lock(case)
    _check(household, adults)
    chosen = _choose(household, adults, on or timezone.localdate()) if adults else None
    household.n_adults = len(adults)
    household.chosen = int(chosen.adult) if chosen else None
    household.is_quasi_random = bool(chosen and chosen.is_quasi_random)
    household.listed_at = timezone.now()
    household.listed_by_id = user.pk if user else None
    household.full_clean(exclude=["case", "listed_by"])
    household.save()
    keep_adults(household, adults)
    _note_person(household, adults)
    record(case, "sampling.list_adults", user=user, details=_facts(household))
    return household


def _note_person(household: Household, adults: Sequence[ListedAdult]) -> None:
    """Give the case sex and age group of the adult to ask, or say that nobody can be asked."""
    case = Case.objects.filter(pk=household.case_id)
    if household.chosen is None:
        case.update(disposition=Disposition.NOT_ELIGIBLE)
        return
    person = adults[household.chosen - 1]
    case.update(sex=person.sex, age_group=age_group_of(person.age))


def age_group_of(age: int | None) -> str:
    """Return the age group of margins in which an age lies; empty if the age is not known.

    Examples
    --------
    >>> age_group_of(24), age_group_of(25), age_group_of(None)
    ('18-24', '25-34', '')
    """
    if age is None:
        return ""
    return next(label for first, label in AGE_GROUPS if age >= first)


def _lock(case: Case) -> Household:
    """Return the household of a case for this transaction alone: of two who list at once, one is second."""
    found = Household.objects.select_for_update(of=("self",)).select_related("case").filter(case=case).first()
    if found is None:
        raise HouseholdError(
            _("Case %(number)s is a person of a register, no household.") % {"number": case.number}
        )
    return found


def _check(household: Household, adults: Sequence[ListedAdult]) -> None:
    """Refuse a second list, a household that nobody may visit, and a list that is none."""
    case = household.case
    if household.is_listed:
        raise HouseholdError(
            _("The adults of case %(number)s were listed already. The list cannot be changed.")
            % {"number": case.number}
        )
    if case.is_reserve and case.released_at is None:
        raise HouseholdError(
            _("Case %(number)s is a sealed reserve. Release it with a reason before it is visited.")
            % {"number": case.number}
        )
    if len(adults) > MOST_ADULTS or any(len(adult.name) > LONGEST_NAME for adult in adults):
        raise HouseholdError(
            _("Expected at most %(most)s adults with names of at most %(longest)s characters.")
            % {"most": MOST_ADULTS, "longest": LONGEST_NAME}
        )


def _choose(household: Household, adults: Sequence[ListedAdult], day: datetime.date) -> SelectedAdult:
    """Open the seal and choose by the rule of the round."""
    try:
        number = number_of_household(household)
        return CHOICES[household.rule](adults, number, day)
    except SealError as error:
        raise HouseholdError(
            _("The seal of this household cannot be opened. Tell the supervisor; nothing was recorded.")
        ) from error
    except SelectionError as error:
        raise HouseholdError(
            _("Expected day and month of birth of every adult, such as 14/3. Complete the list.")
        ) from error


def _by_number(adults: Sequence[ListedAdult], number: str, _day: datetime.date) -> SelectedAdult:
    """Choose a line by the sealed number."""
    return select_adult([str(line) for line in range(1, len(adults) + 1)], number)


def _by_birthday(adults: Sequence[ListedAdult], number: str, day: datetime.date) -> SelectedAdult:
    """Choose whoever had a birthday last; the sealed number decides between two on one day."""
    birthdays = {str(line): adult.birthday for line, adult in enumerate(adults, start=1)}
    known = {line: birthday for line, birthday in birthdays.items() if birthday is not None}
    if len(known) < len(birthdays):
        raise SelectionError("Expected the birthday of every adult.")
    return select_last_birthday(known, day, number)


CHOICES: Mapping[str, Callable[[Sequence[ListedAdult], str, datetime.date], SelectedAdult]] = {
    AdultRule.LISTED_ADULTS: _by_number,
    AdultRule.LAST_BIRTHDAY: _by_birthday,
}
"""How each rule chooses."""


def _facts(household: Household) -> dict[str, str | int | bool]:
    """Return what the audit log keeps of a list; no names."""
    return {
        "rule": household.rule,
        "adults": household.n_adults or 0,
        "line": household.chosen or 0,
        "quasi_random": household.is_quasi_random,
        "seal_sha256": household.seal_digest,
    }
