"""What a person reads when an answer is missing or cannot be taken; the schema only says why, in codes."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from questionnaires.schema import UNANSWERED, AnswerError, Kind, Question

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
}
WRONG_TYPE: Mapping[Kind, Promise] = {
    Kind.NUMBER: gettext_lazy("Write a number for question %(number)s, in digits."),
    Kind.TEXT: gettext_lazy("Write a few words for question %(number)s."),
}


def message_for(error: AnswerError, question: Question, number: int) -> str:
    """Return one sentence that says what to do."""
    if error.code == UNANSWERED:
        return reminder_for(question, number)
    wrong_type = WRONG_TYPE.get(question.kind, MESSAGES["not_an_option"])
    return str(MESSAGES.get(error.code, wrong_type)) % ({"number": number} | _shown(error.params))


def reminder_for(question: Question, number: int) -> str:
    """Return the soft reminder of a question left open."""
    if question.kind is Kind.NUMBER:
        return _("Write a number for question %(number)s.") % {"number": number}
    if question.allows_not_applicable:
        text = _("Choose an answer to question %(number)s, or choose “Does not apply to me”.")
    else:
        text = _("Choose an answer to question %(number)s.")
    return text % {"number": number}


def summary_title(n_errors: int, n_reminders: int) -> str:
    """Return the heading of the error summary, counted in words."""
    if n_errors:
        text = ngettext("%(n)d answer needs another look", "%(n)d answers need another look", n_errors)
        return text % {"n": n_errors}
    text = ngettext("%(n)d question is not answered yet", "%(n)d questions are not answered yet", n_reminders)
    return text % {"n": n_reminders}


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters fit for a sentence: whole numbers without decimals."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in params.items()
    }
