"""Registration with Wagtail: permission policies, listings, actions of the audit log."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from sampling.permissions import register_policies
from sampling.viewsets import SamplingViewSetGroup

register_policies()

LOG_ACTIONS = {
    "sampling.load_administrative_units": (_("Load administrative units"), _("Administrative units loaded")),
    "sampling.load_template": (_("Load sampling template"), _("Sampling template loaded")),
    "sampling.import_template": (_("Load a person's template"), _("Sampling template of a person loaded")),
    "sampling.create_round": (_("Create round"), _("Round created")),
    "sampling.open_round": (_("Open round"), _("Round opened for answers")),
    "sampling.close_round": (_("Close round"), _("Round closed")),
    "sampling.freeze_round": (_("Freeze round"), _("Round frozen")),
    "sampling.load_frame": (_("Load frame"), _("Frame loaded")),
    "sampling.start_import": (_("Start import of a list"), _("Import of a list started")),
    "sampling.check_import": (_("Check imported list"), _("Imported list checked")),
    "sampling.confirm_import": (_("Confirm imported list"), _("Imported list confirmed as frame")),
    "sampling.cancel_import": (_("Cancel import of a list"), _("Import of a list cancelled")),
    "sampling.draw_areas": (_("Draw communes and villages"), _("Communes and villages drawn")),
    "sampling.draw": (_("Draw sample"), _("Sample drawn")),
    "sampling.draft_draw": (_("Draft draw"), _("Draw drafted")),
    "sampling.check_draw": (_("Check draw"), _("Draw checked")),
    "sampling.commit_draw": (_("Commit draw"), _("Draw committed publicly")),
    "sampling.carry_out_draw": (_("Draw with the public value"), _("Public value entered and stage drawn")),
    "sampling.issue_draw": (_("Issue drawn list"), _("Drawn list issued")),
    "sampling.close_draw": (_("Close draw"), _("Draw closed")),
    "sampling.abandon_draw": (_("Abandon draw"), _("Draw abandoned")),
    "sampling.receive_units": (_("Receive lists"), _("Lists of drawn units received")),
    "sampling.receive_registers": (_("Receive registers"), _("Registers of drawn villages received")),
    "sampling.receive_households": (_("Receive lists of households"), _("Lists of households received")),
    "sampling.list_adults": (_("List adults of a household"), _("Adults of the household listed")),
    "sampling.print_slips": (_("Print selection slips"), _("Selection slips printed")),
    "sampling.export_list": (_("Download drawn list"), _("Drawn list downloaded")),
    "sampling.export_bundle": (_("Download bundle of a draw"), _("Bundle of the draw downloaded")),
    "sampling.record_disposition": (_("Record outcome"), _("Outcome of the case recorded")),
    "sampling.record_dispositions": (_("Record outcomes"), _("Outcomes of cases recorded")),
    "sampling.release_reserve": (_("Release reserve"), _("Reserve released")),
    "sampling.replace_unit": (_("Replace unit"), _("Drawn unit replaced")),
    "sampling.replace_commune": (_("Replace commune"), _("Drawn commune replaced")),
    "sampling.draw_replacement_villages": (
        _("Draw villages of a replacement"),
        _("Villages of a replacement drawn"),
    ),
    "sampling.draw_replacement_persons": (
        _("Draw respondents of a replacement"),
        _("Respondents of a replacement drawn"),
    ),
    "sampling.export_respondents": (_("Export respondents"), _("List of respondents made")),
    "sampling.fetch_file": (_("Fetch list"), _("Finished list fetched")),
    "sampling.record_objection": (_("Record objection"), _("Do-not-contact entry recorded")),
    "sampling.withdraw_objection": (_("Withdraw objection"), _("Do-not-contact entry withdrawn")),
    "sampling.honour_objections": (_("Honour objections"), _("Cases held against the do-not-contact list")),
    "sampling.add_contacts": (_("Add contacts"), _("Contacts added")),
    "sampling.erase_contacts": (_("Erase contacts"), _("Contacts erased")),
}
"""Label and message of every action that the services record."""


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Let the audit log show what the services record."""
    for action, (label, message) in LOG_ACTIONS.items():
        actions.register_action(action, label, message)


@hooks.register("register_admin_viewset")
def register_viewsets() -> SamplingViewSetGroup:
    """Add the listings to the admin."""
    return SamplingViewSetGroup()
