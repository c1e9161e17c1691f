"""The form itself: a wizard whose steps are the sections on the path, and a review before sending."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from formtools.wizard.forms import ManagementForm
from formtools.wizard.views import NamedUrlWizardView

from questionnaires.models import Mode, Response
from questionnaires.schema import UNANSWERED, Questionnaire, path
from questionnaires.selectors import case_attributes, schema_by_digest
from questionnaires.services import (
    AnswersRefusedError,
    DraftSavedElsewhereError,
    note_assistance,
    submit_response,
)
from questionnaires.wizard import once, session, wordings
from questionnaires.wizard.access import AnsweringMixin, TakenOverError
from questionnaires.wizard.cards import progress_of, review_rows
from questionnaires.wizard.drawing import draw
from questionnaires.wizard.forms import ReviewForm, SectionForm
from questionnaires.wizard.messages import summary_title
from questionnaires.wizard.storage import AnsweringRequest, ResponseStorage

REVIEW = "_review"
"""Name of the last step; no section can be called so, as codes begin with a letter."""


MAX_ATTEMPTS = 3
"""A household has two devices at most; more attempts would hide a fault."""
CHECK = "check"
"""Asks a page to say what stands in the way of sending."""


class AnswerWizard(AnsweringMixin, NamedUrlWizardView):
    """One section a page; the path is computed from the draft each time, and nobody skips ahead."""

    storage_name = f"{ResponseStorage.__module__}.{ResponseStorage.__qualname__}"
    storage: ResponseStorage
    template_name = "questionnaires/section.html"
    review_url_name = "questionnaires:review"
    pause_url_name = "questionnaires:pause"
    is_open_round = False
    templates: ClassVar[dict[str, str]] = {REVIEW: "questionnaires/review.html"}
    draft: Response
    schema: Questionnaire
    attributes: dict[str, Any]
    _walked: tuple[Any, tuple[str, ...]] = (None, ())

    def prepare(self, request: HttpRequest) -> HttpResponse | None:
        """Make one step of every section, asked where the path leads there, and the review."""
        draft = self.response_under_way
        if draft is not None and self.mode is Mode.WEB:
            require_same_mode(draft, self.mode)
        if draft is None or self.is_sealed:
            return redirect("questionnaires:consent")
        self.draft = cast("AnsweringRequest", request).draft = draft
        self.schema = schema_by_digest(draft.version.digest)
        self.attributes = self.known_before() if self.schema.attributes else {}
        codes = [section.code for section in self.schema.sections]
        self.form_list = dict.fromkeys(codes, SectionForm) | {REVIEW: ReviewForm}
        self.condition_dict = {code: _is_on_path(code) for code in codes}
        return None

    def known_before(self) -> dict[str, Any]:
        """Return what the sample knows of whoever answers."""
        return case_attributes(self.case)

    @property
    def sections_on_path(self) -> tuple[str, ...]:
        """Sections that are asked, given the answers so far; walked once for all steps that ask."""
        answers, sections = self._walked
        if answers is not self.draft.answers:
            answers = self.draft.answers
            sections = path(self.schema, answers, self.attributes).sections
            self._walked = answers, sections
        return sections

    def first_unfinished(self) -> str:
        """Return the first section not gone through yet, or the review."""
        passed = set(self.draft.passed_sections)
        steps: list[str] = list(self.get_form_list())
        return next((step for step in steps if step not in passed), REVIEW)

    def may_open(self, step: str | None) -> bool:
        """Tell whether a step is on the path and nothing before it was left out."""
        steps = list(self.get_form_list())
        return step in steps and steps.index(step) <= steps.index(self.first_unfinished())

    def get_prefix(self, _request: HttpRequest, *_args: Any, **_kwargs: Any) -> str:
        """Name the wizard after the response, so that a page left open for another one is recognised."""
        return f"r{self.draft.pk.hex}"

    def get_form_prefix(self, _step: str | None = None, _form: Any = None) -> None:
        """Leave field names as the codes of the questions."""
        return

    def get_step_url(self, step: str) -> str:
        """Return the address of a step."""
        if step == REVIEW:
            return reverse(self.review_url_name)
        return reverse(self.url_name, kwargs={"step": step})

    def get(self, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Show a step that may be opened, else lead to the first unfinished one."""
        step = kwargs.get("step")
        if step is None or not self.may_open(step):
            return redirect(self.get_step_url(self.first_unfinished()))
        self.storage.current_step = step
        form = self.get_form()
        if CHECK in self.request.GET and isinstance(form, SectionForm):
            form.recheck()
        return self.render(form)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the page once; where another device saved meanwhile, take it on top of what that one saved."""
        if place := once.place_taken(self.request):
            return redirect(place)
        for _attempt in range(MAX_ATTEMPTS - 1):
            try:
                return self.take_page(*args, **kwargs)
            except DraftSavedElsewhereError:
                self.draft.refresh_from_db()
                require_same_mode(self.draft, self.mode)
                if self.is_sealed:
                    return redirect("questionnaires:consent")
        return self.take_page(*args, **kwargs)

    def take_page(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a page that belongs to this form and may be answered now; else lead to the one that does."""
        step = str(kwargs.get("step"))
        sent_from = ManagementForm(self.request.POST, prefix=self.prefix)
        is_this_page = sent_from.is_valid() and sent_from.cleaned_data["current_step"] == step
        if not is_this_page or not self.may_open(step):
            return redirect(self.get_step_url(self.first_unfinished()))
        self.storage.current_step = step
        return once.note_taken(self.request, self.take_move(*args, **kwargs))

    def take_move(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what was answered on the page, and return where the pressed button leads."""
        move = self.request.POST.get("move", "")
        if move.startswith(wordings.MOVE):
            return self.change_language(move.removeprefix(wordings.MOVE))
        leave = LEAVING.get(move)
        if leave is not None:
            self.keep(self.get_form(data=self.request.POST))
            return redirect(leave(self))
        return cast("HttpResponse", super().post(*args, **kwargs))

    def change_language(self, code: str) -> HttpResponse:
        """Word the questions in another language; what was answered on the page is kept."""
        wordings.choose(self.request, self.schema, code)
        self.keep(self.get_form(data=self.request.POST))
        return redirect(self.request.get_full_path())

    def keep(self, form: forms.Form) -> None:
        """Keep the valid answers of a page that does not pass, or is left."""
        if isinstance(form, SectionForm):
            form.is_valid()
            self.storage.keep(form.answers)

    def process_step(self, form: SectionForm | ReviewForm) -> dict[str, Any]:
        """Return answers only: no token, no button, no management form reaches the draft."""
        return dict(form.answers)

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        """Give a section form its section and everything answered before."""
        if step == REVIEW:
            return {"answers": self.draft.answers}
        return {
            "schema": self.schema,
            "section": self.schema.section(str(step)),
            "answers": self.draft.answers,
            "attributes": self.attributes,
            "language": wordings.chosen(self.request, self.schema),
        }

    def render_next_step(self, form: forms.Form, **kwargs: Any) -> HttpResponse:
        """Go on to the next section, or back to the review where the page was opened from there."""
        if "review" in self.request.GET and self.first_unfinished() == REVIEW:
            return redirect(self.get_step_url(REVIEW))
        return cast("HttpResponse", super().render_next_step(form, **kwargs))

    def render(self, form: forms.Form | None = None, **kwargs: Any) -> HttpResponse:
        """Show a page; of one that did not pass, the valid answers are kept."""
        if form is not None and form.is_bound:
            self.keep(form)
        return cast("HttpResponse", super().render(form, **kwargs))

    def render_done(self, form: ReviewForm, **_kwargs: Any) -> HttpResponse:
        """Send the answers: on the press of the button, never by opening an address."""
        note_assistance(response=self.draft, **form.assistance)
        try:
            number = self.send()
        except AnswersRefusedError as refused:
            url = self.get_step_url(self.section_of(refused.errors[0].question))
            return redirect(f"{url}?{CHECK}=1")
        receipt = {
            "number": number,
            "round": self.survey_round.name,
            "day": f"{timezone.localdate():%d/%m/%Y}",
            "village": str(self.case.village_id) if self.interviewer else "",
            "phone": self.survey_round.contact_phone,
        }
        session.finish(self.request, receipt)
        once.keep_receipt(self.request, receipt)
        return redirect("questionnaires:receipt")

    def send(self) -> str:
        """Hand the answers in and return the receipt number."""
        return submit_response(response=self.draft, user=self.interviewer)

    def section_of(self, question: str) -> str:
        """Return the section in which a question is asked."""
        sections = self.schema.sections
        found = (part.code for part in sections if any(item.code == question for item in part.questions))
        return next(found, self.sections_on_path[0])

    @property
    def interviewer(self) -> Any:
        """The enumerator of an interview; nobody on a citizen's own device."""
        return self.request.user if self.mode is Mode.INTERVIEW else None

    def get_template_names(self) -> list[str]:
        """Return the template of the step."""
        return [self.templates.get(self.steps.current, self.template_name)]

    def get_context_data(self, form: forms.Form, **kwargs: Any) -> dict[str, Any]:
        """Add what the page draws."""
        context: dict[str, Any] = super().get_context_data(form=form, **kwargs)
        language = wordings.chosen(self.request, self.schema)
        context |= {
            "wordings": wordings.choices(self.request, self.schema),
            "round": self.survey_round,
            "is_demo": self.survey_round.is_demo,
            "is_interview": self.interviewer is not None,
            "is_open_round": self.is_open_round,
            "back_url": self.get_step_url(self.steps.prev) if self.steps.prev else "",
        }
        if isinstance(form, SectionForm):
            return context | self.section_context(form, language)
        return context | {"rows": review_rows(self.schema, self.draft.answers, self.attributes, language)}

    def section_context(self, form: SectionForm, language: str) -> dict[str, Any]:
        """Return what a section page draws."""
        drawing = draw(form, language)
        faulty = drawing.faulty
        n_errors = len(form.problems)
        is_unanswered = all(reminder.code == UNANSWERED for reminder in form.reminders)
        return {
            **drawing.above,
            "cards": drawing.markup,
            "faulty": faulty,
            "is_soft": not n_errors,
            "is_doubtful": not is_unanswered,
            "rules_to_show": form.rules_to_show,
            "summary_title": summary_title(n_errors, len(faulty), is_unanswered=is_unanswered)
            if faulty
            else "",
            "progress": progress_of(self.schema, form.section.code, self.draft.answers, self.attributes),
        }


def require_same_mode(draft: Response, mode: Mode) -> None:
    """Raise where an interview has begun on the draft: what somebody types alone must not enter it."""
    if draft.mode != mode:
        raise TakenOverError


def _is_on_path(code: str) -> Callable[[AnswerWizard], bool]:
    """Return the condition under which the wizard has a step."""
    return lambda wizard: code in wizard.sections_on_path


def _previous_url(wizard: AnswerWizard) -> str:
    """Return where the back button leads."""
    return wizard.get_step_url(wizard.steps.prev or wizard.steps.first)


LEAVING: dict[str, Callable[[AnswerWizard], str]] = {
    "back": _previous_url,
    "pause": lambda wizard: reverse(wizard.pause_url_name),
}
