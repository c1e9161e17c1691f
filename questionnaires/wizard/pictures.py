"""Pictures beside questions and options: where they are fetched, how large they are, what they show."""

from dataclasses import dataclass

from django.urls import reverse

from questionnaires.references import seen_in
from questionnaires.schema import LocalizedText, Question
from questionnaires.wizard import wordings
from questionnaires.wizard.wordings import Wording

BESIDE_QUESTION = (640, 480)
BESIDE_OPTION = (240, 160)
"""Most CSS pixels in width and height."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as a page draws it; its size is told beforehand, so that nothing moves when it arrives."""

    url: str
    width: int
    height: int
    alt: Wording


def picture_of(question: Question, language: str) -> Picture | None:
    """Return the picture of a question for readers of a language, None where there is none."""
    return _picture(question.picture, question.picture_alt, language, BESIDE_QUESTION)


def option_pictures(question: Question, language: str) -> dict[str, Picture]:
    """Return the pictures of options by their values as text; where no words are given, the label says it."""
    if not question.has_pictures:
        return {}
    found = {
        str(option.value): _picture(option.picture, option.picture_alt, language, BESIDE_OPTION)
        for option in question.options
    }
    return {value: picture for value, picture in found.items() if picture}


def _picture(
    names: LocalizedText, words: LocalizedText, language: str, limits: tuple[int, int]
) -> Picture | None:
    """Return a stored picture, drawn as large as may be and no larger than it is."""
    reference = seen_in(names, language) if names else None
    if reference is None:
        return None
    size = (reference.width, reference.height)
    scale = min(1.0, *(limit / pixels for limit, pixels in zip(limits, size, strict=True)))
    width, height = (max(1, round(pixels * scale)) for pixels in size)
    url = reverse("look", args=[reference.file_name])
    return Picture(url, width, height, wordings.told(words, language))
