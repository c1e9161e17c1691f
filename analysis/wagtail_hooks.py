"""Registration with Wagtail: permission policies, listings, actions of the audit log."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from analysis.permissions import register_policies
from analysis.viewsets import AnalysisViewSetGroup

register_policies()

LOG_ACTIONS = {
    "analysis.load_methods": (_("Load methods"), _("Method loaded")),
    "analysis.load_margins": (_("Load population margins"), _("Population margins loaded")),
    "analysis.take_snapshot": (_("Take snapshot"), _("Snapshot taken")),
    "analysis.discard_snapshots": (_("Discard working snapshots"), _("Working snapshots discarded")),
    "analysis.publish_release": (_("Publish results"), _("Results published")),
    "analysis.export_working_estimates": (_("Export working estimates"), _("Working estimates exported")),
    "analysis.export_microdata": (_("Export microdata"), _("Microdata exported")),
}
"""Label and message of every action that the services record."""


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Let the audit log show what the services record."""
    for action, (label, message) in LOG_ACTIONS.items():
        actions.register_action(action, label, message)


@hooks.register("register_admin_viewset")
def register_viewsets() -> AnalysisViewSetGroup:
    """Add the listings to the admin."""
    return AnalysisViewSetGroup()
