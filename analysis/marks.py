"""The marks that travel with the figures of a release, and the words for how sure a method is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from analysis.models import Release
from analysis.weighting.steps import MULTIPLICITY
from sampling.models import MethodDocument

NO_MARGINS_NOTE = "no_margins"
"""Note of the last step of a weighting that stopped before raking."""

CONFIDENCE: Mapping[str, Promise] = {
    "official": gettext_lazy("official text"),
    "news": gettext_lazy("reported by the press"),
    "derived": gettext_lazy("derived from published results"),
    "recollection": gettext_lazy("not checked against a document"),
    "assumed": gettext_lazy("assumed"),
    "synthetic": gettext_lazy("invented for demonstration"),
}
"""Words for how sure a method is."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One rule without an official text, and why it has none."""

    title: str
    reason: str


def confidence(document: Mapping[str, Any]) -> Promise | str:
    """Return the word for how sure a method is; an unknown grade is shown as it stands in the file."""
    grade = document.get("confidence") or ""
    return CONFIDENCE.get(grade, grade)


def index_marks(release: Release) -> tuple[Mark, ...]:
    """Return why figures of the index are provisional: its method, its sample, its weights."""
    used = (release.method, release.snapshot.round.template)
    return (*_of_methods(*used), *_of_contents(release.method), *_of_weights(release))


def sample_marks(release: Release) -> tuple[Mark, ...]:
    """Return why any figure of a round is provisional, of an index or not: its sample, its weights."""
    return (*_of_methods(release.snapshot.round.template), *_of_weights(release))


def points_marks(release: Release) -> tuple[Mark, ...]:
    """Return why points of the reform index are provisional: their criteria set, and the index itself."""
    own = (*_of_methods(release.criteria_set), *_of_conversion(release.criteria_set))
    return (*own, *index_marks(release))


def sentences(*releases: Release) -> tuple[str, ...]:
    """Return the marks of releases as they stand on files and charts, in the active language."""
    found = (
        (any(release.is_demo for release in releases), _("Demonstration data – not real results")),
        (any(release.is_provisional for release in releases), _("Provisional method")),
        (any(release.is_rehearsed for release in releases), _("Sample drawn without a public commitment")),
        (any(release.is_approximate for release in releases), _("Approximate inclusion probabilities")),
    )
    return tuple(words for is_marked, words in found if is_marked)


def withheld_sentences(release: Release) -> tuple[str, ...]:
    """Say how many figures of a release are withheld for each reason, in the active language."""
    counts = Counter(part["reason"] for part in release.rates.get("withheld", ()))
    return tuple(
        ngettext(
            "%(n)d figure is withheld (%(reason)s).",
            "%(n)d figures are withheld (%(reason)s).",
            counts[reason],
        )
        % {"n": counts[reason], "reason": reason.label}
        for reason in Release.Withheld
        if counts[reason]
    )


def _of_methods(*used: MethodDocument) -> Iterator[Mark]:
    for method in used:
        if method.is_provisional:
            yield Mark(method.title, method.provisional_reason)


def _of_contents(method: MethodDocument) -> Iterator[Mark]:
    """Yield the mark of a confirmed method whose contents are put together with weights of our own."""
    are_derived = [content.get("weight_is_provisional") for content in method.document.get("contents", ())]
    if any(are_derived) and not method.is_provisional:
        yield Mark(method.title, _("The weights of its contents have no official text."))


def _of_conversion(criteria_set: MethodDocument) -> Iterator[Mark]:
    """Yield the mark of a confirmed criteria set whose way from satisfaction to points is not settled."""
    conversion = criteria_set.document.get("sipas") or {}
    if conversion.get("is_provisional") and not criteria_set.is_provisional:
        reason = conversion.get("provisional_reason") or {}
        language = (get_language() or "vi")[:2]
        yield Mark(criteria_set.title, reason.get(language) or reason.get("vi", ""))


def _of_weights(release: Release) -> Iterator[Mark]:
    is_shared = any(step.get("step") == MULTIPLICITY for step in release.weighting)
    if is_shared and release.method_id and not release.method.document.get("unit_of_analysis"):
        reason = _("The method does not say whether dossiers or persons count; the release counts persons.")
        yield Mark(_("Weights"), reason)
    if any(step.get("note") == NO_MARGINS_NOTE for step in release.weighting):
        reason = _("There were no population margins: the weighting stopped after nonresponse.")
        yield Mark(_("Weights"), reason)
