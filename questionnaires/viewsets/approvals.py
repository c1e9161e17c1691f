"""Approval in the admin: forms that staff have taken down, by village; once approved nothing links them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from questionnaires.permissions import APPROVE_RESPONSES
from questionnaires.selectors import VillageApprovals, village_approvals
from questionnaires.services import ApprovalError, approve_responses
from questionnaires.viewsets.field_pages import RightMenuItem, RightViewSet
from sampling.selectors.territories import province_of
from sampling.viewsets.handing_out import PlacedMixin


class ApprovalsView(PlacedMixin, TemplateView):
    """Shows which forms wait and approves those chosen."""

    needed_right = APPROVE_RESPONSES
    template_name = "questionnaires/admin/approvals.html"
    page_title = gettext_lazy("Approval of interviews")
    header_icon = "check"

    @cached_property
    def villages(self) -> list[VillageApprovals]:
        """Return the villages in which forms wait; none for people of a province that was not drawn."""
        province = self.chosen_province()
        if province is None and province_of(self.request.user) is not None:
            return []
        return village_approvals(self.survey_round, province)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the forms that wait."""
        return super().get_context_data(**kwargs) | {
            "place_form": self.place_form(),
            "villages": self.villages,
            "n_waiting": sum(village.n_waiting for village in self.villages),
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Approve what the pressed button stands for."""
        try:
            n_approved = approve_responses(
                round=self.survey_round, cases=self.chosen_cases(request), user=self.staff
            )
        except ApprovalError as error:
            messages.error(request, str(error))
        else:
            words = ngettext("%(n)s form was approved.", "%(n)s forms were approved.", n_approved)
            messages.success(request, words % {"n": n_approved})
        return redirect(request.get_full_path())

    def chosen_cases(self, request: HttpRequest) -> list[int]:
        """Return the cases of the forms that were ticked, of a village, or of all that was shown."""
        shown = {form.case_id: village.pk for village in self.villages for form in village.waiting}
        if "all" in request.POST:
            return list(shown)
        if village := request.POST.get("village"):
            return [case for case, unit in shown.items() if str(unit) == village]
        ticked = set(request.POST.getlist("cases"))
        return [case for case in shown if str(case) in ticked]


class ApprovalsMenuItem(RightMenuItem):
    """An entry for those who approve."""

    right = APPROVE_RESPONSES


class ApprovalsViewSet(RightViewSet):
    """The menu entry of approvals."""

    name = "approvals"
    icon = "check"
    menu_label = gettext_lazy("Approvals")
    menu_item_class = ApprovalsMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of rounds, and of the approvals of one."""
        return [
            path("", self.index_view, name="index"),
            path("<int:pk>/", ApprovalsView.as_view(), name="round"),
        ]
