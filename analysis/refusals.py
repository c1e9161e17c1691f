"""What a person reads when a statistical core refuses; the cores say it in English, with a code.

What was expected and what came name columns, formulas and rows, and stay as the core wrote them. The frame
around them, and the cause of the refusals that people do meet, are translated.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.estimation import AnalysisError

CAUSES: Mapping[str, Promise] = {
    "single-psu": gettext_lazy(
        "A stratum has answers from one drawn unit only (a commune; in a list one dossier or person), so the "
        "error of its figures cannot be told. "
        "Choose how such strata are treated, or join the stratum with one like it."
    ),
    "design": gettext_lazy("The sample does not fit its design. Check strata, drawn units and weights."),
    "domain": gettext_lazy("A province or group has no rows, or does not fit the sample."),
    "estimand": gettext_lazy("The answers do not fit what is to be estimated."),
    "interval": gettext_lazy("The interval asked for does not exist for this figure."),
    "weighting": gettext_lazy("The weights cannot be computed from this round."),
    "margin": gettext_lazy(
        "The population margins do not fit the answers or one another. Correct the margins of the round."
    ),
    "bounds": gettext_lazy("The limits of the weights cannot hold. Widen them."),
    "propensity": gettext_lazy("The model of who answers cannot be fitted to this round."),
    "raking-convergence": gettext_lazy(
        "The weights do not reach the population margins. Merge thin categories of the margins."
    ),
    "index-method": gettext_lazy("The document of the index method contradicts itself."),
    "index-estimation": gettext_lazy("The index method does not fit the answers of the round."),
    "dispositions": gettext_lazy("The outcomes of the cases cannot be counted."),
    "components": gettext_lazy("The spread of the answers cannot be split among the stages of the sample."),
    "small-area": gettext_lazy("The figures of the areas cannot carry the model for small areas."),
    "ranks": gettext_lazy("Ranks cannot, or may not, be given for these figures."),
    "representativity": gettext_lazy(
        "It cannot be told from this round how alike those who answered and those who did not are."
    ),
    "precision": gettext_lazy("The rule on the precision of published figures is not known."),
    "suppression": gettext_lazy("The small cells of this table cannot be protected."),
    "par": gettext_lazy("The criteria set, or what was scored by it, does not allow this computation."),
}
"""What is the matter, by the code of the error or of its class."""


def described(error: AnalysisError) -> str:
    """Return a refusal as sentences in the active language."""
    cause = CAUSES.get(error.code) or CAUSES.get(type(error).code) or _("The computation was refused.")
    detail = _("Expected: %(expected)s. Got: %(got)s. What to do: %(hint)s")
    return f"{cause}\n" + detail % {"expected": error.expected, "got": error.got, "hint": error.hint}
