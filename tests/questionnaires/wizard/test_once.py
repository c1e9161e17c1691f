import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from questionnaires.models import Response, SeparatedResponse
from questionnaires.receipt_keys import ReceiptSealError, open_text, seal_text
from questionnaires.services import issue_codes
from questionnaires.wizard import session, storage
from sampling.models import SurveyRound
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish

pytestmark = pytest.mark.django_db

FIRST = {"SEX": "1", "USED": "0"}
REST = {"B": {"B1": "4", "B2": "5", "B3": "na"}, "D": {"AGE": "40", "CHANNELS": ["1"]}}
KEY, OTHER_KEY = "0123456789abcdef" * 2, "f" * 32
REVIEW = "/xem-lai/"


def start(client: Client) -> str:
    """Agree to the consent and return the code."""
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    code = issue_codes(cases=[case])[case.pk]
    client.post(reverse("questionnaires:enter_code"), {"code": code})
    client.post(reverse("questionnaires:consent"), {"use": "on"})
    return code


def send(client: Client, step: str, answers: Mapping[str, Any], key: str = "", **buttons: str) -> Any:
    """Send a page as the script does, or without a key as a browser does."""
    url = REVIEW if step == "_review" else reverse("questionnaires:answer", kwargs={"step": step})
    name = f"r{Response.objects.get().pk.hex}-current_step" if Response.objects.exists() else "gone"
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(url, {name: step, **answers, **(buttons or {"move": "next"})}, headers=headers)


def answer_all(client: Client) -> None:
    """Answer every section."""
    send(client, "A", FIRST)
    for step, answers in REST.items():
        send(client, step, answers)


def test_script_is_told_that_a_page_was_taken_and_where_it_leads(client: Client) -> None:
    start(client)
    answer = send(client, "A", FIRST, KEY)
    assert (answer.status_code, answer.headers["Location"]) == (204, "/phieu/B/")
    assert Response.objects.get().answers == {"SEX": 1, "USED": 0}


def test_same_page_sent_again_leads_to_the_same_place_and_is_not_saved_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(client)
    first = send(client, "A", FIRST, KEY)
    saved: list[Any] = []
    monkeypatch.setattr(storage, "save_draft", lambda **values: saved.append(values))
    again = send(client, "A", {"SEX": "2", "USED": "1"}, KEY)
    assert saved == []
    assert (again.status_code, again.headers["Location"]) == (204, first.headers["Location"])
    assert Response.objects.get().answers == {"SEX": 1, "USED": 0}


def test_changed_page_under_another_key_is_saved(client: Client) -> None:
    start(client)
    send(client, "A", FIRST, KEY)
    send(client, "A", {"SEX": "2", "USED": "0"}, OTHER_KEY)
    assert Response.objects.get().answers["SEX"] == 2


@pytest.mark.parametrize("key", ["", "x" * 32, "short", KEY.upper(), KEY + "0"])
def test_without_a_key_of_the_script_browsers_get_their_redirect(client: Client, key: str) -> None:
    start(client)
    answer = send(client, "A", FIRST, key)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/phieu/B/")


def test_page_with_a_reminder_is_shown_to_the_script_too(client: Client) -> None:
    start(client)
    send(client, "A", FIRST, KEY)
    for _time in range(2):
        answer = send(client, "B", {"B1": "4"}, OTHER_KEY)
        assert answer.status_code == 200
        assert 'class="card error-summary"' in answer.content.decode()
    assert Response.objects.get().answers["B1"] == 4


def test_script_is_told_that_a_page_timed_out(client: Client) -> None:
    start(client)
    values = client.session
    values[session.ANSWERING] |= {"seen_at": 0.0}
    values.save()
    answer = send(client, "A", FIRST, KEY)
    assert (answer.status_code, answer.headers["Location"]) == (409, "/tham-gia/?expired=1")
    assert Response.objects.get().answers == {}


def test_script_is_told_that_a_page_belongs_to_somebody_else(client: Client) -> None:
    start(client)
    answer = client.post(
        "/phieu/A/",
        {f"r{'0' * 32}-current_step": "A", **FIRST},
        headers={"Idempotency-Key": KEY},
    )
    assert (answer.status_code, answer.headers["Location"]) == (409, "/phieu/A/")
    assert Response.objects.get().answers == {}


def test_sending_twice_under_one_key_gives_one_answer_and_one_receipt(client: Client) -> None:
    start(client)
    answer_all(client)
    name = f"r{Response.objects.get().pk.hex}-current_step"
    pages = []
    for _time in range(2):
        fields = {name: "_review", "move": "next"}
        answer = client.post(REVIEW, fields, headers={"Idempotency-Key": KEY})
        assert (answer.status_code, answer.headers["Location"]) == (204, "/bien-nhan/")
        pages.append(client.get("/bien-nhan/").context["receipt"])
    assert pages[0] == pages[1]
    assert SeparatedResponse.objects.count() == 1


def test_receipt_is_found_again_where_the_answer_with_the_new_session_was_lost(client: Client) -> None:
    start(client)
    answer_all(client)
    name = f"r{Response.objects.get().pk.hex}-current_step"
    before = client.cookies["sessionid"].value
    fields, headers = {name: "_review", "move": "next"}, {"Idempotency-Key": KEY}
    client.post(REVIEW, fields, headers=headers)
    receipt = client.get("/bien-nhan/").context["receipt"]

    client.cookies["sessionid"] = before
    answer = client.post(REVIEW, fields, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (204, "/bien-nhan/")
    assert client.get("/bien-nhan/").context["receipt"] == receipt
    assert client.cookies["sessionid"].value != before
    assert SeparatedResponse.objects.count() == 1


def test_receipt_is_shown_to_nobody_without_the_key(client: Client) -> None:
    start(client)
    answer_all(client)
    name = f"r{Response.objects.get().pk.hex}-current_step"
    fields = {name: "_review", "move": "next"}
    client.post(REVIEW, fields, headers={"Idempotency-Key": KEY})
    for headers in ({}, {"Idempotency-Key": OTHER_KEY}):
        stranger = Client()
        assert stranger.post(REVIEW, fields, headers=headers).headers["Location"] == "/tham-gia/?expired=1"
        assert stranger.get("/bien-nhan/").headers["Location"] == "/tham-gia/"


def test_key_stands_nowhere_beside_the_receipt(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    start(client)
    names: list[str] = []
    real = cache.set
    monkeypatch.setattr(cache, "set", lambda name, *rest: (names.append(name), real(name, *rest)))
    answer_all(client)
    send(client, "_review", {}, KEY)
    assert [name for name in names if name.startswith("receipt-sealed")]
    assert not any(KEY in name for name in names)
    assert KEY not in str(dict(client.session.items()))


def test_receipt_waits_sealed_and_for_a_quarter_of_an_hour(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(client)
    kept: list[Any] = []
    real = cache.set
    monkeypatch.setattr(cache, "set", lambda *values: (kept.append(values), real(*values)))
    answer_all(client)
    send(client, "_review", {}, KEY)
    number = client.session[session.RECEIPT]["number"]
    [(_name, sealed, seconds)] = [values for values in kept if values[0].startswith("receipt-sealed")]
    assert seconds == 15 * 60
    assert number.encode() not in bytes.fromhex(sealed)
    assert json.loads(open_text(KEY, sealed))["number"] == number
    with pytest.raises(ReceiptSealError):
        open_text(OTHER_KEY, sealed)


def test_reader_of_the_sessions_finds_neither_receipt_nor_case(client: Client) -> None:
    start(client)
    answer_all(client)
    assert session.ANSWERING in client.session
    assert [row.get_decoded() for row in Session.objects.all()] == [{}]
    send(client, "_review", {})
    number = client.session[session.RECEIPT]["number"]
    [row] = Session.objects.all()
    assert row.get_decoded() == {}
    assert number.encode() not in bytes.fromhex(row.session_data)
    assert row.session_key != client.cookies["sessionid"].value
    assert (row.expire_date.minute, row.expire_date.second) == (0, 0)


def test_seal_hides_long_texts_and_never_looks_the_same_twice() -> None:
    words = "Biên nhận " * 30
    first, second = seal_text(KEY, words), seal_text(KEY, words)
    assert first != second
    assert open_text(KEY, first) == open_text(KEY, second) == words
    changed = f"{first[:-1]}{'0' if first[-1] != '0' else '1'}"
    with pytest.raises(ReceiptSealError):
        open_text(KEY, changed)


def test_receipt_is_shown_for_minutes_only(client: Client) -> None:
    start(client)
    answer_all(client)
    send(client, "_review", {}, KEY)
    assert client.get("/bien-nhan/").status_code == 200
    assert client.session.get_expiry_age() == session.RECEIPT_SECONDS
    values = client.session
    values[session.RECEIPT] |= {session.SHOWN_SINCE: time.time() - session.RECEIPT_SECONDS - 1}
    values.save()
    assert client.get("/bien-nhan/").headers["Location"] == "/tham-gia/"
    assert session.RECEIPT not in client.session


@pytest.mark.parametrize("address", ["/tham-gia/", "/tham-gia/ABC/"])
def test_receipt_is_gone_once_somebody_opens_the_page_of_a_code(client: Client, address: str) -> None:
    start(client)
    answer_all(client)
    send(client, "_review", {})
    assert client.get("/bien-nhan/").status_code == 200
    client.get(address)
    assert session.RECEIPT not in client.session
    assert client.get(REVIEW).headers["Location"] == "/tham-gia/?expired=1"


def test_session_lasts_again_once_the_next_code_is_entered(client: Client) -> None:
    start(client)
    answer_all(client)
    send(client, "_review", {})
    [case] = make_cases(make_village(SurveyRound.objects.get(), "Thôn 3"))
    client.post(reverse("questionnaires:enter_code"), {"code": issue_codes(cases=[case])[case.pk]})
    assert session.ANSWERING in client.session
    assert client.session.get_expiry_age() > session.IDLE_SECONDS


def test_token_of_an_old_page_gives_the_kind_page_and_changes_nothing() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/phieu/A/", FIRST, headers={"Idempotency-Key": KEY})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert '<main id="main"' in page
    assert "Location" not in answer.headers


def test_form_has_one_script_of_the_site_and_one_short_policy(client: Client) -> None:
    start(client)
    page = client.get("/phieu/A/")
    assert page.content.decode().count("<script") == 1
    assert "<script defer src=" in page.content.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert policy.startswith("default-src 'none'; base-uri 'none';")
    assert not any(word in policy for word in ("unsafe", "nonce", "http", "*"))


@pytest.mark.parametrize("address", ["/tam-dung/", "/bien-nhan/"])
def test_pages_at_the_end_clear_the_telephone(client: Client, address: str) -> None:
    start(client)
    answer_all(client)
    if address == "/bien-nhan/":
        send(client, "_review", {})
    assert " data-clear></script>" in client.get(address).content.decode()
