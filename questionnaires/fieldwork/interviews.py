"""What an enumerator sees: assigned villages, their respondents, one case at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import TemplateView

from questionnaires.fieldwork.access import StaffPageMixin
from questionnaires.fieldwork.households import chosen_adult
from questionnaires.models import Mode, Response
from questionnaires.permissions import CONDUCT_INTERVIEWS
from questionnaires.selectors import PLACE_RELATIONS, place_of, with_place
from questionnaires.services import check_can_answer, record_case_look, record_village_look
from questionnaires.wizard import session
from questionnaires.wizard.access import REFUSALS, kind_page
from sampling.models import Case, Disposition, SampledUnit
from sampling.models.contacts import Contact
from sampling.models.samples import LEFT_IN_PEACE, RESPONDENT_DISPOSITIONS
from sampling.services import record_disposition
from sampling.services.cases import FIELDWORK_STATUSES

OUTCOMES = (
    Disposition.NON_CONTACT,
    Disposition.REFUSAL,
    Disposition.BREAKOFF,
    Disposition.OTHER,
    Disposition.UNKNOWN,
    Disposition.NOT_ELIGIBLE,
)
ACTIVE = Q(cases__is_reserve=False) | Q(cases__released_at__isnull=False)
SENT = Q(cases__disposition__in=RESPONDENT_DISPOSITIONS)
OPEN = Q(cases__disposition=Disposition.PENDING)


@dataclass(frozen=True, slots=True)
class Tag:
    """A status as word, shape and colour."""

    style: str
    icon: str
    label: Promise | str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One respondent in a list."""

    case: Case
    name: str
    tag: Tag


SENT_TAG = Tag("done", "check-circle", _("Sent"))
DRAFT_TAG = Tag("doing", "half", pgettext_lazy("interview", "In progress"))
TAGS: Mapping[str, Tag] = {
    Disposition.PENDING: Tag("none", "circle", _("Not yet visited")),
    Disposition.NON_CONTACT: Tag("returned", "clock", Disposition.NON_CONTACT.label),
    Disposition.BREAKOFF: Tag("returned", "half", Disposition.BREAKOFF.label),
    Disposition.COMPLETE: SENT_TAG,
    Disposition.PARTIAL: SENT_TAG,
}


def tag_for(case: Case, response: Response | None) -> Tag:
    """Return the status of a case: what was sent or begun first, then the outcome of the visits."""
    if response is not None and not case.has_answered:
        return DRAFT_TAG
    return TAGS.get(case.disposition) or Tag("none", "no", Disposition(case.disposition).label)


class EnumeratorMixin(StaffPageMixin):
    """Only the villages of whoever is signed in."""

    permission_required = CONDUCT_INTERVIEWS
    request: HttpRequest

    @property
    def villages(self) -> QuerySet[SampledUnit]:
        """Assigned villages of rounds in the field, with their place."""
        own = SampledUnit.objects.filter(
            assignment__enumerator=self.request.user.pk, sample__round__status__in=FIELDWORK_STATUSES
        )
        return own.select_related(*PLACE_RELATIONS, "sample__round")


class VillageListView(EnumeratorMixin, TemplateView):
    """The enumerator's first page."""

    template_name = "questionnaires/fieldwork/village_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Count the cases of each village."""
        villages = self.villages.annotate(
            n_cases=Count("cases", filter=ACTIVE),
            n_sent=Count("cases", filter=ACTIVE & SENT),
            n_open=Count("cases", filter=ACTIVE & OPEN),
        )
        return super().get_context_data(**kwargs) | {
            "villages": [
                (village, place_of(village)) for village in villages.order_by("-sample__round__year", "pk")
            ]
        }


class VillageView(EnumeratorMixin, TemplateView):
    """The respondents of one village; sealed reserves are not among them."""

    template_name = "questionnaires/fieldwork/village.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the respondents with name and status; the look at names is logged."""
        village = get_object_or_404(self.villages, pk=kwargs["village_id"])
        record_village_look(village=village, user=self.staff)
        cases = village.cases.active().select_related("response").order_by("draw_order")
        named = Contact.objects.filter(case__village=village).exclude(case__disposition__in=LEFT_IN_PEACE)
        names = dict(named.values_list("case", "full_name"))
        lines = [
            CaseLine(case, names.get(case.pk, ""), tag_for(case, getattr(case, "response", None)))
            for case in cases
        ]
        return super().get_context_data(**kwargs) | {
            "village": village,
            "place": place_of(village),
            "round": village.sample.round,
            "lines": lines,
        }


class CaseView(EnumeratorMixin, TemplateView):
    """One respondent: how to find them, the interview, the outcome of a visit."""

    template_name = "questionnaires/fieldwork/case.html"

    def get_case(self) -> Case:
        """Return the case if it lies in an assigned village and may be asked."""
        cases = with_place(Case.objects.filter(village__in=self.villages).active())
        return get_object_or_404(cases.select_related("response", "household"), pk=self.kwargs["case_id"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add contact, status and outcomes; the look at personal data is logged."""
        case = self.get_case()
        response = getattr(case, "response", None)
        household = getattr(case, "household", None)
        is_left = case.disposition in LEFT_IN_PEACE
        if not is_left:
            record_case_look(case=case, user=self.staff)
        return super().get_context_data(**kwargs) | {
            "case": case,
            "round": case.sample.round,
            "village": case.village,
            "place": place_of(case.village),
            "household": household,
            "chosen": chosen_adult(household) if household and not is_left else None,
            "contact": None if is_left else Contact.objects.filter(case=case).first(),
            "is_left": is_left,
            "is_withheld": case.disposition == Disposition.WITHHELD,
            "tag": tag_for(case, response),
            "is_sent": case.has_answered,
            "is_begun": response is not None and response.mode == Mode.INTERVIEW,
            "outcomes": [(outcome.value, outcome.label) for outcome in OUTCOMES],
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Open the interview, or record how the visit ended."""
        case = self.get_case()
        if case.has_answered:
            messages.info(request, _("The answers of this case were sent already."))
            return redirect("questionnaires:case_detail", case_id=case.pk)
        if case.awaits_adults and "interview" in request.POST:
            return redirect("questionnaires:household", case_id=case.pk)
        outcome = request.POST.get("outcome", "")
        is_over = case.disposition in LEFT_IN_PEACE if outcome else case.disposition == Disposition.WITHHELD
        if is_over:
            messages.error(request, _("This person is not to be visited. The outcome stays as it is."))
            return redirect("questionnaires:case_detail", case_id=case.pk)
        return self.record(case, outcome) if outcome in OUTCOMES else self.interview(case)

    def interview(self, case: Case) -> HttpResponse:
        """Begin or continue the interview in the same wizard that citizens use."""
        try:
            check_can_answer(case)
        except REFUSALS as error:
            return kind_page(self.request, error, case.sample.round)
        session.begin(self.request, case, Mode.INTERVIEW)
        return redirect("questionnaires:consent")

    def record(self, case: Case, outcome: str) -> HttpResponse:
        """Record the outcome of a visit."""
        record_disposition(case=case, disposition=outcome, user=self.staff)
        messages.success(self.request, _("The outcome was recorded."))
        return redirect("questionnaires:village_detail", village_id=case.village_id)
