"""What a person reads when an answer is missing or cannot be taken; the schema only says why, in codes."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from questionnaires.schema import (
    DEFAULT_LANGUAGE,
    INCOMPLETE_RANKING,
    RULE,
    UNANSWERED,
    AnswerError,
    Kind,
    LocalizedText,
    Question,
)
from questionnaires.schema.days import written
from questionnaires.wizard.wordings import told

MESSAGES: Mapping[str, Promise] = {
    "required": gettext_lazy("Question %(number)s has to be answered before the next part."),
    "not_an_option": gettext_lazy("Choose one of the answers listed for question %(number)s."),
    "not_allowed": gettext_lazy("Choose one of the answers listed for question %(number)s."),
    "duplicate_option": gettext_lazy("Choose each answer of question %(number)s once."),
    "exclusive_option": gettext_lazy(
        "In question %(number)s one answer stands alone: untick it or the others."
    ),
    "not_an_integer": gettext_lazy("Write a whole number for question %(number)s."),
    "too_small": gettext_lazy("Write a number of at least %(minimum)s for question %(number)s."),
    "too_large": gettext_lazy("Write a number of at most %(maximum)s for question %(number)s."),
    "too_long": gettext_lazy("Shorten the answer to question %(number)s to %(maximum)s characters."),
    "incomplete_date": gettext_lazy("Write day, month and year for question %(number)s."),
    "not_a_date": gettext_lazy(
        "There is no such day. Write day, month and a year of four digits for question %(number)s."
    ),
    "too_early": gettext_lazy("Write a day not before %(minimum)s for question %(number)s."),
    "too_late": gettext_lazy("Write a day not after %(maximum)s for question %(number)s."),
    "not_a_place": gettext_lazy("Use the places 1 to %(maximum)s for question %(number)s."),
    "same_place": gettext_lazy("In question %(number)s the place %(place)s is given twice. Give it once."),
    "place_left_out": gettext_lazy(
        "In question %(number)s nothing has the place %(place)s. Give places without a gap."
    ),
    "too_many_ranks": gettext_lazy("Give at most %(maximum)s places in question %(number)s."),
    INCOMPLETE_RANKING: gettext_lazy("In question %(number)s the place %(place)s can still be given."),
}
WRONG_TYPE: Mapping[Kind, Promise] = {
    Kind.NUMBER: gettext_lazy("Write a number for question %(number)s, in digits."),
    Kind.TEXT: gettext_lazy("Write a few words for question %(number)s."),
    Kind.DATE: gettext_lazy("Write day, month and year for question %(number)s."),
    Kind.RANKING: gettext_lazy("Give places to the answers of question %(number)s, 1 for the first."),
}


def message_for(error: AnswerError, question: Question, number: int, language: str = "") -> str:
    """Return one sentence that says what to do; what the author wrote, in the language of the questions."""
    if error.code == UNANSWERED:
        return reminder_for(question, number)
    if error.code == RULE:
        message: LocalizedText = error.params["message"]
        return told(message, language or get_language() or DEFAULT_LANGUAGE)
    wrong_type = WRONG_TYPE.get(question.kind, MESSAGES["not_an_option"])
    return str(MESSAGES.get(error.code, wrong_type)) % ({"number": number} | _shown(error.params))


def reminder_for(question: Question, number: int) -> str:
    """Return the soft reminder of a question left open."""
    if question.kind is Kind.NUMBER:
        return _("Write a number for question %(number)s.") % {"number": number}
    if question.kind in {Kind.DATE, Kind.RANKING}:
        return str(WRONG_TYPE[question.kind]) % {"number": number}
    if question.allows_not_applicable:
        text = _("Choose an answer to question %(number)s, or choose “Does not apply to me”.")
    else:
        text = _("Choose an answer to question %(number)s.")
    return text % {"number": number}


def summary_title(n_errors: int, n_reminders: int, *, is_unanswered: bool = True) -> str:
    """Return the heading of the error summary, counted in words."""
    if n_errors or not is_unanswered:
        count = n_errors or n_reminders
        text = ngettext("%(n)d answer needs another look", "%(n)d answers need another look", count)
        return text % {"n": count}
    text = ngettext("%(n)d question is not answered yet", "%(n)d questions are not answered yet", n_reminders)
    return text % {"n": n_reminders}


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters fit for a sentence: whole numbers without decimals, days as people write them."""
    return {name: _fit(value) for name, value in params.items()}


def _fit(value: Any) -> Any:
    """Return one parameter fit for a sentence."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return written(value) if isinstance(value, str) else value
