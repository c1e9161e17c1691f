"""The draws of a round in the admin: stages, steps, lists of drawn units."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse
from wagtail.models import ModelLogEntry

from sampling.models import Draw, ListSubmission, Sample, SamplingFrame, SurveyRound
from sampling.sealing import secret_of
from sampling.services import receive_units
from tests.sampling.draws import (
    SOURCE,
    checked,
    codes,
    committed,
    drawn,
    framed_round,
    issued,
    later,
    send_villages,
    tomorrow,
    walk,
)
from tests.sampling.makers import REFERENCE_DATE, make_sample, village_rows

pytestmark = pytest.mark.django_db

SEE = ("access_admin", "view_surveyround", "view_sample")
MAKE = (*SEE, "commit_draw", "issue_draw", "change_surveyround")


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700)


@pytest.fixture
def sign_in(client: Client, django_user_model: Any) -> Any:
    def make(*codenames: str) -> Client:
        user = django_user_model.objects.create_user("user", password="x")
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return make


def page(client: Client, survey_round: SurveyRound, stage: str = "commune", name: str = "stage") -> Any:
    return client.get(
        reverse(f"surveyround:{name}", args=[survey_round.pk, stage]), headers={"accept-language": "en"}
    )


def step(survey_round: SurveyRound, action: str, stage: str = "commune") -> str:
    return reverse("surveyround:draw_step", args=[survey_round.pk, stage, action])


def test_a_stage_is_drawn_from_draft_to_issue_in_the_admin(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    overview = client.get(reverse("surveyround:inspect", args=[survey_round.pk])).content.decode()
    assert reverse("surveyround:stage", args=[survey_round.pk, "commune"]) in overview
    assert page(client, survey_round).context["actions"] == ["draft"]
    client.post(step(survey_round, "draft"))
    assert page(client, survey_round).context["actions"] == ["check", "abandon"]
    client.post(step(survey_round, "check"))
    form = client.get(step(survey_round, "commit"))
    assert form.context["commitment"]["stage"] == "commune"
    due = f"{tomorrow():%d/%m/%Y}"
    client.post(step(survey_round, "commit"), {"public_source": SOURCE, "public_value_due": due})
    draw = Draw.objects.get()
    assert (draw.status, draw.public_source, draw.public_value_due) == ("committed", SOURCE, tomorrow())
    shown = page(client, survey_round).content.decode()
    assert draw.commitment_digest in shown
    assert secret_of(draw) not in shown
    with later():
        client.post(step(survey_round, "carry-out"), {"public_value": "45021", "again": "45021"})
    client.post(step(survey_round, "issue"))
    draw.refresh_from_db()
    assert (draw.status, draw.public_value) == ("issued", "45021")
    after = page(client, survey_round)
    assert after.context["actions"] == []
    assert draw.fingerprint in after.content.decode()
    assert secret_of(draw) not in after.content.decode()


def test_frame_in_use_is_the_one_previewed(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    checked(survey_round)
    preview = client.get(step(survey_round, "commit")).context["commitment"]["frame_sha256"]
    client.post(
        step(survey_round, "commit"),
        {"public_source": SOURCE, "public_value_due": f"{tomorrow():%d/%m/%Y}"},
    )
    assert Draw.objects.get().frame_digest == preview


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"public_source": "", "public_value_due": "01/01/2100"}, "public_source"),
        ({"public_source": "x", "public_value_due": "01/01/2020"}, "public_value_due"),
        ({"public_source": "x", "public_value_due": "soon"}, "public_value_due"),
        (
            {"public_source": "x", "public_value_due": "01/01/2100", "public_source_url": "not here"},
            "public_source_url",
        ),
    ],
)
def test_commitment_form_says_what_is_wrong(sign_in: Any, values: Any, field: str):
    survey_round = framed_round()
    checked(survey_round)
    answer = sign_in(*MAKE).post(step(survey_round, "commit"), values)
    assert list(answer.context["form"].errors) == [field]
    assert Draw.objects.get().status == "checked"


def test_public_value_is_typed_twice_and_not_before_its_day(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    committed(survey_round)
    early = client.post(step(survey_round, "carry-out"), {"public_value": "1", "again": "1"})
    assert f"{tomorrow():%d/%m/%Y}" in early.content.decode()
    with later():
        differing = client.post(step(survey_round, "carry-out"), {"public_value": "1", "again": "2"})
    assert list(differing.context["form"].errors) == ["again"]
    assert not Sample.objects.exists()


def test_a_step_out_of_turn_is_refused_in_words(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    assert client.post(step(survey_round, "issue")).context["form"].non_field_errors()
    drawn(survey_round)
    assert client.post(step(survey_round, "draft")).context["form"].non_field_errors()
    assert client.post(step(survey_round, "close")).context["form"].non_field_errors()


def test_abandoned_draw_is_shown_with_its_reason(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    draw = committed(survey_round)
    assert client.post(step(survey_round, "abandon"), {"reason": ""}).context["form"].errors
    client.post(step(survey_round, "abandon"), {"reason": "Đổi nguồn công khai"})
    shown = page(client, survey_round)
    assert "Đổi nguồn công khai" in shown.content.decode()
    assert draw.commitment_digest in shown.content.decode()
    assert shown.context["actions"] == ["draft"]


def test_who_only_sees_is_offered_nothing_and_may_do_nothing(sign_in: Any):
    client, survey_round = sign_in(*SEE), framed_round()
    checked(survey_round)
    assert page(client, survey_round).context["actions"] == []
    for action in ("draft", "check", "commit", "carry-out", "issue", "close", "abandon"):
        assert client.post(step(survey_round, action)).url == "/admin/"


def test_who_does_not_see_samples_does_not_see_draws(sign_in: Any):
    client, survey_round = sign_in("access_admin", "view_surveyround"), framed_round()
    issued(survey_round)
    assert page(client, survey_round).status_code != 200
    assert page(client, survey_round, "village", "lists").status_code != 200


def test_unknown_stage_and_step_are_closed(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    assert page(client, survey_round, "district").status_code == 404
    assert client.get(step(survey_round, "repeat")).status_code == 404


def test_pictures_of_a_drawn_stage(sign_in: Any):
    survey_round = framed_round()
    drawn(survey_round)
    context = page(sign_in(*SEE), survey_round).context
    assert [spot.spot.title for spot in context["map"].archipelagos] == ["Hoàng Sa", "Trường Sa"]
    assert sum(each.n_frame for each in context["sizes"]) == 12
    assert sum(each.n_drawn for each in context["sizes"]) == 4


def village_file(communes: list[str]) -> SimpleUploadedFile:
    rows = [row for row in village_rows() if row["parent_code"] in communes]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return SimpleUploadedFile("villages.csv", "\n".join(lines).encode())


def send(client: Client, survey_round: SurveyRound, communes: list[str], file: Any = None) -> Any:
    """Send lists to be checked."""
    values = {"source": "UBND", "reference_date": "01/03/2026", "file": file or village_file(communes)}
    return client.post(reverse("surveyround:lists", args=[survey_round.pk, "village"]), values)


def confirm(client: Client, checked_page: Any) -> Any:
    """Press the button below a report."""
    return client.post(checked_page.wsgi_request.path, {"token": checked_page.context["token"]})


def test_lists_are_taken_in_and_counted(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    communes = codes(survey_round, "commune")
    shown = send(client, survey_round, communes[:1])
    assert not ListSubmission.objects.exists()
    assert not SamplingFrame.objects.filter(stage="village").exists()
    assert (shown.context["received"].n_lists, shown.context["received"].n_units) == (1, 4)
    assert confirm(client, shown).status_code == 302
    context = page(client, survey_round, "village", "lists").context
    assert (context["n_come"], context["n_wanted"], context["percent"]) == (1, 4, 25)
    assert [(each.code, each.n_come, each.n_wanted) for each in context["provinces"]] == [("80", 1, 4)]
    url = reverse("surveyround:lists", args=[survey_round.pk, "village"])
    missing = client.get(url, {"state": "missing", "province": "80"}).context["lists"]
    assert [each.code for each in missing] == sorted(communes[1:])
    assert not client.get(url, {"province": "01"}).context["lists"]


def test_checked_lists_are_taken_in_once_by_the_same_person_for_the_same_stage(sign_in: Any, settings: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    shown = send(client, survey_round, codes(survey_round, "commune")[:1])
    kept = Path(settings.FILE_UPLOAD_TEMP_DIR) / f"checked-{shown.context['token']}"
    assert [path.name for path in kept.glob("*/*")] == ["villages.csv"]
    stranger = Client()
    stranger.force_login(get_user_model().objects.create_superuser("stranger", password="x"))
    confirm(stranger, shown)
    assert not ListSubmission.objects.exists()
    confirm(client, shown)
    assert ListSubmission.objects.count() == 1
    assert not kept.exists()
    again = client.post(shown.wsgi_request.path, {"token": shown.context["token"]}, follow=True)
    assert list(again.context["messages"])[-1].level_tag == "error"
    assert ListSubmission.objects.count() == 1


def test_repairs_are_shown_before_they_are_taken_over(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    rows = [row for row in village_rows() if row["parent_code"] == codes(survey_round, "commune")[0]]
    lines = ["Mã thôn;Tên thôn;Mã xã;Số người", *(";".join(list(row.values())[:4]) for row in rows)]
    content = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM;;;\n\n" + "\n".join(lines)).encode("utf-16")
    shown = send(client, survey_round, [], SimpleUploadedFile("thôn.csv", content))
    assert shown.context["differences"]
    assert "CỘNG HÒA" in shown.content.decode()
    assert not ListSubmission.objects.exists()
    confirm(client, shown)
    assert ListSubmission.objects.count() == 1


def test_second_list_of_a_unit_is_shown_with_what_it_replaces(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    first = codes(survey_round, "commune")[0]
    confirm(client, send(client, survey_round, [first]))
    same = send(client, survey_round, [first])
    assert same.context["received"].replaced == ()
    rows = [row for row in village_rows() if row["parent_code"] == first][:3]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    shown = send(client, survey_round, [], SimpleUploadedFile("v.csv", "\n".join(lines).encode()))
    (replaced,) = shown.context["received"].replaced
    before = ListSubmission.objects.get()
    assert (replaced.unit, replaced.n_before, replaced.n_now, replaced.digest) == (first, 4, 3, before.digest)
    assert first in shown.content.decode()
    confirm(client, shown)
    after = ListSubmission.objects.get()
    assert after.n_units == 3
    entry = ModelLogEntry.objects.filter(action="sampling.receive_units").order_by("-pk").first()
    assert entry.data["replaced"] == {first: before.digest}


def test_list_that_came_after_the_report_is_not_replaced(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    first = codes(survey_round, "commune")[0]
    shown = send(client, survey_round, [first])
    other = [row for row in village_rows() if row["parent_code"] == first][:2]
    receive_units(round=survey_round, stage="village", rows=other, source="x", reference_date=REFERENCE_DATE)
    answer = client.post(shown.wsgi_request.path, {"token": shown.context["token"]}, follow=True)
    assert first in str(next(iter(answer.context["messages"])))
    assert ListSubmission.objects.get().n_units == 2


def test_nothing_is_replaced_after_the_commitment(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    send_villages(survey_round)
    first = codes(survey_round, "commune")[0]
    other = [row for row in village_rows() if row["parent_code"] == first][:2]
    lines = [",".join(other[0]), *(",".join(row.values()) for row in other)]
    shown = send(client, survey_round, [], SimpleUploadedFile("v.csv", "\n".join(lines).encode()))
    committed(survey_round, "village")
    confirm(client, shown)
    assert ListSubmission.objects.get(unit_code=first).n_units == 4


def test_wrong_lists_are_named_and_nothing_is_taken_in(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    undrawn = next(
        row["parent_code"]
        for row in village_rows()
        if row["parent_code"] not in codes(survey_round, "commune")
    )
    answer = send(client, survey_round, [undrawn])
    assert undrawn in answer.content.decode()
    assert not ListSubmission.objects.exists()


def test_lists_are_only_shown_to_those_who_only_see(sign_in: Any):
    client, survey_round = sign_in(*SEE), framed_round()
    issued(survey_round)
    assert not page(client, survey_round, "village", "lists").context["may_upload"]
    assert send(client, survey_round, codes(survey_round, "commune")).url == "/admin/"


def test_register_of_a_village_stands_in_one_file(sign_in: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    village = codes(survey_round, "village")[0]
    files = [
        SimpleUploadedFile(f"{name}.csv", f"village,number\n{village},{name}\n".encode()) for name in (1, 2)
    ]
    url = reverse("surveyround:lists", args=[survey_round.pk, "person"])
    answer = client.post(url, {"registers": files})
    assert [(problem.file, problem.got) for problem in answer.context["problems"]] == [("2.csv", village)]
    assert not ListSubmission.objects.filter(stage="person").exists()


def test_registers_are_taken_in(sign_in: Any, settings: Any):
    client, survey_round = sign_in(*MAKE), framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    village = codes(survey_round, "village")[0]
    content = "village,number,sex\n" + "".join(f"{village},{number},nam\n" for number in range(1, 9))
    url = reverse("surveyround:lists", args=[survey_round.pk, "person"])
    shown = client.post(url, {"registers": SimpleUploadedFile("registers.csv", content.encode())})
    assert not ListSubmission.objects.filter(stage="person").exists()
    registers = Path(settings.FRAME_ROOT) / survey_round.code / "registers"
    assert not list(registers.glob("*"))
    assert confirm(client, shown).status_code == 302
    assert ListSubmission.objects.get(stage="person").n_units == 8
    second = SimpleUploadedFile("registers.csv", content.replace("nam", "nữ").encode())
    with TestCase.captureOnCommitCallbacks(execute=True):
        replacing = client.post(url, {"registers": second})
        assert [each.unit for each in replacing.context["received"].replaced] == [village]
        confirm(client, replacing)
    assert len(list(registers.glob("*"))) == 1
    wrong = client.post(url, {"registers": SimpleUploadedFile("registers.csv", b"village,name\nx,y\n")})
    assert wrong.context["problems"]


def test_whole_way_leaves_no_rehearsal_mark(sign_in: Any):
    client = sign_in(*MAKE, "view_samplingframe")
    survey_round = walk(framed_round())
    url = reverse("sample:inspect", args=[Sample.objects.get(round=survey_round).pk])
    assert client.get(url).context["is_rehearsal"] is False


def test_sample_without_commitments_says_so(sign_in: Any):
    sample = make_sample()
    client = sign_in(*SEE)
    shown = client.get(reverse("sample:inspect", args=[sample.pk]), headers={"accept-language": "en"})
    assert shown.context["is_rehearsal"] is True
    inspected = client.get(reverse("surveyround:inspect", args=[sample.round.pk]))
    assert inspected.context["is_rehearsal"] is True


def test_the_page_looks_again_only_while_a_worker_is_busy(sign_in: Any, monkeypatch: Any):
    client, survey_round = sign_in(*MAKE), checked(framed_round()).round
    assert "Refresh" not in page(client, survey_round).headers
    monkeypatch.setattr("sampling.viewsets.draw_pages.is_under_way", lambda *_task, **_values: True)
    assert page(client, survey_round).headers["Refresh"] == "5"
