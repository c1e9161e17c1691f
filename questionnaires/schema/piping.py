"""Earlier answers inside texts: ``{{Q1}}`` or ``{{Q1|what to write where nothing was answered}}``.

A place is filled in one pass, so that braces in an answer are text like any other; whoever prints the result
escapes it like any other text. Options are named in the language of the respondent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.schema.conditions import Values, is_unanswered
from questionnaires.schema.days import written
from questionnaires.schema.model import (
    SPECIAL_VALUES,
    Kind,
    Question,
    Questionnaire,
    Section,
    questions_by_code,
)
from questionnaires.schema.texts import DEFAULT_LANGUAGE, LocalizedText

FALLBACK = "…"
"""Stands where nothing was answered and the author wrote nothing for that case."""
MAX_PIPED = 80
"""Longer answers are cut: a question has to stay readable."""

_PLACE = re.compile(
    r"\{\{\s*(?P<code>[A-Za-z][A-Za-z0-9]*(?:[-._][A-Za-z0-9]+)*)\s*(?:\|(?P<fallback>[^{}]*))?\}\}"
)
_BRACES = ("{{", "}}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One place in a text: the code of a question or sample attribute, and what stands there without it."""

    code: str
    fallback: str = FALLBACK


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Return the places of a text that answers are put into.

    Parameters
    ----------
    text : str
        A text in one language.

    Returns
    -------
    tuple of Placeholder
        In the order of the text.

    Examples
    --------
    >>> placeholders("{{Q1}} và {{Q2|dịch vụ này}}")
    (Placeholder(code='Q1', fallback='…'), Placeholder(code='Q2', fallback='dịch vụ này'))
    """
    return tuple(map(_placeholder, _PLACE.finditer(text)))


def has_stray_braces(text: str) -> bool:
    """Return whether doubled braces remain that are no place for an answer.

    Parameters
    ----------
    text : str
        A text in one language.

    Returns
    -------
    bool
        True for a mistyped place.

    Examples
    --------
    >>> has_stray_braces("{{Q1}}"), has_stray_braces("{{Q 1}}"), has_stray_braces("{{Q1}")
    (False, True, True)
    """
    rest = _PLACE.sub("", text)
    return any(braces in rest for braces in _BRACES)


def fill(
    text: LocalizedText,
    questionnaire: Questionnaire,
    answers: Values,
    language: str,
    attributes: Values | None = None,
) -> str:
    """Return a text in one language with earlier answers in their places.

    Parameters
    ----------
    text : LocalizedText
        The text as its author wrote it.
    questionnaire : Questionnaire
        Whose questions are named.
    answers : mapping of str to answer
        Answers on the path.
    language : str
        Language of the respondent; a missing text falls back, labels of options as well.
    attributes : mapping of str to value, optional
        What the sample knows about the respondent.

    Returns
    -------
    str
        Plain text, not escaped.

    Examples
    --------
    >>> from questionnaires.schema import Kind, Questionnaire, Section
    >>> words = LocalizedText.of({"vi": "Dịch vụ {{Q1|này}}"})
    >>> asked = Question("Q1", Kind.TEXT, words)
    >>> form = Questionnaire("x", words, ("vi",), (Section("A", words, (asked,)),))
    >>> fill(words, form, {"Q1": "đất đai"}, "vi"), fill(words, form, {}, "vi")
    ('Dịch vụ đất đai', 'Dịch vụ này')
    """
    wording = text.in_language(language)
    if _BRACES[0] not in wording:
        return wording
    questions = questions_by_code(questionnaire)
    known = attributes or {}

    def put(match: re.Match[str]) -> str:
        place = _placeholder(match)
        question = questions.get(place.code)
        if question is None:
            return _shortened(str(known.get(place.code) or "")) or place.fallback
        return _shortened(answer_in_words(question, answers.get(place.code), language)) or place.fallback

    return _PLACE.sub(put, wording)


def without_places(text: LocalizedText, language: str) -> str:
    """Return a text for readers without answers: paper, codebooks, lists of questions.

    Parameters
    ----------
    text : LocalizedText
        The text as its author wrote it.
    language : str
        Language of the reader.

    Returns
    -------
    str
        The text with what stands for each missing answer.

    Examples
    --------
    >>> without_places(LocalizedText.of({"vi": "Dịch vụ {{Q1|này}}"}), "vi")
    'Dịch vụ này'
    """
    return _PLACE.sub(lambda match: _placeholder(match).fallback, text.in_language(language))


def answer_in_words(question: Question, answer: Any, language: str) -> str:
    """Return an answer as it may stand in a sentence.

    Parameters
    ----------
    question : Question
        The question answered.
    answer : int, float, str, list or None
        Its answer.
    language : str
        Language of labels and of the decimal sign.

    Returns
    -------
    str
        Empty where nothing was answered, does not apply or was not told.

    Examples
    --------
    >>> wait = Question("WAIT", Kind.NUMBER, LocalizedText(), is_integer=False)
    >>> answer_in_words(wait, 2.5, "vi"), answer_in_words(wait, "na", "vi")
    ('2,5', '')
    """
    values = answer if isinstance(answer, list) else [answer]
    labels = {option.value: option.label for option in question.options}
    return ", ".join(_words(question, labels, value, language) for value in values if _is_told(value))


def _words(question: Question, labels: Mapping[Any, LocalizedText], value: Any, language: str) -> str:
    """Return one value in words."""
    if value in labels:
        return without_places(labels[value], language)
    if question.kind is Kind.DATE:
        return written(str(value))
    if isinstance(value, float) and language.startswith(DEFAULT_LANGUAGE):
        return str(value).replace(".", ",")
    return " ".join(str(value).split())


def _is_told(value: Any) -> bool:
    """Whether a value is an answer that can be told."""
    return not is_unanswered(value) and value not in SPECIAL_VALUES


def _shortened(text: str) -> str:
    """Return a text that fits into a question."""
    return text if len(text) <= MAX_PIPED else text[: MAX_PIPED - 1].rstrip() + "…"


def _placeholder(match: re.Match[str]) -> Placeholder:
    """Return the place found."""
    fallback = match["fallback"]
    return Placeholder(match["code"], FALLBACK if fallback is None else fallback.strip())


def piped_texts(question: Question) -> Iterator[tuple[str, LocalizedText]]:
    """Yield the texts of a question that may hold answers, with their keys.

    Parameters
    ----------
    question : Question
        Any question.

    Yields
    ------
    tuple of (str, LocalizedText)
        "text", "help", then the labels of its options.

    Examples
    --------
    >>> [key for key, _text in piped_texts(Question("A", Kind.TEXT, LocalizedText()))]
    ['text', 'help']
    """
    yield "text", question.text
    yield "help", question.help
    for position, option in enumerate(question.options):
        yield f"options[{position}].label", option.label


def piped_headings(section: Section) -> Iterator[tuple[str, LocalizedText]]:
    """Yield the texts of a section that may hold answers of earlier sections, with their keys.

    Parameters
    ----------
    section : Section
        Any section.

    Yields
    ------
    tuple of (str, LocalizedText)
        "title", "heading", then "intro".

    Examples
    --------
    >>> [key for key, _text in piped_headings(Section("A", LocalizedText(), ()))]
    ['title', 'heading', 'intro']
    """
    yield "title", section.title
    yield "heading", section.heading
    yield "intro", section.intro
