"""Walking through a draft on a phone in the admin; a walk can be kept as a test path."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from questionnaires.models import Questionnaire
from questionnaires.models.questionnaires import CONSENT_PAGE, REVIEW_PAGE
from questionnaires.permissions import CHANGE_DRAFT, VIEW_DRAFT
from questionnaires.schema import DEFAULT_LANGUAGE, SchemaError, lint, parse, path
from questionnaires.schema import Questionnaire as Schema
from questionnaires.selectors.places import placed
from questionnaires.services import draft_to_document, latest_draft
from questionnaires.services.paths import PathNameError, record_path
from questionnaires.viewsets.drawn_pages import Copy, draw, pages_of
from questionnaires.viewsets.path_forms import read_attribute
from questionnaires.wizard import wordings

WALKS = "questionnaire_walks"


class DraftPageMixin(PermissionRequiredMixin):
    """A page about one draft as it was saved last."""

    permission_required = VIEW_DRAFT
    raise_exception = True
    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """Return the draft of the address."""
        return get_object_or_404(Questionnaire, pk=self.kwargs["pk"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """Return the draft as it was saved last, as a document."""
        return draft_to_document(latest_draft(self.questionnaire))

    @cached_property
    def schema(self) -> Schema | None:
        """Return the draft as the engine reads it; None where it cannot be read or asks nothing."""
        try:
            schema = parse(self.document)
        except SchemaError:
            return None
        return schema if schema.sections else None

    @property
    def edit_url(self) -> str:
        """Return the address of the editor."""
        return reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[self.questionnaire.pk])

    def url(self, name: str, *args: Any) -> str:
        """Return the address of a page about this draft."""
        return reverse(name, args=[self.questionnaire.pk, *args])

    def refuse_unreadable(self) -> HttpResponse:
        """Say what must be repaired before there is anything to walk through."""
        problems = placed(latest_draft(self.questionnaire), lint(self.document))
        context = {"questionnaire": self.questionnaire, "problems": problems, "edit_url": self.edit_url}
        return render(self.request, "questionnaires/admin/not_ready.html", context)


class WalkMixin(DraftPageMixin):
    """Keeps the walk of one person through one draft in the session."""

    @property
    def walk(self) -> dict[str, Any]:
        """What was answered and chosen so far."""
        walks = self.request.session.get(WALKS, {})
        return cast("dict[str, Any]", walks.get(str(self.questionnaire.pk), {}))

    def keep(self, **values: Any) -> None:
        """Remember more of the walk."""
        walks = self.request.session.get(WALKS, {})
        self.request.session[WALKS] = {**walks, str(self.questionnaire.pk): {**self.walk, **values}}

    def forget(self) -> None:
        """Begin a new walk; what is known about the person and the language stay."""
        self.keep(answers={})

    @property
    def answers(self) -> Mapping[str, Any]:
        """Answers given on this walk."""
        return cast("Mapping[str, Any]", self.walk.get("answers", {}))

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What is known about the person who walks."""
        return cast("Mapping[str, Any]", self.walk.get("attributes", {}))


class WalkView(WalkMixin, View):
    """The phone, and beside it what is known, the answers so far, and the way to keep them."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show the phone."""
        if self.schema is None:
            return self.refuse_unreadable()
        sections = path(self.schema, self.answers, self.attributes).sections
        known = [(each, self.attributes.get(each.code, "")) for each in self.schema.attributes]
        context = {
            "questionnaire": self.questionnaire,
            "edit_url": self.edit_url,
            "page_url": self.url("questionnaires_walk_page", pages_of(self.schema)[0]),
            "paths_url": self.url("questionnaires_paths"),
            "attributes": known,
            "answers": self.answers,
            "sections": [(section, section.code in sections) for section in self.schema.sections],
            "may_record": cast("Any", request.user).has_perm(CHANGE_DRAFT),
        }
        return render(request, "questionnaires/admin/walk.html", context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Begin again, take what is known, or keep the walk as a test path."""
        move = request.POST.get("move", "")
        if self.schema is not None and move == "save":
            return self.save()
        if self.schema is not None and move == "know":
            given = {each.code: request.POST.get(f"known:{each.code}", "") for each in self.schema.attributes}
            self.keep(attributes={code: read_attribute(text) for code, text in given.items() if text.strip()})
        self.forget()
        return redirect(self.url("questionnaires_walk"))

    def save(self) -> HttpResponse:
        """Keep the walk as a test path."""
        user = cast("Any", self.request.user)
        if not user.has_perm(CHANGE_DRAFT):
            return self.handle_no_permission()
        try:
            recorded = record_path(
                questionnaire=self.questionnaire,
                name=self.request.POST.get("name", ""),
                answers=self.answers,
                attributes=self.attributes,
                user=cast("AbstractBaseUser", user),
            )
        except PathNameError as error:
            messages.error(self.request, str(error))
            return redirect(self.url("questionnaires_walk"))
        messages.success(self.request, _("The test path “%(path)s” was kept.") % {"path": recorded})
        return redirect(self.url("questionnaires_paths"))


class WalkPageView(WalkMixin, View):
    """One page on the phone, as citizens get it; answers stay in the session of whoever tries."""

    @property
    def copy(self) -> Copy:
        """The draft in the hands of the person who walks."""
        chosen = self.walk.get("language", DEFAULT_LANGUAGE)
        schema = cast("Schema", self.schema)
        language = chosen if chosen in wordings.offered(schema) else DEFAULT_LANGUAGE
        return Copy(schema, self.answers, self.attributes, language)

    def pages(self) -> list[str]:
        """Return the pages that come, as the answers stand."""
        copy = self.copy
        return pages_of(copy.schema, path(copy.schema, copy.answers, copy.attributes).sections)

    def get(self, _request: HttpRequest, step: str, **_kwargs: Any) -> HttpResponse:
        """Show a page that comes, else the first one."""
        if self.schema is None:
            return self.refuse_unreadable()
        if step not in self.pages():
            return self.go(self.pages()[0])
        return self.show(step)

    def post(self, request: HttpRequest, step: str, **_kwargs: Any) -> HttpResponse:
        """Take a page and go on, as the button says."""
        if self.schema is None or step not in self.pages():
            return redirect(self.url("questionnaires_walk_page", CONSENT_PAGE))
        move = request.POST.get("move", "")
        if move.startswith(wordings.MOVE):
            self.keep(language=move.removeprefix(wordings.MOVE))
            return self.go(step)
        if step in {CONSENT_PAGE, REVIEW_PAGE}:
            return self.go(self.neighbour(step, 1))
        return self.take(step, move)

    def take(self, step: str, move: str) -> HttpResponse:
        """Keep the valid answers of a section; go on where nothing was found."""
        form = self.copy.section_form(step, self.request.POST)
        is_valid = form.is_valid()
        self.keep(answers=dict(form.answers))
        if move == "back":
            return self.go(self.neighbour(step, -1))
        return self.go(self.neighbour(step, 1)) if is_valid else self.show(step, form)

    def neighbour(self, step: str, distance: int) -> str:
        """Return the page before or after; at the ends the page itself."""
        pages = self.pages()
        position = pages.index(step) + distance
        return pages[min(max(position, 0), len(pages) - 1)]

    def go(self, page: str) -> HttpResponse:
        """Lead to a page."""
        return redirect(self.url("questionnaires_walk_page", page))

    def show(self, step: str, form: Any = None) -> HttpResponse:
        """Draw a page."""
        copy, before = self.copy, self.neighbour(step, -1)
        around = {
            "is_walk": True,
            "draft_pk": self.questionnaire.pk,
            "wordings": copy.languages if len(copy.languages) > 1 else [],
            "back_url": self.url("questionnaires_walk_page", before) if before != step else "",
            "heading_note": _("Trial – nothing is sent"),
        }
        return draw(self.request, copy, step, form, around=around)
