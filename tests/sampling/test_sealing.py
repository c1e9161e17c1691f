"""The secret of a draw is of no use to somebody who only reads the database."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from sampling.design.commitments import digest_of_secret, new_secret, seed_of_commitment
from sampling.models import Draw
from sampling.sealing import SealError, seal_secret, seal_seed, secret_of, seed_of
from sampling.services import DrawRefusedError, carry_out_draw
from tests.sampling.draws import committed, framed_round, later
from tests.sampling.households import walk_households

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


def carried_out(stage: str) -> tuple[Draw, str]:
    draw = sealed(1)
    draw.stage, draw.commitment_digest, draw.public_value = stage, "a" * 64, "45021"
    seed = seed_of_commitment(secret=SECRET, commitment_digest="a" * 64, public_value="45021")
    draw.seed = seal_seed(draw, seed)
    return draw, seed


@pytest.mark.parametrize(("stage", "is_sealed"), [("household", True), ("person", False), ("commune", False)])
def test_seed_from_which_sealed_numbers_follow_is_sealed_too(stage: str, *, is_sealed: bool):
    draw, seed = carried_out(stage)
    assert (draw.seed != seed) is is_sealed
    assert seed_of(draw) == seed


@pytest.mark.parametrize("field", ["seed", "public_value", "commitment_digest"])
def test_seed_that_was_changed_in_the_database_is_not_opened(field: str):
    draw, _seed = carried_out("household")
    setattr(draw, field, "b" * 64)
    with pytest.raises(SealError, match="changed in the database"):
        seed_of(draw)


def test_draw_that_was_not_carried_out_has_no_seed():
    assert seed_of(Draw(pk=1, stage="household")) == ""


@pytest.mark.django_db
def test_database_keeps_no_seed_of_households_in_the_clear(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"
    survey_round = walk_households()
    draw = Draw.objects.get(round=survey_round, stage="household")
    assert seed_of(draw) != draw.seed
    migration = import_module("sampling.migrations.0009_seal_seeds_of_households")
    editor = SimpleNamespace(connection=connection)
    Draw.objects.filter(pk=draw.pk).update(seed=seed_of(draw))
    before = dict(Draw.objects.exclude(pk=draw.pk).values_list("pk", "seed"))
    migration.combine(apps, editor)
    assert Draw.objects.get(pk=draw.pk).seed == draw.seed
    assert dict(Draw.objects.exclude(pk=draw.pk).values_list("pk", "seed")) == before
