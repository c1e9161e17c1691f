"""Texts of a questionnaire that can be heard, by the keys of translations, and recordings put into it."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.exchange.explicit import Document, explicit
from questionnaires.references import Reference
from questionnaires.schema import DEFAULT_LANGUAGE

type Slot = tuple[str, Document, str, str]
"""Key of a text, the object that holds it, the name of its words there, and that of their recording."""

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
    for key, holder, name, _audio in _slots(explicit(document)):
        texts = holder.get(name) or {}
        if texts.get(DEFAULT_LANGUAGE):
            words, code = words_in(texts, language)
            found.append(SpokenText(key, words, code))
    return found


def words_in(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return what is read aloud in a language, and the language in which it is written."""
    code = language if texts.get(language) else DEFAULT_LANGUAGE
    return texts.get(code, ""), code


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
    for key, holder, name, audio in _slots(whole):
        for language, by_key in recordings.items():
            found = by_key.get(key)
            if found and found.words == words_in(holder.get(name) or {}, language)[0]:
                holder[audio] = {**holder.get(audio, {}), language: str(found.reference)}
    return whole


def without_recordings(document: Mapping[str, Any]) -> Document:
    """Return a questionnaire without the names of stored recordings; names that authors gave stay."""
    whole = copy.deepcopy(dict(document))
    for _key, holder, _name, audio in _slots(whole):
        names = {code: name for code, name in (holder.get(audio) or {}).items() if not Reference.of(name)}
        if names:
            holder[audio] = names
        else:
            holder.pop(audio, None)
    return whole


def recordings_in(document: Mapping[str, Any]) -> dict[str, dict[str, Spoken]]:
    """Return the stored recordings that a questionnaire names, by language and key."""
    found: dict[str, dict[str, Spoken]] = {}
    for key, holder, name, audio in _slots(explicit(document)):
        for language, file in (holder.get(audio) or {}).items():
            reference = Reference.of(file)
            if reference:
                words = words_in(holder.get(name) or {}, language)[0]
                found.setdefault(language, {})[key] = Spoken(reference, words)
    return found


def _slots(document: Document) -> Iterator[Slot]:
    """Yield the place of every text that can be heard; the options of a scale before the questions."""
    for scale in document.get("scales", ()):
        yield from _option_slots(f"scale:{scale['code']}", scale)
    for section in document["sections"]:
        for question in section["questions"]:
            key = f"question:{question['code']}"
            for name, audio in HEARD.items():
                yield f"{key}/{name}", question, name, audio
            yield from _option_slots(key, question)


def _option_slots(key: str, holder: Document) -> Iterator[Slot]:
    """Yield the labels of options by their values."""
    for option in holder.get("options", ()):
        yield f"{key}/option:{option['value']}", option, "label", "audio"
