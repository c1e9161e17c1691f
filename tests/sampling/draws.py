"""Rounds that are drawn stage by stage with public commitments, for all tests that need one."""

import datetime
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from sampling.models import Draw, SampledUnit, SurveyRound
from sampling.services import (
    carry_out_draw,
    check_draw,
    commit_draw,
    draft_draw,
    issue_draw,
    receive_registers,
    receive_units,
)
from tests.sampling.makers import (
    REFERENCE_DATE,
    commune_rows,
    load,
    make_round,
    make_units,
    register,
    village_rows,
)

SOURCE = "Xổ số kiến thiết miền Bắc, giải đặc biệt"
VALUES = {"commune": "45021", "village": "11873", "person": "90210", "household": "31337"}


def tomorrow() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=1)


def later() -> Any:
    """Let the day of the public value be today."""
    return patch.object(timezone, "localdate", return_value=tomorrow())


def framed_round(**changes: Any) -> SurveyRound:
    make_units()
    survey_round = make_round(**changes)
    load(survey_round, "commune", commune_rows())
    return survey_round


def checked(survey_round: SurveyRound, stage: str = "commune") -> Draw:
    draw = draft_draw(round=survey_round, stage=stage)
    assert check_draw(draw=draw).problems == ()
    return draw


def committed(survey_round: SurveyRound, stage: str = "commune") -> Draw:
    return commit_draw(draw=checked(survey_round, stage), public_source=SOURCE, public_value_due=tomorrow())


def drawn(survey_round: SurveyRound, stage: str = "commune") -> Draw:
    draw = committed(survey_round, stage)
    with later():
        return carry_out_draw(draw=draw, public_value=VALUES[stage])


def issued(survey_round: SurveyRound, stage: str = "commune") -> Draw:
    return issue_draw(draw=drawn(survey_round, stage))


def codes(survey_round: SurveyRound, stage: str) -> list[str]:
    units = SampledUnit.objects.filter(sample__round=survey_round, stage=stage).order_by("pk")
    return list(units.values_list("frame_unit__code", flat=True))


def send_villages(survey_round: SurveyRound, communes: Any = None, user: Any = None) -> Any:
    wanted = codes(survey_round, "commune") if communes is None else communes
    return receive_units(
        round=survey_round,
        stage="village",
        rows=[row for row in village_rows() if row["parent_code"] in wanted],
        source="Ủy ban nhân dân xã",
        reference_date=REFERENCE_DATE,
        user=user,
    )


def send_registers(survey_round: SurveyRound, villages: Any = None, user: Any = None) -> Any:
    wanted = codes(survey_round, "village") if villages is None else villages
    return receive_registers(round=survey_round, villages=wanted, registers=register, user=user)


def walk(survey_round: SurveyRound) -> SurveyRound:
    """Take all stages to their issued lists."""
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    send_registers(survey_round)
    issued(survey_round, "person")
    return survey_round
