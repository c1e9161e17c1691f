"""Paper: a version printed as an A4 form, and forms keyed in by clerks."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from questionnaires.fieldwork.access import StaffPageMixin
from questionnaires.fieldwork.conditions import in_words
from questionnaires.fieldwork.forms import KeyingForm, NumberForm
from questionnaires.fieldwork.keys import TYPED_KINDS, key_legend, keys_for, width_of
from questionnaires.fieldwork.sheets import CaseSheet, OpenSheet, Sheet, schema_of
from questionnaires.languages import own_name
from questionnaires.models import QuestionnaireVersion
from questionnaires.permissions import KEY_PAPER_FORM, VIEW_VERSION
from questionnaires.schema import (
    DEFAULT_LANGUAGE,
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
from questionnaires.selectors import schema_by_digest
from questionnaires.services import DuplicateSubmissionError, RoundNotOpenError
from questionnaires.wizard.access import REFUSALS
from questionnaires.wizard.pictures import Picture, option_pictures, picture_of
from questionnaires.wizard.wordings import offered
from sampling.models import Case

ONCE = "_once"
"""Field that names the page a form was keyed on; no question can be called so."""
ANSWERED = "answered"
"""Operator that asks whether there is anything; a blank form has nothing of the sample."""


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One question on paper: its code for keying, its wording, its boxes, and when it is asked."""

    question: Question
    text: str
    help: str
    boxes: tuple[tuple[str, str], ...]
    unit: str
    when: str
    picture: Picture | None = None
    pictures: tuple[tuple[str, Picture], ...] = ()
    """Pictures of options, each with the key of its box."""

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
    when: str
    blocks: tuple[PaperBlock, ...]


def paper_sections(
    schema: Questionnaire, language: str, attributes: Mapping[str, Any] | None = None
) -> list[PaperSection]:
    """Return a questionnaire as it is printed in one language; without a sample for everybody it may have."""
    with override(language):
        return [_paper_section(section, schema, language, attributes) for section in schema.sections]


def _paper_section(
    section: Section, schema: Questionnaire, language: str, attributes: Mapping[str, Any] | None
) -> PaperSection:
    """Return one section."""
    items = [
        _paper_item(question, schema, language)
        for question in section.questions
        if _may_apply(question.visible_when, attributes)
    ]
    return PaperSection(
        title=without_places(section.title, language),
        heading=without_places(section.heading, language),
        intro=without_places(section.intro, language),
        when=_when(section.visible_when, schema, language),
        blocks=tuple(_blocks(items)),
    )


def _may_apply(condition: Condition | None, attributes: Mapping[str, Any] | None) -> bool:
    """Tell whether a question can be asked: only what the sample tells is known before the interview.

    On a blank form nothing is known, so that any value is possible; that there is none is certain.
    """
    parts = comparisons(condition)
    asks_answers = any(part.subject is Subject.QUESTION for part in parts)
    is_open = attributes is None and any(part.operator != ANSWERED for part in parts)
    return asks_answers or is_open or holds(condition, {}, attributes or {})


def _when(condition: Condition | None, schema: Questionnaire, language: str) -> str:
    """Return when something is asked, in words; nothing where it always is, or the blank form decides it."""
    is_told = any(
        part.subject is Subject.QUESTION or part.operator != ANSWERED for part in comparisons(condition)
    )
    return in_words(condition, schema, language) if condition is not None and is_told else ""


def _paper_item(question: Question, schema: Questionnaire, language: str) -> PaperItem:
    """Return one item."""
    return PaperItem(
        question=question,
        text=without_places(question.text, language),
        help=without_places(question.help, language),
        boxes=tuple(key_legend(question, language)),
        unit=question.unit.in_language(language),
        when=_when(question.visible_when, schema, language),
        picture=picture_of(question, language),
        pictures=tuple(_option_pictures(question, language)),
    )


def _option_pictures(question: Question, language: str) -> Iterator[tuple[str, Picture]]:
    """Yield the pictures of options with the keys of their boxes."""
    pictures = option_pictures(question, language)
    for key, value in keys_for(question).items() if pictures else ():
        if str(value) in pictures:
            yield key, pictures[str(value)]


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
        languages = offered(schema)
        wanted = (self.request.GET.get("lang"), get_language(), DEFAULT_LANGUAGE)
        language = next((code for code in wanted if code in languages), languages[0])
        consent = schema.consent
        return super().get_context_data(**kwargs) | {
            "version": version,
            "form_language": language,
            "languages": [(code, own_name(code)) for code in languages],
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
        number_form = NumberForm(request.GET, user=self.staff, is_keyed=True)
        if not number_form.is_valid():
            return render(request, self.number_template, {"form": number_form})
        return self.show_items(number_form, request.POST)

    def show_items(self, number_form: NumberForm, posted: Any) -> HttpResponse:
        """Show or take the items of a case, or of a form of an open round."""
        if "open_round" in number_form.cleaned_data:
            return self.handle(OpenSheet(*number_form.cleaned_data["open_round"]), posted)
        case: Case = number_form.cleaned_data["case"]
        if case.has_answered:
            number_form.add_error(
                "number", _("The answers of this case were sent already. Nothing was changed.")
            )
            return render(self.request, self.number_template, {"form": number_form}, status=409)
        if case.awaits_adults:
            return redirect("questionnaires:household", case_id=case.pk)
        return self.handle(CaseSheet(case), posted)

    def handle(self, sheet: Sheet, posted: Any) -> HttpResponse:
        """Check and send what was keyed, if anything was."""
        try:
            schema = schema_of(sheet)
            form = KeyingForm(posted, schema=schema, attributes=sheet.attributes)
            if form.is_bound and form.is_valid() and (sent := self.send(sheet, form)):
                return sent
        except REFUSALS as error:
            return sheet.refused(self.request, error)
        context = {
            "sheet": sheet,
            "form": form,
            "sections": key_sections(schema, form),
            "once": self.request.POST.get(ONCE) or secrets.token_hex(),
        }
        return render(self.request, self.items_template, context)

    def send(self, sheet: Sheet, form: KeyingForm) -> HttpResponse | None:
        """Send the form, unless its round closed; one of an open round is followed by the next."""
        try:
            receipt = sheet.send(form.answers, self.staff, self.request.POST.get(ONCE, ""))
        except RoundNotOpenError as error:
            form.add_error(None, str(error))
            return None
        except DuplicateSubmissionError as error:
            messages.error(self.request, str(error))
        else:
            values = {"number": sheet.number, "receipt": receipt}
            messages.success(self.request, _("Form %(number)s was taken: receipt %(receipt)s.") % values)
        return redirect(next_form(sheet))


def next_form(sheet: Sheet) -> str:
    """Return where the next form is keyed: another number, or the same open round again."""
    address = reverse("questionnaires:key_form")
    return f"{address}?{urlencode({'number': sheet.number})}" if sheet.is_open_round else address


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
