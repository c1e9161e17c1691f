"""What can be heard beside a question: its text, its explanation and its options, fetched only on demand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from questionnaires.references import heard_in
from questionnaires.schema import Question
from questionnaires.wizard import wordings
from questionnaires.wizard.wordings import Wording


@dataclass(frozen=True, slots=True)
class Player:
    """One recording: what is heard in words, where it is fetched, and what must be said about it.

    `words` is empty for the question itself, whose text stands above.
    """

    words: Wording | str
    url: str
    is_fallback: bool
    """Whether it is in Vietnamese because there is none in the language of the reader."""
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Booth:
    """Everything that can be heard beside one question."""

    players: tuple[Player, ...]

    @property
    def is_synthetic(self) -> bool:
        """Whether a program has spoken any of it."""
        return any(player.is_synthetic for player in self.players)

    @property
    def is_fallback(self) -> bool:
        """Whether all of it is in Vietnamese for want of the language of the reader."""
        return all(player.is_fallback for player in self.players)


def booth_of(question: Question, language: str) -> Booth | None:
    """Return what can be heard beside a question for readers of a language, None where nothing can."""
    players = tuple(_players(question, language))
    return Booth(players) if players else None


def _players(question: Question, language: str) -> Iterator[Player]:
    """Yield the recordings of a question in the order of the page."""
    labels = ((wordings.told(option.label, language), option.audio) for option in question.options)
    parts: tuple[tuple[Wording | str, Mapping[str, str]], ...] = (
        ("", question.audio),
        (_("Explanation"), question.help_audio),
        *labels,
    )
    for words, names in parts:
        found = heard_in(names, language)
        if found:
            code, reference = found
            url = reverse("listen", args=[reference.digest, reference.extension])
            is_fallback = code not in {language, language.partition("-")[0]}
            yield Player(words, url, is_fallback, reference.is_synthetic)
