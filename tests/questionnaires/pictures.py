"""Small pictures of every kind, and drafts that show them."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image

from questionnaires.services.pictures import save_picture
from tests.questionnaires.rounds import small_document


def picture(
    size: tuple[int, int] = (8, 6), kind: str = "PNG", colour: Any = (200, 30, 30), **options: Any
) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    mode = "RGBA" if len(colour) > len("RGB") else "RGB"
    Image.new(mode, size, colour).save(file, kind, **options)
    return file.getvalue()


def photo(size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A picture that hardly shrinks, as a telephone takes it: lying on its side, with a place in it."""
    noise = Image.effect_noise(size, 64).convert("RGB")
    notes = Image.Exif()
    notes[0x0112] = 6
    notes[0x010F] = "A telephone"
    notes.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=80, exif=notes)
    return file.getvalue()


def stored(**options: Any) -> str:
    """Store a picture; return its name."""
    return str(save_picture(content=picture(**options))[0])


def pictured_document(**changes: Any) -> dict[str, Any]:
    """A form whose first question has a picture, and its first option another."""
    document = small_document()
    question = document["sections"][0]["questions"][0]
    words = {"vi": "Biển hiệu", "en": "A sign"}
    question |= {"picture": {"vi": stored(size=(640, 480))}, "picture_alt": words, **changes}
    option: dict[str, Any] = question["options"][0]
    option["picture"] = {"vi": stored(size=(320, 320)), "en": stored(colour=(0, 0, 200))}
    return document


def first_question(document: Mapping[str, Any]) -> dict[str, Any]:
    """The question with the pictures."""
    question: dict[str, Any] = document["sections"][0]["questions"][0]
    return question
