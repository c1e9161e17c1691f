"""The secret of a draw is of no use to somebody who only reads the database."""

from typing import Any

import pytest

from sampling.design.commitments import digest_of_secret, new_secret
from sampling.models import Draw
from sampling.sealing import SealError, seal_secret, secret_of
from sampling.services import DrawRefusedError, carry_out_draw
from tests.sampling.draws import committed, framed_round, later

SECRET = "0f" * 32


def sealed(pk: int, secret: str = SECRET) -> Draw:
    draw = Draw(pk=pk, secret_digest=digest_of_secret(secret))
    draw.secret = seal_secret(draw, secret)
    return draw


def test_what_is_sealed_can_be_opened_and_is_as_long():
    secret = new_secret()
    draw = sealed(1, secret)
    assert secret_of(draw) == secret
    assert (len(draw.secret), draw.secret == secret) == (64, False)


def test_every_draw_has_a_pad_of_its_own():
    assert sealed(1).secret != sealed(2).secret
    moved = sealed(1)
    moved.pk = 2
    with pytest.raises(SealError, match="SURVEY_COORDINATION_KEY"):
        secret_of(moved)


def test_another_key_opens_nothing(settings: Any):
    draw = sealed(1)
    settings.COORDINATION_KEY = "another key"
    with pytest.raises(SealError):
        secret_of(draw)


def test_a_draw_without_a_number_is_not_sealed():
    with pytest.raises(SealError):
        seal_secret(Draw(), SECRET)


def test_a_draft_has_no_secret():
    assert secret_of(Draw(pk=1)) == ""


@pytest.mark.django_db
def test_the_database_keeps_no_secret_in_the_clear():
    draw = committed(framed_round())
    assert digest_of_secret(draw.secret) != draw.secret_digest
    assert digest_of_secret(secret_of(draw)) == draw.secret_digest


@pytest.mark.django_db
def test_a_draw_is_not_carried_out_with_another_key(settings: Any):
    draw = committed(framed_round())
    settings.COORDINATION_KEY = "another key"
    with later(), pytest.raises(DrawRefusedError, match="SURVEY_COORDINATION_KEY"):
        carry_out_draw(draw=draw, public_value="45021")
    draw.refresh_from_db()
    assert (draw.status, draw.seed) == ("committed", "")
