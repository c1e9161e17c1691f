"""The language in which questions are worded: one of the version's, beside the two of the site around them.

Buttons and messages stay in the language of the site; a question without a text in the language chosen falls
back, and its element says in which language it then is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.utils.translation import get_language

from questionnaires.languages import own_name
from questionnaires.references import Reference
from questionnaires.schema import DEFAULT_LANGUAGE, Questionnaire

CHOSEN = "wording"
MOVE = "language:"
"""Beginning of the value of a button that changes the language and keeps the page."""


class Wording(str):
    """A text that knows its language; `lang` is empty where that is the language of the page."""

    lang = ""

    @classmethod
    def of(cls, words: str, language: str) -> "Wording":
        """Return words in a language."""
        told = cls(words)
        told.lang = "" if language == (get_language() or DEFAULT_LANGUAGE) else language
        return told


@dataclass(frozen=True, slots=True)
class WordingChoice:
    """One language that the questions may be read in."""

    code: str
    name: str
    is_current: bool


@lru_cache(maxsize=64)
def offered(schema: Questionnaire) -> tuple[str, ...]:
    """Return the languages of a version: those of every text, then those of some question, read or heard."""
    found = dict.fromkeys(schema.languages)
    for question in schema.questions:
        found.update(dict.fromkeys(question.text))
        found.update(dict.fromkeys(code for code, name in question.audio.items() if Reference.of(name)))
    return tuple(found)


def chosen(request: HttpRequest, schema: Questionnaire) -> str:
    """Return the language of the questions: the one chosen since the language of the site was, else that."""
    site_language = get_language() or DEFAULT_LANGUAGE
    stored = request.session.get(CHOSEN, {})
    is_valid = stored.get("site") == site_language and stored.get("code") in offered(schema)
    return str(stored["code"]) if is_valid else site_language


def choose(request: HttpRequest, schema: Questionnaire, code: str) -> None:
    """Word the questions in a language of the version from now on; another code changes nothing."""
    if code in offered(schema):
        request.session[CHOSEN] = {"site": get_language() or DEFAULT_LANGUAGE, "code": code}


def choices(request: HttpRequest, schema: Questionnaire) -> list[WordingChoice]:
    """Return the languages to choose from; none where there are only those of the site."""
    codes = offered(schema)
    if set(codes) <= set(schema.languages):
        return []
    current = chosen(request, schema)
    return [WordingChoice(code, own_name(code), code == current) for code in codes]


def language_found(text: Mapping[str, str], language: str) -> str:
    """Return the language that a text is shown in when it is asked for in a language."""
    for code in (language, language.partition("-")[0], DEFAULT_LANGUAGE):
        if text.get(code):
            return code
    return next((code for code, words in text.items() if words), language)


def told(text: Mapping[str, str], language: str, words: str | None = None) -> Wording:
    """Return a text in a language, or what there is instead, with the language it really is in.

    `words` is the text with answers put into its places, where it has any.
    """
    code = language_found(text, language)
    return Wording.of(text.get(code, "") if words is None else words, code)
