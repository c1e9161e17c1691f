"""How the units of a draw are selected, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.design.area_selection import CODE, COUNT, CUBE, RANDOM, SERPENTINE, SIZE, UNIT_TYPE
from sampling.design.households import SORTED_ORDER, WITHIN_HOUSEHOLD
from sampling.design.schemes import METHODS

METHOD_NAMES: Mapping[str, Promise] = {
    "simple_random": gettext_lazy("simple random without replacement"),
    "systematic": gettext_lazy("systematic, equal probabilities"),
    "bernoulli": gettext_lazy("Bernoulli: each unit on its own, equal probabilities"),
    "poisson": gettext_lazy("Poisson: each unit on its own, probability proportional to size"),
    "sequential_poisson": gettext_lazy("sequential Poisson, probability nearly proportional to size"),
    "pareto": gettext_lazy("Pareto, probability nearly proportional to size"),
    "pps_systematic": gettext_lazy("systematic, probability proportional to size"),
    "pps_systematic_random": gettext_lazy("systematic in random order, probability proportional to size"),
    "sampford": gettext_lazy("Sampford, probability proportional to size"),
    "tille": gettext_lazy("Tillé (elimination), probability proportional to size"),
    "cube": gettext_lazy("balanced (cube method)"),
    WITHIN_HOUSEHOLD: gettext_lazy("one adult of each household"),
}
"""Every method by the code with which designs name it."""

KEY_NAMES: Mapping[str, Promise] = {
    UNIT_TYPE: gettext_lazy("type of unit"),
    RANDOM: gettext_lazy("random order"),
    SERPENTINE: gettext_lazy("serpentine, every second group the other way"),
    SORTED_ORDER: gettext_lazy("sorted along the way"),
    SIZE: gettext_lazy("number of adults"),
    CODE: gettext_lazy("code"),
    COUNT: gettext_lazy("number of units"),
}
"""What a list is sorted by, and what a sample is balanced on."""


@dataclass(frozen=True, slots=True)
class SelectionFacts:
    """A way of selecting as a reader may see it; what does not apply is empty."""

    method: str
    order: str
    balance: str
    is_approximate: bool
    has_random_size: bool
    follows: str = ""
    """What of a draw that follows an earlier one was fixed before the public value existed."""


def selection_name(code: str) -> str:
    """Return a method in words; one without words by its code."""
    return str(METHOD_NAMES.get(code, code))


def selection_facts(design: Mapping[str, Any]) -> SelectionFacts:
    """Return how the design of a stage or of a list selects."""
    code = str(design.get("selection", ""))
    scheme = METHODS.get(code)
    name = selection_name(code)
    if code == CUBE:
        by_size = _("probability proportional to size") if design.get("measure_of_size") else ""
        name = f"{name}, {by_size or _('equal probabilities')}"
    return SelectionFacts(
        method=name,
        order=_joined(design.get("order", ())),
        balance=_joined(design.get("balance", ())),
        is_approximate=scheme is not None and not scheme.is_exact,
        has_random_size=scheme is not None and not scheme.has_fixed_size,
        follows=_follows(design.get("coordination") or {}),
    )


def _follows(coordination: Mapping[str, Any]) -> str:
    """Say how much of a draw that follows an earlier one the public value decides."""
    if not coordination.get("previous"):
        return ""
    if coordination.get("spread"):
        return _(
            "Follows an earlier draw and avoids who was drawn there; among all others the public value "
            "decides."
        )
    return _(
        "Follows an earlier draw by rule: who is drawn was determined before the public value existed, and "
        "could be known to whoever holds the coordination key."
    )


def _joined(keys: Iterable[str]) -> str:
    """Return keys in words, one after the other."""
    return ", ".join(str(KEY_NAMES.get(key, key)) for key in keys)
