"""A household at the door: its adults are listed, the list is closed, then the page says who is asked."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from questionnaires.fieldwork.access import StaffPageMixin
from questionnaires.fieldwork.household_forms import AdultsForm, CountForm
from questionnaires.permissions import CONDUCT_INTERVIEWS, KEY_PAPER_FORM
from questionnaires.selectors import place_of, with_place
from sampling.models import Case, Household, SurveyRound
from sampling.models.samples import LEFT_IN_PEACE
from sampling.selectors.territories import within_province, within_territory
from sampling.services.contacts import adults_of
from sampling.services.households import HouseholdError, list_adults
from sampling.services.rounds import RoundStateError

ADULT_AGE = 18


@dataclass(frozen=True, slots=True)
class ChosenAdult:
    """Whom to ask in a household whose adults are listed."""

    line: int
    n_adults: int
    name: str
    is_quasi_random: bool


def chosen_adult(household: Household) -> ChosenAdult | None:
    """Return whom to ask; nobody before the list is closed, and in a household without adults."""
    if household.chosen is None:
        return None
    adults = adults_of(household)
    name = adults[household.chosen - 1].name if adults else ""
    return ChosenAdult(household.chosen, household.n_adults or 0, name, household.is_quasi_random)


class HouseholdView(StaffPageMixin, View):
    """Lists the adults of a household, once: in an own village, or for a paper form that is keyed in."""

    template_name = "questionnaires/fieldwork/household.html"

    def has_permission(self) -> bool:
        """Let enumerators and clerks pass."""
        return any(self.request.user.has_perm(name) for name in (CONDUCT_INTERVIEWS, KEY_PAPER_FORM))

    def get_household(self) -> Household:
        """Return the household if it lies in an assigned village, or anywhere for clerks."""
        cases = with_place(self._cases()).filter(household__isnull=False)
        case = get_object_or_404(cases.select_related("household"), pk=self.kwargs["case_id"])
        household: Household = case.household
        return household

    def _cases(self) -> QuerySet[Case]:
        """Return the cases that whoever is signed in may list."""
        rounds = within_territory(SurveyRound.objects.accepting_answers(), self.staff, "")
        cases = Case.objects.filter(sample__round__in=rounds).exclude(disposition__in=LEFT_IN_PEACE).active()
        if self.request.user.has_perm(KEY_PAPER_FORM):
            return within_province(cases, self.staff, "village__province")
        return cases.filter(village__assignment__enumerator=self.request.user.pk)

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Ask how many adults there are, then for each of them."""
        household = self.get_household()
        if household.is_listed:
            return redirect(self._after(household))
        count = CountForm(request.GET if "adults" in request.GET else None)
        if not count.is_bound or not count.is_valid():
            return self._show(household, count=count)
        return self._show(household, adults=self._adults(household, count.cleaned_data["adults"]))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Close the list, or show it again with everything that was entered."""
        household = self.get_household()
        count = CountForm(request.GET)
        if not count.is_valid():
            return self._show(household, count=count)
        form = self._adults(household, count.cleaned_data["adults"], request.POST)
        if not form.is_valid():
            return self._show(household, adults=form)
        try:
            household = list_adults(case=household.case, adults=form.adults, user=self.staff)
        except (HouseholdError, RoundStateError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _told(household))
        return redirect(self._after(household))

    def _adults(self, household: Household, n_adults: int, posted: Any = None) -> AdultsForm:
        """Return the form of so many adults."""
        minimum = _minimum_age(household)
        return AdultsForm(posted, n_adults=n_adults, rule=household.rule, minimum_age=minimum)

    def _show(
        self, household: Household, *, count: CountForm | None = None, adults: AdultsForm | None = None
    ) -> HttpResponse:
        """Show one of the two forms."""
        context = {
            "case": household.case,
            "place": place_of(household.case.village),
            "minimum_age": _minimum_age(household),
            "count": count,
            "form": adults,
            "back_url": self._after(household),
        }
        return render(self.request, self.template_name, context)

    def _after(self, household: Household) -> str:
        """Return where the work goes on: the case for the enumerator, the keying for clerks."""
        if self.request.user.has_perm(CONDUCT_INTERVIEWS):
            return reverse("questionnaires:case_detail", args=[household.case_id])
        return f"{reverse('questionnaires:key_form')}?number={household.case.number}"


def _told(household: Household) -> str:
    """Say what came of the list, for whoever holds a paper form too."""
    if household.chosen is None:
        return _("The household is recorded as not eligible.")
    words = _("The list is closed: adult %(line)s of %(adults)s is asked. It cannot be changed any more.")
    return words % {"line": household.chosen, "adults": household.n_adults}


def _minimum_age(household: Household) -> int:
    """Return from which age people are adults in the round."""
    population = household.case.sample.template.document.get("population", {})
    return int(population.get("minimum_age", ADULT_AGE))
