"""What the planner asks; the form is sent by GET, so that a plan is its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.design.planning import Assumptions, Components, PlanError
from sampling.models import SamplingTemplate, SurveyRound
from sampling.selectors.planning import PlanningBasis, planning_basis
from sampling.viewsets.planner_components import ComponentsError, read_components
from sampling.viewsets.planner_fields import (
    CONFIDENCES,
    MOST_UNITS,
    PERCENT,
    Group,
    NumberField,
    PlannerForm,
    WholeField,
)
from sampling.viewsets.planner_rules import AreaRequest, strata_of
from sampling.viewsets.planner_variables import VariablesError, read_variables
from sampling.viewsets.planner_words import (
    ATTRIBUTE_LABELS,
    CORRELATION_LABELS,
    COST_LABELS,
    DEFAULT_CORRELATIONS,
    DEFAULT_COSTS,
    DEFAULT_RESPONSE,
    DEFAULT_SHARE,
    DEFAULT_TARGET,
    PER_STRATUM_LABELS,
    RULE_LABELS,
    TAKE_LABELS,
    TOTAL_LABELS,
    TOTAL_RULES,
    attribute_label,
    stage_label,
)

THOUSAND = 1_000
ROUND, TEMPLATE = "round", "template"
LONGEST_COMPONENTS = 2_000
MOST_COST = 100_000_000
LONGEST_KEY = 18
"""Digits of a number that every database still reads as a key."""


def plannable_rounds(rounds: QuerySet[SurveyRound]) -> QuerySet[SurveyRound]:
    """Leave out rounds whose template has no stages."""
    return rounds.filter(template__document__has_key="stages").select_related("template")


def plannable_templates(templates: QuerySet[SamplingTemplate]) -> QuerySet[SamplingTemplate]:
    """Return the templates with stages, the newest first."""
    return templates.filter(document__has_key="stages").order_by("-code", "-version")


@dataclass(frozen=True, slots=True)
class Bases:
    """What a person may plan from: rounds with their frames, and templates without any."""

    rounds: QuerySet[SurveyRound]
    templates: QuerySet[SamplingTemplate]


def basis_choices(bases: Bases) -> list[tuple[str | Promise, list[tuple[str, str]]]]:
    """Return rounds with their frames, then templates without any."""
    return [
        (gettext_lazy("Round, with its frame"), [(f"{ROUND}:{one.pk}", str(one)) for one in bases.rounds]),
        (
            gettext_lazy("Template, without a frame"),
            [(f"{TEMPLATE}:{one.pk}", one.title) for one in bases.templates],
        ),
    ]


def find_basis(value: str, bases: Bases) -> PlanningBasis | None:
    """Return what a plan is made from: what was chosen, or the newest round, or the newest template."""
    kind, _colon, key = value.partition(":")
    wanted = int(key) if key.isdecimal() and len(key) <= LONGEST_KEY else 0
    if kind == TEMPLATE:
        asked = bases.templates.filter(pk=wanted).first()
        if asked is not None:
            return planning_basis(asked)
    survey_round = bases.rounds.filter(pk=wanted).first() if kind == ROUND else None
    survey_round = survey_round or bases.rounds.first()
    if survey_round is not None:
        return planning_basis(survey_round.template, survey_round)
    template = bases.templates.first()
    return planning_basis(template) if template else None


class AreaForm(PlannerForm):
    """A plan in stages; what is not sent is as in the template or as assumed."""

    rule = forms.ChoiceField(label=gettext_lazy("Allocation"), choices=RULE_LABELS.items())
    n = WholeField(
        gettext_lazy("In all"),
        1,
        MOST_UNITS,
        help_text=gettext_lazy("For the rules that divide a total."),
    )
    per = WholeField(
        gettext_lazy("Per stratum"),
        1,
        MOST_UNITS,
        help_text=gettext_lazy("For the fixed rule."),
    )
    q = NumberField(
        gettext_lazy("Exponent of the power allocation"),
        0,
        1,
        help_text=gettext_lazy("0: strata equally precise; 1: best for the whole country."),
    )
    least = WholeField(gettext_lazy("Least per stratum"), 1, MOST_UNITS)
    most = WholeField(gettext_lazy("Most per stratum"), 1, MOST_UNITS, required=False)
    target = NumberField(gettext_lazy("Target: half-width in points"), 0.1, 50)
    whole = NumberField(
        gettext_lazy("Target for the whole country"),
        0.05,
        50,
        required=False,
        help_text=gettext_lazy("Empty: none."),
    )
    share = NumberField(gettext_lazy("Expected share of satisfied people, %"), 0, 100)
    response = NumberField(gettext_lazy("Expected response rate, %"), 1, 100)
    confidence = forms.ChoiceField(label=gettext_lazy("Confidence level"), choices=CONFIDENCES)
    fpc = forms.BooleanField(
        label=gettext_lazy("Count drawing without replacement"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise the first stage is taken as drawn with replacement, on the safe side."
        ),
    )
    components = forms.CharField(
        label=gettext_lazy("Variance components of a former round"),
        required=False,
        max_length=LONGEST_COMPONENTS,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Replace the correlations above. A line of names such as stratum;commune;village;person, then "
            "one line per stratum; * stands for all others. Variances of shares between 0 and 1."
        ),
    )

    variables = forms.CharField(
        label=gettext_lazy("Several variables (for Bethel)"),
        required=False,
        max_length=LONGEST_COMPONENTS,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "A line of names such as variable;mean;cv;whole_cv, then one line per variable: largest "
            "coefficients of variation in per cent, of every domain and of all together. With the columns "
            "stratum and commune;village;person a variable has its own mean and variances."
        ),
    )

    def __init__(self, sent: QueryDict, basis: PlanningBasis, bases: Bases) -> None:
        self.planning_basis = basis
        stages = basis.stages
        super().__init__(self._defaults() | sent.dict() | {"basis": basis.key}, auto_id="plan_%s")
        self._add_choices(bases)
        self.fields["n"].label = stage_label(stages[0], TOTAL_LABELS)
        self.fields["per"].label = stage_label(stages[0], PER_STRATUM_LABELS)
        for stage in stages[1:]:
            self.fields[f"take_{stage['code']}"] = WholeField(stage_label(stage, TAKE_LABELS), 1, MOST_UNITS)
        for stage in stages:
            self.fields[f"cost_{stage['code']}"] = WholeField(stage_label(stage, COST_LABELS), 0, MOST_COST)
        for stage in stages[:-1]:
            self.fields[f"rho_{stage['code']}"] = NumberField(stage_label(stage, CORRELATION_LABELS), 0, 1)

    def _add_choices(self, bases: Bases) -> None:
        """Offer what a plan can be made from, and the strata whose attributes are known."""
        known = {key for unit in self.planning_basis.units for key in unit.keys}
        self.fields["basis"] = forms.ChoiceField(
            label=_("Made from"),
            choices=basis_choices(bases),
            help_text=_("After another choice its own stages and sizes are offered."),
        )
        self.fields["strata"] = forms.ChoiceField(
            label=_("Strata"),
            choices=[
                (code, attribute_label(code))
                for code in dict.fromkeys((*ATTRIBUTE_LABELS, self.planning_basis.template_attribute))
                if known.issuperset(strata_of(code)[0])
            ],
        )

    def _defaults(self) -> dict[str, Any]:
        """Return what a plan starts from: the template, and what is assumed."""
        basis, stages = self.planning_basis, self.planning_basis.stages
        first = stages[0]
        per_stratum = 1 if first.get("allocation") else first["n_units"]
        return {
            "strata": basis.template_attribute,
            "rule": "template",
            "n": sum(round(basis.takes_in(code)[0]) for code in basis.template_strata) or 1,
            "per": per_stratum,
            "q": 0.5,
            "least": min(2, first["n_units"]),
            "target": DEFAULT_TARGET,
            "share": DEFAULT_SHARE,
            "response": DEFAULT_RESPONSE,
            "confidence": "95",
            **{f"take_{stage['code']}": stage["n_units"] for stage in stages[1:]},
            **{f"cost_{stage['code']}": DEFAULT_COSTS.get(stage["code"], 0) for stage in stages},
            **{f"rho_{stage['code']}": DEFAULT_CORRELATIONS.get(stage["code"], 0) for stage in stages[:-1]},
        }

    def clean(self) -> dict[str, Any]:
        """Refuse limits and correlations that contradict each other, and components that cannot be read."""
        cleaned = super().clean() or {}
        if cleaned.get("most") and cleaned.get("least") and cleaned["most"] < cleaned["least"]:
            self.add_error("most", _("Enter at least as many as the least per stratum."))
        try:
            cleaned["default_components"] = self._components(cleaned)
        except PlanError:
            last = f"rho_{self.planning_basis.stages[-2]['code']}"
            self.add_error(
                last, _("The correlations together must leave something for the people: at most 1.")
            )
        codes = [stage["code"] for stage in self.planning_basis.stages]
        try:
            cleaned["own_components"] = read_components(cleaned.get("components", ""), codes)
        except ComponentsError as error:
            self.add_error("components", str(error))
        try:
            cleaned["plan_variables"] = read_variables(cleaned.get("variables", ""), codes)
        except VariablesError as error:
            self.add_error("variables", str(error))
        return cleaned

    def _components(self, cleaned: Mapping[str, Any]) -> Components:
        share = (cleaned.get("share") or 0) / PERCENT
        codes = [stage["code"] for stage in self.planning_basis.stages[:-1]]
        correlations = [cleaned.get(f"rho_{code}") or 0 for code in codes]
        return Components.of_correlations(share * (1 - share), correlations)

    def request(self) -> AreaRequest:
        """Return what was asked for, in the units of the core."""
        chosen, stages = self.cleaned_data, self.planning_basis.stages
        own = dict(chosen["own_components"])
        return AreaRequest(
            attribute=chosen["strata"],
            rule=chosen["rule"],
            takes=tuple(float(chosen[f"take_{stage['code']}"]) for stage in stages[1:]),
            costs=tuple(float(chosen[f"cost_{stage['code']}"] * THOUSAND) for stage in stages),
            components=own.pop("*", chosen["default_components"]),
            own_components=own,
            variables=chosen["plan_variables"],
            assumptions=Assumptions(
                confidence=int(chosen["confidence"]) / PERCENT,
                response_rate=chosen["response"] / PERCENT,
                fpc=chosen["fpc"],
            ),
            target=chosen["target"] / PERCENT,
            whole_target=chosen["whole"] / PERCENT if chosen["whole"] else None,
            n_first=chosen["n"],
            per_stratum=chosen["per"],
            exponent=chosen["q"],
            minimum=chosen["least"],
            maximum=chosen["most"],
        )

    @cached_property
    def groups(self) -> list[Group]:
        """Return the fields in the order of the page."""
        takes = [name for name in self.fields if name.startswith("take_")]
        costs = [name for name in self.fields if name.startswith("cost_")]
        correlations = [name for name in self.fields if name.startswith("rho_")]
        rule = self["rule"].value()
        return [
            self.group(gettext_lazy("Plan B"), ["basis", "strata", "rule", "n", *takes, "target"]),
            self.group(
                gettext_lazy("Limits and rules"),
                ["least", "most", "per", "q", "whole", "variables"],
                is_open=rule not in {"template", *TOTAL_RULES} or rule == "power",
            ),
            self.group(
                gettext_lazy("How answers differ"),
                ["share", *correlations, "response", "confidence", "fpc", "components"],
                note=gettext_lazy(
                    "Assumed. Correlations say which part of the spread lies between communes and between "
                    "villages. The starting values give a design effect of 2.8 for 6 × 3 × 31 people; no "
                    "agency has published one for SIPAS."
                ),
                is_open=False,
            ),
            self.group(
                gettext_lazy("Costs, thousand đồng"),
                costs,
                note=gettext_lazy("Assumed, without a source. Enter those of your own fieldwork."),
                is_open=False,
            ),
        ]
