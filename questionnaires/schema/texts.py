"""One text in several languages: a question has many wordings, never a copy of itself per language."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

DEFAULT_LANGUAGE = "vi"


@dataclass(frozen=True, slots=True)
class LocalizedText(Mapping[str, str]):
    """An immutable mapping of language code to text.

    Parameters
    ----------
    entries : tuple of (str, str)
        Pairs of language code and text, in the order of their author. Build from a mapping with :meth:`of`.

    Examples
    --------
    >>> text = LocalizedText.of({"vi": "Hài lòng", "en": "Satisfied"})
    >>> text.in_language("en"), text.in_language("km")
    ('Satisfied', 'Hài lòng')
    """

    entries: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Self:
        """Return the texts as an immutable value in Unicode form NFC, surrounding white space removed.

        Parameters
        ----------
        texts : mapping of str to str
            Language code to text.

        Returns
        -------
        LocalizedText
            Composed text, so that Vietnamese typed decomposed compares and hashes the same.

        Examples
        --------
        >>> LocalizedText.of({"vi": " Xã "})["vi"]
        'Xã'
        """
        return cls(tuple((language, normalize(text)) for language, text in texts.items()))

    def __getitem__(self, language: str) -> str:
        for known, text in self.entries:
            if known == language:
                return text
        raise KeyError(language)

    def __iter__(self) -> Iterator[str]:
        return (language for language, _ in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def in_language(self, language: str) -> str:
        """Return the text in a language, or else in Vietnamese, or else in whatever language there is.

        Parameters
        ----------
        language : str
            A language code; a region ("vi-VN", "en_GB") is ignored when there is no text for it.

        Returns
        -------
        str
            Never fails: a citizen must not meet a hole where a translation is missing. Linting reports holes.

        Examples
        --------
        >>> LocalizedText.of({"vi": "Xã"}).in_language("en-gb")
        'Xã'
        """
        base = language.replace("_", "-").partition("-")[0]
        texts = {known: text for known, text in self.entries if text}
        fallback = next(iter(texts.values()), "")
        return texts.get(language) or texts.get(base) or texts.get(DEFAULT_LANGUAGE) or fallback


EMPTY = LocalizedText()


def normalize(text: str) -> str:
    """Return a text as it is stored and compared: composed (NFC), without control characters, stripped.

    Parameters
    ----------
    text : str
        Text as typed.

    Returns
    -------
    str
        The same text in Unicode normalization form C. Line breaks stay, and so do joiners and zero-width
        spaces, which Khmer needs; other control characters and lone surrogates, which no database takes, go.

    Examples
    --------
    >>> normalize("  Xa\u0303 ") == "Xã"
    True
    """
    return unicodedata.normalize("NFC", text if text.isprintable() else _without_controls(text)).strip()


def _without_controls(text: str) -> str:
    """Return a text without control characters, but with its line breaks."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("".join(filter(_is_storable, line)) for line in lines)


def _is_storable(character: str) -> bool:
    """Whether a character is no control character and no half of a surrogate pair."""
    return unicodedata.category(character) not in {"Cc", "Cs"}
