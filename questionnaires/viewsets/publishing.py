"""The page that publishes: approval, findings, test paths, and what became of each question."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages as admin_messages

from questionnaires.models import Questionnaire, QuestionnaireVersion
from questionnaires.permissions import ADD_OPEN_ROUND, APPROVE_DRAFT, FREEZE_QUESTIONNAIRE
from questionnaires.schema import DEFAULT_LANGUAGE, Change, Question, digest, parse, without_places
from questionnaires.schema import Questionnaire as Schema
from questionnaires.selectors import last_version, schema_by_digest
from questionnaires.selectors.places import placed
from questionnaires.services import (
    DraftChangedError,
    UnfitMappingError,
    UnpublishableError,
    draft_to_document,
    freeze_version,
    latest_draft,
    preview_comparison,
)
from questionnaires.services.draft_approvals import DraftMovedOnError, NotApprovedError, needs_approval
from questionnaires.services.paths import FailingPathsError, run_paths
from questionnaires.services.versions import approve_and_freeze, lint_of

REFUSALS = (DraftChangedError, DraftMovedOnError, FailingPathsError, NotApprovedError, UnfitMappingError)

CHANGE_LABELS: Mapping[str, Promise] = {
    Change.WORDING: gettext_lazy("other words; stays comparable"),
    Change.OPTIONS: gettext_lazy("other options; not comparable"),
    Change.RECODED: gettext_lazy("recoded; comparable through the mapping"),
    Change.KIND: gettext_lazy("another kind of question; not comparable"),
    Change.NEW: gettext_lazy("new"),
    Change.DROPPED: gettext_lazy("no longer asked"),
}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A question that is not as it was: what became of it, its words and options before and now."""

    code: str
    change: Promise
    before: str
    now: str
    options: tuple[tuple[str, str, str], ...]


class FreezeView(PermissionRequiredMixin, View):
    """What stands in the way of a version, and the button that publishes it."""

    permission_required = FREEZE_QUESTIONNAIRE
    raise_exception = True
    template_name = "questionnaires/admin/freeze.html"
    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """Return the draft of the address."""
        return get_object_or_404(Questionnaire, pk=self.kwargs["pk"])

    @cached_property
    def standing(self) -> "Standing":
        """Return which draft the page is about, and what may be done with it."""
        wants_approved = self.request.GET.get("draft") == "approved"
        return standing_of(self.questionnaire, self.request.user, wants_approved=wants_approved)

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """List every finding, and what became of each question since the last version."""
        questionnaire, standing = self.questionnaire, self.standing
        document = draft_to_document(standing.draft)
        findings = placed(standing.draft, lint_of(questionnaire, document))
        errors = [found for found in findings if found.is_error]
        runs = [] if errors else run_paths(questionnaire, document)
        context = {
            "questionnaire": questionnaire,
            "standing": standing,
            "errors": errors,
            "changes": [] if errors else listed_changes(questionnaire, document),
            "mapping": request.POST.get("mapping", ""),
            "reason": request.POST.get("reason", ""),
            "warnings": [found for found in findings if not found.is_error],
            "digest": digest(document),
            "last": last_version(questionnaire),
            "edit_url": edit_url(questionnaire),
            "runs": runs,
            "n_failed": sum(not run.is_passed for run in runs),
        }
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Publish, or list again what stands in the way."""
        if "approve" in request.POST and not request.user.has_perm(APPROVE_DRAFT):
            return self.handle_no_permission()
        try:
            version = self.freeze(request.POST)
        except UnpublishableError:
            messages.error(request, _("The draft has errors and was not published."))
        except (json.JSONDecodeError, RecursionError) as error:
            messages.error(request, _("The mapping is no JSON: %(problem)s.") % {"problem": error})
        except REFUSALS as error:
            messages.error(request, str(error))
        else:
            said = _("%(version)s is published and can be assigned to a round.") % {"version": version}
            admin_messages.success(request, said, buttons=open_round_buttons(request, version))
            return redirect(edit_url(self.questionnaire))
        return self.get(request)

    def freeze(self, sent: Mapping[str, str]) -> QuestionnaireVersion:
        """Publish what was looked at; the same button approves it where that is still to be done."""
        asked: dict[str, Any] = {
            "questionnaire": self.questionnaire,
            "seen_digest": sent.get("digest", ""),
            "mapping": json.loads(sent.get("mapping", "").strip() or "{}"),
            "reason": sent.get("reason", ""),
            "user": self.request.user,
        }
        if "approve" not in sent:
            return freeze_version(only_approved=True, **asked)
        seen = sent["approve"]
        return approve_and_freeze(seen=int(seen) if seen.isdecimal() else 0, **asked)


@dataclass(frozen=True, slots=True)
class Standing:
    """The draft that a page is about: whether it is approved, or who may approve it."""

    draft: Questionnaire
    is_approved: bool
    may_approve: bool = False
    latest: Any = None
    approved: Any = None
    is_waiting: bool = False

    @property
    def is_behind(self) -> bool:
        """Tell whether the draft was changed since it was approved."""
        return self.approved is not None and self.approved.pk != self.latest.pk

    @property
    def compare_url(self) -> str:
        """Return the address that shows what changed since the approval."""
        view = "wagtailsnippets_questionnaires_questionnaire:revisions_compare"
        return reverse(view, args=[self.draft.pk, self.approved.pk, self.latest.pk])

    @property
    def approvers(self) -> list[str]:
        """Return the names of those who may approve."""
        users = get_user_model().objects.with_perm(APPROVE_DRAFT, include_superusers=False)
        return sorted(user.get_full_name() or user.get_username() for user in users)


def standing_of(questionnaire: Questionnaire, user: Any, *, wants_approved: bool) -> Standing:
    """Return the draft to publish: for those who approve the latest, unless they want the approved one."""
    if not needs_approval(questionnaire):
        return Standing(latest_draft(questionnaire), is_approved=True)
    approved, latest = questionnaire.approved_revision, questionnaire.latest_revision
    is_approved = approved is not None and approved.pk == latest.pk
    under_way = questionnaire.current_workflow_state
    is_waiting = questionnaire.workflow_in_progress
    is_last_step = not is_waiting or under_way.is_at_final_task
    may_approve = not is_approved and is_last_step and user.has_perm(APPROVE_DRAFT)
    shows_approved = approved is not None and (wants_approved or not may_approve)
    return Standing(
        draft=approved.as_object() if shows_approved else latest_draft(questionnaire),
        is_approved=shows_approved,
        may_approve=may_approve,
        latest=latest,
        approved=approved,
        is_waiting=is_waiting,
    )


def open_round_buttons(request: HttpRequest, version: QuestionnaireVersion) -> list[Any]:
    """Return the way from a version just published to a form that anybody with the link may answer."""
    if not request.user.has_perm(ADD_OPEN_ROUND):
        return []
    return [admin_messages.button(open_round_address(version), _("Create an open round"))]


def open_round_address(version: QuestionnaireVersion) -> str:
    """Return the address of the form for an open round with a version."""
    return f"{reverse('openround:add')}?version={version.pk}"


def listed_changes(questionnaire: Questionnaire, document: Mapping[str, Any]) -> list[ChangeRow]:
    """Return the questions that would not be the same in a version published now, and what became of them."""
    found = preview_comparison(questionnaire, document)
    last = last_version(questionnaire)
    if not found or last is None:
        return []
    older, newer = schema_by_digest(last.digest), parse(document)
    return [_row(item, older, newer) for item in found if item["change"] != Change.SAME]


def _row(item: Mapping[str, Any], older: Schema, newer: Schema) -> ChangeRow:
    """Return one question in words."""
    is_dropped = item["change"] == Change.DROPPED
    before = _question(older, item["code"] if is_dropped else item.get("source", ""))
    now = None if is_dropped else _question(newer, item["code"])
    options = tuple(
        (str(value), _label(before, value), _label(now, value)) for value in item.get("options", ())
    )
    return ChangeRow(item["code"], CHANGE_LABELS[item["change"]], _words(before), _words(now), options)


def _question(schema: Schema, code: str) -> Question | None:
    """Return a question of a version, None where it is not asked there."""
    return next((question for question in schema.questions if question.code == code), None)


def _words(question: Question | None) -> str:
    """Return the words of a question in the language of the reader."""
    return without_places(question.text, get_language() or DEFAULT_LANGUAGE) if question else ""


def _label(question: Question | None, value: Any) -> str:
    """Return the label of an option, empty where it is not offered."""
    options = question.options if question else ()
    language = get_language() or DEFAULT_LANGUAGE
    return next((option.label.in_language(language) for option in options if option.value == value), "")


def edit_url(questionnaire: Questionnaire) -> str:
    """Return the address of a draft in the admin."""
    return reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[questionnaire.pk])
