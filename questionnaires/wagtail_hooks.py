"""Registration with Wagtail: names of actions in the audit log, permission policies and viewsets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.action_menu import ActionMenuItem

from questionnaires.models import Questionnaire
from questionnaires.permissions import (
    ADD_DRAFT,
    FREEZE_QUESTIONNAIRE,
    USE_STUDIO,
    VIEW_DRAFT,
    register_policies,
)
from questionnaires.viewsets import FreezeView, QuestionnaireViewSetGroup
from questionnaires.viewsets.beginnings import CopyDraftView, StartDraftView
from questionnaires.viewsets.exchange import ExportDraftView, ExportVersionView, ImportFormView
from questionnaires.viewsets.open_rounds import OpenRoundViewSet
from questionnaires.viewsets.paths import PathEntryView, PathsView
from questionnaires.viewsets.pictures import PictureView
from questionnaires.viewsets.studio import (
    StudioArchiveView,
    StudioLanguageView,
    StudioScriptView,
    StudioView,
)
from questionnaires.viewsets.translations import (
    TranslationsView,
    TranslationView,
    TranslationWorkbookView,
)
from questionnaires.viewsets.walks import WalkPageView, WalkView

register_policies()

LOG_ACTIONS = (
    ("questionnaires.import", _("Import questionnaire"), _("Questionnaire imported")),
    ("questionnaires.translate", _("Translate questionnaire"), _("Texts of a language saved")),
    ("questionnaires.record", _("Record texts"), _("Recordings of texts saved")),
    ("questionnaires.confirm_recording", _("Confirm recording"), _("Recording found to fit the new text")),
    ("questionnaires.remove_recording", _("Remove recording"), _("Recording of a text removed")),
    ("questionnaires.sweep_recordings", _("Sweep recordings"), _("Recordings nobody refers to removed")),
    ("questionnaires.save_picture", _("Keep picture"), _("Picture for a questionnaire stored")),
    ("questionnaires.copy", _("Copy questionnaire"), _("Questionnaire copied as a new draft")),
    ("questionnaires.start_draft", _("Start questionnaire"), _("Draft begun")),
    ("questionnaires.record_path", _("Record test path"), _("Test path recorded")),
    ("questionnaires.remove_path", _("Remove test path"), _("Test path removed")),
    ("questionnaires.set_workflow", _("Set workflow"), _("Drafts of questionnaires need approval")),
    ("questionnaires.approve_draft", _("Approve draft"), _("Draft approved for publication")),
    ("questionnaires.freeze", _("Publish version"), _("Version published for answering")),
    ("questionnaires.assign_version", _("Assign questionnaire"), _("Questionnaire assigned to a round")),
    ("questionnaires.issue_codes", _("Issue access codes"), _("Access codes issued")),
    ("questionnaires.issue_letters", _("Issue letters"), _("Letters with access codes made")),
    ("questionnaires.fetch_letters", _("Fetch letters"), _("Letters with access codes fetched")),
    ("questionnaires.save_template", _("Save message template"), _("Template of a message saved")),
    ("questionnaires.queue_messages", _("Queue messages"), _("Wave of messages confirmed")),
    ("questionnaires.send_messages", _("Send messages"), _("Waiting messages sent")),
    ("questionnaires.stop_messages", _("Stop messages"), _("Waiting messages stopped")),
    ("questionnaires.retry_messages", _("Repeat messages"), _("Failed messages queued again")),
    ("questionnaires.settle_messages", _("Settle messages"), _("Unclear messages settled")),
    ("questionnaires.note_deliveries", _("Note deliveries"), _("Reports of delivery noted")),
    ("questionnaires.export_messages", _("Export ledger of messages"), _("Ledger of messages exported")),
    ("questionnaires.apply_workloads", _("Apply workloads"), _("Villages shared out among enumerators")),
    ("questionnaires.start", _("Start answering"), _("Answering started")),
    ("questionnaires.submit", _("Send answers"), _("Answers sent")),
    ("questionnaires.assign_village", _("Assign village"), _("Village assigned to an enumerator")),
    ("questionnaires.open_case", _("Open case"), _("Contact of a case opened")),
    ("questionnaires.open_village", _("Open village"), _("Names of a village opened")),
    ("questionnaires.decline", _("Decline to take part"), _("Taking part declined")),
    (
        "questionnaires.approve",
        _("Approve interviews"),
        _("Interviews approved, their links with cases erased"),
    ),
    ("questionnaires.separate", _("Separate answers"), _("Answers cut from their cases for good")),
    ("questionnaires.receive_rights_request", _("Take request about data"), _("Request about data taken")),
    (
        "questionnaires.answer_rights_request",
        _("Answer request about data"),
        _("Request about data answered"),
    ),
    ("questionnaires.create_open_round", _("Create open round"), _("Open round created")),
    ("questionnaires.change_open_round", _("Change open round"), _("Open round changed")),
    ("questionnaires.start_open_round", _("Open an open round"), _("Open round opened for answers")),
    ("questionnaires.close_open_round", _("Close open round"), _("Open round closed")),
    ("questionnaires.submit_open", _("Send open form"), _("Form of an open round sent")),
    ("questionnaires.withdraw_open", _("Withdraw open form"), _("Form of an open round withdrawn")),
    ("questionnaires.export_open", _("Export open round"), _("Answers of an open round exported")),
    ("questionnaires.make_tokens", _("Make tokens"), _("Tokens for receipts made")),
    ("questionnaires.withdraw", _("Withdraw form"), _("Form withdrawn, its answers deleted")),
)


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Name the changes of state that the audit log shows."""
    for code, label, message in LOG_ACTIONS:
        actions.register_action(code, label, message)


@hooks.register("register_admin_viewset")
def register_viewsets() -> QuestionnaireViewSetGroup:
    """Add the menu with drafts, versions, rounds and assignments."""
    return QuestionnaireViewSetGroup()


@hooks.register("register_admin_viewset")
def register_open_rounds() -> OpenRoundViewSet:
    """Add open rounds, with a menu entry of their own."""
    return OpenRoundViewSet()


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    """Add the pages that publish a version, exchange forms and translate them."""
    translation = "questionnaires/<int:pk>/translations/"
    studio = "questionnaires/<int:pk>/studio/"
    return [
        path("questionnaires/<int:pk>/publish-version/", FreezeView.as_view(), name="questionnaires_freeze"),
        path("questionnaires/start/", StartDraftView.as_view(), name="questionnaires_start"),
        path("questionnaires/<int:pk>/copy/", CopyDraftView.as_view(), name="questionnaires_copy"),
        path("questionnaires/<int:pk>/walk/", WalkView.as_view(), name="questionnaires_walk"),
        path(
            "questionnaires/<int:pk>/walk/<str:step>/",
            WalkPageView.as_view(),
            name="questionnaires_walk_page",
        ),
        path("questionnaires/<int:pk>/paths/", PathsView.as_view(), name="questionnaires_paths"),
        path("questionnaires/<int:pk>/paths/new/", PathEntryView.as_view(), name="questionnaires_path"),
        path("questionnaires/pictures/", PictureView.as_view(), name="questionnaires_picture"),
        path("questionnaires/import/", ImportFormView.as_view(), name="questionnaires_import"),
        path(
            "questionnaires/<int:pk>/export/<slug:file_format>/",
            ExportDraftView.as_view(),
            name="questionnaires_export",
        ),
        path(
            "questionnaires/versions/<int:pk>/export/<slug:file_format>/",
            ExportVersionView.as_view(),
            name="questionnaires_export_version",
        ),
        path(translation, TranslationsView.as_view(), name="questionnaires_translations"),
        path(f"{translation}<slug:language>/", TranslationView.as_view(), name="questionnaires_translation"),
        path(
            f"{translation}<slug:language>/workbook/",
            TranslationWorkbookView.as_view(),
            name="questionnaires_translation_workbook",
        ),
        path(studio, StudioView.as_view(), name="questionnaires_studio"),
        path(
            f"{studio}<slug:language>/", StudioLanguageView.as_view(), name="questionnaires_studio_language"
        ),
        path(
            f"{studio}<slug:language>/script/",
            StudioScriptView.as_view(),
            name="questionnaires_studio_script",
        ),
        path(
            f"{studio}<slug:language>/archive/",
            StudioArchiveView.as_view(),
            name="questionnaires_studio_archive",
        ),
    ]


class DraftMenuItem(ActionMenuItem):
    """Something at the foot of a draft's page, for those who may."""

    right = VIEW_DRAFT
    url_name = ""

    def is_shown(self, context: Mapping[str, Any]) -> bool:
        """Offer it for drafts that exist, to those who may."""
        is_draft = context["view"] == "edit" and context["model"] is Questionnaire
        return is_draft and bool(context["request"].user.has_perm(self.right))

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        """Return the address of the page."""
        return reverse(self.url_name, args=[parent_context["instance"].pk])


class FreezeMenuItem(DraftMenuItem):
    """The way to the page that lists what linting found, and publishes."""

    name = "action-freeze"
    label = _("Publish a version for answering")
    icon_name = "lock"
    right = FREEZE_QUESTIONNAIRE
    url_name = "questionnaires_freeze"


class WalkMenuItem(DraftMenuItem):
    """The way to the phone."""

    name = "action-walk"
    label = _("Walk through the draft")
    icon_name = "mobile-alt"
    url_name = "questionnaires_walk"


class CopyMenuItem(DraftMenuItem):
    """The way to a copy."""

    name = "action-copy"
    label = _("Copy as a new draft")
    icon_name = "copy"
    right = ADD_DRAFT
    url_name = "questionnaires_copy"


DRAFT_MENU = (FreezeMenuItem(order=70), WalkMenuItem(order=80), CopyMenuItem(order=90))
MISLEADING = frozenset({"action-publish", "action-unpublish"})
"""Wagtail publishes drafts; here that only approves them, and nobody could answer one."""


def _registered(item: DraftMenuItem) -> None:
    """Add one action to drafts of questionnaires."""
    hooks.register(
        "register_snippet_action_menu_item", lambda model: item if model is Questionnaire else None
    )


for _item in DRAFT_MENU:
    _registered(_item)


@hooks.register("construct_snippet_action_menu")
def keep_approval_apart(
    items: list[ActionMenuItem], _request: HttpRequest, context: Mapping[str, Any]
) -> None:
    """Take away what says that a draft is published, and call approving what it is."""
    if context["model"] is not Questionnaire:
        return
    items[:] = [item for item in items if item.name not in MISLEADING]
    for item in items:
        if item.name == "approve":
            item.label = _("Approve with a comment") if getattr(item, "launch_modal", False) else _("Approve")


@dataclass(frozen=True, slots=True)
class DraftAction:
    """Something that can be done with a draft: its words, address, icon and right."""

    label: Any
    url_name: str
    icon: str
    right: str
    arguments: tuple[str, ...] = ()


DRAFT_ACTIONS = (
    DraftAction(FreezeMenuItem.label, "questionnaires_freeze", "lock", FREEZE_QUESTIONNAIRE),
    DraftAction(_("Walk through the draft"), "questionnaires_walk", "mobile-alt", VIEW_DRAFT),
    DraftAction(_("Test paths"), "questionnaires_paths", "list-ol", VIEW_DRAFT),
    DraftAction(_("Copy as a new draft"), "questionnaires_copy", "copy", ADD_DRAFT),
    DraftAction(_("Translations"), "questionnaires_translations", "globe", VIEW_DRAFT),
    DraftAction(_("Recordings"), "questionnaires_studio", "media", USE_STUDIO),
    DraftAction(_("Download as XLSForm"), "questionnaires_export", "download", VIEW_DRAFT, ("xlsform",)),
    DraftAction(_("Download as JSON"), "questionnaires_export", "download", VIEW_DRAFT, ("json",)),
)


@hooks.register("register_snippet_listing_buttons")
def register_freeze_button(
    snippet: models.Model, user: AbstractUser, _next_url: str | None = None
) -> list[Button]:
    """Add what can be done with a draft to the listing."""
    if not isinstance(snippet, Questionnaire):
        return []
    return [
        Button(
            action.label,
            url=reverse(action.url_name, args=[snippet.pk, *action.arguments]),
            icon_name=action.icon,
            priority=priority,
        )
        for priority, action in enumerate(DRAFT_ACTIONS, start=30)
        if user.has_perm(action.right)
    ]
