"""Texts of a questionnaire that can be heard, by the keys of translations, and recordings put into it."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.exchange.explicit import Document, explicit
from questionnaires.references import Reference
from questionnaires.schema import DEFAULT_LANGUAGE, NO_ANSWER, NOT_APPLICABLE, SPECIAL_LABELS

type Words = Mapping[str, str]
"""A text by language."""
type Slot = tuple[str, tuple[Words, ...], Document, str]
"""Key of a text, its parts, the object that names their one recording, and the name of that there."""

SPECIAL_AUDIO = {
    NOT_APPLICABLE: ("allows_not_applicable", "not_applicable_audio"),
    NO_ANSWER: ("allows_no_answer", "no_answer_audio"),
}
"""What a question says where it offers a special value, and where a document names the recording of that."""
HEARD = {"text": "audio", "help": "help_audio"}
"""Texts of a question that can be heard, and where a document names their recordings."""
_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys(':/\\*?"<>|', "~"))


@dataclass(frozen=True, slots=True)
class SpokenText:
    """A text to read aloud: its key, its words, and the language they are in.

    Where a language has no words of its own, a speaker puts the Vietnamese ones into the language.
    """

    key: str
    words: str
    language: str

    @property
    def file_stem(self) -> str:
        """The name of a file for the text without its ending: the key, fit for every system."""
        return file_stem(self.key)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording, and the words that were read aloud for it."""

    reference: Reference
    words: str


def file_stem(key: str) -> str:
    """Return a key as the name of a file.

    Examples
    --------
    >>> file_stem("scale:satisfaction/option:5")
    'scale~satisfaction~option~5'
    """
    return key.translate(_FORBIDDEN_IN_NAMES)


def spoken_texts(document: Mapping[str, Any], language: str) -> list[SpokenText]:
    """Return every text that can be heard, in the order of the form, with its words in a language."""
    found = []
    for key, parts, _holder, _audio in _slots(explicit(document)):
        words, code = words_in(parts, language)
        if words:
            found.append(SpokenText(key, words, code))
    return found


def words_in(parts: Iterable[Words], language: str) -> tuple[str, str]:
    r"""Return what is read aloud in a language, and the language in which it is written.

    Parts are read one after the other; where the language lacks one of them, all are taken in Vietnamese.

    Examples
    --------
    >>> words_in(({"vi": "Tiếp cận", "en": "Access"}, {"vi": "Chọn một mức."}), "en")
    ('Tiếp cận\nChọn một mức.', 'vi')
    """
    needed = [texts for texts in parts if texts.get(DEFAULT_LANGUAGE)]
    code = language if all(texts.get(language) for texts in needed) else DEFAULT_LANGUAGE
    return "\n".join(texts[code] for texts in needed), code


def with_recordings(document: Mapping[str, Any], recordings: Mapping[str, Mapping[str, Spoken]]) -> Document:
    """Return a questionnaire that names the recordings of its texts.

    Parameters
    ----------
    document : mapping
        A questionnaire as JSON; it is not changed.
    recordings : mapping of str to mapping of str to Spoken
        By language and key.

    Returns
    -------
    dict
        A recording of a text that was reworded since is left out: nobody shall hear another question than
        the one on the page.
    """
    if not any(recordings.values()):
        return dict(document)
    whole = explicit(document)
    for key, parts, holder, audio in _slots(whole):
        for language, by_key in recordings.items():
            found = by_key.get(key)
            if found and found.words == words_in(parts, language)[0]:
                holder[audio] = {**holder.get(audio, {}), language: str(found.reference)}
    return whole


def without_recordings(document: Mapping[str, Any]) -> Document:
    """Return a questionnaire without the names of stored recordings; names that authors gave stay."""
    whole = copy.deepcopy(dict(document))
    for _key, _parts, holder, audio in _slots(whole):
        names = {code: name for code, name in (holder.get(audio) or {}).items() if not Reference.of(name)}
        if names:
            holder[audio] = names
        else:
            holder.pop(audio, None)
    return whole


def recordings_in(document: Mapping[str, Any]) -> dict[str, dict[str, Spoken]]:
    """Return the stored recordings that a questionnaire names, by language and key."""
    found: dict[str, dict[str, Spoken]] = {}
    for key, parts, holder, audio in _slots(explicit(document)):
        for language, file in (holder.get(audio) or {}).items():
            reference = Reference.of(file)
            if reference:
                words = words_in(parts, language)[0]
                found.setdefault(language, {})[key] = Spoken(reference, words)
    return found


def _slots(document: Document) -> Iterator[Slot]:
    """Yield the place of every text that can be heard; what is said again and again before the questions."""
    yield from _consent_slots(document.get("consent") or {})
    yield from _special_slots(document)
    for scale in document.get("scales", ()):
        yield from _option_slots(f"scale:{scale['code']}", scale)
    for section in document["sections"]:
        heading = section.get("heading") or section["title"]
        yield f"section:{section['code']}", (heading, section.get("intro") or {}), section, "audio"
        for question in section["questions"]:
            key = f"question:{question['code']}"
            for name, audio in HEARD.items():
                yield f"{key}/{name}", (question.get(name) or {},), question, audio
            yield from _option_slots(key, question)


def _consent_slots(consent: Document) -> Iterator[Slot]:
    """Yield what is told and agreed to before the first question; points have no code and are counted."""
    if consent:
        yield "consent/title", (consent["title"],), consent, "audio"
    for place, point in enumerate(consent.get("points", ()), start=1):
        yield f"consent/point:{place}", (point["heading"], point["text"]), point, "audio"
    for statement in consent.get("statements", ()):
        parts = (statement["text"], statement.get("help") or {})
        yield f"consent/statement:{statement['code']}", parts, statement, "audio"


def _special_slots(document: Document) -> Iterator[Slot]:
    """Yield what may be chosen instead of an answer, once, where any question offers it."""
    questions = [question for section in document["sections"] for question in section["questions"]]
    for value, (flag, audio) in SPECIAL_AUDIO.items():
        if any(question.get(flag) for question in questions):
            yield f"special:{value}", (SPECIAL_LABELS[value],), document, audio


def _option_slots(key: str, holder: Document) -> Iterator[Slot]:
    """Yield the labels of options by their values."""
    for option in holder.get("options", ()):
        yield f"{key}/option:{option['value']}", (option["label"],), option, "audio"
