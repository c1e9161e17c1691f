import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from sampling.models import Case, Draw, SampledUnit
from sampling.proof import verify_draw
from sampling.services import close_draw, close_round, open_round
from sampling.services.bundles import BundleRefusedError, bundle_path, is_public, write_bundle
from tests.sampling.draws import committed, drawn, framed_round, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def failed(path: Path, published: str = "") -> list[str]:
    checks = verify_draw.verify(verify_draw.Bundle(path), published)
    return [what for what, expected, got in checks if expected != got]


@pytest.mark.parametrize("stage", ["commune", "village", "person"])
def test_the_script_proves_every_stage_from_its_bundle(stage: Any):
    survey_round = walk(framed_round())
    draw = Draw.objects.get(round=survey_round, stage=stage)
    path = write_bundle(draw=draw)
    assert failed(path, draw.commitment_digest) == []
    assert bundle_path(draw) == path


def test_a_bundle_carries_the_script_and_a_text_that_says_how():
    path = write_bundle(draw=drawn(framed_round()))
    with zipfile.ZipFile(path) as archive:
        assert archive.read("verify_draw.py") == Path(verify_draw.__file__).read_bytes()
        assert "python verify_draw.py ." in archive.read("README.txt").decode()
        assert json.loads(archive.read("commitment.json"))["format"] == "draw-commitment/1"


def test_a_case_moved_in_the_database_is_found_out():
    survey_round = walk(framed_round())
    case = Case.objects.filter(sample__round=survey_round).order_by("pk")[3]
    case.register_number = "chosen-by-hand"
    case.save()
    path = write_bundle(draw=Draw.objects.get(round=survey_round, stage="person"))
    assert failed(path) == ["list digest", "list"]


def test_a_drawn_village_exchanged_in_the_database_is_found_out():
    survey_round = walk(framed_round())
    first, second = SampledUnit.objects.filter(sample__round=survey_round, stage="village").order_by("pk")[:2]
    first.draw_order, second.draw_order = second.draw_order, first.draw_order
    first.save()
    second.save()
    path = write_bundle(draw=Draw.objects.get(round=survey_round, stage="village"))
    assert failed(path) == ["list digest", "list"]


def test_nothing_can_be_verified_before_the_draw():
    with pytest.raises(BundleRefusedError, match="đã thực hiện"):
        write_bundle(draw=committed(framed_round()))


def test_a_bundle_that_fails_leaves_no_half_file(monkeypatch: Any):
    draw = drawn(framed_round())
    monkeypatch.setattr("sampling.services.bundles.stored_rows", lambda _draw: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_bundle(draw=draw)
    assert list(bundle_path(draw).parent.iterdir()) == []


def test_bundles_of_the_day_before_are_removed() -> None:
    first = write_bundle(draw=drawn(framed_round()))
    long_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(first, (long_ago, long_ago))
    other = first.with_name("other.zip")
    other.write_bytes(b"today")
    write_bundle(draw=Draw.objects.get())
    assert other.exists()
    assert first.stat().st_mtime > long_ago


def test_places_are_public_after_the_end_and_persons_never():
    survey_round = walk(framed_round())
    draws = {draw.stage: draw for draw in Draw.objects.filter(round=survey_round)}
    assert not any(map(is_public, draws.values()))
    open_round(round=survey_round)
    close_round(round=survey_round)
    closed = {stage: close_draw(draw=draw) for stage, draw in draws.items()}
    assert {stage: is_public(draw) for stage, draw in closed.items()} == {
        "commune": True,
        "village": True,
        "person": False,
    }


def test_the_audit_log_keeps_who_took_a_list_of_persons():
    survey_round = walk(framed_round())
    write_bundle(draw=Draw.objects.get(round=survey_round, stage="person"))
    assert ModelLogEntry.objects.filter(action="sampling.export_bundle").count() == 1


def test_a_bundle_carries_the_earlier_commitments_of_its_round():
    survey_round = walk(framed_round())
    draws = [Draw.objects.get(round=survey_round, stage=stage) for stage in ("commune", "village", "person")]
    for number, draw in enumerate(draws):
        with zipfile.ZipFile(write_bundle(draw=draw)) as archive:
            earlier = json.loads(archive.read("previous.json"))["commitments"]
        assert earlier == [before.commitment for before in draws[:number]]


def test_a_bundle_without_the_key_of_its_commitment_is_refused_in_words(settings: Any):
    draw = drawn(framed_round())
    settings.COORDINATION_KEY = "another key"
    with pytest.raises(BundleRefusedError, match="SURVEY_COORDINATION_KEY"):
        write_bundle(draw=draw)
    assert not bundle_path(draw).exists()
