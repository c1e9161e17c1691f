import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from questionnaires import receipt_keys
from questionnaires.models import Mode, Response, SeparatedResponse
from questionnaires.services import (
    Submission,
    WithdrawalError,
    issue_codes,
    open_responses,
    receipts,
    start_response,
    submit_single,
    withdraw_by_receipt,
)
from questionnaires.wizard import session
from sampling.models import Case, SurveyRound
from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import has_forms, make_cases, make_round, make_village, publish

pytestmark = pytest.mark.django_db

CHECK = "/bien-nhan/kiem-tra/"
WITHDRAW = "/bien-nhan/rut-lai/"
WORDS = "Nhân viên quầy số 3 đòi tiền"
FORGED = ["", "BN", "BN 22222 22222", "0" * 80, "\x00", "ß" * 8, "<script>alert(1)</script>", "' OR 1=1 --"]


def sent(mode: Mode = Mode.WEB, **changes: Any) -> tuple[Case, str]:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    submission = Submission(case_id=case.pk, answers={"B1": 4, "WORDS": WORDS}, mode=mode)
    receipt = submit_single(round=survey_round, submission=submission)
    if changes:
        SurveyRound.objects.filter(pk=survey_round.pk).update(**changes)
    return case, receipt


def check(client: Client, number: str, language: str = "") -> Any:
    return client.post(f"{language}{CHECK}", {"number": number}, follow=True)


def withdraw(client: Client, number: str, **buttons: str) -> Any:
    return client.post(WITHDRAW, {"number": number, **buttons}, follow=True)


@pytest.mark.parametrize("write", [str, str.lower, lambda text: text[3:].replace(" ", "-")])
def test_receipt_tells_day_and_round(client: Client, write: Any) -> None:
    _case, receipt = sent()
    page = check(client, write(receipt)).content.decode()
    assert receipt in page
    assert f"{timezone.localdate():%d/%m/%Y}" in page
    assert "SIPAS 2026" in page


@pytest.mark.parametrize("language", ["", "/en"])
def test_no_page_of_a_receipt_shows_answers_or_whose_they_are(client: Client, language: str) -> None:
    case, receipt = sent()
    pages = [check(client, receipt, language), withdraw(client, receipt)]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert WORDS not in text
        assert case.number not in text
        assert "Thôn 2" not in text


def test_receipt_number_never_stands_in_an_address_and_is_shown_once(client: Client) -> None:
    _case, receipt = sent()
    first = check(client, receipt)
    assert [address for address, _status in first.redirect_chain] == [CHECK]
    again = client.get(CHECK)
    assert receipt not in again.content.decode()
    asked = withdraw(client, receipt)
    assert [address for address, _status in asked.redirect_chain] == [WITHDRAW]
    assert client.get(WITHDRAW).headers["Location"] == CHECK
    for page in (first, again, asked):
        assert page.headers["Cache-Control"] == "no-store, private"
        assert "<script" not in page.content.decode()


@pytest.mark.parametrize("number", FORGED)
@pytest.mark.parametrize("address", [CHECK, WITHDRAW])
def test_forged_receipt_is_refused_kindly(client: Client, number: str, address: str) -> None:
    sent()
    page = client.post(address, {"number": number, "confirm": "1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "error-summary" in text
    assert 'href="#id_number"' in text
    assert "<script>" not in text
    assert SeparatedResponse.objects.count() == 1


def test_case_number_and_draft_are_no_receipts(client: Client) -> None:
    case, _receipt = sent()
    [other] = make_cases(case.village)
    draft = start_response(case=other, mode=Mode.WEB, language="vi")
    for number in (case.number, other.number, str(draft.pk), "None"):
        assert "error-summary" in check(client, number).content.decode()


def test_only_wrong_numbers_count_against_a_network(settings: Any) -> None:
    settings.RECEIPT_ATTEMPTS_PER_NETWORK = 3
    _case, receipt = sent()
    for _attempt in range(5):
        assert receipt in check(Client(), receipt).content.decode()
    for address in (CHECK, WITHDRAW, CHECK):
        assert Client().post(address, {"number": "BN 22222 22222"}).status_code == 200
    for address in (CHECK, WITHDRAW):
        blocked = Client().post(address, {"number": receipt, "confirm": "1"})
        assert blocked.status_code == 429
        assert int(blocked.headers["Retry-After"]) > 0
    assert has_forms()
    assert receipt in check(Client(REMOTE_ADDR="2001:db8::1"), receipt).content.decode()


def test_wrong_numbers_count_against_a_session_and_leave_codes_alone(client: Client, settings: Any) -> None:
    settings.RECEIPT_ATTEMPTS_PER_SESSION = settings.CODE_ATTEMPTS_PER_SESSION = 2
    for _attempt in range(3):
        last = check(client, "BN 22222 22222")
    assert last.status_code == 429
    assert client.post(reverse("questionnaires:enter_code"), {"code": "1"}).status_code == 200


def test_looks_for_receipts_are_limited_for_a_network_whatever_is_found(settings: Any) -> None:
    settings.RECEIPT_LOOKS_PER_NETWORK = 5
    _case, receipt = sent()
    for _time in range(2):
        assert receipt in check(Client(), receipt).content.decode()
    assert Client().post(CHECK, {"number": receipt}).status_code == 302
    blocked = Client().post(WITHDRAW, {"number": receipt, "confirm": "1"})
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) > 0
    assert has_forms()
    assert receipt in check(Client(REMOTE_ADDR="2001:db8::1"), receipt).content.decode()


@pytest.mark.parametrize("address", [CHECK, WITHDRAW])
def test_page_that_looks_again_counts_too(client: Client, settings: Any, address: str) -> None:
    settings.RECEIPT_LOOKS_PER_NETWORK = 1
    _case, receipt = sent()
    answer = client.post(address, {"number": receipt})
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).status_code == 429
    assert client.get(CHECK).status_code == 200


def test_receipt_is_derived_once_a_request(client: Client, monkeypatch: Any) -> None:
    _case, receipt = sent()
    derived: list[str] = []
    real = receipt_keys.keys_to_try
    for module in (receipts, open_responses):
        monkeypatch.setattr(module, "keys_to_try", lambda typed: (derived.append(typed), real(typed))[1])
    for number, is_kept in (("BN 22222 22222", True), (receipt, False)):
        derived.clear()
        client.post(WITHDRAW, {"number": number, "confirm": "1"})
        assert derived == [number]
        assert has_forms() == is_kept


def test_withdrawing_is_asked_first_and_done_on_the_second_button(client: Client) -> None:
    _case, receipt = sent()
    asked = withdraw(client, receipt).content.decode()
    assert 'name="confirm"' in asked
    assert has_forms()
    client.get(f"{WITHDRAW}?number={receipt}&confirm=1")
    assert has_forms()
    done = withdraw(client, receipt, confirm="1")
    assert done.status_code == 200
    assert receipt not in done.content.decode()
    assert not has_forms()
    assert client.get(WITHDRAW).headers["Location"] == CHECK
    assert "error-summary" in check(client, receipt).content.decode()


@pytest.mark.parametrize("limit", ["WITHDRAWALS_PER_NETWORK", "WITHDRAWALS_PER_SESSION"])
def test_withdrawals_of_a_network_and_of_a_session_are_limited(
    client: Client, settings: Any, limit: str
) -> None:
    first, receipt = sent()
    survey_round = first.sample.round
    others = [
        submit_single(round=survey_round, submission=Submission(case.pk, {"B1": 4}, mode=Mode.WEB))
        for case in make_cases(make_village(survey_round, "Thôn 2"), 2)
    ]
    receipts = [receipt, *others]
    setattr(settings, limit, 2)
    found = [client.post(WITHDRAW, {"number": each, "confirm": "1"}) for each in receipts]
    assert [answer.status_code for answer in found] == [302, 302, 429]
    assert int(found[-1].headers["Retry-After"]) > 0
    assert receipts[-1] in check(client, receipts[-1]).content.decode()
    stranger = Client(REMOTE_ADDR="2001:db8::1")
    assert stranger.post(WITHDRAW, {"number": receipts[-1], "confirm": "1"}).status_code == 302
    assert "error-summary" in check(stranger, receipts[-1]).content.decode()


@pytest.mark.parametrize("mode", [Mode.INTERVIEW, Mode.PAPER])
def test_receipt_that_staff_have_seen_withdraws_nothing(client: Client, mode: Mode) -> None:
    _case, receipt = sent(mode)
    assert WITHDRAW not in check(client, receipt).content.decode()
    assert "1900 0000" in withdraw(client, receipt, confirm="1").content.decode()
    assert has_forms()
    with pytest.raises(WithdrawalError):
        withdraw_by_receipt(number=receipt)


def test_doubled_press_withdraws_once(client: Client) -> None:
    _case, receipt = sent()
    withdraw(client, receipt, confirm="1")
    assert "error-summary" in withdraw(client, receipt, confirm="1").content.decode()
    assert ModelLogEntry.objects.filter(action="questionnaires.withdraw").count() == 1


def test_entry_in_the_log_tells_of_no_case_and_no_member_of_staff(admin_client: Client) -> None:
    case, receipt = sent()
    withdraw(admin_client, receipt, confirm="1")
    entry = ModelLogEntry.objects.get(action="questionnaires.withdraw")
    assert entry.user is None
    assert entry.data == {"channel": "receipt"}
    assert entry.object_id == str(case.sample.round.pk)


def test_withdrawn_answers_are_corrected_by_answering_again(client: Client) -> None:
    case, receipt = sent()
    withdraw(client, receipt, confirm="1")
    [code] = issue_codes(cases=[case]).values()
    client.post(reverse("questionnaires:enter_code"), {"code": code})
    client.post(reverse("questionnaires:consent"), {"use": "on"})
    assert Response.objects.get(case=case).answers == {}


@pytest.mark.parametrize("status", [RoundStatus.OPEN, RoundStatus.CLOSED])
def test_closed_round_warns_that_there_is_no_second_time(client: Client, status: RoundStatus) -> None:
    _case, receipt = sent(status=status)
    asked = withdraw(client, receipt).content.decode()
    assert ("notice--warn" in asked) == (status == RoundStatus.CLOSED)
    done = withdraw(client, receipt, confirm="1").content.decode()
    assert ("/tham-gia/" in done) == (status == RoundStatus.OPEN)
    assert not has_forms()


def test_frozen_round_refuses_kindly_and_names_whom_to_call(client: Client) -> None:
    _case, receipt = sent(status=RoundStatus.FROZEN)
    for page in (check(client, receipt), withdraw(client, receipt), withdraw(client, receipt, confirm="1")):
        text = page.content.decode()
        assert page.status_code == 200
        assert receipt in text
        assert "1900 0000" in text
        assert WITHDRAW not in text
    assert has_forms()


def test_round_frozen_while_somebody_was_asked_keeps_the_answers(client: Client, monkeypatch: Any) -> None:
    _case, receipt = sent(status=RoundStatus.FROZEN)
    monkeypatch.setattr("questionnaires.services.receipts.Counted.is_frozen", False)
    page = withdraw(client, receipt, confirm="1")
    assert page.redirect_chain[0][0] == CHECK
    assert has_forms()


def test_withdrawing_takes_the_receipt_off_this_device(client: Client) -> None:
    _case, receipt = sent()
    store = client.session
    facts = {"round": "SIPAS 2026", "day": "1", "village": "", "phone": "1900 0000"}
    store[session.RECEIPT] = {"number": receipt, **facts, session.SHOWN_SINCE: time.time()}
    store.save()
    page = client.get("/bien-nhan/").content.decode()
    assert "1900 0000" in page
    assert CHECK in page
    assert "/co-that-khong/" in page
    withdraw(client, receipt, confirm="1")
    assert client.get("/bien-nhan/").headers["Location"] == "/tham-gia/"


def test_page_changes_nothing_without_the_token_of_the_form() -> None:
    _case, receipt = sent()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(WITHDRAW, {"number": receipt, "confirm": "1"}).status_code == 403
    assert has_forms()


@pytest.mark.parametrize("language", ["", "/en"])
def test_page_of_the_code_leads_to_whoever_doubts(client: Client, language: str) -> None:
    assert f"{language}/co-that-khong/" in client.get(f"{language}/tham-gia/").content.decode()
    case, _receipt = sent()
    [other] = make_cases(case.village)
    [code] = issue_codes(cases=[other]).values()
    client.post(f"{language}/tham-gia/", {"code": code})
    assert f"{language}/co-that-khong/" in client.get(f"{language}/dong-y/").content.decode()
