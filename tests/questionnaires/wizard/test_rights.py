import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from questionnaires.models import Mode, Response, Right, RightsRequest, SeparatedResponse
from questionnaires.services import Submission, issue_codes, submit_single
from survey_site.core.server import commands
from tests.questionnaires.rounds import form_of, make_cases, make_round, make_village, publish

pytestmark = pytest.mark.django_db

PAGE = "/quyen-du-lieu/"
ASKED = {"right": "erase", "text": "Đừng gọi cho tôi nữa", "reply_to": "0900 000 000"}


def ask(client: Client, language: str = "", **changes: str) -> Any:
    return client.post(f"{language}{PAGE}", ASKED | changes, follow=True)


@pytest.mark.parametrize("language", ["", "/en"])
def test_page_tells_all_six_rights_and_needs_no_account(client: Client, language: str) -> None:
    make_round()
    page = client.get(f"{language}{PAGE}").content.decode()
    assert len(re.findall(r'<input type="radio" name="right"', page)) == len(Right) == 6
    assert "91/2025/QH15" in page
    assert "1900 0000" in page
    assert "/bien-nhan/kiem-tra/" in page


def test_request_gets_a_number_and_a_time_and_shows_them_once(client: Client) -> None:
    page = ask(client)
    received = RightsRequest.objects.get()
    text = page.content.decode()
    assert received.number in text
    assert f"{received.due_at:%d/%m/%Y}" in text
    assert (received.right, received.channel, received.status) == ("erase", "page", "received")
    assert received.number not in client.get(PAGE).content.decode()
    entry = ModelLogEntry.objects.get(action="questionnaires.receive_rights_request")
    assert entry.user is None
    assert ASKED["reply_to"] not in str(entry.data)
    assert page.headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "changes", [{"right": ""}, {"right": "other"}, {"text": " "}, {"reply_to": ""}, {"text": "x" * 4001}]
)
def test_what_is_missing_is_said_and_what_was_written_stays(client: Client, changes: dict[str, str]) -> None:
    page = ask(client, **changes).content.decode()
    assert "error-summary" in page
    assert not RightsRequest.objects.exists()
    if "text" not in changes:
        assert ASKED["text"] in page


def test_naughty_words_are_escaped(client: Client) -> None:
    page = ask(client, text="<script>alert(1)</script>", reply_to="").content.decode()
    assert "<script>" not in page


def test_requests_of_a_session_and_of_a_network_are_limited(client: Client, settings: Any) -> None:
    settings.RIGHTS_REQUESTS_PER_SESSION = 2
    for _request in range(3):
        last = ask(client)
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
    assert RightsRequest.objects.count() == 2
    settings.RIGHTS_REQUESTS_PER_NETWORK = 2
    assert ask(Client()).status_code == 429


def test_page_takes_nothing_without_the_token_of_the_form() -> None:
    assert Client(enforce_csrf_checks=True).post(PAGE, ASKED).status_code == 403
    assert not RightsRequest.objects.exists()


def begin(client: Client) -> None:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    [code] = issue_codes(cases=[case]).values()
    client.post(reverse("questionnaires:enter_code"), {"code": code})


def test_consent_declining_and_doubt_lead_to_the_rights(client: Client) -> None:
    begin(client)
    consent = reverse("questionnaires:consent")
    assert PAGE in client.get(consent).content.decode()
    assert f"{PAGE}?quyen=erase" in client.post(consent, {"decline": "1"}).content.decode()
    assert re.search(r'value="erase"[^>]* checked', client.get(f"{PAGE}?quyen=erase").content.decode())
    assert PAGE in client.get("/co-that-khong/").content.decode()


def review(client: Client, **fields: str) -> Any:
    prefix = f"r{Response.objects.get().pk.hex}"
    for step in ("A", "B", "D"):
        values = {f"{prefix}-current_step": step, "reminded": step, "move": "next", "SEX": "1"}
        client.post(reverse("questionnaires:answer", args=[step]), values)
    page = client.get(reverse("questionnaires:review")).content.decode()
    values = {f"{prefix}-current_step": "_review", "move": "next", **fields}
    client.post(reverse("questionnaires:review"), values)
    return page


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, ("", "")),
        ({"helper": "village", "pressure": "felt"}, ("village", "felt")),
        ({"helper": "family", "pressure": "not_told"}, ("family", "not_told")),
        ({"helper": "<b>", "pressure": "x" * 99}, ("", "")),
    ],
)
def test_who_helped_and_who_pressed_is_kept_with_the_answers(
    client: Client, fields: dict[str, str], kept: tuple[str, str]
) -> None:
    begin(client)
    client.post(reverse("questionnaires:consent"), {"use": "on"})
    page = review(client, **fields)
    assert 'name="helper"' in page
    assert 'name="pressure"' in page
    assert " selected" not in page
    form = SeparatedResponse.objects.get()
    assert (form.helper, form.pressure) == kept


def test_interview_is_helped_by_the_enumerator_unless_said_otherwise() -> None:
    survey_round = make_round()
    publish(survey_round)
    first, second = make_cases(make_village(survey_round), 2)
    for case, helper in ((first, ""), (second, "family")):
        submission = Submission(case_id=case.pk, answers={"SEX": 1}, mode=Mode.INTERVIEW, helper=helper)
        submit_single(round=survey_round, submission=submission)
    assert [form_of(case).helper for case in (first, second)] == ["enumerator", "family"]


def test_web_server_keeps_no_log_of_requests() -> None:
    assert not any("access-log" in str(part) for command in commands(8000) for part in command)


PROMISE = re.compile(r"anonym|ẩn danh|vô danh|khuyết danh", re.IGNORECASE)


def test_pages_say_confidential_and_never_anonymous() -> None:
    root = Path(site_settings.BASE_DIR)
    folders = [root / "questionnaires" / "templates", root / "survey_site" / "templates", root / "locale"]
    texts = [
        path for folder in folders for path in folder.rglob("*") if path.suffix in {".html", ".po", ".txt"}
    ]
    texts += sorted((root / "questionnaires" / "forms").glob("*.json"))
    found = {path.name: PROMISE.findall(path.read_text("utf-8")) for path in texts}
    assert len(found) > 20
    assert {name: words for name, words in found.items() if words} == {}
    assert any("confidential" in path.read_text("utf-8") for path in texts)
