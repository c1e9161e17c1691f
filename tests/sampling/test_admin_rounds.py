import csv
import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from sampling.models import Sample, SamplingFrame, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services import RegisterError, close_round, open_round
from sampling.tasks import draw_from_kept_registers
from tests.sampling.makers import (
    N_ADULTS,
    commune_rows,
    load_frames,
    make_round,
    make_sample,
    make_units,
    village_rows,
)

pytestmark = pytest.mark.django_db

CHANGE = ("access_admin", "view_surveyround", "change_surveyround")


@pytest.fixture
def sign_in(client: Client, django_user_model: Any) -> Any:
    def make(*codenames: str) -> Client:
        user = django_user_model.objects.create_user("user", password="x")
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return make


def frame_file(rows: list[dict[str, str]], name: str = "frame.csv") -> SimpleUploadedFile:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return SimpleUploadedFile(name, "\n".join(lines).encode())


def upload(client: Client, survey_round: SurveyRound, rows: Any = None, **changes: Any) -> Any:
    fields = {
        "stage": "commune",
        "source": "Công an tỉnh",
        "reference_date": "01/03/2026",
        "file": frame_file(rows or commune_rows()),
    }
    return client.post(reverse("surveyround:frame", args=[survey_round.pk]), fields | changes)


def confirm(client: Client, survey_round: SurveyRound, token: str) -> Any:
    return client.post(reverse("surveyround:frame_confirm", args=[survey_round.pk]), {"token": token})


def inspect(client: Client, survey_round: SurveyRound) -> str:
    return client.get(reverse("surveyround:inspect", args=[survey_round.pk])).content.decode()


def address(survey_round: SurveyRound, slug: str) -> str:
    return reverse("surveyround:action", args=[survey_round.pk, slug])


def actions_logged() -> set[str]:
    return set(ModelLogEntry.objects.values_list("action", flat=True))


def test_good_file_is_checked_shown_and_loaded_when_confirmed(sign_in: Any):
    make_units()
    client, survey_round = sign_in(*CHANGE), make_round()
    report = upload(client, survey_round)
    assert report.status_code == 200
    assert not SamplingFrame.objects.exists()
    assert "sampling.load_frame" not in actions_logged()
    answer = confirm(client, survey_round, report.context["token"])
    assert answer.url == reverse("surveyround:inspect", args=[survey_round.pk])
    frame = SamplingFrame.objects.get()
    assert (frame.n_units, frame.source, frame.digest) == (12, "Công an tỉnh", report.context["frame"].digest)
    entry = ModelLogEntry.objects.get(action="sampling.load_frame")
    assert entry.user.username == "user"


def test_refused_file_shows_every_problem_and_writes_nothing(sign_in: Any):
    make_units()
    client, survey_round = sign_in(*CHANGE), make_round()
    rows = commune_rows()
    rows[1]["measure_of_size"] = "-2"
    rows[3]["code"] = "99999"
    with translation.override("en"):
        report = upload(client, survey_round, rows)
    problems = report.context["problems"]
    assert [(problem.row, problem.column) for problem in problems] == [(3, "measure_of_size"), (5, "code")]
    page = report.content.decode()
    for problem in problems:
        assert problem.got in page
    assert "token" not in report.context
    assert not SamplingFrame.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"file": SimpleUploadedFile("frame.doc", b"x")}, "file"),
        ({"file": SimpleUploadedFile("frame.csv", b"\x81\x8d")}, "file"),
        ({"reference_date": "31/12/2024"}, "reference_date"),
        ({"reference_date": "tomorrow"}, "reference_date"),
        ({"source": ""}, "source"),
    ],
)
def test_form_says_what_is_wrong_with_it(sign_in: Any, changed: Any, field: str):
    make_units()
    answer = upload(sign_in(*CHANGE), make_round(), **changed)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert not SamplingFrame.objects.exists()


def test_frame_of_a_drawn_sample_is_refused(sign_in: Any):
    survey_round = make_sample().round
    answer = upload(sign_in(*CHANGE), survey_round)
    assert answer.context["form"].non_field_errors()
    assert "/frame/" not in inspect(answer.client, survey_round)


def test_checked_file_is_kept_for_its_round_and_person_only(sign_in: Any, admin_client: Client):
    make_units()
    survey_round = make_round()
    token = upload(sign_in(*CHANGE), survey_round).context["token"]
    for client, code in ((admin_client, token), (admin_client, "")):
        assert confirm(client, survey_round, code).url == reverse("surveyround:frame", args=[survey_round.pk])
    assert not SamplingFrame.objects.exists()


def test_file_confirmed_after_the_draw_is_refused(sign_in: Any):
    client = sign_in(*CHANGE)
    make_units()
    survey_round = make_round()
    token = upload(client, survey_round).context["token"]
    SurveyRound.objects.update(status=RoundStatus.CLOSED)
    confirm(client, survey_round, token)
    assert not SamplingFrame.objects.exists()


def test_round_goes_through_its_states_after_asking(sign_in: Any):
    client, survey_round = sign_in(*CHANGE), make_sample().round
    for slug, state in (
        ("open", RoundStatus.OPEN),
        ("close", RoundStatus.CLOSED),
        ("freeze", RoundStatus.FROZEN),
    ):
        assert address(survey_round, slug) in inspect(client, survey_round)
        assert client.get(address(survey_round, slug)).status_code == 200
        client.post(address(survey_round, slug))
        survey_round.refresh_from_db()
        assert survey_round.status == state
        assert f"sampling.{slug}_round" in actions_logged()
    assert address(survey_round, "open") not in inspect(client, survey_round)


def test_state_out_of_order_is_refused_with_a_message(sign_in: Any):
    client, survey_round = sign_in(*CHANGE), make_round()
    answer = client.post(address(survey_round, "open"), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    survey_round.refresh_from_db()
    assert survey_round.status == RoundStatus.PREPARING
    assert address(survey_round, "open") not in inspect(client, survey_round)


def test_unknown_state_has_no_page(sign_in: Any):
    survey_round = make_round()
    url = address(survey_round, "open").replace("open", "publish")
    assert sign_in(*CHANGE).get(url).status_code == 404


def test_viewer_sees_the_round_and_can_do_nothing(sign_in: Any):
    client, survey_round = sign_in("access_admin", "view_surveyround"), make_sample().round
    page = inspect(client, survey_round)
    for name, extra in (("frame", []), ("action", ["open"]), ("drawn_list", [])):
        url = reverse(f"surveyround:{name}", args=[survey_round.pk, *extra])
        assert url not in page
        assert client.get(url).status_code in {302, 403}
        assert client.post(url).status_code in {302, 403, 405}
    confirm(client, survey_round, "x")
    survey_round.refresh_from_db()
    assert survey_round.status == RoundStatus.PREPARING


def test_page_of_a_round_shows_frames_and_proof(sign_in: Any):
    sample = make_sample()
    page = inspect(sign_in(*CHANGE), sample.round)
    assert sample.fingerprint in page
    for frame in SamplingFrame.objects.all():
        assert frame.digest in page


def test_page_of_a_round_shows_local_time_and_plain_year(sign_in: Any):
    day = datetime.datetime(2026, 9, 1, tzinfo=timezone.get_default_timezone())
    survey_round = make_round(opens_at=day, closes_at=day + datetime.timedelta(days=30, hours=7))
    page = inspect(sign_in(*CHANGE), survey_round)
    assert "01/09/2026" in page
    assert "07:00" in page
    assert "<dd>2026</dd>" in "".join(page.split())


def test_page_of_a_round_without_frames_offers_to_load_them(sign_in: Any):
    make_units()
    survey_round = make_round()
    client = sign_in(*CHANGE)
    assert reverse("surveyround:frame", args=[survey_round.pk]) in inspect(client, survey_round)
    load_frames(survey_round)
    assert "Công an tỉnh" in inspect(client, survey_round)


def test_drawn_list_is_sent_without_personal_data_and_noted(sign_in: Any):
    sample = make_sample()
    client = sign_in(*CHANGE, "draw_sample")
    url = reverse("surveyround:drawn_list", args=[sample.round.pk])
    assert url in inspect(client, sample.round)
    answer = client.get(url)
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert len(rows) == sample.n_persons  # sealed reserves stay sealed
    assert "full_name" not in rows[0]
    assert f"{sample.round.code}-sample.csv" in answer["Content-Disposition"]
    assert "sampling.export_list" in actions_logged()


def registers_file(age_group: str = "18-39") -> SimpleUploadedFile:
    lines = ["village,number,sex,age_group"]
    for village in village_rows():
        lines += [f"{village['code']},{number:02d},nam,{age_group}" for number in range(1, N_ADULTS + 1)]
    return SimpleUploadedFile("registers.csv", "\n".join(lines).encode())


def draw(client: Client, survey_round: SurveyRound, **fields: Any) -> Any:
    return client.post(
        reverse("surveyround:draw", args=[survey_round.pk]), {"registers": registers_file()} | fields
    )


@pytest.fixture
def framed_round() -> SurveyRound:
    make_units()
    survey_round = make_round()
    load_frames(survey_round)
    return survey_round


def test_sample_is_drawn_from_uploaded_registers(sign_in: Any, framed_round: SurveyRound):
    client = sign_in(*CHANGE, "draw_sample")
    url = reverse("surveyround:draw", args=[framed_round.pk])
    assert url in inspect(client, framed_round)
    assert client.get(url).status_code == 200
    draw(client, framed_round, seed="seed")
    sample = Sample.objects.get()
    assert (sample.seed, sample.n_persons) == ("seed", 40)
    assert ModelLogEntry.objects.get(action="sampling.draw").user.username == "user"
    assert url not in inspect(client, framed_round)
    assert draw(client, framed_round).context["form"].non_field_errors()


def test_repairs_of_registers_are_shown_before_a_rehearsal(sign_in: Any, framed_round: SurveyRound):
    client = sign_in(*CHANGE, "draw_sample")
    content = registers_file().read().decode().replace(",nam,", ",n\u01b0\u0303,").encode("windows-1258")
    shown = draw(client, framed_round, seed="seed", registers=SimpleUploadedFile("cu.csv", content))
    assert shown.context["differences"]
    assert not Sample.objects.exists()
    url = reverse("surveyround:draw", args=[framed_round.pk])
    client.post(url, {"token": shown.context["token"]})
    assert Sample.objects.get().seed == "seed"


def test_seed_left_empty_is_made(sign_in: Any, framed_round: SurveyRound):
    draw(sign_in(*CHANGE, "draw_sample"), framed_round)
    assert len(Sample.objects.get().seed) == 32


def test_refused_registers_are_reported_and_nothing_is_drawn(sign_in: Any, framed_round: SurveyRound):
    client = sign_in(*CHANGE, "draw_sample")
    wrong = draw(client, framed_round, registers=registers_file(age_group="eighteen to thirty-nine"))
    assert len(wrong.context["problems"]) == len(village_rows()) * N_ADULTS
    for name, content in (("registers.doc", b"x"), ("registers.csv", b"\xff")):
        answer = draw(client, framed_round, registers=SimpleUploadedFile(name, content))
        assert list(answer.context["form"].errors) == ["registers"]
    empty = SimpleUploadedFile("registers.csv", b"village,number\nx,1")
    assert len(draw(client, framed_round, registers=empty).context["problems"]) == 8
    assert not Sample.objects.exists()


def test_drawing_needs_its_own_permission(sign_in: Any, framed_round: SurveyRound):
    client = sign_in(*CHANGE)
    assert draw(client, framed_round).status_code in {302, 403}
    assert not Sample.objects.exists()
    assert "/draw/" not in inspect(client, framed_round)


def test_worker_refuses_registers_that_are_gone(admin_user: Any, framed_round: SurveyRound):
    with pytest.raises(RegisterError):
        draw_from_kept_registers.func(framed_round.pk, "seed", "gone", admin_user.pk)
    assert not Sample.objects.exists()


def test_round_without_sample_has_no_list(sign_in: Any):
    url = reverse("surveyround:drawn_list", args=[make_round().pk])
    assert sign_in(*CHANGE, "draw_sample").get(url).status_code == 404


def test_closed_round_offers_to_freeze(sign_in: Any):
    survey_round = make_sample().round
    open_round(round=survey_round)
    close_round(round=survey_round)
    client = sign_in(*CHANGE)
    page = inspect(client, survey_round)
    assert address(survey_round, "freeze") in page
    assert address(survey_round, "close") not in page


@pytest.mark.parametrize("status", ["open", "closed", "frozen"])
@pytest.mark.parametrize("view", ["edit", "delete"])
def test_round_that_was_opened_cannot_be_edited_or_deleted(sign_in: Any, status: str, view: str):
    client, survey_round = sign_in(*CHANGE, "delete_surveyround"), make_round()
    SurveyRound.objects.filter(pk=survey_round.pk).update(status=status)
    answer = client.post(reverse(f"surveyround:{view}", args=[survey_round.pk]), {"code": "renamed"})
    assert answer.status_code == 302
    assert answer.url == reverse("wagtailadmin_home")
    assert SurveyRound.objects.get(pk=survey_round.pk).code == survey_round.code


def test_name_of_an_opened_round_leads_to_its_page(sign_in: Any):
    client, survey_round = sign_in(*CHANGE), make_round()
    SurveyRound.objects.filter(pk=survey_round.pk).update(status="open")
    listing = client.get(reverse("surveyround:index")).content.decode()
    assert reverse("surveyround:inspect", args=[survey_round.pk]) in listing
    assert reverse("surveyround:edit", args=[survey_round.pk]) not in listing


def test_round_in_preparation_can_be_edited(sign_in: Any):
    client, survey_round = sign_in(*CHANGE), make_round()
    assert client.get(reverse("surveyround:edit", args=[survey_round.pk])).status_code == 200
