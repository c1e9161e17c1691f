"""The strata of a round's transaction list, taken into the planner without a detour over a file."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sampling.design.list_design import ListDesign, Unit
from sampling.models import SamplingFrame, SurveyRound
from sampling.models.territories import Person
from sampling.selectors.territories import rounds_run_by
from sampling.services import DrawRefusedError
from sampling.services.draws import count_strata
from sampling.viewsets.list_strata import StrataForm, known_effects, strata_table

ROUND = "round"


class RoundStrataForm(StrataForm):
    """Which round, which columns make the strata, and what is counted in them."""

    round = forms.ModelChoiceField(SurveyRound.objects.none(), label=_("Round"))
    field_order = (ROUND, "by", "unit")

    def __init__(self, user: Person, sent: QueryDict) -> None:
        super().__init__(sent if sent.get(ROUND) else None, auto_id="strata_%s")
        lists = SamplingFrame.objects.filter(stage=SamplingFrame.Stage.DOSSIER).exclude(file="")
        field: forms.ModelChoiceField[SurveyRound] = self.fields[ROUND]  # type: ignore[assignment]
        field.queryset = rounds_run_by(user).filter(pk__in=lists.values("round")).order_by("-pk")

    def taken(self) -> Mapping[str, Any]:
        """Return table and unit for the form of the planner; nothing if no round was chosen."""
        if not self.is_bound or not self.is_valid():
            return {}
        chosen = self.cleaned_data
        columns = tuple(chosen["by"])
        try:
            frame = SamplingFrame.objects.get(round=chosen[ROUND], stage=SamplingFrame.Stage.DOSSIER)
            design = ListDesign(Unit(chosen["unit"]), columns, ())
            counts, effects = count_strata(frame, design), known_effects(frame, design)
        except DrawRefusedError as error:
            self.add_error(ROUND, str(error))
            return {}
        return {"table": strata_table(columns, counts, effects), "unit": chosen["unit"]}
