"""What the pages of the planner have in common: who may see them, and the way from one to the others."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

PLANNING_RIGHTS = ("sampling.change_surveyround", "sampling.draw_sample")
"""Whoever may change rounds or draw samples may plan them."""
DOWNLOAD = "download"
PAGES = {
    "index": gettext_lazy("Sample in stages"),
    "lists": gettext_lazy("Sample of a list"),
    "sizes": gettext_lazy("Sample size"),
}
"""Pages of the planner by the name of their address."""


def may_plan(request: HttpRequest) -> bool:
    """Tell whether somebody may plan."""
    return any(request.user.has_perm(right) for right in PLANNING_RIGHTS)


class PlannerMenuItem(MenuItem):
    """An entry for those who may plan."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask for the right."""
        return may_plan(request)


class PlanningView(WagtailAdminTemplateMixin, TemplateView):
    """A page of the planner, with the way to the others."""

    header_icon = "sliders"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in those who may plan."""
        if not may_plan(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the first page of the admin."""
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the pages of the planner."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        pages = [(reverse(f"planner:{name}"), label) for name, label in PAGES.items()]
        return context | {"planner_pages": pages}
