"""Small makers of closed rounds that draw from a transaction list, with answers."""

from pathlib import Path
from typing import Any

import numpy as np

from sampling.models import Case, Disposition, Draw, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services import carry_out_draw, check_draw, commit_draw, draft_draw
from tests.analysis.rounds import send_forms
from tests.questionnaires.rounds import make_round, publish_sipas
from tests.sampling.draws import SOURCE, later, tomorrow
from tests.sampling.engine.list_frames import make_design
from tests.sampling.kept_lists import keep_list
from tests.sampling.makers import MERGER, make_unit

BY_SIZE: dict[str, Any] = {"measure_of_size": "size", "reserve_percent": 0}
PROVINCES = ("01", "48", "79")


def draw_list_round(folder: Path, *, code: str = "sipas-2026", **design: Any) -> Draw:
    """A round whose list is drawn, as a commitment led to it."""
    for province in PROVINCES:
        make_unit("province", province, f"Tỉnh {province}", unit_type="tỉnh", valid_from=MERGER, region="1")
    survey_round = make_round(code, status=RoundStatus.PREPARING)
    publish_sipas(survey_round)
    keep_list(survey_round, folder)
    draw = draft_draw(round=survey_round, stage="dossier", design=make_design(**design).document())
    assert check_draw(draw=draw).problems == ()
    committed = commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow())
    with later():
        return carry_out_draw(draw=committed, public_value="45021")


def make_list_round(folder: Path, *, response_rate: float = 0.8, seed: int = 3, **design: Any) -> SurveyRound:
    """A closed round of a list in which a share of the drawn has answered."""
    survey_round = draw_list_round(folder, **design).round
    chance = np.random.default_rng(seed)
    cases = list(Case.objects.filter(sample__round=survey_round).active().order_by("number"))
    for case in cases:
        responded = chance.random() < response_rate
        case.disposition = Disposition.COMPLETE if responded else Disposition.REFUSAL
    Case.objects.bulk_update(cases, ["disposition"])
    answered = [case for case in cases if case.disposition == Disposition.COMPLETE]
    send_forms(answered, survey_round.questionnaire_link.version, 0.7, chance)
    survey_round.status = RoundStatus.CLOSED
    survey_round.save()
    return survey_round
