import datetime
from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from sampling.design.commitments import digest_of_secret, seed_of_commitment
from sampling.design.fingerprints import digest_of_document, digest_of_frame, digest_of_rows
from sampling.models import Case, Draw, FrameUnit, ListSubmission, Sample, SampledUnit, SamplingFrame
from sampling.sealing import secret_of
from sampling.services import (
    DrawRefusedError,
    DrawStateError,
    FrameInUseError,
    RegisterError,
    RoundStateError,
    abandon_draw,
    carry_out_draw,
    check_draw,
    close_draw,
    close_round,
    commit_draw,
    draft_draw,
    draw_sample,
    issue_draw,
    open_round,
    receive_units,
    verify_sample,
)
from sampling.services.draws import (
    UnseenListError,
    frame_rows,
    kept_registers,
    list_rows,
    preview_lists,
    preview_units,
)
from tests.sampling.draws import (
    SOURCE,
    VALUES,
    checked,
    codes,
    committed,
    drawn,
    framed_round,
    issued,
    later,
    send_registers,
    send_villages,
    tomorrow,
    walk,
)
from tests.sampling.makers import (
    REFERENCE_DATE,
    commune_rows,
    load,
    make_sample,
    make_template,
    register,
    village_rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def test_three_commitments_give_a_complete_sample():
    survey_round = walk(framed_round())
    sample = Sample.objects.get(round=survey_round)
    assert (sample.n_communes, sample.n_villages, sample.n_persons, sample.n_reserves) == (4, 8, 40, 24)
    assert Case.objects.filter(sample=sample).count() == 64
    draws = list(Draw.objects.filter(round=survey_round))
    assert [(draw.stage, draw.status, draw.n_drawn) for draw in draws] == [
        ("commune", "issued", 4),
        ("village", "issued", 8),
        ("person", "issued", 64),
    ]
    assert len({draw.seed for draw in draws}) == 3


def test_seed_follows_from_commitment_secret_and_public_value():
    draw = drawn(framed_round())
    assert draw.commitment_digest == digest_of_document(draw.commitment)
    assert draw.secret_digest == digest_of_secret(secret_of(draw)) == draw.commitment["secret_sha256"]
    assert draw.design_digest == digest_of_document(draw.design) == draw.commitment["design_sha256"]
    assert draw.seed == seed_of_commitment(
        secret=secret_of(draw), commitment_digest=draw.commitment_digest, public_value=VALUES["commune"]
    )


def test_frame_and_list_are_reproduced_byte_for_byte():
    survey_round = walk(framed_round())
    for draw in Draw.objects.filter(round=survey_round):
        assert digest_of_frame(frame_rows(draw)) == draw.frame_digest
        assert digest_of_rows(list_rows(draw)) == draw.fingerprint


def test_stages_are_chained_by_their_commitments():
    survey_round = walk(framed_round())
    first, second, third = Draw.objects.filter(round=survey_round)
    assert first.commitment["previous"] == []
    assert second.commitment["previous"] == [first.commitment_digest]
    assert third.commitment["previous"] == [first.commitment_digest, second.commitment_digest]


def test_committed_sample_is_proved_by_verification():
    survey_round = walk(framed_round())
    sample = Sample.objects.get(round=survey_round)
    assert verify_sample(sample=sample, registers=kept_registers(survey_round)).is_proved


def test_list_rows_are_those_of_the_stored_units():
    survey_round = walk(framed_round())
    rows = list(list_rows(Draw.objects.get(round=survey_round, stage="village")))
    units = SampledUnit.objects.filter(sample__round=survey_round, stage="village")
    stored = units.values_list("parent__frame_unit__code", "frame_unit__code", "frame_order", "draw_order")
    assert sorted(tuple(row[1:5]) for row in rows) == sorted(stored)


def test_frame_is_frozen_at_the_commitment():
    survey_round = framed_round()
    draw = committed(survey_round)
    assert draw.frame is not None
    assert draw.frame.frozen_at is not None
    with pytest.raises(FrameInUseError, match=survey_round.code):
        load(survey_round, "commune", commune_rows())


def test_new_frame_makes_a_checked_draw_a_draft_again():
    survey_round = framed_round()
    draw = checked(survey_round)
    load(survey_round, "commune", commune_rows()[:-1])
    draw.refresh_from_db()
    assert (draw.status, draw.frame) == ("drafted", None)


def test_tampered_frame_is_not_drawn_from():
    draw = committed(framed_round())
    FrameUnit.objects.filter(code="72001").update(measure_of_size=9_999)
    with later(), pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value="1")
    draw.refresh_from_db()
    assert (draw.status, draw.seed, draw.public_value) == ("committed", "", "")


def test_public_value_is_refused_before_its_day():
    draw = committed(framed_round())
    with pytest.raises(DrawRefusedError, match=f"{tomorrow():%d/%m/%Y}"):
        carry_out_draw(draw=draw, public_value="45021")
    assert not Sample.objects.exists()


@pytest.mark.parametrize("days", [0, -1])
def test_value_that_exists_already_is_refused(days: int):
    draw = checked(framed_round())
    due = timezone.localdate() + datetime.timedelta(days=days)
    with pytest.raises(DrawRefusedError):
        commit_draw(draw=draw, public_source=SOURCE, public_value_due=due)
    with pytest.raises(DrawRefusedError):
        commit_draw(draw=draw, public_source="  ", public_value_due=tomorrow())
    draw.refresh_from_db()
    assert (draw.status, draw.secret) == ("checked", "")


@pytest.mark.parametrize("value", ["", " \n", "9" * 257])
def test_empty_or_endless_value_is_refused(value: str):
    draw = committed(framed_round())
    with later(), pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value=value)


def test_stage_is_drafted_once_and_in_turn():
    survey_round = framed_round()
    with pytest.raises(DrawRefusedError):
        draft_draw(round=survey_round, stage="village")
    with pytest.raises(DrawRefusedError):
        draft_draw(round=survey_round, stage="district")
    draft_draw(round=survey_round, stage="commune")
    with pytest.raises(DrawRefusedError):
        draft_draw(round=survey_round, stage="commune")


def test_draft_without_a_frame_says_so_and_stays_a_draft():
    survey_round = framed_round()
    SamplingFrame.objects.all().delete()
    draw = draft_draw(round=survey_round, stage="commune")
    assert check_draw(draw=draw).problems
    assert draw.status == "drafted"


def test_small_strata_and_units_without_residents_are_told():
    survey_round = framed_round(template=make_template(communes=6))
    rows = commune_rows()
    rows[0]["measure_of_size"] = "0"
    load(survey_round, "commune", rows)
    check = check_draw(draw=draft_draw(round=survey_round, stage="commune"))
    assert not check.problems
    assert [(each.stratum, each.n_units, each.wanted) for each in check.strata] == [
        ("72", 5, 6),
        ("80", 6, 6),
    ]
    assert any("72" in note for note in check.notes)
    assert len(check.notes) == 2


def test_lists_are_taken_only_after_the_stage_above_is_issued():
    survey_round = framed_round()
    draw = drawn(survey_round)
    with pytest.raises(DrawRefusedError):
        send_villages(survey_round)
    issue_draw(draw=draw)
    assert send_villages(survey_round).n_lists == 4


def test_lists_come_commune_by_commune_and_may_be_corrected():
    survey_round = framed_round()
    issued(survey_round)
    first, *others = codes(survey_round, "commune")
    send_villages(survey_round, [first])
    draw = draft_draw(round=survey_round, stage="village")
    assert others[0] in check_draw(draw=draw).problems[0]
    send_villages(survey_round, others)
    send_villages(survey_round, [first])
    assert SamplingFrame.objects.get(stage="village").n_units == 16
    assert ListSubmission.objects.filter(stage="village").count() == 4
    assert check_draw(draw=draw).problems == ()
    load_again = digest_of_frame(
        [row["code"], row["name"], row["parent_code"], int(row["measure_of_size"]), False]
        for row in village_rows()
        if row["parent_code"] in (first, *others)
    )
    assert SamplingFrame.objects.get(stage="village").digest == load_again


def test_list_of_a_unit_that_was_not_drawn_is_refused():
    survey_round = framed_round()
    issued(survey_round)
    undrawn = next(row["code"] for row in commune_rows() if row["code"] not in codes(survey_round, "commune"))
    with pytest.raises(DrawRefusedError, match=undrawn):
        send_villages(survey_round, [undrawn])
    assert not SamplingFrame.objects.filter(stage="village").exists()


def test_lists_are_fixed_by_the_commitment():
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    committed(survey_round, "village")
    with pytest.raises(DrawRefusedError):
        send_villages(survey_round)


def test_registers_are_private_files_with_numbers_only(settings: Any):
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    assert send_registers(survey_round).n_units == 160
    [first, *_others] = (settings.FRAME_ROOT / survey_round.code / "registers").iterdir()
    assert first.stat().st_mode & 0o077 == 0
    village = codes(survey_round, "village")[0]
    assert list(kept_registers(survey_round)(village).ids) == sorted(register(village).ids)


def test_changed_register_file_is_named(settings: Any):
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    send_registers(survey_round)
    submission = ListSubmission.objects.filter(stage="person").first()
    file = settings.FRAME_ROOT / survey_round.code / "registers" / f"{submission.digest}.json"
    file.write_text(file.read_text().replace('"020"', '"999"'))
    with pytest.raises(RegisterError, match=submission.unit_code):
        kept_registers(survey_round)(submission.unit_code)
    assert check_draw(draw=draft_draw(round=survey_round, stage="person")).problems


def test_abandoned_draw_stays_with_its_reason_and_another_takes_its_place():
    survey_round = framed_round()
    draw = committed(survey_round)
    abandon_draw(draw=draw, reason="Danh sách xã thiếu một đơn vị.")
    assert (draw.status, draw.frame, bool(draw.commitment_digest)) == ("abandoned", None, True)
    load(survey_round, "commune", commune_rows()[:-1])
    again = drawn(survey_round)
    assert again.commitment_digest != draw.commitment_digest
    assert Draw.objects.filter(round=survey_round).count() == 2


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_draw_is_abandoned_with_a_reason_only(reason: str):
    draw = committed(framed_round())
    with pytest.raises(DrawRefusedError):
        abandon_draw(draw=draw, reason=reason)


def test_abandoning_takes_back_what_the_stage_drew():
    survey_round = framed_round()
    draw = drawn(survey_round)
    abandon_draw(draw=draw, reason="Sai nguồn công khai")
    assert not Sample.objects.exists()
    issued(survey_round)
    send_villages(survey_round)
    village = drawn(survey_round, "village")
    abandon_draw(draw=village, reason="Nhập nhầm giá trị")
    sample = Sample.objects.get()
    assert (sample.n_communes, sample.n_villages) == (4, 0)
    assert not sample.units.filter(stage="village").exists()
    issued(survey_round, "village")
    send_registers(survey_round)
    person = drawn(survey_round, "person")
    abandon_draw(draw=person, reason="Nhập nhầm giá trị")
    sample.refresh_from_db()
    assert (sample.fingerprint, sample.cases.count()) == ("", 0)
    assert issued(survey_round, "person").n_drawn == 64


def test_stage_that_others_stand_on_is_not_abandoned():
    survey_round = framed_round()
    draw = issued(survey_round)
    with pytest.raises(DrawStateError):
        abandon_draw(draw=draw, reason="x")
    send_villages(survey_round)
    checked(survey_round, "village")
    with pytest.raises(DrawRefusedError):
        abandon_draw(draw=draw, reason="x")


def test_round_opens_with_its_last_list_issued_and_draws_close_after_it():
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    send_registers(survey_round)
    person = drawn(survey_round, "person")
    with pytest.raises(RoundStateError):
        open_round(round=survey_round)
    issue_draw(draw=person)
    open_round(round=survey_round)
    with pytest.raises(RoundStateError):
        close_draw(draw=person)
    close_round(round=survey_round)
    assert close_draw(draw=person).status == "closed"


def test_committed_round_takes_no_seed_of_anybodys_choice():
    survey_round = framed_round()
    load(survey_round, "village", village_rows())
    checked(survey_round)
    with pytest.raises(DrawRefusedError):
        draw_sample(round=survey_round, seed="mine", registers=register)


def test_rehearsed_round_takes_no_commitment():
    sample = make_sample()
    with pytest.raises(DrawRefusedError):
        draft_draw(round=sample.round, stage="commune")


def test_every_step_is_on_record(admin_user: Any):
    draw = draft_draw(round=framed_round(), stage="commune", user=admin_user)
    check_draw(draw=draw, user=admin_user)
    commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow(), user=admin_user)
    with later():
        carry_out_draw(draw=draw, public_value="1", user=admin_user)
    issue_draw(draw=draw, user=admin_user)
    entries = ModelLogEntry.objects.filter(object_id=str(draw.pk), user=admin_user).order_by("pk")
    assert [entry.action for entry in entries] == [
        "sampling.draft_draw",
        "sampling.check_draw",
        "sampling.commit_draw",
        "sampling.carry_out_draw",
        "sampling.issue_draw",
    ]
    assert not any(secret_of(draw) in str(entry.data) for entry in entries)


def test_registers_of_abandoned_villages_are_erased(settings: Any, django_capture_on_commit_callbacks: Any):
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    village = drawn(survey_round, "village")
    Draw.objects.filter(pk=village.pk).update(status="issued")
    send_registers(survey_round)
    Draw.objects.filter(pk=village.pk).update(status="drawn")
    folder = settings.FRAME_ROOT / survey_round.code / "registers"
    assert list(folder.iterdir())
    with django_capture_on_commit_callbacks(execute=True):
        abandon_draw(draw=village, reason="Sai giá trị")
    assert not list(folder.iterdir())
    assert not ListSubmission.objects.filter(stage="person").exists()


def test_other_list_of_a_unit_is_taken_only_in_place_of_one_that_was_seen():
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    first = codes(survey_round, "commune")[0]
    values: dict[str, Any] = {
        "round": survey_round,
        "stage": "village",
        "rows": [row for row in village_rows() if row["parent_code"] == first][:2],
        "source": "x",
        "reference_date": REFERENCE_DATE,
    }
    before = ListSubmission.objects.get(unit_code=first)
    for seen in ({}, {first: "0" * 64}):
        with pytest.raises(UnseenListError, match=first):
            receive_units(replaces=seen, **values)
    assert SamplingFrame.objects.get(stage="village").n_units == 16
    (replaced,) = preview_units(**values).replaced
    assert (replaced.digest, replaced.n_before, replaced.n_now) == (before.digest, 4, 2)
    assert ListSubmission.objects.get(unit_code=first).digest == before.digest
    receive_units(replaces={first: before.digest}, **values)
    assert SamplingFrame.objects.get(stage="village").n_units == 14


def test_preview_of_registers_writes_no_file(settings: Any):
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    villages = codes(survey_round, "village")
    found = preview_lists(round=survey_round, stage="person", villages=villages, lists=register)
    assert found.n_lists == len(villages)
    assert not (settings.FRAME_ROOT / survey_round.code / "registers").exists()
    with pytest.raises(DrawRefusedError):
        preview_lists(round=survey_round, stage="person", villages=["99999"], lists=register)
