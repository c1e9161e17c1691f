"""The bridge: for those who know their figure from a spreadsheet, how it became the published one."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.exports import Column, ExportTable, Kind
from analysis.models import Snapshot
from analysis.selectors import province_names
from analysis.services.bridges import Bridge, build_bridge
from analysis.services.working_estimates import WorkingRequest
from analysis.viewsets.choices import BridgeForm
from analysis.viewsets.desk import WorkingView, WorkingViewSet
from analysis.viewsets.dots import dot_chart
from analysis.viewsets.working_tables import NUMBERS, About, all_remarks, drawn, records, shown_numbers
from analysis.weighting import UNWEIGHTED
from analysis.weighting.steps import MULTIPLICITY, NONRESPONSE, RAKING

DESIGN = "design"
STEP_TITLES: Mapping[str, Promise] = {
    UNWEIGHTED: gettext_lazy("Without weights"),
    DESIGN: gettext_lazy("With design weights"),
    MULTIPLICITY: gettext_lazy("Counting persons, not dossiers"),
    NONRESPONSE: gettext_lazy("Adjusted for those who did not answer"),
    RAKING: gettext_lazy("Brought to the known population"),
}
STEP_WORDS: Mapping[str, Promise] = {
    UNWEIGHTED: gettext_lazy(
        "Everybody who answered counts once, as in a plain average of the spreadsheet. Provinces and "
        "communes with many forms count more than their people do."
    ),
    DESIGN: gettext_lazy(
        "Everybody counts for as many adults as the draw stands for: one over the chance of being drawn. "
        "A small province in which many were asked counts no more than its people."
    ),
    MULTIPLICITY: gettext_lazy(
        "Who has several dossiers in the list could be drawn by each of them. The weight of a drawn dossier "
        "is divided by their number, so that every person counts once."
    ),
    NONRESPONSE: gettext_lazy(
        "Those who answered also stand for those of their stratum and kind of area who were drawn but did "
        "not answer."
    ),
    RAKING: gettext_lazy(
        "The weights are changed as little as possible, so that sexes, age groups, towns and countryside of "
        "each province add up to the known population. What the population tells no longer adds to the error."
    ),
}
"""What happens at each step, for somebody who never weighted anything."""
BRIDGE_NUMBERS: Mapping[str, Promise] = {
    **NUMBERS,
    "change": gettext_lazy("change since the step before"),
    "weights_deff": gettext_lazy("design effect of the weights"),
}


class BridgeView(WorkingView[Bridge]):
    """The same figure after every step of the weighting."""

    form_class = BridgeForm
    template_name = "analysis/bridge.html"
    page_title = gettext_lazy("From the spreadsheet to the published figure")
    header_icon = "order"

    def compute(self, snapshot: Snapshot, request: WorkingRequest) -> Bridge:
        """Estimate after every step."""
        return build_bridge(snapshot=snapshot, request=request, province=self._province())

    def export(self, result: Bridge) -> ExportTable:
        """Return the steps with what explains them."""
        snapshot, request = self._asked()
        keys = (
            Column("province", _("province"), Kind.CODE, self._provinces()),
            Column("step", _("step"), Kind.CODE, {step: str(title) for step, title in STEP_TITLES.items()}),
        )
        rows = result.steps.assign(province=self._province(), remarks=all_remarks(result.steps))
        about = About(f"{snapshot.round.code}-bridge", snapshot, request, result)
        return about.table(rows, keys, BRIDGE_NUMBERS)

    def shown(self, result: Bridge) -> Mapping[str, Any]:
        """Return steps, picture and the words beside them."""
        _snapshot, request = self._asked()
        rows = step_rows(result.steps)
        return {
            "rows": rows,
            "estimand": request.estimand,
            "place": self._provinces().get(self._province()) or _("Whole country"),
            "chart": dot_chart(drawn(rows)),
            "has_few_df": bool(result.steps["flags"].str.contains("few_df").any()),
        }

    def _province(self) -> str:
        return "" if self.form is None else str(self.form.cleaned_data["province"])

    def _provinces(self) -> dict[str, str]:
        return {} if self.snapshot is None else province_names(self.snapshot.round)


def step_rows(steps: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the steps as rows of the page."""
    return [
        shown_numbers(row, BRIDGE_NUMBERS)
        | {
            "place": str(STEP_TITLES[row["step"]]),
            "answer": "",
            "words": str(STEP_WORDS[row["step"]]),
            "remarks": remark,
        }
        for row, remark in zip(records(steps), all_remarks(steps), strict=True)
    ]


class BridgeViewSet(WorkingViewSet):
    """The bridge of the weighting."""

    name = "weighting-bridge"
    icon = "order"
    menu_label = gettext_lazy("Bridge of the weighting")
    view_class = BridgeView
