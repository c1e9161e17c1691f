"""A questionnaire as immutable values: what was asked, in which words, in which order.

A published version is one :class:`Questionnaire`. Nothing in it can change, nothing that can be
derived is stored, and the identity of a question is a code chosen by its author that survives rewording.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from questionnaires.schema.conditions import Condition
from questionnaires.schema.texts import EMPTY, LocalizedText

type Scalar = int | str
type Answer = int | float | str | list[Scalar]

NOT_APPLICABLE = "na"
NO_ANSWER = "no_answer"
SPECIAL_VALUES = (NOT_APPLICABLE, NO_ANSWER)

YES = 1
NO = 0


class Kind(StrEnum):
    """What a question expects for an answer."""

    LIKERT = "likert"
    SINGLE = "single"
    MULTIPLE = "multiple"
    YES_NO = "yes_no"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    RANKING = "ranking"
    NOTE = "note"


CHOICE_KINDS = frozenset({Kind.LIKERT, Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO, Kind.RANKING})
"""Kinds whose answers come from options."""
LIST_KINDS = frozenset({Kind.MULTIPLE, Kind.RANKING})
"""Kinds whose answer is a list of options."""
REMINDED_KINDS = CHOICE_KINDS | {Kind.NUMBER, Kind.DATE}

TODAY = "today"
"""Stands for the day of answering in `Question.latest`."""


class RuleSeverity(StrEnum):
    """What a broken rule does: a hard one forbids, a soft one reminds once and then lets through."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose: the stored value and its label; an exclusive one empties the rest of the list.

    `audio` names a recording of the label per language, `picture` a stored picture. `picture_alt` says what
    the picture shows where the label does not.
    """

    value: Scalar
    label: LocalizedText
    is_exclusive: bool = False
    audio: LocalizedText = EMPTY
    picture: LocalizedText = EMPTY
    picture_alt: LocalizedText = EMPTY


YES_NO_OPTIONS = (
    Option(YES, LocalizedText.of({"vi": "Có", "en": "Yes"})),
    Option(NO, LocalizedText.of({"vi": "Không", "en": "No"})),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """Options shared by many questions, in the order of the form."""

    code: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something known from the sample before the interview, such as the province."""

    code: str
    label: LocalizedText


@dataclass(frozen=True, slots=True)
class Question:
    """One question, one statement of a battery, or a note.

    Parameters
    ----------
    code : str
        Stable identity; the key of the answer.
    kind : Kind
        What an answer looks like.
    text : LocalizedText
        The wording asked.
    help : LocalizedText
        A short explanation under the question.
    options : tuple of Option
        What can be chosen. With `scale`, the options of that scale.
    scale : str
        Code of the scale the options come from, or empty.
    shows : tuple of str
        Attributes of the sample that a note displays.
    allows_not_applicable, allows_no_answer : bool
        Whether "does not apply to me" and "prefer not to say" are offered.
    is_required : bool
        A hard rule: the interview cannot be completed without an answer. Ratings never are by default.
    is_sensitive : bool
        Sensitive personal data or experience: asked only with a way out, kept out of public files.
    visible_when : Condition or None
        Asked only where this holds.
    minimum, maximum : int, float or None
        Limits of a number, inclusive.
    is_integer : bool
        A number without decimals.
    unit : LocalizedText
        Unit of a number.
    max_length : int
        Longest text accepted, in characters.
    is_multiline : bool
        A text of several lines.
    n_ranks : int
        How many options a ranking asks to put in order, from the first; 0 asks for all of them.
    earliest, latest : str
        Limits of a date, inclusive, written as in "2026-01-31"; `latest` may be "today". Empty for none.
    audio, picture : LocalizedText
        Name of a stored recording or picture per language.
    picture_alt : LocalizedText
        What the picture shows, in words, for whoever does not see it.
    help_audio : LocalizedText
        Name of a stored recording of the explanation per language.
    """

    code: str
    kind: Kind
    text: LocalizedText
    help: LocalizedText = EMPTY
    options: tuple[Option, ...] = ()
    scale: str = ""
    shows: tuple[str, ...] = ()
    allows_not_applicable: bool = False
    allows_no_answer: bool = False
    is_required: bool = False
    is_sensitive: bool = False
    visible_when: Condition | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    is_integer: bool = True
    unit: LocalizedText = EMPTY
    max_length: int = 200
    is_multiline: bool = False
    n_ranks: int = 0
    earliest: str = ""
    latest: str = ""
    audio: LocalizedText = EMPTY
    picture: LocalizedText = EMPTY
    picture_alt: LocalizedText = EMPTY
    help_audio: LocalizedText = EMPTY

    @property
    def is_rating_card(self) -> bool:
        """Whether the question is one card of a battery on a phone."""
        return self.kind is Kind.LIKERT or bool(self.scale)

    @property
    def is_reminded(self) -> bool:
        """Whether leaving it empty is worth one soft reminder: texts and notes are not."""
        return self.kind in REMINDED_KINDS

    @property
    def n_places(self) -> int:
        """How many places a ranking has to give."""
        return min(self.n_ranks or len(self.options), len(self.options))

    @property
    def special_values(self) -> tuple[str, ...]:
        """The values allowed instead of an answer, in the order they are offered."""
        allowed = {NOT_APPLICABLE: self.allows_not_applicable, NO_ANSWER: self.allows_no_answer}
        return tuple(value for value, is_allowed in allowed.items() if is_allowed)

    @property
    def has_pictures(self) -> bool:
        """Whether it or one of its options names a picture in some language."""
        return bool(self.picture) or any(option.picture for option in self.options)


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that must hold between answers.

    Parameters
    ----------
    code : str
        Stable identity of the rule.
    must : Condition
        What must hold. The rule is silent until every answer it compares is there.
    message : LocalizedText
        What a person reads where it does not hold: what to look at, without blame.
    severity : RuleSeverity
        A hard rule forbids going on; a soft one reminds once, and the second press passes.
    """

    code: str
    must: Condition
    message: LocalizedText
    severity: RuleSeverity = RuleSeverity.SOFT


@dataclass(frozen=True, slots=True)
class Section:
    """One page on a phone: a short title for lists, a heading that may be a question, questions and rules.

    `audio` names a recording of heading and introduction per language.
    """

    code: str
    title: LocalizedText
    questions: tuple[Question, ...]
    heading: LocalizedText = EMPTY
    intro: LocalizedText = EMPTY
    visible_when: Condition | None = None
    rules: tuple[Rule, ...] = ()
    audio: LocalizedText = EMPTY

    @property
    def shown_heading(self) -> LocalizedText:
        """What stands above the questions: the heading, or else the title."""
        return self.heading or self.title


@dataclass(frozen=True, slots=True)
class ConsentPoint:
    """One thing a citizen is told before answering; `audio` names a recording of heading and text."""

    heading: LocalizedText
    text: LocalizedText
    audio: LocalizedText = EMPTY


@dataclass(frozen=True, slots=True)
class ConsentStatement:
    """One box to tick, never ticked beforehand; `audio` names a recording of its text and explanation."""

    code: str
    text: LocalizedText
    help: LocalizedText = EMPTY
    is_required: bool = False
    audio: LocalizedText = EMPTY


@dataclass(frozen=True, slots=True)
class Consent:
    """What a citizen is told and agrees to, with the version of that wording; `audio` is one of its title."""

    version: str
    title: LocalizedText
    points: tuple[ConsentPoint, ...] = ()
    statements: tuple[ConsentStatement, ...] = ()
    is_placeholder: bool = False
    audio: LocalizedText = EMPTY


@dataclass(frozen=True, slots=True, eq=False)
class Questionnaire:
    """A complete questionnaire.

    Parameters
    ----------
    code : str
        Stable identity of the questionnaire across its versions.
    title : LocalizedText
        Its name.
    languages : tuple of str
        Languages every text must exist in, the original first.
    sections : tuple of Section
        In the order they are asked.
    scales : tuple of Scale
        Shared options.
    attributes : tuple of Attribute
        What the sample must tell about a respondent.
    consent : Consent or None
        Asked before the first section.
    method : str
        Identifier of the method the questionnaire measures, such as "M2023".
    is_provisional : bool
        Whether part of the wording is not confirmed by an official text.
    provisional_reason, source : LocalizedText
        Why it is provisional; where the wording comes from.
    remarks : tuple of LocalizedText
        Notes for methodologists; never shown to respondents.
    rules : tuple of Rule
        Rules between answers of several sections; each is checked where the last of its questions is asked.
    not_applicable_audio, no_answer_audio : LocalizedText
        Name of a stored recording per language of "does not apply" and of "prefer not to say".

    Notes
    -----
    Two questionnaires are the same only if they are one object: compiled plans are cached per questionnaire,
    and comparing every text would cost more than validating an interview. Compare documents or digests.
    """

    code: str
    title: LocalizedText
    languages: tuple[str, ...]
    sections: tuple[Section, ...]
    scales: tuple[Scale, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    consent: Consent | None = None
    method: str = ""
    is_provisional: bool = False
    provisional_reason: LocalizedText = EMPTY
    source: LocalizedText = EMPTY
    remarks: tuple[LocalizedText, ...] = ()
    rules: tuple[Rule, ...] = ()
    not_applicable_audio: LocalizedText = EMPTY
    no_answer_audio: LocalizedText = EMPTY

    @property
    def special_audio(self) -> Mapping[str, LocalizedText]:
        """Recordings of what may be chosen instead of an answer, by its value."""
        return {NOT_APPLICABLE: self.not_applicable_audio, NO_ANSWER: self.no_answer_audio}

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order asked."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, code: str) -> Question:
        """Return the question with a code.

        Parameters
        ----------
        code : str
            Code of a question.

        Returns
        -------
        Question
            The question.

        Raises
        ------
        KeyError
            If there is no such question.
        """
        return questions_by_code(self)[code]

    def section(self, code: str) -> Section:
        """Return the section with a code.

        Parameters
        ----------
        code : str
            Code of a section.

        Returns
        -------
        Section
            The section.

        Raises
        ------
        KeyError
            If there is no such section.
        """
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)


@lru_cache(maxsize=64)
def questions_by_code(questionnaire: Questionnaire) -> Mapping[str, Question]:
    """Return the questions of a questionnaire by code, computed once per questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
        Any questionnaire.

    Returns
    -------
    mapping of str to Question
        Read-only, in the order asked.
    """
    return MappingProxyType({question.code: question for question in questionnaire.questions})


def with_scale(question: Question, scale: Scale) -> Question:
    """Return the question with the options of a scale.

    Parameters
    ----------
    question : Question
        A question that names a scale, or not yet.
    scale : Scale
        The scale to take options from.

    Returns
    -------
    Question
        A copy; questions are immutable.
    """
    return replace(question, scale=scale.code, options=scale.options)
