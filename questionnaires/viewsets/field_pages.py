"""Pages of the fieldwork below a round: the list of rounds that leads to them, and who sees the entry."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from sampling.models.rounds import RoundStatus
from sampling.selectors.territories import rounds_seen_by


class RightMenuItem(MenuItem):
    """An entry for those who have a right."""

    right = ""

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask for the right."""
        return bool(request.user.has_perm(self.right))


class RoundChoiceView(WagtailAdminTemplateMixin, TemplateView):
    """The rounds that have a sample and are not over."""

    template_name = "questionnaires/admin/round_choice.html"
    right = ""
    leads_to = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who have the right."""
        if not request.user.has_perm(self.right):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Name the page: without this its heading would be that of the home page."""
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """List the rounds with their pages."""
        rounds = rounds_seen_by(self.request.user).filter(sample__isnull=False)
        rounds = rounds.exclude(status=RoundStatus.FROZEN)
        links = [(survey_round, reverse(self.leads_to, args=[survey_round.pk])) for survey_round in rounds]
        return super().get_context_data(**kwargs) | {"links": links}


class RightViewSet(ViewSet):
    """A menu entry and its pages for those who have the right of the entry."""

    menu_item_class: type[RightMenuItem]

    @property
    def index_view(self) -> Any:
        """The rounds to choose from."""
        return self.construct_view(
            RoundChoiceView,
            right=self.menu_item_class.right,
            leads_to=self.get_url_name("round"),
            page_title=self.menu_label,
            header_icon=self.icon,
        )
