"""Demonstrations may make up secret and days; no real round may."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from sampling.models import Draw, SurveyRound
from sampling.sealing import secret_of
from sampling.selectors.draws import is_played, is_rehearsed
from sampling.services import (
    DrawRefusedError,
    RoundStateError,
    carry_out_draw,
    commit_draw,
    issue_draw,
    open_round,
)
from sampling.services.draws import MADE_UP_SOURCE, Illustration
from tests.sampling.draws import checked, committed, framed_round, send_registers, send_villages, walk
from tests.sampling.makers import make_sample

pytestmark = pytest.mark.django_db

SECRET = "0f" * 32
DUE = datetime.date(2020, 3, 2)
NOW = datetime.datetime(2020, 3, 1, 9, tzinfo=datetime.UTC)
MADE_UP = Illustration(secret=SECRET, now=NOW)
NEXT_DAY = Illustration(secret=SECRET, now=NOW + datetime.timedelta(days=1))


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def commit(draw: Draw, source: str = MADE_UP_SOURCE, **changes: Any) -> Draw:
    values = {"public_value_due": DUE, "illustration": MADE_UP} | changes
    return commit_draw(draw=draw, public_source=source, **values)


def play(survey_round: SurveyRound, stage: str = "commune") -> Draw:
    draw = commit(checked(survey_round, stage))
    return issue_draw(draw=carry_out_draw(draw=draw, public_value="12345", illustration=NEXT_DAY))


def play_all(survey_round: SurveyRound) -> SurveyRound:
    play(survey_round)
    send_villages(survey_round)
    play(survey_round, "village")
    send_registers(survey_round)
    play(survey_round, "person")
    return survey_round


def test_a_demonstration_is_the_same_each_time():
    draw = play(framed_round(is_demo=True))
    assert secret_of(draw) == SECRET
    assert draw.committed_at == NOW
    assert draw.drawn_at == NEXT_DAY.now
    assert draw.commitment["committed_at"] == "2020-03-01T16:00:00+07:00"
    first = (draw.commitment_digest, draw.seed, draw.fingerprint)
    survey_round = draw.round
    survey_round.sample.units.all().delete()
    survey_round.sample.delete()
    draw.delete()
    again = play(survey_round)
    assert (again.commitment_digest, again.seed, again.fingerprint) == first


def test_a_real_round_takes_no_made_up_secret():
    draw = checked(framed_round())
    with pytest.raises(DrawRefusedError, match=r"made-up|tự đặt"):
        commit(draw)
    draw.refresh_from_db()
    assert (draw.status, draw.secret) == ("checked", "")


def test_a_real_round_takes_no_made_up_day():
    draw = committed(framed_round())
    with pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value="1", illustration=NEXT_DAY)
    later = Illustration(secret=SECRET, now=timezone.now() + datetime.timedelta(days=9))
    with pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value="1", illustration=later)
    draw.refresh_from_db()
    assert draw.seed == ""


def test_a_mark_that_is_only_in_memory_opens_nothing():
    draw = checked(framed_round())
    draw.round.is_demo = True
    with pytest.raises(DrawRefusedError):
        commit(draw)


def test_an_installation_without_rehearsals_makes_nothing_up(settings: Any):
    settings.REHEARSALS_ALLOWED = False
    draw = checked(framed_round(is_demo=True))
    with pytest.raises(DrawRefusedError):
        commit(draw)


def test_a_made_up_value_names_no_real_source():
    draw = checked(framed_round(is_demo=True))
    with pytest.raises(DrawRefusedError, match="Xổ số"):
        commit(draw, source="Xổ số kiến thiết miền Bắc")


def test_the_value_comes_after_the_commitment_in_a_demonstration_too():
    draw = checked(framed_round(is_demo=True))
    with pytest.raises(DrawRefusedError):
        commit(draw, public_value_due=NOW.date())
    commit(draw)
    with pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value="1", illustration=MADE_UP)


@pytest.mark.parametrize("is_demo", [True, False])
def test_every_commitment_of_a_demonstration_says_so_and_no_other(*, is_demo: bool):
    commitment = committed(framed_round(is_demo=is_demo)).commitment
    assert commitment.get("demonstration", False) is is_demo


def test_a_demonstration_cannot_become_a_real_round():
    survey_round = play_all(framed_round(is_demo=True))
    SurveyRound.objects.update(is_demo=False)
    with pytest.raises(RoundStateError):
        open_round(round=SurveyRound.objects.get())
    SurveyRound.objects.update(is_demo=True)
    assert is_played(survey_round)
    assert open_round(round=SurveyRound.objects.get()).status == "open"


def test_a_sample_says_whether_commitments_led_to_it():
    survey_round = framed_round()
    assert not is_rehearsed(survey_round)
    walk(survey_round)
    assert not is_rehearsed(survey_round)
    assert not is_played(survey_round)


def test_a_sample_of_one_seed_stays_rehearsed_whatever_is_committed_later():
    survey_round = make_sample().round
    assert is_rehearsed(survey_round)
    Draw.objects.create(
        round=survey_round, stage="commune", design={}, commitment_digest="0" * 64, status="committed"
    )
    assert is_rehearsed(survey_round)
