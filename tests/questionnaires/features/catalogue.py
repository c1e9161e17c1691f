"""Questionnaires of one feature each, with answers that are taken, refused, or worth a reminder.

Each file in `forms` holds a `questionnaire`, the `attributes` of its sample, and examples: `good` answers
with the `path` of questions they lead along, the `cells` of the data files and texts `shown` on the way;
`bad` ones with the question and the code of the error; `reminders` with those of a soft rule. Whatever draws
or takes a questionnaire can be driven by them, browsers included.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from questionnaires.media import keep_picture
from questionnaires.references import PictureReference
from questionnaires.schema import Kind, Question, Questionnaire, parse
from questionnaires.schema.days import is_day, parts_of

FOLDER = Path(__file__).parent / "forms"
PICTURES = Path(__file__).parent / "pictures"
FEATURES: tuple[str, ...] = tuple(sorted(file.stem for file in FOLDER.glob("*.json")))


@dataclass(frozen=True, slots=True)
class Feature:
    """One questionnaire with its examples."""

    feature: str
    questionnaire: Mapping[str, Any]
    good: tuple[Mapping[str, Any], ...]
    bad: tuple[Mapping[str, Any], ...] = ()
    reminders: tuple[Mapping[str, Any], ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def schema(self) -> Questionnaire:
        """The questionnaire as the value that everything works on."""
        return parse(self.questionnaire)


def load(name: str) -> Feature:
    """Return one of `FEATURES`."""
    document = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Feature(**document)


def store_pictures() -> None:
    """Store the pictures that the questionnaires show, under the names by which they are shown."""
    for file in PICTURES.iterdir():
        named = PictureReference.of(file.name)
        stored = named and keep_picture(file.read_bytes(), named.extension, (named.width, named.height))
        if stored != named:
            raise ValueError(file.name)


def examples(part: str) -> list[tuple[str, int]]:
    """Return the name of a questionnaire and the number of an example, for each of them."""
    return [(name, number) for name in FEATURES for number in range(len(getattr(load(name), part)))]


def typed(question: Question, answer: Any) -> dict[str, Any]:
    """Return what a browser sends for an answer, good or bad."""
    code = question.code
    if question.kind is Kind.DATE and (isinstance(answer, dict) or is_day(answer)):
        parts = answer if isinstance(answer, dict) else parts_of(answer)
        return {f"{code}:{part}": text for part, text in parts.items()}
    if question.kind is Kind.RANKING and isinstance(answer, list | dict):
        places = answer if isinstance(answer, dict) else {str(v): str(n) for n, v in enumerate(answer, 1)}
        fields = {str(option.value): n for n, option in enumerate(question.options, 1)}
        return {f"{code}:{fields[value]}": place for value, place in places.items() if value in fields}
    return {code: [str(value) for value in answer] if isinstance(answer, list) else str(answer)}
