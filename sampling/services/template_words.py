"""What a person reads when the document of a template is refused: the field, what was expected, what came."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.design.refusals import Said
from sampling.methods import TemplateError

MESSAGES: Mapping[str, Promise] = {
    "bad_field": gettext_lazy("Field “%(path)s”: expected %(expected)s, got %(got)s."),
    "unknown_field": gettext_lazy(
        "Field “%(path)s”: the format does not know %(names)s. Correct the name, or move it into “notes”."
    ),
    "no_stages": gettext_lazy("Field “stages”: expected at least one stage, got none."),
    "wrong_stage": gettext_lazy("Field “stages”, stage “%(stage)s”: expected %(expected)s."),
    "wrong_selection": gettext_lazy("Field “stages”, stage “%(stage)s”: %(problem)s"),
    "wrong_plan": gettext_lazy("Field “stages”: %(problem)s"),
    "wrong_allocation": gettext_lazy("Field “%(path)s”: %(problem)s"),
    "wrong_counts": gettext_lazy(
        "Field “expected”: the stages give %(computed)s, but it says %(declared)s. Correct the sizes of the "
        "stages, or the expected counts."
    ),
}
"""What is the matter, by the code of the error."""

KINDS: Mapping[str, Promise] = {
    "a text": gettext_lazy("a text"),
    "true or false": gettext_lazy("true or false"),
    "a whole number": gettext_lazy("a whole number"),
    "a date such as 2025-07-01": gettext_lazy("a date such as 2025-07-01"),
    "an object": gettext_lazy("an object"),
    "a list of objects": gettext_lazy("a list of objects"),
    "a list of texts": gettext_lazy("a list of texts"),
}
"""What a field may have to be."""

LONGEST_SHOWN = 200


def described(error: TemplateError) -> str:
    """Return what is wrong with a template in the active language, with the name of the field."""
    message = MESSAGES.get(error.code)
    if message is None:
        return _("The template is refused: %(problem)s") % {"problem": error}
    shown = {name: _shown(value)[:LONGEST_SHOWN] for name, value in error.params.items()}
    if "expected" in shown:
        shown["expected"] = str(KINDS.get(shown["expected"], shown["expected"]))
    if shown.get("got") == "nothing":
        shown["got"] = _("nothing")
    return str(message) % shown


def _shown(value: object) -> str:
    """Return a value, or a text of the pure core in the active language."""
    return value.told(_) if isinstance(value, Said) else str(value)
