"""Words for what is wrong with a template, and for what became of a message."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questionnaires.messages.linting import Problem

LONGEST_CODE = len("-00000")

PROBLEMS: Mapping[str, Promise] = {
    "empty": gettext_lazy("Expected a text, got none. Write one."),
    "too_long": gettext_lazy("Expected at most %(most)s characters, got %(n)s. Shorten the text."),
    "subject_missing": gettext_lazy("Expected a subject, got none. An e-mail without one looks like fraud."),
    "zalo_template_missing": gettext_lazy(
        "Expected the number of the template that Zalo has approved, in digits. Copy it from the "
        "Zalo account."
    ),
    "hidden_sign": gettext_lazy(
        "Expected signs that can be seen, got %(sign)s, which cannot. Type the text anew instead of "
        "copying it."
    ),
    "placeholder_unknown": gettext_lazy("%(got)s is not known. Expected one of %(known)s."),
    "brace": gettext_lazy("Expected braces around a name only. Write one of %(known)s."),
    "code_in_thanks": gettext_lazy("%(got)s has no place in thanks: who has answered needs no code."),
    "placeholder_missing": gettext_lazy("%(name)s is missing. Every message of this kind must hold it."),
    "address_typed": gettext_lazy(
        "“%(got)s” looks like an address that was typed. Use {link} and {genuine}: people must be able to "
        "trust every link."
    ),
    "asks_for": gettext_lazy(
        "“%(got)s” reads as if we asked for it. A genuine message never asks for an identity card, an OTP, "
        "VNeID, a password or money; it may only say that we never ask."
    ),
    "too_many_segments": gettext_lazy(
        "The message takes %(n)s segments; expected at most %(most)s. Shorten the text."
    ),
    "accents_cost": gettext_lazy(
        "With tone marks each message costs %(n)s segments, without them %(plain)s. Tick “without tone "
        "marks” to save them."
    ),
    "not_plain": gettext_lazy(
        "These signs have no plain form, so the message is billed like one with tone marks: %(signs)s"
    ),
}

REASONS: Mapping[str, Promise] = {
    "no_address": gettext_lazy("no address on this channel"),
    "bad_address": gettext_lazy("address that cannot be one"),
    "shared_address": gettext_lazy("address that many cases share"),
    "objection": gettext_lazy("on the do-not-contact list"),
    "answered": gettext_lazy("answered in between"),
    "left_in_peace": gettext_lazy("refused, or not to be asked"),
    "closed": gettext_lazy("the round takes no answers any more"),
    "stopped": gettext_lazy("stopped by a person"),
    "refused": gettext_lazy("address refused by the provider"),
    "no_answer": gettext_lazy("no answer from the provider"),
    "interrupted": gettext_lazy("the work broke off while it was being sent"),
    "unreachable": gettext_lazy("the provider cannot be reached"),
    "unauthorised": gettext_lazy("the provider does not accept our account"),
    "provider": gettext_lazy("refused by the provider"),
    "undelivered": gettext_lazy("not delivered, says the provider"),
    "settled": gettext_lazy("looked up by a person"),
}


def problem_words(problem: Problem) -> str:
    """Return what is wrong in the language of the reader."""
    return str(PROBLEMS[problem.code]) % problem.params


def with_number(reason: str, code: object) -> str:
    """Return a reason with the code of the provider; words, which may hold an address, are not kept."""
    text = str(code)
    is_number = text.removeprefix("-").isdecimal() and len(text) <= LONGEST_CODE
    return f"{reason}:{text}" if is_number else reason


def reason_words(reason: str) -> str:
    """Return a reason in the language of the reader, with the number that the provider gave."""
    code, _colon, number = reason.partition(":")
    words = str(REASONS.get(code, code))
    return _("%(reason)s (number %(number)s)") % {"reason": words, "number": number} if number else words
