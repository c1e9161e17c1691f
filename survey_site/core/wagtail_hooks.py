"""Registration with Wagtail: signing in and out in the audit log, and a menu without outside hosts."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry

from sampling.selectors import province_of
from survey_site.core.accounts import FAIL_LOG_IN, LOG_IN, LOG_OUT
from survey_site.core.roles import SET_ROLE

LOG_ACTIONS = {
    LOG_IN: (_("Sign in"), _("Signed in")),
    LOG_OUT: (_("Sign out"), _("Signed out")),
    FAIL_LOG_IN: (_("Fail to sign in"), _("Signing in failed")),
    "demo.reset": (_("Remove demonstration data"), _("Demonstration data removed")),
    "demo.set_users": (_("Set demonstration users"), _("Passwords of demonstration users set")),
    SET_ROLE: (_("Set role"), _("Permissions of a role set")),
}
OUTSIDE = ("http://", "https://", "//")


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Let the audit log show who signed in, who failed to, who left, and what a role may do since when."""
    for action, (label, message) in LOG_ACTIONS.items():
        actions.register_action(action, label, message)


@hooks.register("construct_help_menu")
def keep_help_inside(_request: HttpRequest, items: list[MenuItem]) -> None:
    """Take Wagtail's links to its own guides out: on a closed network they lead nowhere."""
    items[:] = [item for item in items if not str(item.url).startswith(OUTSIDE)]


@hooks.register("construct_reports_menu")
def show_history_to_the_nation(request: HttpRequest, items: list[MenuItem]) -> None:
    """Take the report of the whole site out of the menu of people of a province, who may not open it."""
    if province_of(request.user) is not None:
        items[:] = [item for item in items if item.name != "site-history"]
