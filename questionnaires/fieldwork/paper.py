"""Paper: a version printed as an A4 form, and forms keyed in by clerks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from questionnaires.fieldwork.access import StaffPageMixin
from questionnaires.fieldwork.forms import KeyingForm, NumberForm
from questionnaires.fieldwork.keys import TYPED_KINDS, key_legend, width_of
from questionnaires.models import Mode, QuestionnaireVersion
from questionnaires.permissions import KEY_PAPER_FORM, VIEW_VERSION
from questionnaires.schema import (
    LIST_KINDS,
    Condition,
    Kind,
    Question,
    Questionnaire,
    Section,
    Subject,
    comparisons,
    holds,
    without_places,
)
from questionnaires.selectors import case_attributes, schema_by_digest, version_for_round
from questionnaires.services import DuplicateSubmissionError, Submission, submit_single
from questionnaires.wizard.access import REFUSALS, kind_page
from sampling.models import Case


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One question on paper: its code for keying, its wording, its boxes."""

    question: Question
    text: str
    help: str
    boxes: tuple[tuple[str, str], ...]

    @property
    def is_written(self) -> bool:
        """Whether the answer is written on a line."""
        return self.question.kind in TYPED_KINDS

    @property
    def is_date(self) -> bool:
        """Whether a day is written."""
        return self.question.kind is Kind.DATE

    @property
    def is_ranking(self) -> bool:
        """Whether places are written beside the options."""
        return self.question.kind is Kind.RANKING

    @property
    def places(self) -> frozenset[str]:
        """Keys of the options that are given places; the other boxes are ticked."""
        return frozenset(str(position) for position, _option in enumerate(self.question.options, start=1))

    @property
    def has_one_key(self) -> bool:
        """Whether one key is the whole answer, so that the next field may take the focus."""
        return self.question.kind not in TYPED_KINDS | LIST_KINDS

    @property
    def is_note(self) -> bool:
        """Whether nothing is answered."""
        return self.question.kind is Kind.NOTE


@dataclass(frozen=True, slots=True)
class PaperBlock:
    """Items printed together: a grid where they share a scale, else one below the other."""

    items: tuple[PaperItem, ...]
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PaperSection:
    """One section on paper."""

    title: str
    heading: str
    intro: str
    has_condition: bool
    blocks: tuple[PaperBlock, ...]


def paper_sections(
    schema: Questionnaire, language: str, attributes: Mapping[str, Any] | None = None
) -> list[PaperSection]:
    """Return a questionnaire as it is printed in one language; an unknown sample tells nothing."""
    known = attributes or {}
    return [_paper_section(section, language, known) for section in schema.sections]


def _paper_section(section: Section, language: str, attributes: Mapping[str, Any]) -> PaperSection:
    """Return one section."""
    items = [
        _paper_item(question, language)
        for question in section.questions
        if _may_apply(question.visible_when, attributes)
    ]
    return PaperSection(
        title=section.title.in_language(language),
        heading=section.heading.in_language(language),
        intro=section.intro.in_language(language),
        has_condition=section.visible_when is not None,
        blocks=tuple(_blocks(items)),
    )


def _may_apply(condition: Condition | None, attributes: Mapping[str, Any]) -> bool:
    """Tell whether a question can be asked: only what the sample tells is known before the interview."""
    asks_answers = any(part.subject is Subject.QUESTION for part in comparisons(condition))
    return asks_answers or holds(condition, {}, attributes)


def _paper_item(question: Question, language: str) -> PaperItem:
    """Return one item."""
    return PaperItem(
        question=question,
        text=without_places(question.text, language),
        help=without_places(question.help, language),
        boxes=tuple(key_legend(question, language)),
    )


def _blocks(items: list[PaperItem]) -> list[PaperBlock]:
    """Put neighbours with the same boxes into one grid."""
    blocks: list[PaperBlock] = []
    for item in items:
        columns = item.boxes if item.question.scale else ()
        last = blocks[-1] if blocks else None
        if last is not None and columns and last.columns == columns:
            blocks[-1] = PaperBlock((*last.items, item), columns)
        else:
            blocks.append(PaperBlock((item,), columns))
    return blocks


class PaperFormView(StaffPageMixin, TemplateView):
    """The printable form of a version; `?lang=` chooses the language of the form."""

    template_name = "questionnaires/fieldwork/paper_form.html"

    def has_permission(self) -> bool:
        """Let everybody pass who sees versions or keys them in."""
        return any(self.request.user.has_perm(name) for name in (VIEW_VERSION, KEY_PAPER_FORM))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form in the language asked for."""
        versions = QuestionnaireVersion.objects.select_related("questionnaire").defer("document")
        version = get_object_or_404(versions, pk=kwargs["version_id"])
        schema = schema_by_digest(version.digest)
        wanted = self.request.GET.get("lang", "")
        language = wanted if wanted in schema.languages else get_language() or "vi"
        consent = schema.consent
        return super().get_context_data(**kwargs) | {
            "version": version,
            "form_language": language,
            "languages": schema.languages,
            "title": schema.title.in_language(language),
            "provisional_reason": schema.provisional_reason.in_language(language),
            "is_provisional": schema.is_provisional,
            "statements": [part.text.in_language(language) for part in consent.statements] if consent else [],
            "points": [
                (point.heading.in_language(language), point.text.in_language(language))
                for point in (consent.points if consent else ())
            ],
            "sections": paper_sections(schema, language),
        }


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One item on the keying page."""

    item: PaperItem
    typed: str
    errors: tuple[str, ...]
    scale: tuple[tuple[str, str], ...] = ()
    """Keys of a shared scale, with the first item that uses it in a section."""

    @property
    def boxes(self) -> tuple[tuple[str, str], ...]:
        """Keys that belong to this item alone."""
        return () if self.item.question.scale else self.item.boxes

    @property
    def width(self) -> int:
        """Signs that the field takes."""
        return width_of(self.item.question)


class KeyFormView(StaffPageMixin, View):
    """Keying: the number first, then one compact page, one key per item."""

    permission_required = KEY_PAPER_FORM
    number_template = "questionnaires/fieldwork/key_number.html"
    items_template = "questionnaires/fieldwork/key_form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the number, or show the items of the form with that number."""
        number_form = NumberForm(request.GET if "number" in request.GET else None, user=self.staff)
        if not number_form.is_bound or not number_form.is_valid():
            return render(request, self.number_template, {"form": number_form})
        return self.show_items(number_form, None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the form, or show it again with everything that was keyed."""
        number_form = NumberForm(request.GET, user=self.staff)
        if not number_form.is_valid():
            return render(request, self.number_template, {"form": number_form})
        return self.show_items(number_form, request.POST)

    def show_items(self, number_form: NumberForm, posted: Any) -> HttpResponse:
        """Show or take the items of a case."""
        case: Case = number_form.cleaned_data["case"]
        if case.has_answered:
            number_form.add_error(
                "number", _("The answers of this case were sent already. Nothing was changed.")
            )
            return render(self.request, self.number_template, {"form": number_form}, status=409)
        if case.awaits_adults:
            return redirect("questionnaires:household", case_id=case.pk)
        try:
            return self.handle(case, posted)
        except REFUSALS as error:
            return kind_page(self.request, error, case.sample.round)

    def handle(self, case: Case, posted: Any) -> HttpResponse:
        """Check and send what was keyed, if anything was."""
        version = version_for_round(case.sample.round)
        schema = schema_by_digest(version.digest)
        form = KeyingForm(posted, schema=schema, attributes=case_attributes(case))
        if form.is_bound and form.is_valid():
            return self.send(case, schema, form)
        context = {"case": case, "version": version, "form": form, "sections": key_sections(schema, form)}
        return render(self.request, self.items_template, context)

    def send(self, case: Case, schema: Questionnaire, form: KeyingForm) -> HttpResponse:
        """Send the form through the same service as every other answer."""
        submission = Submission(
            case_id=case.pk,
            answers=form.answers,
            mode=Mode.PAPER,
            consent_version=schema.consent.version if schema.consent else "",
            recorded_by_id=self.staff.pk,
        )
        try:
            receipt = submit_single(round=case.sample.round, submission=submission, user=self.staff)
        except DuplicateSubmissionError as error:
            messages.error(self.request, str(error))
        else:
            values = {"number": case.number, "receipt": receipt}
            messages.success(self.request, _("Form %(number)s was taken: receipt %(receipt)s.") % values)
        return redirect("questionnaires:key_form")


def key_sections(schema: Questionnaire, form: KeyingForm) -> list[tuple[PaperSection, list[KeyRow]]]:
    """Return the sections with what was keyed so far; notes are left out."""
    sections = []
    for section in paper_sections(schema, get_language() or "vi", form.attributes):
        items = [item for block in section.blocks for item in block.items if not item.is_note]
        sections.append((section, _key_rows(items, form)))
    return [(section, rows) for section, rows in sections if rows]


def _key_rows(items: list[PaperItem], form: KeyingForm) -> list[KeyRow]:
    """Return the rows of a section with what stands in their fields; a scale is explained where it begins."""
    rows = []
    last: tuple[tuple[str, str], ...] = ()
    for item in items:
        field = form[item.question.code]
        scale = item.boxes if item.question.scale else ()
        errors = tuple(str(error) for error in field.errors)
        rows.append(KeyRow(item, field.value() or "", errors, scale if scale != last else ()))
        last = scale or last
    return rows
