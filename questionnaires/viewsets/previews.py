"""The live preview beside the editor: one page of the draft, unsaved changes included, in a phone."""

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.snippets.views.snippets import PreviewOnCreateView, PreviewOnEditView

from questionnaires.models import Questionnaire
from questionnaires.models.questionnaires import CONSENT_PAGE, REVIEW_PAGE
from questionnaires.schema import DEFAULT_LANGUAGE, Problem, SchemaError, lint, parse
from questionnaires.schema import Questionnaire as Schema
from questionnaires.selectors.places import placed
from questionnaires.services import draft_to_document
from questionnaires.viewsets.drawn_pages import Copy, draw, pages_of, without_conditions
from questionnaires.wizard.wordings import offered

WORDING = "wording"
"""Parameter of an address that chooses the language of the preview, and where the choice is kept."""
SHOWN_PROBLEMS = 5


class SavedPreviewMixin:
    """Keeps the language chosen in the preview, and shows the saved draft where the form cannot be read."""

    request: HttpRequest

    def get_extra_request_attrs(self) -> dict[str, Any]:
        """Hand the language on to the page."""
        if WORDING in self.request.GET:
            self.request.session[f"preview_{WORDING}"] = self.request.GET[WORDING]
        chosen = self.request.session.get(f"preview_{WORDING}", DEFAULT_LANGUAGE)
        return {"in_preview_panel": True, "is_editing": True, WORDING: chosen}

    def error_response(self) -> HttpResponse:
        """Show the draft as it was saved last."""
        saved = cast("Any", self).get_object()
        page = self.request.GET.get("mode", saved.default_preview_mode)
        response: HttpResponse = saved.make_preview_request(
            self.request, page, self.get_extra_request_attrs()
        )
        return response


class QuestionnairePreviewOnEdit(SavedPreviewMixin, PreviewOnEditView):
    """The preview beside a draft that exists."""


class QuestionnairePreviewOnCreate(SavedPreviewMixin, PreviewOnCreateView):
    """The preview beside a draft that is being begun."""


def draw_preview(questionnaire: Questionnaire, request: HttpRequest, mode: str) -> HttpResponse:
    """Return a page of a draft, or what must be repaired before there is one."""
    document = draft_to_document(questionnaire)
    try:
        schema = parse(document)
    except SchemaError:
        return _unreadable(questionnaire, request, lint(document))
    if not schema.sections:
        return _unreadable(questionnaire, request, lint(schema))
    language = getattr(request, WORDING, DEFAULT_LANGUAGE)
    copy = Copy(
        without_conditions(schema), language=language if language in offered(schema) else DEFAULT_LANGUAGE
    )
    page = mode if mode in {CONSENT_PAGE, REVIEW_PAGE, *_codes(schema)} else schema.sections[0].code
    findings = placed(questionnaire, lint(schema))[:SHOWN_PROBLEMS]
    with translation.override(copy.site_language):
        around = {**_around(schema, page), "problems": findings, "edit_url": _edit_url(questionnaire)}
        return draw(request, copy, page, around=around)


def _unreadable(questionnaire: Questionnaire, request: HttpRequest, problems: list[Problem]) -> HttpResponse:
    """Say kindly what stands in the way of a page."""
    with translation.override(DEFAULT_LANGUAGE):
        found = placed(questionnaire, problems)
        context = {"request": None, "problems": found, "edit_url": _edit_url(questionnaire)}
        return render(request, "questionnaires/preview/unreadable.html", context)


def _codes(schema: Schema) -> list[str]:
    """Return the codes of the sections."""
    return [section.code for section in schema.sections]


def _around(schema: Schema, page: str) -> Mapping[str, Any]:
    """Return the ways to the pages before and after, and what decides whether a section comes."""
    pages = pages_of(schema)
    position = pages.index(page) if page in pages else 0
    section = next((each for each in schema.sections if each.code == page), None)
    return {
        "before": pages[position - 1] if position else "",
        "after": pages[position + 1] if position + 1 < len(pages) else "",
        "is_conditional": bool(section and section.visible_when),
        "heading_note": _("Preview – nothing is kept"),
    }


def _edit_url(questionnaire: Questionnaire) -> str:
    """Return the address of the editor, empty for a draft that was never saved."""
    name = "wagtailsnippets_questionnaires_questionnaire:edit"
    return reverse(name, args=[questionnaire.pk]) if questionnaire.pk else ""
