import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import ModelLogEntry

from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services import RoundStateError, close_round, freeze_round, open_round
from tests.sampling.makers import make_round, make_sample

pytestmark = pytest.mark.django_db


def test_round_goes_through_its_states_and_leaves_a_trace(admin_user: Any):
    survey_round = make_sample().round
    open_round(round=survey_round, user=admin_user)
    close_round(round=survey_round, user=admin_user)
    freeze_round(round=survey_round, user=admin_user)
    assert SurveyRound.objects.get().status == RoundStatus.FROZEN
    entries = ModelLogEntry.objects.filter(action__endswith="_round", user=admin_user).order_by("pk")
    assert [entry.action for entry in entries] == [
        "sampling.open_round",
        "sampling.close_round",
        "sampling.freeze_round",
    ]


def test_round_without_sample_cannot_be_opened():
    with pytest.raises(RoundStateError, match="demo-2026"):
        open_round(round=make_round())


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (open_round, RoundStatus.OPEN),
        (open_round, RoundStatus.CLOSED),
        (close_round, RoundStatus.PREPARING),
        (close_round, RoundStatus.FROZEN),
        (freeze_round, RoundStatus.OPEN),
    ],
)
def test_no_state_can_be_skipped_or_repeated(action: Any, status: Any):
    survey_round = make_sample().round
    SurveyRound.objects.update(status=status)
    with pytest.raises(RoundStateError):
        action(round=survey_round)
    assert SurveyRound.objects.get().status == status


def test_stale_object_does_not_open_a_round_twice():
    stale = SurveyRound.objects.get(pk=make_sample().round.pk)
    open_round(round=SurveyRound.objects.get())
    with pytest.raises(RoundStateError):
        open_round(round=stale)


def test_round_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValidationError):
        make_round(closes_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert not SurveyRound.objects.exists()
