"""What linting says about texts: every one in every language, no promise too many, answers put into them."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping

from questionnaires.schema.model import Consent, Kind, Option, Question, Questionnaire
from questionnaires.schema.piping import has_stray_braces, piped_headings, piped_texts, placeholders
from questionnaires.schema.problems import Problem, error, questions_of, rules_of, sections_of, warning
from questionnaires.schema.texts import DEFAULT_LANGUAGE, LocalizedText

COMPLETE_LANGUAGES = (DEFAULT_LANGUAGE, "en")
"""Languages in which no text may be missing; in others it falls back, question by question."""

# A response can be traced until the round is frozen: the page may promise confidentiality, never anonymity.
ANONYMITY_WORDS = ("ẩn danh", "nặc danh", "khuyết danh", "anonymous", "anonymity")


def texts_of(questionnaire: Questionnaire) -> Iterator[tuple[str, LocalizedText, bool]]:
    """Yield every text shown to people with its JSON path and whether it must be there."""
    yield "$.title", questionnaire.title, True
    yield "$.provisional_reason", questionnaire.provisional_reason, False
    yield "$.source", questionnaire.source, False
    for position, attribute in enumerate(questionnaire.attributes):
        yield f"$.attributes[{position}].label", attribute.label, True
    for position, scale in enumerate(questionnaire.scales):
        yield from option_texts(f"$.scales[{position}]", scale.options)
    if questionnaire.consent is not None:
        yield from consent_texts(questionnaire.consent)
    for path, section in sections_of(questionnaire):
        yield f"{path}.title", section.title, True
        yield f"{path}.heading", section.heading, False
        yield f"{path}.intro", section.intro, False
    for path, question in questions_of(questionnaire):
        yield f"{path}.text", question.text, True
        yield f"{path}.help", question.help, False
        yield f"{path}.unit", question.unit, False
        yield f"{path}.picture_alt", question.picture_alt, False
        yield from () if question.scale else option_texts(path, question.options)
    for path, rule in rules_of(questionnaire):
        yield f"{path}.message", rule.message, True


def option_texts(path: str, options: Iterable[Option]) -> Iterator[tuple[str, LocalizedText, bool]]:
    """Yield the labels of options, and what their pictures show."""
    for position, option in enumerate(options):
        yield f"{path}.options[{position}].label", option.label, True
        yield f"{path}.options[{position}].picture_alt", option.picture_alt, False


def consent_texts(consent: Consent) -> Iterator[tuple[str, LocalizedText, bool]]:
    """Yield the texts of the consent."""
    yield "$.consent.title", consent.title, True
    for position, point in enumerate(consent.points):
        yield f"$.consent.points[{position}].heading", point.heading, True
        yield f"$.consent.points[{position}].text", point.text, True
    for position, statement in enumerate(consent.statements):
        yield f"$.consent.statements[{position}].text", statement.text, True
        yield f"$.consent.statements[{position}].help", statement.help, False


def check_languages(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let every text exist in Vietnamese and English; in other languages a missing one falls back."""
    if DEFAULT_LANGUAGE not in questionnaire.languages:
        yield error("default_language_missing", "$.languages", language=DEFAULT_LANGUAGE)
    for path, text, is_required in texts_of(questionnaire):
        if is_required or text:
            for language in questionnaire.languages:
                if not text.get(language):
                    found = error if language in COMPLETE_LANGUAGES else warning
                    yield found("missing_language", path, language=language)


def check_pictures(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let the picture of a question be told in words, and no picture lack the language to fall back to.

    An option is named by its label; its picture needs words only where it shows more.
    """
    for path, question in questions_of(questionnaire):
        if question.picture and not any(question.picture_alt.values()):
            yield error("picture_without_words", f"{path}.picture_alt", question=question.code)
        elif question.picture_alt and not question.picture:
            yield warning("words_without_picture", f"{path}.picture_alt")
    for path, picture in pictures_of(questionnaire):
        if picture and not picture.get(DEFAULT_LANGUAGE):
            shown = ", ".join(picture)
            yield warning("picture_not_in_language", path, language=DEFAULT_LANGUAGE, others=shown)


def pictures_of(questionnaire: Questionnaire) -> Iterator[tuple[str, LocalizedText]]:
    """Yield the pictures of questions, of their own options and of scales, with their JSON paths."""
    for position, scale in enumerate(questionnaire.scales):
        yield from _option_pictures(f"$.scales[{position}]", scale.options)
    for path, question in questions_of(questionnaire):
        yield f"{path}.picture", question.picture
        yield from () if question.scale else _option_pictures(path, question.options)


def _option_pictures(path: str, options: Iterable[Option]) -> Iterator[tuple[str, LocalizedText]]:
    """Yield the pictures of options."""
    for position, option in enumerate(options):
        yield f"{path}.options[{position}].picture", option.picture


def check_promises(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let no text promise more than is kept."""
    for path, text, _ in texts_of(questionnaire):
        for language, wording in text.items():
            for word in ANONYMITY_WORDS:
                if word in wording.lower():
                    yield warning("promises_anonymity", f"{path}.{language}", word=word)


def check_piping(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let answers be put into texts only where they are known by then, and in every language alike."""
    by_code = {question.code: question for question in questionnaire.questions}
    attributes = {attribute.code for attribute in questionnaire.attributes}
    passed: set[str] = set()
    for path, section in sections_of(questionnaire):
        for key, text in piped_headings(section):
            yield from _place_problems(text, f"{path}.{key}", by_code, attributes, passed)
        for position, question in enumerate(section.questions):
            for key, text in piped_texts(question):
                place = f"{path}.questions[{position}].{key}"
                yield from _place_problems(text, place, by_code, attributes, passed)
        passed |= {question.code for question in section.questions}


def _place_problems(
    text: LocalizedText,
    path: str,
    questions: Mapping[str, Question],
    attributes: Collection[str],
    passed: Collection[str],
) -> Iterator[Problem]:
    """Report what is wrong with the places of one text."""
    named = {language: [place.code for place in placeholders(words)] for language, words in text.items()}
    for language, words in text.items():
        if has_stray_braces(words):
            yield error("stray_braces", f"{path}.{language}")
    for code in dict.fromkeys(itertools.chain.from_iterable(named.values())):
        if code not in attributes:
            yield from _piped_code_problems(code, path, questions, passed)
        for language, codes in named.items():
            if code not in codes and text[language]:
                yield warning("place_not_in_language", f"{path}.{language}", code=code, language=language)


def _piped_code_problems(
    code: str, path: str, questions: Mapping[str, Question], passed: Collection[str]
) -> Iterator[Problem]:
    """Report a question whose answer cannot, or should not, be put into a text."""
    question = questions.get(code)
    if question is None:
        yield error("dangling_place", path, code=code)
    elif question.kind is Kind.NOTE:
        yield error("place_without_answer", path, code=code)
    elif code not in passed:
        yield error("later_place", path, code=code)
    elif question.is_sensitive:
        yield warning("sensitive_place", path, code=code)
