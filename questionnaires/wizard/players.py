"""What can be heard: a question with its options, a heading, the consent; fetched only on demand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from questionnaires.references import heard_in
from questionnaires.schema import SPECIAL_LABELS, Consent, Question, Questionnaire, Section
from questionnaires.wizard import wordings
from questionnaires.wizard.wordings import Wording

type Heard = tuple[Wording | str, Mapping[str, str]]
"""What is heard in words, and the names of its recordings by language."""


@dataclass(frozen=True, slots=True)
class Player:
    """One recording: what is heard in words, where it is fetched, and what must be said about it.

    `words` is empty for the question or heading itself, which stands above.
    """

    words: Wording | str
    url: str
    is_fallback: bool
    """Whether it is in Vietnamese because there is none in the language of the reader."""
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Booth:
    """Everything that can be heard in one place; `title` is empty beside a question."""

    players: tuple[Player, ...]
    title: str = ""

    @property
    def is_synthetic(self) -> bool:
        """Whether a program has spoken any of it."""
        return any(player.is_synthetic for player in self.players)

    @property
    def is_fallback(self) -> bool:
        """Whether all of it is in Vietnamese for want of the language of the reader."""
        return all(player.is_fallback for player in self.players)


def booth_of(question: Question, schema: Questionnaire, language: str) -> Booth | None:
    """Return what can be heard beside a question for readers of a language, None where nothing can.

    What may be chosen instead of an answer is heard where something of the question itself is.
    """
    labels = ((wordings.told(option.label, language), option.audio) for option in question.options)
    own = (("", question.audio), (_("Explanation"), question.help_audio), *labels)
    players = tuple(_players(own, language))
    if not players:
        return None
    special = (
        (wordings.told(SPECIAL_LABELS[value], language), schema.special_audio[value])
        for value in question.special_values
    )
    return Booth((*players, *_players(special, language)))


def section_booth(section: Section, language: str) -> Booth | None:
    """Return the recording of a heading with its introduction, None where there is none."""
    players = tuple(_players([("", section.audio)], language))
    return Booth(players, _("Listen to the heading")) if players else None


def consent_booth(consent: Consent, language: str) -> Booth | None:
    """Return what of the consent can be heard, in the order of the page, None where nothing can."""
    told = [(consent.title, consent.audio), *((point.heading, point.audio) for point in consent.points)]
    agreed = [(statement.text, statement.audio) for statement in consent.statements]
    parts = ((wordings.told(text, language), names) for text, names in (*told, *agreed))
    players = tuple(_players(parts, language))
    return Booth(players, _("Listen to the text")) if players else None


def _players(parts: Iterable[Heard], language: str) -> Iterator[Player]:
    """Yield the recordings there are."""
    for words, names in parts:
        found = heard_in(names, language)
        if found:
            code, reference = found
            url = reverse("listen", args=[reference.digest, reference.extension])
            is_fallback = code not in {language, language.partition("-")[0]}
            yield Player(words, url, is_fallback, reference.is_synthetic)
