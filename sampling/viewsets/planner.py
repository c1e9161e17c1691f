"""The planner: what a sample would give and cost before anything is drawn. It keeps and changes nothing."""

from collections.abc import Mapping
from functools import cached_property
from math import isfinite
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.viewsets.base import ViewSet

from sampling.design.least_cost_variables import WHOLE, VariableReach, reach_of_variables
from sampling.design.planning import StratumPlan
from sampling.design.purchases import margin_with_everybody, optimal_takes, paths, purchases
from sampling.selectors.planning import PlanningBasis
from sampling.selectors.templates import templates_seen_by
from sampling.selectors.territories import rounds_seen_by
from sampling.viewsets.columns import grouped
from sampling.viewsets.planner_area import POINTS, AreaResult, plan_area, points
from sampling.viewsets.planner_files import (
    DOCUMENT,
    TABLE_WRITERS,
    PlanFile,
    area_tables,
    template_document,
    write_json,
)
from sampling.viewsets.planner_forms import AreaForm, Bases, find_basis, plannable_rounds, plannable_templates
from sampling.viewsets.planner_lists import ListPlanView
from sampling.viewsets.planner_pages import DOWNLOAD, PlannerMenuItem, PlanningView
from sampling.viewsets.planner_pictures import curve_of, plan_chart, purchase_bars, takes_of
from sampling.viewsets.planner_rules import AreaRequest, PlanRefusedError, domains_of
from sampling.viewsets.planner_sizes import SizePlanView
from sampling.viewsets.planner_words import (
    PATH_LABELS,
    PURCHASE_LABELS,
    TAKE_LABELS,
    UNIT_LABELS,
    stage_label,
)

BETHEL = "bethel"


class AreaPlanView(PlanningView):
    """A sample in stages: margins and costs per province, and what more would buy."""

    template_name = "sampling/planner.html"
    page_title = gettext_lazy("Sampling planner")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a file where one is asked for and there is a plan, and else the page."""
        wanted = self.file(request.GET.get(DOWNLOAD, ""))
        return wanted or super().get(request, *args, **kwargs)

    @cached_property
    def bases(self) -> Bases:
        """Rounds and templates from which somebody may plan: national ones, and those of their province."""
        user = self.request.user
        return Bases(plannable_rounds(rounds_seen_by(user)), plannable_templates(templates_seen_by(user)))

    @cached_property
    def basis(self) -> PlanningBasis | None:
        """What the plan is made from."""
        return find_basis(self.request.GET.get("basis", ""), self.bases)

    @cached_property
    def form(self) -> AreaForm | None:
        """The form, filled in with what was sent and what is assumed."""
        if self.basis is None or not self.basis.units:
            return None
        return AreaForm(self.request.GET, self.basis, self.bases)

    @cached_property
    def _outcome(self) -> tuple[AreaResult | None, str]:
        if self.basis is None or self.form is None or not self.form.is_valid():
            return None, ""
        try:
            return plan_area(self.basis, self.form.request()), ""
        except PlanRefusedError as error:
            return None, str(error)

    def file(self, extension: str) -> HttpResponse | None:
        """Return the plan as a file."""
        result, basis, form = self._outcome[0], self.basis, self.form
        if not extension or result is None or basis is None or form is None:
            return None
        found: PlanFile | None = None
        if extension in TABLE_WRITERS:
            found = TABLE_WRITERS[extension](area_tables(basis, form.request(), result))
        elif extension == DOCUMENT:
            found = write_json(template_document(basis, form.request(), result))
        return found.response(f"{basis.template.code}-plan") if found else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and the plan or why there is none."""
        result, refusal = self._outcome
        context = super().get_context_data(**kwargs)
        context |= {"form": self.form, "basis": self.basis, "refusal": refusal, "result": result}
        if result is None or self.form is None or self.basis is None:
            return context
        request = self.form.request()
        return context | {
            "chart": plan_chart(result.rows, request.target * POINTS),
            "target": request.target * POINTS,
            "comparison": comparison(result, stage_label(self.basis.stages[0], UNIT_LABELS)),
            "warnings": warnings_of(result),
            "reaches": reaches_of(result, request),
            "stages": [stage_label(stage, UNIT_LABELS) for stage in self.basis.stages],
            "query": self.form.query(),
            "formats": [*TABLE_WRITERS, DOCUMENT],
            "is_provisional": self.basis.template.is_provisional,
            **self.what_more_buys(result),
        }

    def what_more_buys(self, result: AreaResult) -> Mapping[str, Any]:
        """Return the pictures for one domain: the one chosen, or the one with the widest interval."""
        form, basis = self.form, self.basis
        if form is None or basis is None:
            return {}
        codes = [row.code for row in result.rows]
        asked = self.request.GET.get("place", "")
        widest = max(result.rows, key=lambda row: row.planned.margin).code
        place = asked if asked in codes else widest
        row = next(row for row in result.rows if row.code == place)
        strata, assumptions = result.of_domain(place), form.request().assumptions
        has_costs = row.planned.cost > 0
        buying = {stage["code"]: stage_label(stage, PURCHASE_LABELS) for stage in basis.stages}
        growing = {stage["code"]: stage_label(stage, PATH_LABELS) for stage in basis.stages}
        return {
            "place": row,
            "purchases": purchase_bars(purchases(strata, assumptions), buying),
            "curve": curve_of(paths(strata, assumptions), growing) if has_costs else None,
            "takes": self.best_takes(strata) if has_costs else [],
            "floor": points(margin_with_everybody(strata, assumptions)),
        }

    def best_takes(self, strata: list[StratumPlan]) -> list[dict[str, Any]]:
        """Return the takes after the first stage beside those that give most for the money."""
        if self.form is None or self.basis is None:
            return []
        request = self.form.request()
        if not all(request.costs):
            return []
        best = list(optimal_takes(strata[0].components, request.costs))
        best[-1] /= request.assumptions.response_rate
        stages = zip(self.basis.stages[1:], takes_of(strata), best, strict=True)
        return [
            {"label": stage_label(stage, TAKE_LABELS), "now": now, "best": take if isfinite(take) else None}
            for stage, now, take in stages
        ]


def reaches_of(result: AreaResult, request: AreaRequest) -> list[dict[str, Any]]:
    """Return what every variable was asked for and gets, where it is least precise and for all together."""
    if request.rule != BETHEL:
        return []
    names = {row.code: row.name for row in result.rows}
    plans = [one.plan for one in result.strata]
    found = reach_of_variables(plans, request.variables, domains_of(result.strata), request.assumptions)
    worst: dict[tuple[str, bool], VariableReach] = {}
    for each in found:
        key = (each.variable, each.domain == WHOLE)
        if key not in worst or each.reached > worst[key].reached:
            worst[key] = each
    return [
        {
            "variable": each.variable,
            "place": _("all together") if is_whole else names.get(each.domain, each.domain),
            "asked": each.asked,
            "reached": each.reached,
            "is_met": each.is_met,
        }
        for (_name, is_whole), each in worst.items()
    ]


def comparison(result: AreaResult, first: str) -> list[dict[str, str]]:
    """Say in words how the plan differs from the template; nothing without both."""
    a, b = result.standard, result.planned
    if a is None:
        return []
    changes = [
        (_("people asked"), a.people, b.people, 0),
        (first, a.expected.counts[0], b.expected.counts[0], 0),
        (_("median half-width"), a.median_margin, b.median_margin, 1),
        (_("all together"), a.margin, b.margin, 2),
        (_("cost, million đồng"), a.cost, b.cost, 0),
    ]
    return [
        {"label": label, "value": change(before, after, places)} for label, before, after, places in changes
    ]


def change(before: float | None, after: float | None, places: int) -> str:
    """Write a change as before and after, or say that there is none."""
    if before is None or after is None:
        return "–"
    texts = [grouped(value, places) for value in (before, after)]
    return _("unchanged") if texts[0] == texts[1] else " → ".join(texts)


def warnings_of(result: AreaResult) -> list[str]:
    """Say what a reader of the plan must not overlook."""
    n_domains = len(result.rows)
    found = [
        (
            result.n_without_margin,
            _("%(n)s of %(all)s domains have no degree of freedom: their precision could not be told."),
        ),
        (
            result.n_few_df,
            _(
                "%(n)s of %(all)s domains have fewer than 8 degrees of freedom: their intervals are wide and "
                "themselves uncertain. More communes help, more people in the same communes do not."
            ),
        ),
        (
            result.n_wide,
            _("%(n)s of %(all)s domains have a half-width above 5 points: too wide to compare them."),
        ),
    ]
    return [text % {"n": count, "all": n_domains} for count, text in found if count]


class PlannerViewSet(ViewSet):
    """The pages of the planner under one entry of the menu."""

    name = "planner"
    icon = "sliders"
    menu_label = gettext_lazy("Planner")
    menu_item_class = PlannerMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses."""
        views = {
            "index": ("", AreaPlanView),
            "lists": ("lists/", ListPlanView),
            "sizes": ("size/", SizePlanView),
        }
        return [path(route, self.construct_view(view), name=name) for name, (route, view) in views.items()]
