"""Draws from a transaction list, from the design to the cases."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sampling.design.fingerprints import digest_of_frame, digest_of_rows
from sampling.design.list_draws import PLACE, draw_list
from sampling.engine.contact_files import contact_writer
from sampling.models import Draw, FrameUnit, Sample, SamplingFrame, SamplingTemplate, SurveyRound
from sampling.models.contacts import Contact
from sampling.proof import verify_draw
from sampling.selectors import StrataError, case_design_rows
from sampling.selectors.frames import stage_codes
from sampling.services import (
    DrawRefusedError,
    abandon_draw,
    carry_out_draw,
    check_draw,
    commit_draw,
    draft_draw,
    draw_sample,
    issue_draw,
    load_sampling_templates,
    open_round,
)
from sampling.services.bundles import write_bundle
from sampling.services.draws import list_rows
from tests.sampling.draws import SOURCE, later, tomorrow
from tests.sampling.engine.list_frames import make_design, make_rows, make_table
from tests.sampling.kept_lists import N_ROWS, keep_list
from tests.sampling.makers import MERGER, make_round, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey_round(settings: Any, tmp_path: Path) -> SurveyRound:
    settings.FRAME_ROOT = tmp_path / "frames"
    for code in ("01", "48", "79"):
        make_unit("province", code, f"Tỉnh {code}", unit_type="tỉnh", valid_from=MERGER)
    survey_round = make_round()
    keep_list(survey_round, settings.FRAME_ROOT)
    return survey_round


def committed_list(survey_round: SurveyRound, **changes: Any) -> Draw:
    draw = draft_draw(round=survey_round, stage="dossier", design=make_design(**changes).document())
    assert check_draw(draw=draw).problems == ()
    return commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow())


def test_check_says_how_many_persons_have_several_dossiers(survey_round: SurveyRound):
    draw = draft_draw(round=survey_round, stage="dossier", design=make_design().document())
    keys = Counter(row[PLACE["person_key"]] for row in make_rows(N_ROWS) if row[PLACE["person_key"]])
    n_repeated = sum(count > 1 for count in keys.values())
    with translation.override("en"):
        note, unplaced = check_draw(draw=draw).notes
    assert note.startswith(f"{n_repeated} persons have several dossiers")
    assert unplaced.startswith("9 units of the list have no commune of today: 01-0, 01-1")


def test_check_of_a_draw_of_persons_has_nothing_to_say_of_their_dossiers(survey_round: SurveyRound):
    design = make_design(unit="person").document()
    draw = draft_draw(round=survey_round, stage="dossier", design=design)
    with translation.override("en"):
        (note,) = check_draw(draw=draw).notes
    assert "have several dossiers" not in note


@pytest.mark.parametrize(
    ("unit", "strata", "is_told"),
    [
        ("person", ["province", "channel"], True),
        ("dossier", ["channel"], False),
        ("person", ["province"], False),
    ],
)
def test_check_says_that_persons_stand_where_their_first_dossier_does(
    survey_round: SurveyRound, unit: str, strata: list[str], *, is_told: bool
):
    keys = {tuple(str(row[PLACE[name]]) for name in strata) for row in make_rows(N_ROWS)}
    design = make_design(unit=unit, strata=strata, sizes=[[list(key), 1] for key in sorted(keys)])
    draw = draft_draw(round=survey_round, stage="dossier", design=design.document())
    with translation.override("en"):
        check = check_draw(draw=draw)
    assert check.problems == ()
    assert any("stratum of their first dossier" in note for note in check.notes) is is_told


def test_check_says_nothing_of_units_that_lie_in_a_commune(survey_round: SurveyRound):
    commune = make_unit("commune", "00004", "Xã Thử", unit_type="xã", valid_from=MERGER)
    FrameUnit.objects.filter(frame__round=survey_round).update(administrative_unit=commune)
    design = make_design(unit="person").document()
    draw = draft_draw(round=survey_round, stage="dossier", design=design)
    assert check_draw(draw=draw).notes == ()


def drawn_list(survey_round: SurveyRound, **changes: Any) -> Draw:
    draw = committed_list(survey_round, **changes)
    with later():
        return carry_out_draw(draw=draw, public_value="45021")


def test_list_is_the_one_that_the_core_draws_in_memory(survey_round: SurveyRound):
    draw = drawn_list(survey_round)
    expected = draw_list(make_rows(N_ROWS), make_design(), draw.seed)
    rows = [
        [unit.id, unit.stratum, unit.draw_order, unit.is_reserve, str(unit.probability)] for unit in expected
    ]
    assert list(list_rows(draw)) == rows
    assert draw.fingerprint == digest_of_rows(rows)
    assert draw.frame_digest == digest_of_frame(make_rows(N_ROWS))


def test_cases_hang_on_the_agencies_of_their_dossiers(survey_round: SurveyRound):
    draw = drawn_list(survey_round)
    sample = Sample.objects.get(round=survey_round)
    assert (sample.n_persons, sample.n_reserves, sample.cases.count()) == (45, 12, draw.n_drawn)
    case = sample.cases.select_related("village__frame_unit", "village__province").first()
    row = next(row for row in make_rows(N_ROWS) if row[0] == case.register_number)
    assert (case.village.stage, case.village.frame_unit.code) == ("agency", row[1])
    assert (case.stratum, case.village.province.code, case.multiplicity) == (row[2], row[2], row[12])
    assert case.design_weight == pytest.approx(1 / case.inclusion_probability)


def test_weights_of_the_sample_add_up_to_the_list(survey_round: SurveyRound):
    drawn_list(survey_round)
    rows = list(case_design_rows(Sample.objects.get(round=survey_round)))
    total = math.fsum(row.design_weight for row in rows if row.is_active)
    assert total == pytest.approx(N_ROWS)
    assert {(row.commune_probability, row.village_probability) for row in rows} == {(1.0, 1.0)}
    assert all(row.psu == row.variance_psu == row.number for row in rows)
    assert {row.variance_stratum for row in rows} == {"01", "48", "79"}


def test_persons_are_drawn_once_so_no_weight_is_divided(survey_round: SurveyRound):
    drawn_list(survey_round, unit="person")
    cases = Sample.objects.get(round=survey_round).cases.all()
    keys = {row[0]: row[11] or row[0] for row in make_rows(N_ROWS)}
    persons = [keys[case.register_number] for case in cases]
    assert len(set(persons)) == len(persons)
    assert {case.multiplicity for case in cases} == {1}


def test_list_that_is_too_short_for_its_design_is_not_committed(survey_round: SurveyRound):
    design = make_design(sizes=[[["01"], 20], [["48"], 9_999], [["79"], 15]]).document()
    draw = draft_draw(round=survey_round, stage="dossier", design=design)
    check = check_draw(draw=draw)
    assert "9999" in check.problems[0]
    assert [each.stratum for each in check.strata if each.is_short] == ["48"]
    assert draw.status == "drafted"


@pytest.mark.parametrize("design", [None, {}, {"format": "list-design/1", "unit": "household"}])
def test_design_that_cannot_be_read_is_refused(survey_round: SurveyRound, design: Any):
    with pytest.raises(DrawRefusedError):
        draft_draw(round=survey_round, stage="dossier", design=design)


def test_changed_file_is_not_drawn_from(survey_round: SurveyRound, settings: Any):
    draw = committed_list(survey_round)
    path = settings.FRAME_ROOT / SamplingFrame.objects.get().file
    pq.write_table(make_table(make_rows(N_ROWS)[:-1]), path)
    with later(), pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value="45021")
    path.unlink()
    with later(), pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value="45021")
    assert not Sample.objects.exists()


def test_drawn_list_is_issued_and_its_round_opens(survey_round: SurveyRound):
    issue_draw(draw=drawn_list(survey_round))
    survey_round.refresh_from_db()
    assert open_round(round=SurveyRound.objects.get(pk=survey_round.pk)).status == "open"


def test_abandoned_list_draw_leaves_the_list(survey_round: SurveyRound):
    abandon_draw(draw=drawn_list(survey_round), reason="Sai giá trị")
    assert not Sample.objects.exists()
    assert SamplingFrame.objects.filter(frozen_at=None).count() == 1
    assert drawn_list(survey_round).status == "drawn"


def test_contacts_of_the_drawn_are_copied_and_nobody_elses(survey_round: SurveyRound, settings: Any):
    frame = SamplingFrame.objects.get()
    path = settings.FRAME_ROOT / survey_round.code / "contacts-1.parquet"
    rows = make_rows(N_ROWS)
    table = pa.table(
        {
            "id": [row[0] for row in rows],
            "full_name": [f"Nguyễn Văn {place}" for place in range(N_ROWS)],
            "phone": ["0900000000"] * N_ROWS,
            "email": [""] * N_ROWS,
            "address": ["Số 1"] * N_ROWS,
        }
    )
    with contact_writer(path, settings.CONTACT_FILE_KEY.encode()) as file:
        file.write_table(table)
    SamplingFrame.objects.filter(pk=frame.pk).update(contacts_file=f"{survey_round.code}/{path.name}")
    draw = drawn_list(survey_round)
    contacts = Contact.objects.select_related("case")
    assert contacts.count() == draw.n_drawn
    names = {row[0]: f"Nguyễn Văn {place}" for place, row in enumerate(rows)}
    assert all(contact.full_name == names[contact.case.register_number] for contact in contacts)
    abandon_draw(draw=draw, reason="Sai giá trị")
    assert not Contact.objects.exists()


def test_contacts_that_cannot_be_opened_stop_the_draw(survey_round: SurveyRound):
    SamplingFrame.objects.update(contacts_file=f"{survey_round.code}/missing.parquet")
    draw = committed_list(survey_round)
    with later(), pytest.raises(DrawRefusedError):
        carry_out_draw(draw=draw, public_value="45021")
    draw.refresh_from_db()
    assert draw.status == "committed"


def test_list_is_drawn_in_the_admin(survey_round: SurveyRound, admin_client: Client):
    def page(name: str, *more: str) -> str:
        return reverse(f"surveyround:{name}", args=[survey_round.pk, "dossier", *more])

    assert (
        page("stage")
        in admin_client.get(reverse("surveyround:inspect", args=[survey_round.pk])).content.decode()
    )
    wrong = admin_client.post(page("draw_step", "draft"), {"design": SimpleUploadedFile("x.json", b"[")})
    assert wrong.context["form"].errors
    design = SimpleUploadedFile("design.json", json.dumps(make_design().document()).encode())
    admin_client.post(page("draw_step", "draft"), {"design": design})
    admin_client.post(page("draw_step", "check"))
    assert [bar.wanted for bar in admin_client.get(page("stage")).context["bars"]] == [20, 10, 15]
    preview = admin_client.get(page("draw_step", "commit")).context["commitment"]
    assert preview["design_sha256"] == make_design().digest()
    values = {"public_source": SOURCE, "public_value_due": f"{tomorrow():%d/%m/%Y}"}
    admin_client.post(page("draw_step", "commit"), values)
    with later():
        admin_client.post(page("draw_step", "carry-out"), {"public_value": "45021", "again": "45021"})
    admin_client.post(page("draw_step", "issue"))
    draw = Draw.objects.get()
    assert (draw.status, draw.n_drawn, draw.design_digest) == ("issued", 57, preview["design_sha256"])
    assert draw.frame_digest == preview["frame_sha256"]


def test_round_with_the_template_of_lists_has_the_stage_before_its_list_comes():
    load_sampling_templates()
    survey_round = make_round(template=SamplingTemplate.objects.get(code="sipas-dossiers"))
    assert stage_codes(survey_round) == ("dossier",)
    draw = draft_draw(round=survey_round, stage="dossier", design=make_design().document())
    assert len(check_draw(draw=draw).problems) == 1
    with pytest.raises(StrataError, match="no strata"), translation.override("en"):
        draw_sample(round=make_round(code="x", template=survey_round.template), seed="1", registers={})


@pytest.mark.parametrize("step", [1, -1], ids=["as its import sorts it", "in another order"])
def test_script_proves_a_list_from_its_bundle(survey_round: SurveyRound, settings: Any, step: int):
    path = settings.FRAME_ROOT / SamplingFrame.objects.get().file
    pq.write_table(make_table(make_rows(N_ROWS)[::step]), path)
    draw = drawn_list(survey_round)
    bundle = verify_draw.Bundle(write_bundle(draw=draw))
    checks = list(verify_draw.verify(bundle, draw.commitment_digest))
    assert [what for what, expected, got in checks if expected != got] == []
