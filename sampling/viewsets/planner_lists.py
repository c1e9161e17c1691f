"""The planner for transaction lists: strata as a small table, sizes by a rule, the design as a document."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.design.allocation import AllocationError
from sampling.design.list_design import STRATUM_COLUMNS, ListDesign, ListDesignError
from sampling.design.schemes.registry import METHODS, Method
from sampling.design.sizes import Conditions
from sampling.design.stratified import ListExpected, Rule, divide, expect_list
from sampling.viewsets.planner_fields import PERCENT
from sampling.viewsets.planner_files import DOCUMENT, TABLE_WRITERS, PlanTable, write_json
from sampling.viewsets.planner_list_forms import ListForm
from sampling.viewsets.planner_pages import DOWNLOAD, PlanningView
from sampling.viewsets.planner_rounds import RoundStrataForm
from sampling.viewsets.planner_strata import StrataTable
from sampling.viewsets.planner_words import (
    ASSUMPTIONS,
    BY_SIZE_ASSUMPTION,
    EQUAL_ASSUMPTION,
    RANDOM_SIZE,
    UNKNOWN_SIZES,
)

LONGEST_ADDRESS = 3_500
"""Servers refuse longer ones."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A stratum, a domain or the whole list with its promise; the bar in per cent of the largest."""

    key: tuple[str, ...]
    expected: ListExpected
    bar: float

    @property
    def name(self) -> str:
        """All values in one."""
        return " · ".join(self.key)

    @property
    def margin(self) -> float | None:
        """Half-width, or None if nobody is asked."""
        return self.expected.margin if isfinite(self.expected.margin) else None

    @property
    def cost(self) -> float:
        """Cost in millions, from thousands."""
        return self.expected.cost / 1_000

    @property
    def percent(self) -> float:
        """Part of the list that is asked."""
        return self.expected.drawn / self.expected.population * PERCENT


@dataclass(frozen=True, slots=True)
class ListResult:
    """What the page shows."""

    table: StrataTable
    sizes: tuple[int, ...]
    strata: tuple[ListRow, ...]
    domains: tuple[ListRow, ...]
    whole: ListRow


def plan_list(
    table: StrataTable, rule: Rule, conditions: Conditions, method: Method = METHODS["simple_random"]
) -> ListResult:
    """Divide the sample and judge every stratum, every value of the first attribute, and the whole list."""
    strata = table.strata
    sizes = divide(strata, rule, conditions, method)
    groups: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(strata):
        groups[one.key[0]].append(place)
    most = max(*sizes, 1)

    def row(key: tuple[str, ...], places: Sequence[int], largest: int) -> ListRow:
        expected = expect_list(
            [strata[place] for place in places], [sizes[place] for place in places], conditions, method
        )
        return ListRow(key, expected, round(expected.drawn / largest * PERCENT, 2))

    totals = [sum(sizes[place] for place in places) for places in groups.values()]
    return ListResult(
        table=table,
        sizes=tuple(sizes),
        strata=tuple(row(one.key, [place], most) for place, one in enumerate(strata)),
        domains=tuple(row((name,), places, max(*totals, 1)) for name, places in groups.items()),
        whole=row((), range(len(strata)), max(sum(sizes), 1)),
    )


def list_document(form: ListForm, result: ListResult) -> dict[str, Any] | None:
    """Return the plan as a design for a draw; None where its strata are no columns of a frame."""
    chosen, rule = form.cleaned_data, form.rule_asked()
    if not set(result.table.attributes) <= set(STRATUM_COLUMNS):
        return None
    allocation = {
        "rule": rule.name,
        "n": sum(result.sizes),
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "response_rate": chosen["response"] / PERCENT,
        "deff": chosen["deff"],
    }
    sizes = zip(result.table.strata, result.sizes, strict=True)
    document = {
        "format": "list-design/1",
        "strata": list(result.table.attributes),
        "sizes": [[list(one.key), size] for one, size in sizes],
        "allocation": allocation,
        **form.design_parts(),
    }
    try:
        return ListDesign.from_document(document).document()
    except ListDesignError:
        return None


class ListPlanView(PlanningView):
    """A sample of a transaction list."""

    template_name = "sampling/planner_list.html"
    page_title = gettext_lazy("Sample of a list")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a file where one is asked for and there is a plan, and else the page."""
        sent = request.POST if request.method == "POST" else request.GET
        wanted = self.file(sent.get(DOWNLOAD, ""))
        return wanted or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a table that is too long for an address, or a file; nothing is kept."""
        return self.get(request, *args, **kwargs)

    @cached_property
    def form(self) -> ListForm:
        """The form, filled in with what was sent and what is assumed; the table may come from a round."""
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        return ListForm({**sent.dict(), **self.rounds.taken()}, self.request.FILES)

    @cached_property
    def rounds(self) -> RoundStrataForm:
        """The form that takes the strata of a round."""
        return RoundStrataForm(self.request.user, self.request.GET)

    @cached_property
    def _outcome(self) -> tuple[ListResult | None, bool]:
        """Return the plan, and whether it was refused."""
        if not self.form.is_valid():
            return None, False
        try:
            table = self.form.cleaned_data["read"]
            method = METHODS[self.form.cleaned_data["selection"]]
            return plan_list(table, self.form.rule_asked(), self.form.conditions(), method), False
        except AllocationError:
            return None, True

    def file(self, extension: str) -> HttpResponse | None:
        """Return the plan as a file."""
        result = self._outcome[0] if extension else None
        if result is None:
            return None
        if extension in TABLE_WRITERS:
            return TABLE_WRITERS[extension](list_tables(result)).response("list-plan")
        document = list_document(self.form, result) if extension == DOCUMENT else None
        return write_json(document).response("list-design") if document else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and the plan or that there is none."""
        result, is_refused = self._outcome
        context = super().get_context_data(**kwargs)
        context |= {"form": self.form, "result": result, "is_refused": is_refused, "rounds": self.rounds}
        if result is None:
            return context
        query = self.form.query()
        document = list_document(self.form, result)
        return context | {
            "query": query if len(query) <= LONGEST_ADDRESS else "",
            "formats": [*TABLE_WRITERS, *([DOCUMENT] if document else [])],
            "has_document": document is not None,
            "columns": ", ".join(STRATUM_COLUMNS),
            "first": result.table.attributes[0],
            "assumptions": list(assumptions(METHODS[self.form.cleaned_data["selection"]], result.table)),
        }


def assumptions(method: Method, table: StrataTable) -> Iterator[Promise]:
    """Yield what the half-widths of a method take for granted."""
    yield ASSUMPTIONS.get(method.code, BY_SIZE_ASSUMPTION if method.needs_size else EQUAL_ASSUMPTION)
    if method.needs_size and any(one.size_effect is None for one in table.strata):
        yield UNKNOWN_SIZES
    if not method.has_fixed_size:
        yield RANDOM_SIZE


def list_tables(result: ListResult) -> list[PlanTable]:
    """Return the plan by stratum, and by domain."""
    numbers = (
        _("units of the list"),
        _("people asked"),
        _("answers expected"),
        _("half-width in points"),
        _("cost, million đồng"),
    )
    first = result.table.attributes[:1]
    return [
        PlanTable(_("Strata"), (*result.table.attributes, *numbers), tuple(map(_cells, result.strata))),
        PlanTable(_("Domains"), (*first, *numbers), tuple(map(_cells, result.domains))),
    ]


def _cells(row: ListRow) -> tuple[str | float | int | None, ...]:
    expected = row.expected
    margin = None if row.margin is None else round(row.margin, 2)
    return (
        *row.key,
        expected.population,
        expected.drawn,
        round(expected.completed, 1),
        margin,
        round(row.cost, 2),
    )
