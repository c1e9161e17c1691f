"""The planner's calculator: how many people for a margin, which margin from how many people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.design.sizes import (
    Conditions,
    SampleSize,
    SizeError,
    for_mean,
    index_sd,
    margin_of_mean,
    share_sd,
    slovin,
    slovin_margin,
)
from sampling.viewsets.planner_fields import CONFIDENCES, PERCENT, Group, NumberField, PlannerForm, WholeField
from sampling.viewsets.planner_pages import PlanningView
from sampling.viewsets.planner_words import DEFAULT_RESPONSE, DEFAULT_SHARE, KIND_LABELS

MOST_PEOPLE = 1_000_000_000
PROPORTION, MEAN, INDEX = "proportion", "mean", "index"


class SizeForm(PlannerForm):
    """What a margin depends on; all in points from 0 to 100."""

    kind = forms.ChoiceField(label=gettext_lazy("What is estimated"), choices=KIND_LABELS.items())
    margin = NumberField(gettext_lazy("Wanted half-width in points"), 0.01, 50)
    n = WholeField(
        gettext_lazy("Or: answers at hand"),
        1,
        MOST_PEOPLE,
        required=False,
        help_text=gettext_lazy("To see which half-width they give."),
    )
    share = NumberField(gettext_lazy("Expected share, %"), 0, 100)
    sd = NumberField(
        gettext_lazy("Standard deviation of a mean, points"),
        0,
        100,
        help_text=gettext_lazy("For a mean."),
    )
    criteria = WholeField(
        gettext_lazy("Criteria of the index"),
        1,
        500,
        help_text=gettext_lazy("For an index; each with the share above."),
    )
    correlation = NumberField(
        gettext_lazy("Mean correlation of criteria"),
        0,
        1,
        help_text=gettext_lazy("Assumed. 1: everybody judges all criteria alike."),
    )
    deff = NumberField(gettext_lazy("Design effect"), 0.1, 100)
    response = NumberField(gettext_lazy("Expected response rate, %"), 1, 100)
    population = WholeField(
        gettext_lazy("People or dossiers in all"),
        1,
        MOST_PEOPLE,
        required=False,
        help_text=gettext_lazy("Empty: very many."),
    )
    confidence = forms.ChoiceField(label=gettext_lazy("Confidence level"), choices=CONFIDENCES)

    def __init__(self, sent: Mapping[str, Any]) -> None:
        super().__init__({**DEFAULTS, **sent}, auto_id="plan_%s")

    def conditions(self) -> Conditions:
        """Return what a margin depends on besides the spread."""
        chosen = self.cleaned_data
        return Conditions(
            confidence=int(chosen["confidence"]) / PERCENT,
            deff=chosen["deff"],
            response_rate=chosen["response"] / PERCENT,
            population=chosen["population"],
        )

    def spread(self) -> float:
        """Return the standard deviation among people, as a share."""
        return SPREADS[self.cleaned_data["kind"]](self)

    @cached_property
    def groups(self) -> list[Group]:
        """Return the fields in the order of the page."""
        return [
            self.group(gettext_lazy("What is wanted"), ["kind", "margin", "n", "confidence"]),
            self.group(
                gettext_lazy("Conditions"),
                ["share", "sd", "criteria", "correlation", "deff", "response", "population"],
                note=gettext_lazy("Assumed. Enter what a former round has shown."),
            ),
        ]


DEFAULTS: Mapping[str, Any] = {
    "kind": PROPORTION,
    "margin": 5,
    "share": DEFAULT_SHARE,
    "sd": 20,
    "criteria": 51,
    "correlation": 0.3,
    "deff": 2.8,
    "response": DEFAULT_RESPONSE,
    "confidence": "95",
}

SPREADS: Mapping[str, Callable[[SizeForm], float]] = {
    PROPORTION: lambda form: share_sd(form.cleaned_data["share"] / PERCENT, form.conditions()),
    MEAN: lambda form: form.cleaned_data["sd"] / PERCENT,
    INDEX: lambda form: index_sd(
        [share_sd(form.cleaned_data["share"] / PERCENT)] * form.cleaned_data["criteria"],
        correlation=form.cleaned_data["correlation"],
    ),
}
"""How each kind of figure spreads among people."""


@dataclass(frozen=True, slots=True)
class SizeResult:
    """Sizes and margins side by side; None where something cannot be had."""

    needed: SampleSize | None
    margin_of_n: float | None
    older: SampleSize | None
    older_promise: float | None
    older_margin: float | None


def size_result(form: SizeForm) -> SizeResult:
    """Compute sizes and margins, by the formula and by the older rule."""
    chosen, conditions, spread = form.cleaned_data, form.conditions(), form.spread()
    margin, n, population = chosen["margin"] / PERCENT, chosen["n"] or 0, chosen["population"]
    older = _tried(lambda: slovin(population or MOST_PEOPLE, margin))
    return SizeResult(
        needed=_tried(lambda: for_mean(margin, sd=spread, conditions=conditions)),
        margin_of_n=_points(_tried(lambda: margin_of_mean(n, sd=spread, conditions=conditions)), n),
        older=older,
        older_promise=_points(_tried(lambda: slovin_margin(population or MOST_PEOPLE, n)), n),
        older_margin=_older_margin(older, spread, conditions),
    )


def _older_margin(older: SampleSize | None, spread: float, conditions: Conditions) -> float | None:
    """Return the half-width that the older rule really gives, if only those who answer count."""
    if older is None:
        return None
    answers = older.completed * conditions.response_rate
    return _points(_tried(lambda: margin_of_mean(answers, sd=spread, conditions=conditions)), answers)


def _tried[Value](compute: Callable[[], Value]) -> Value | None:
    """Compute something, or return None where it cannot be had."""
    try:
        return compute()
    except SizeError:
        return None


def _points(value: float | None, n: float | None) -> float | None:
    """Write a half-width in points; None if it cannot be had or no number of answers was given."""
    return value * PERCENT if value is not None and n else None


class SizePlanView(PlanningView):
    """The calculator."""

    template_name = "sampling/planner_size.html"
    page_title = gettext_lazy("Sample size")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form and what it gives."""
        form = SizeForm(self.request.GET.dict())
        result = size_result(form) if form.is_valid() else None
        context = super().get_context_data(**kwargs)
        return context | {"form": form, "result": result, "older_note": older_note()}


def older_note() -> tuple[str, str]:
    """Say what the older rule ignores."""
    return (
        _(
            "It assumes a share of 50%, a simple random sample and z = 2, so a confidence of 95.4%, whatever "
            "is wanted."
        ),
        _(
            "It ignores clusters (design effect 1) and people who do not answer, and never asks for more "
            "than 1 / e²: 400 for 5 points."
        ),
    )
