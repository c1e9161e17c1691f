"""Registration with Wagtail: names of actions in the audit log, permission policies and viewsets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.action_menu import ActionMenuItem

from questionnaires.models import Questionnaire
from questionnaires.permissions import FREEZE_QUESTIONNAIRE, VIEW_DRAFT, register_policies
from questionnaires.viewsets import FreezeView, QuestionnaireViewSetGroup
from questionnaires.viewsets.exchange import ExportDraftView, ExportVersionView, ImportFormView
from questionnaires.viewsets.translations import (
    TranslationsView,
    TranslationView,
    TranslationWorkbookView,
)

register_policies()

LOG_ACTIONS = (
    ("questionnaires.import", _("Import questionnaire"), _("Questionnaire imported")),
    ("questionnaires.translate", _("Translate questionnaire"), _("Texts of a language saved")),
    ("questionnaires.freeze", _("Publish version"), _("Version published for answering")),
    ("questionnaires.assign_version", _("Assign questionnaire"), _("Questionnaire assigned to a round")),
    ("questionnaires.issue_codes", _("Issue access codes"), _("Access codes issued")),
    ("questionnaires.issue_letters", _("Issue letters"), _("Letters with access codes made")),
    ("questionnaires.fetch_letters", _("Fetch letters"), _("Letters with access codes fetched")),
    ("questionnaires.apply_workloads", _("Apply workloads"), _("Villages shared out among enumerators")),
    ("questionnaires.start", _("Start answering"), _("Answering started")),
    ("questionnaires.submit", _("Send answers"), _("Answers sent")),
    ("questionnaires.assign_village", _("Assign village"), _("Village assigned to an enumerator")),
    ("questionnaires.open_case", _("Open case"), _("Contact of a case opened")),
    ("questionnaires.open_village", _("Open village"), _("Names of a village opened")),
    ("questionnaires.decline", _("Decline to take part"), _("Taking part declined")),
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


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    """Add the pages that publish a version, exchange forms and translate them."""
    translation = "questionnaires/<int:pk>/translations/"
    return [
        path("questionnaires/<int:pk>/publish-version/", FreezeView.as_view(), name="questionnaires_freeze"),
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
    ]


class FreezeMenuItem(ActionMenuItem):
    """The action at the foot of a draft's page."""

    name = "action-freeze"
    label = _("Publish a version for answering")
    icon_name = "lock"
    order = 50

    def is_shown(self, context: Mapping[str, Any]) -> bool:
        """Offer it for drafts that exist, to those who may."""
        is_draft = context["view"] == "edit" and context["model"] is Questionnaire
        return is_draft and bool(context["request"].user.has_perm(FREEZE_QUESTIONNAIRE))

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        """Return the address of the page that lists what linting found."""
        return freeze_url(parent_context["instance"])


def freeze_url(questionnaire: Questionnaire) -> str:
    """Return the address of the page that publishes a version of a draft."""
    return reverse("questionnaires_freeze", args=[questionnaire.pk])


@hooks.register("register_snippet_action_menu_item")
def register_freeze_action(model: type[models.Model]) -> FreezeMenuItem | None:
    """Add the action to drafts of questionnaires."""
    return FreezeMenuItem() if model is Questionnaire else None


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
    DraftAction(_("Translations"), "questionnaires_translations", "globe", VIEW_DRAFT),
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
