"""What the templates draw: cards of a section, progress, rows of the review; plain values, ready to print."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.schema import Kind, Question, Questionnaire, Section, is_unanswered, path, value_labels
from questionnaires.wizard.forms import SectionForm
from questionnaires.wizard.messages import reminder_for

SECONDS_PER_QUESTION = 9
FACES = 5
TEMPLATES: Mapping[Kind, str] = {
    Kind.NUMBER: "number",
    Kind.TEXT: "text",
    Kind.NOTE: "note",
    Kind.MULTIPLE: "checkbox",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option row."""

    id: str
    value: str
    label: str
    is_checked: bool
    is_apart: bool
    face: str


@dataclass(frozen=True, slots=True)
class Card:
    """One question on the page."""

    question: Question
    number: int
    shape: str
    text: str
    help: str
    unit: str
    choices: tuple[Choice, ...]
    typed: str
    errors: tuple[str, ...]
    shown: tuple[str, ...]

    @property
    def code(self) -> str:
        """Name of the field."""
        return self.question.code

    @property
    def first_id(self) -> str:
        """Where a link of the error summary leads."""
        return self.choices[0].id if self.choices else self.code


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is."""

    number: int
    count: int
    minutes: int

    @property
    def segments(self) -> list[bool]:
        """One entry per section, true for those reached."""
        return [position < self.number for position in range(self.count)]


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One answer in the review."""

    text: str
    answer: str
    anchor: str
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One section in the review."""

    section: str
    number: int
    title: str
    n_answered: int
    n_asked: int
    is_complete: bool
    lines: tuple[ReviewLine, ...]


def cards(form: SectionForm, language: str) -> list[Card]:
    """Return the cards of a section as they stand: typed values and errors included."""
    numbers = form.numbers
    open_questions = {reminder.question for reminder in form.reminders}
    return [
        _card(form, item, numbers.get(item.code, 0), language, is_open=item.code in open_questions)
        for item in form.visible
    ]


def _card(form: SectionForm, question: Question, number: int, language: str, *, is_open: bool) -> Card:
    """Return one card."""
    raw = _raw(form, question)
    errors = tuple(str(message) for message in form.errors.get(question.code, ())) if form.is_bound else ()
    if is_open and not form.was_reminded:
        errors = (*errors, reminder_for(question, number))
    return Card(
        question=question,
        number=number,
        shape=TEMPLATES.get(question.kind, "radio"),
        text=question.text.in_language(language),
        help=question.help.in_language(language),
        unit=question.unit.in_language(language),
        choices=tuple(_choices(question, raw, language)),
        typed=raw[0] if raw else "",
        errors=errors,
        shown=tuple(str(form.attributes[code]) for code in question.shows if form.attributes.get(code)),
    )


def _raw(form: SectionForm, question: Question) -> list[str]:
    """Return what stands in the fields of a question: what was just sent, or what is on the draft."""
    if form.is_bound and question.code in form.fields:
        sent = form.fields[question.code].widget.value_from_datadict(form.data, form.files, question.code)
    else:
        sent = form.answers.get(question.code)
    values = sent if isinstance(sent, list | tuple) else [sent]
    return [str(value) for value in values if not is_unanswered(value)]


def _choices(question: Question, raw: Sequence[str], language: str) -> list[Choice]:
    """Return the option rows of a question, "does not apply" last and apart."""
    has_faces = question.kind is Kind.LIKERT and len(question.options) == FACES
    if TEMPLATES.get(question.kind) in {"number", "text", "note"} and not question.special_values:
        return []
    return [
        Choice(
            id=f"{question.code}-{position}",
            value=str(value),
            label=label,
            is_checked=str(value) in raw,
            is_apart=value in question.special_values,
            face=f"face-{position}" if has_faces and position <= FACES else "",
        )
        for position, (value, label) in enumerate(value_labels(question, language), start=1)
    ]


def progress_of(
    schema: Questionnaire, section: str, answers: Mapping[str, Any], attributes: Mapping[str, Any]
) -> Progress:
    """Return the place of a section on the path and the minutes that the rest may take."""
    way = path(schema, answers, attributes)
    position = way.sections.index(section)
    left = set(way.sections[position:])
    n_left = sum(
        question.kind is not Kind.NOTE
        for part in schema.sections
        if part.code in left
        for question in part.questions
    )
    minutes = max(1, math.ceil(n_left * SECONDS_PER_QUESTION / 60))
    return Progress(position + 1, len(way.sections), minutes)


def review_rows(
    schema: Questionnaire, answers: Mapping[str, Any], attributes: Mapping[str, Any], language: str
) -> list[ReviewRow]:
    """Return one row per section on the path, with its answers in words."""
    way = path(schema, answers, attributes)
    asked = set(way.questions)
    return [
        _review_row(schema.section(code), number, asked, answers, language)
        for number, code in enumerate(way.sections, start=1)
    ]


def _review_row(
    section: Section, number: int, asked: set[str], answers: Mapping[str, Any], language: str
) -> ReviewRow:
    """Return the row of one section."""
    questions = [item for item in section.questions if item.code in asked and item.kind is not Kind.NOTE]
    counted = [question for question in questions if question.is_reminded]
    return ReviewRow(
        section=section.code,
        number=number,
        title=section.title.in_language(language),
        n_answered=sum(question.code in answers for question in counted),
        n_asked=len(counted),
        is_complete=all(question.code in answers for question in counted),
        lines=tuple(
            ReviewLine(
                text=question.text.in_language(language),
                answer=in_words(question, answers.get(question.code), language),
                anchor=f"{question.code}-text",
                is_reminded=question.is_reminded,
            )
            for question in questions
        ),
    )


def in_words(question: Question, answer: Any, language: str) -> str:
    """Return an answer as the form words it, empty where there is none."""
    labels = {str(value): label for value, label in value_labels(question, language)}
    values = answer if isinstance(answer, list) else [answer]
    words = [labels.get(str(value), str(value)) for value in values if not is_unanswered(value)]
    text = _(", ").join(words)
    unit = question.unit.in_language(language)
    return f"{text} {unit}" if text and unit and question.kind is Kind.NUMBER else text
