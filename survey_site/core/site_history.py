"""The report of everything that was done on the site: for people who work for the whole country."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView

from sampling.selectors import province_of


class SiteHistoryView(LogEntriesView):
    """Wagtail's report asks for rights on models only; its entries tell of the rounds of every province."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Send people of a province to the histories of their own rounds."""
        if province_of(request.user) is not None:
            raise PermissionDenied(
                _("The history of the whole site is open to people who work for the whole country.")
            )
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


site_history = require_admin_access(SiteHistoryView.as_view())
site_history_results = require_admin_access(SiteHistoryView.as_view(results_only=True))
