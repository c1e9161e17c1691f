"""The draws of the demonstration: every stage is committed, drawn and issued as in a real round.

What a real round waits for is made up: the secret, the public value and the days. So everybody who runs the
demonstration gets the same sample, and every commitment says that it is one of a demonstration.
"""

import datetime
from collections.abc import Callable, Mapping

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from sampling.design.seeds import derive, uniform_below
from sampling.models import Draw, SampledUnit, SurveyRound
from sampling.models.frames import SamplingFrame
from sampling.selectors.frames import stage_codes
from sampling.services import (
    carry_out_draw,
    check_draw,
    close_draw,
    commit_draw,
    draft_draw,
    issue_draw,
    receive_registers,
    receive_units,
)
from sampling.services.draws import MADE_UP_SOURCE, Illustration, living_draws
from survey_site.demo.stage import SEED, Stage

SOURCE = "Dữ liệu minh họa, sinh từ một số ngẫu nhiên"
FIRST_COMMITMENT, NINE_O_CLOCK = datetime.date(2026, 7, 6), datetime.time(9)
BETWEEN_STAGES = datetime.timedelta(days=7)
UNTIL_VALUE = datetime.timedelta(days=1)
VALUES = 100_000
"""How many values of five digits the made-up lottery has."""

type Report = Callable[[str, int, int], None]
type Receive = Callable[[Stage, SurveyRound, AbstractBaseUser], object]


def draw_round(stage: Stage, survey_round: SurveyRound, user: AbstractBaseUser, report: Report) -> None:
    """Draw all stages of a round, each from the lists that the drawn units of the stage before send."""
    for number, code in enumerate(stage_codes(survey_round)):
        if code in RECEIVE:
            RECEIVE[code](stage, survey_round, user)
        _draw_stage(survey_round, code, FIRST_COMMITMENT + number * BETWEEN_STAGES, user, report)


def close_draws(survey_round: SurveyRound, user: AbstractBaseUser) -> None:
    """Close the draws of a closed round: from now on everybody can draw its places again."""
    for draw in living_draws(survey_round).values():
        close_draw(draw=draw, user=user)


def _draw_stage(
    survey_round: SurveyRound, code: str, day: datetime.date, user: AbstractBaseUser, report: Report
) -> Draw:
    """Take the draw of one stage from its draft to its issued list."""
    draw = draft_draw(round=survey_round, stage=code, user=user)
    check_draw(draw=draw, user=user)
    seed, label = str(SEED), f"{survey_round.code}/{code}"
    moment = timezone.make_aware(datetime.datetime.combine(day, NINE_O_CLOCK))
    made_up = Illustration(secret=derive(seed, "secret", label).hex(), now=moment)
    later = Illustration(secret=made_up.secret, now=made_up.now + UNTIL_VALUE)
    commit_draw(
        draw=draw,
        public_source=MADE_UP_SOURCE,
        public_value_due=timezone.localdate(later.now),
        user=user,
        illustration=made_up,
    )
    value = f"{uniform_below(VALUES, seed, 'value', label):05d}"
    carry_out_draw(draw=draw, public_value=value, user=user, progress=report, illustration=later)
    report(code, draw.n_drawn, draw.n_drawn)
    return issue_draw(draw=draw, user=user)


def _send_villages(stage: Stage, survey_round: SurveyRound, user: AbstractBaseUser) -> None:
    """Let the drawn communes list their villages."""
    communes = frozenset(_drawn(survey_round, SamplingFrame.Stage.COMMUNE.value))
    receive_units(
        round=survey_round,
        stage=SamplingFrame.Stage.VILLAGE.value,
        rows=stage.village_rows(communes),
        source=SOURCE,
        reference_date=stage.reference_date,
        user=user,
    )


def _send_registers(stage: Stage, survey_round: SurveyRound, user: AbstractBaseUser) -> None:
    """Let the drawn villages send their registers."""
    villages = _drawn(survey_round, SamplingFrame.Stage.VILLAGE.value)
    receive_registers(round=survey_round, villages=villages, registers=stage.register, user=user)


def _drawn(survey_round: SurveyRound, code: str) -> list[str]:
    """Return the codes of the drawn units of a stage."""
    units = SampledUnit.objects.filter(sample__round=survey_round, stage=code).order_by("pk")
    return list(units.values_list("frame_unit__code", flat=True))


RECEIVE: Mapping[str, Receive] = {
    SamplingFrame.Stage.VILLAGE.value: _send_villages,
    SamplingFrame.Stage.PERSON.value: _send_registers,
}
"""How the lists of the stages come that have no frame from the start."""
