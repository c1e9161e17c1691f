"""The state machine of a draw: every order of steps."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.models import AdministrativeUnit, Draw, SamplingTemplate, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.models.rounds import RoundStatus
from sampling.services import (
    DrawRefusedError,
    DrawStateError,
    RoundStateError,
    abandon_draw,
    carry_out_draw,
    check_draw,
    close_draw,
    commit_draw,
    draft_draw,
    issue_draw,
)
from tests.sampling.draws import SOURCE, committed, framed_round, later, tomorrow


def carried_out(draw: Draw) -> Draw:
    with later():
        return carry_out_draw(draw=draw, public_value="45021")


STEPS: dict[str, Callable[[Draw], Any]] = {
    "check": lambda draw: check_draw(draw=draw),
    "commit": lambda draw: commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow()),
    "carry_out": carried_out,
    "issue": lambda draw: issue_draw(draw=draw),
    "close": lambda draw: close_draw(draw=draw),
    "abandon": lambda draw: abandon_draw(draw=draw, reason="Bão lũ"),
}
ALLOWED = {
    ("drafted", "check"): "checked",
    ("checked", "check"): "checked",
    ("checked", "commit"): "committed",
    ("committed", "carry_out"): "drawn",
    ("drawn", "issue"): "issued",
    ("drafted", "abandon"): "abandoned",
    ("checked", "abandon"): "abandoned",
    ("committed", "abandon"): "abandoned",
    ("drawn", "abandon"): "abandoned",
}
"""Every step that a draw may take while its round is in preparation; all others are refused."""


@pytest.mark.django_db
@settings(max_examples=10, deadline=None)
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_only_the_allowed_steps_are_taken_in_any_order(steps: list[str]):
    draw = draft_draw(round=any_round(), stage="commune")
    state = "drafted"
    for step in ["check", "commit", *steps]:
        wanted = ALLOWED.get((state, step))
        if wanted is None:
            with pytest.raises((DrawRefusedError, RoundStateError)):
                STEPS[step](draw)
        else:
            STEPS[step](draw)
            state = wanted
        draw.refresh_from_db()
        assert draw.status == state
        assert bool(draw.commitment_digest) == bool(draw.committed_at)
        assert bool(draw.seed) <= bool(draw.public_value)
        assert bool(draw.abandoned_reason) == (state == "abandoned")


def any_round() -> Any:
    """A fresh round for every example, which share one transaction."""
    SurveyRound.objects.all().delete()
    SamplingTemplate.objects.all().delete()
    AdministrativeUnit.objects.filter(level="commune").delete()
    AdministrativeUnit.objects.all().delete()
    return framed_round()


@pytest.mark.django_db
def test_stale_object_does_not_take_a_step_twice():
    draw = committed(framed_round())
    stale = Draw.objects.get(pk=draw.pk)
    carried_out(draw)
    with pytest.raises(DrawStateError), later():
        carry_out_draw(draw=stale, public_value="99999")
    stale.refresh_from_db()
    assert stale.public_value == "45021"


@pytest.mark.django_db
def test_draw_closes_only_after_its_round():
    draw = issue_draw(draw=carried_out(committed(framed_round())))
    with pytest.raises(RoundStateError):
        close_draw(draw=draw)
    draw.round.status = RoundStatus.FROZEN
    draw.round.save()
    assert close_draw(draw=draw).status == DrawStatus.CLOSED
