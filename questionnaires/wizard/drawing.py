"""Cards as markup: the template draws each, and what is the same for everybody only once a process.

A question that is only chosen from looks the same to everybody but for what is ticked. Its card is drawn
with a sign that no text can hold in the place of each mark, and cut there; a page then joins the pieces. All
other cards (typed answers, findings, earlier answers in the words) are drawn anew by the same template.

Whatever else the template is to show of such a question must follow from the arguments of `_pattern`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from questionnaires.schema import Kind, Question, Questionnaire
from questionnaires.schema.piping import piped_texts, placeholders
from questionnaires.wizard.cards import CHECKED, Card, Raw, Telling, card_of, heading_of, raw_of, ticked
from questionnaires.wizard.forms import SectionForm

TEMPLATE = "questionnaires/cards/card.html"
PLACE = "\0"
"""Stands where a mark may go; no text holds it, as control characters are taken out of all of them."""
FIXED_KINDS = frozenset({Kind.LIKERT, Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO})
KEPT = 2_048
"""Patterns that a process keeps, of some three kilobytes: one a question, place on the page and language."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A card cut at the places of its marks, with the value that each place belongs to."""

    values: tuple[str, ...]
    pieces: tuple[str, ...]

    def filled(self, chosen: Iterable[str]) -> str:
        """Return the card with marks at what is chosen."""
        marked = set(chosen)
        marks = (CHECKED if value in marked else "" for value in self.values)
        return self.pieces[0] + "".join(
            f"{mark}{piece}" for mark, piece in zip(marks, self.pieces[1:], strict=True)
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    """The cards of a page, those that something was found about, and what stands above them."""

    markup: SafeString
    faulty: tuple[Card, ...]
    above: Mapping[str, Any]


def draw(form: SectionForm, language: str) -> Drawing:
    """Draw the cards of a section as they stand: what was sent or is on the draft, with what was found."""
    numbers, found = form.numbers, form.findings
    told = Telling(form.schema, form.answers, form.attributes, language)
    faulty: list[Card] = []
    drawn: list[str] = []
    for question in form.visible:
        number, raw = numbers.get(question.code, 0), raw_of(form, question)
        if question.code in found:
            faulty.append(card_of(question, number, raw, told, found[question.code]))
            drawn.append(from_template(faulty[-1], len(numbers)))
        else:
            drawn.append(_drawn(question, number, len(numbers), raw, told))
    above = heading_of(form.section, told) | {"has_pictures": shows_pictures(form.visible)}
    return Drawing(mark_safe("\n".join(drawn)), tuple(faulty), above)  # noqa: S308 - what the template made


def shows_pictures(questions: Iterable[Question]) -> bool:
    """Whether a page needs the style of pictures."""
    return any(question.has_pictures for question in questions)


def _drawn(question: Question, number: int, count: int, raw: Raw, told: Telling) -> str:
    """Return a card without findings: from its pattern where it has one, else from the template."""
    pattern = _pattern(told.schema, question.code, number, count, told.language, get_language())
    return (
        pattern.filled(ticked(raw)) if pattern else from_template(card_of(question, number, raw, told), count)
    )


def is_fixed(question: Question) -> bool:
    """Whether a card looks the same to everybody but for what is ticked."""
    texts = (words for _key, text in piped_texts(question) for words in text.values())
    return question.kind in FIXED_KINDS and not question.shows and not any(map(placeholders, texts))


@lru_cache(maxsize=KEPT)
def _pattern(
    schema: Questionnaire, code: str, number: int, count: int, language: str, _site_language: str | None
) -> Pattern | None:
    """Draw a card with everything chosen and cut it, if it is fixed; the site's language words the rest."""
    question = schema.question(code)
    if not is_fixed(question):
        return None
    told = Telling(schema, {}, {}, language)
    everything = [str(value) for value in told.labels(question)]
    card = card_of(question, number, everything, told, mark=PLACE)
    values = tuple(choice.value for choice in card.choices)
    return Pattern(values, tuple(from_template(card, count).split(PLACE)))


def from_template(card: Card, n_questions: int) -> str:
    """Draw one card by the template."""
    return get_template(TEMPLATE).render({"card": card, "n_questions": n_questions})
