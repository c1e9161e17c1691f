"""What the templates draw: cards of a section, progress, rows of the review; plain values, ready to print."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questionnaires.schema import (
    SPECIAL_LABELS,
    Kind,
    LocalizedText,
    Question,
    Questionnaire,
    Scalar,
    Section,
    fill,
    is_unanswered,
    path,
    without_places,
)
from questionnaires.schema.days import DAY, MONTH, YEAR, is_day, parts_of, written
from questionnaires.wizard import wordings
from questionnaires.wizard.forms import SectionForm, parts_of_field
from questionnaires.wizard.pictures import Picture, option_pictures, picture_of
from questionnaires.wizard.players import Booth, booth_of, section_booth
from questionnaires.wizard.wordings import Wording

YEAR_DIGITS = 4
CHECKED = " checked"
"""Stands in the tag of an option that is chosen."""
SECONDS_PER_QUESTION = 9
FACES = 5
TEMPLATES: Mapping[Kind, str] = {
    Kind.NUMBER: "number",
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.RANKING: "ranking",
    Kind.NOTE: "note",
    Kind.MULTIPLE: "checkbox",
}
type Raw = str | list[str] | dict[str, str]
"""What stands in the fields of a question: a text, boxes, or parts."""
TYPED_SHAPES = frozenset({"number", "text", "date", "ranking"})
"""Shapes with fields of their own; what may be chosen instead is a box, which can be unticked again."""
PART_LABELS: Mapping[str, Promise] = {
    DAY: gettext_lazy("Day"),
    MONTH: gettext_lazy("Month"),
    YEAR: gettext_lazy("Year"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option row."""

    id: str
    value: str
    label: str
    mark: str
    is_apart: bool
    face: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of several small fields that make one answer."""

    id: str
    name: str
    label: str
    typed: str
    max_length: int = 2
    picture: Picture | None = None


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
    parts: tuple[Part, ...]
    typed: str
    errors: tuple[str, ...]
    shown: tuple[str, ...]
    booth: Booth | None
    picture: Picture | None

    @property
    def code(self) -> str:
        """Name of the field."""
        return self.question.code

    @property
    def first_id(self) -> str:
        """Where a link of the error summary leads."""
        if self.parts:
            return self.parts[0].id
        return self.choices[0].id if self.choices and self.shape not in TYPED_SHAPES else self.code

    @property
    def has_boxes(self) -> bool:
        """Whether what is chosen can be unticked again."""
        return self.shape == "checkbox" or self.shape in TYPED_SHAPES

    @property
    def places(self) -> range:
        """The places that a ranking may give."""
        return range(1, self.question.n_places + 1)


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


@dataclass(frozen=True, slots=True)
class Telling:
    """Texts with the answers of one respondent in their places."""

    schema: Questionnaire
    answers: Mapping[str, Any]
    attributes: Mapping[str, Any]
    language: str

    def text(self, text: LocalizedText) -> Wording:
        """Return a text in the language of the respondent."""
        words = fill(text, self.schema, self.answers, self.language, self.attributes)
        return wordings.told(text, self.language, words)

    def labels(self, question: Question) -> dict[Scalar, str]:
        """Return what may be chosen in words, "does not apply" last."""
        chosen: dict[Scalar, str] = {option.value: self.text(option.label) for option in question.options}
        special: dict[Scalar, str] = {
            value: wordings.told(SPECIAL_LABELS[value], self.language) for value in question.special_values
        }
        return chosen | special


def heading_of(section: Section, told: Telling) -> dict[str, Any]:
    """Return what stands above the cards of a page, earlier answers in their places.

    The title of the page has none of them: browsers keep it in their history, and telephones are shared.
    """
    return {
        "section": section,
        "heading": told.text(section.shown_heading),
        "page_title": without_places(section.shown_heading, told.language),
        "intro": told.text(section.intro),
        "booth": section_booth(section, told.language),
    }


def card_of(
    question: Question,
    number: int,
    raw: Raw,
    told: Telling,
    errors: tuple[str, ...] = (),
    mark: str = CHECKED,
) -> Card:
    """Return one card as it stands: what was typed and what was found included."""
    return Card(
        question=question,
        number=number,
        shape=TEMPLATES.get(question.kind, "radio"),
        text=told.text(question.text),
        help=told.text(question.help),
        unit=question.unit.in_language(told.language),
        choices=tuple(_choices(question, ticked(raw), told, mark)),
        parts=tuple(_parts(question, raw, told)),
        typed=raw if isinstance(raw, str) and raw not in question.special_values else "",
        errors=errors,
        shown=tuple(str(told.attributes[code]) for code in question.shows if told.attributes.get(code)),
        booth=booth_of(question, told.schema, told.language),
        picture=picture_of(question, told.language),
    )


def raw_of(form: SectionForm, question: Question) -> Raw:
    """Return what stands in the fields of a question: what was just sent, or what is on the draft."""
    if form.is_bound and question.code in form.fields:
        widget = form.fields[question.code].widget
        sent = widget.value_from_datadict(form.data, form.files, question.code)
    else:
        sent = form.answers.get(question.code)
    if isinstance(sent, list | tuple) and question.kind is Kind.RANKING:
        return {str(value): str(place) for place, value in enumerate(sent, start=1)}
    if isinstance(sent, list | tuple):
        return [str(value) for value in sent]
    if isinstance(sent, str) and question.kind is Kind.DATE and is_day(sent):
        return parts_of(sent)
    return sent if isinstance(sent, dict) else str(sent if sent is not None else "")


def ticked(raw: Raw) -> list[str]:
    """Return the values that are ticked."""
    return [raw] if isinstance(raw, str) else list(raw) if isinstance(raw, list) else []


def _parts(question: Question, raw: Raw, told: Telling) -> Iterator[Part]:
    """Yield the small fields of a date or of a ranking."""
    if question.kind not in {Kind.DATE, Kind.RANKING}:
        return
    typed = raw if isinstance(raw, dict) else {}
    labels = {str(value): label for value, label in told.labels(question).items()}
    pictures = option_pictures(question, told.language)
    for part, field in parts_of_field(question).items():
        yield Part(
            id=f"{question.code}-{field}",
            name=f"{question.code}:{field}",
            label=str(PART_LABELS[part]) if question.kind is Kind.DATE else labels[part],
            typed=typed.get(part, ""),
            max_length=YEAR_DIGITS if part == YEAR else 2,
            picture=pictures.get(part),
        )


def _choices(question: Question, chosen: Sequence[str], told: Telling, mark: str) -> Iterator[Choice]:
    """Yield the option rows of a question, "does not apply" last and apart."""
    has_faces = question.kind is Kind.LIKERT and len(question.options) == FACES
    is_typed = TEMPLATES.get(question.kind) in TYPED_SHAPES
    labels = told.labels(question)
    pictures = option_pictures(question, told.language)
    offered = question.special_values if is_typed else tuple(labels)
    for position, value in enumerate(offered, start=1):
        is_apart = value in question.special_values
        yield Choice(
            id=f"{question.code}-{value}" if is_apart else f"{question.code}-{position}",
            value=str(value),
            label=labels[value],
            mark=mark if str(value) in chosen else "",
            is_apart=is_apart,
            face=f"face-{position}" if has_faces and position <= FACES else "",
            picture=pictures.get(str(value)),
        )


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
    told = Telling(schema, answers, attributes, language)
    return [
        _review_row(schema.section(code), number, asked, told)
        for number, code in enumerate(way.sections, start=1)
    ]


def _review_row(section: Section, number: int, asked: set[str], told: Telling) -> ReviewRow:
    """Return the row of one section."""
    answers = told.answers
    questions = [item for item in section.questions if item.code in asked and item.kind is not Kind.NOTE]
    counted = [question for question in questions if question.is_reminded]
    return ReviewRow(
        section=section.code,
        number=number,
        title=told.text(section.title),
        n_answered=sum(question.code in answers for question in counted),
        n_asked=len(counted),
        is_complete=all(question.code in answers for question in counted),
        lines=tuple(
            ReviewLine(
                text=told.text(question.text),
                answer=in_words(question, answers.get(question.code), told),
                anchor=f"{question.code}-text",
                is_reminded=question.is_reminded,
            )
            for question in questions
        ),
    )


def in_words(question: Question, answer: Any, told: Telling) -> str:
    """Return an answer as the form words it, empty where there is none."""
    labels = {str(value): label for value, label in told.labels(question).items()}
    values = answer if isinstance(answer, list) else [answer]
    words = [labels.get(str(value), written(str(value))) for value in values if not is_unanswered(value)]
    if question.kind is Kind.RANKING and isinstance(answer, list):
        words = [f"{place}. {label}" for place, label in enumerate(words, start=1)]
    text = _(", ").join(words)
    unit = question.unit.in_language(told.language)
    is_amount = question.kind is Kind.NUMBER and answer not in question.special_values
    return f"{text} {unit}" if text and unit and is_amount else text
