"""The strata of a transaction list with their numbers, as the table that the planner reads."""

from collections.abc import Mapping, Sequence

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.generic.base import View

from sampling.design.list_design import SEPARATOR as KEY_SEPARATOR
from sampling.design.list_design import ListDesign, Unit
from sampling.models import SamplingFrame
from sampling.services import DrawRefusedError
from sampling.services.draws import count_strata, has_sizes, size_effects
from sampling.spreadsheets import BYTE_ORDER_MARK, csv_text
from sampling.viewsets.planner_strata import EFFECT
from sampling.viewsets.planner_words import UNIT_OF_LIST_LABELS
from sampling.viewsets.rounds import OfRoundMixin

STRATUM_LABELS: Mapping[str, Promise] = {
    "province": _("province"),
    "predecessor_province": _("province before July 2025"),
    "region": _("region"),
    "is_urban": _("urban or rural"),
    "level": _("level of the agency"),
    "field": _("field of service"),
    "channel": _("channel"),
    "party": _("person or organisation"),
    "agency": _("agency"),
}
"""Columns of a list that may make strata."""

USUAL_COLUMNS = ("province", "field")
CELL_SEPARATOR = ";"


class StrataForm(forms.Form):
    """Which columns make the strata, and what is counted in them."""

    by = forms.MultipleChoiceField(
        label=_("Columns that make the strata"),
        choices=STRATUM_LABELS.items(),
        widget=forms.CheckboxSelectMultiple,
        initial=USUAL_COLUMNS,
    )
    unit = forms.ChoiceField(label=_("What is drawn"), choices=UNIT_OF_LIST_LABELS.items())


class ListStrataView(OfRoundMixin, View):
    """Sends the table of strata; it is counted anew each time."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, **_kwargs: object) -> HttpResponse:
        """Count, and send the table; without a list or with unknown columns there is none."""
        form = StrataForm(request.GET)
        frame = SamplingFrame.objects.filter(round=self.survey_round, stage=SamplingFrame.Stage.DOSSIER)
        if not form.is_valid() or not frame.exists():
            raise Http404
        columns = tuple(form.cleaned_data["by"])
        try:
            design = ListDesign(Unit(form.cleaned_data["unit"]), columns, ())
            counts = count_strata(frame.get(), design)
            effects = known_effects(frame.get(), design)
        except DrawRefusedError as error:
            return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
        response = HttpResponse(
            strata_table(columns, counts, effects), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=f"{self.survey_round.code}-strata.csv"
        )
        return response


def known_effects(frame: SamplingFrame, design: ListDesign) -> Mapping[str, float]:
    """Return what drawing by size costs in every stratum; nothing for a list without sizes."""
    return size_effects(frame, design) if has_sizes(frame) else {}


def strata_table(
    columns: Sequence[str], counts: Mapping[str, int], effects: Mapping[str, float] | None = None
) -> str:
    """Return one line of names and one line a stratum, as the planner reads them."""
    more = effects or {}
    rows = (
        (*key.split(KEY_SEPARATOR), count, *([f"{more[key]:.4f}"] if key in more else []))
        for key, count in sorted(counts.items())
    )
    names = (*columns, "N", *([EFFECT] if more else []))
    return BYTE_ORDER_MARK + csv_text(names, rows, delimiter=CELL_SEPARATOR)
