"""How a questionnaire names a stored recording or picture: by the hash of its file, which never changes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from questionnaires.schema import DEFAULT_LANGUAGE

SYNTHETIC = "synthetic/"
"""Beginning of the name of a recording that a program has spoken."""
_NAME = re.compile(r"(synthetic/)?([0-9a-f]{64})\.([a-z0-9]{2,5})")
_PICTURE_NAME = re.compile(r"([0-9a-f]{64})-([1-9][0-9]{0,4})x([1-9][0-9]{0,4})\.([a-z0-9]{2,5})")


@dataclass(frozen=True, slots=True)
class Reference:
    """A stored recording: the hash of its file, the kind, and whether a program has spoken it.

    Examples
    --------
    >>> found = Reference.of("synthetic/" + 64 * "0" + ".mp3")
    >>> found.is_synthetic, found.file_name == 64 * "0" + ".mp3"
    (True, True)
    >>> Reference.of("audio/q1.mp3") is None
    True
    """

    digest: str
    extension: str
    is_synthetic: bool = False

    @classmethod
    def of(cls, name: str) -> Self | None:
        """Return the recording that a name in a document stands for, None where it names no stored one."""
        found = _NAME.fullmatch(name)
        return cls(found[2], found[3], bool(found[1])) if found else None

    @property
    def file_name(self) -> str:
        """Name of the file, and last part of its address."""
        return f"{self.digest}.{self.extension}"

    def __str__(self) -> str:
        return f"{SYNTHETIC if self.is_synthetic else ''}{self.file_name}"


@dataclass(frozen=True, slots=True)
class PictureReference:
    """A stored picture: the hash of its file, its size in pixels, and its kind.

    Examples
    --------
    >>> found = PictureReference.of(64 * "0" + "-640x480.webp")
    >>> found.width, found.height, str(found) == found.file_name
    (640, 480, True)
    >>> PictureReference.of("pictures/q1.png") is None
    True
    """

    digest: str
    width: int
    height: int
    extension: str

    @classmethod
    def of(cls, name: str) -> Self | None:
        """Return the picture that a name in a document stands for, None where it names no stored one."""
        found = _PICTURE_NAME.fullmatch(name)
        return cls(found[1], int(found[2]), int(found[3]), found[4]) if found else None

    @property
    def file_name(self) -> str:
        """Name of the file, and last part of its address; the size in it lets a page keep the place free."""
        return f"{self.digest}-{self.width}x{self.height}.{self.extension}"

    def __str__(self) -> str:
        return self.file_name


def stored_file(name: str) -> str:
    """Return the file that a name in a document stands for, empty where it stands for none stored here."""
    reference = Reference.of(name) or PictureReference.of(name)
    return reference.file_name if reference else ""


def heard_in(names: Mapping[str, str], language: str) -> tuple[str, Reference] | None:
    """Return the recording to offer to readers of a language, and the language it is in.

    A text without a recording in their language is offered in Vietnamese, which must then be said.
    """
    for code in dict.fromkeys((language, language.partition("-")[0], DEFAULT_LANGUAGE)):
        found = Reference.of(names.get(code, ""))
        if found:
            return code, found
    return None


def seen_in(names: Mapping[str, str], language: str) -> PictureReference | None:
    """Return the picture to show to readers of a language: theirs, else the Vietnamese one, else any.

    Examples
    --------
    >>> seen_in({"en": 64 * "0" + "-640x480.webp"}, "vi").width
    640
    """
    wanted = (language, language.partition("-")[0], DEFAULT_LANGUAGE, *names)
    found = (PictureReference.of(names.get(code, "")) for code in wanted)
    return next(filter(None, found), None)
