from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import ModelLogEntry

from questionnaires.models import Mode, SeparatedResponse
from questionnaires.services import (
    Submission,
    WithdrawalError,
    find_counted,
    issue_codes,
    submit_single,
    withdraw_by_receipt,
    withdraw_response,
)
from questionnaires.services.receipts import find_sent
from sampling.models import Case, Disposition
from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import has_forms, make_cases, make_round, make_user, make_village, publish

pytestmark = pytest.mark.django_db


def sent(mode: Mode = Mode.WEB) -> tuple[Case, str]:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    issue_codes(cases=[case])
    submission = Submission(case_id=case.pk, answers={"B1": 4, "B2": 5}, mode=mode)
    return case, submit_single(round=survey_round, submission=submission)


@pytest.mark.parametrize("write", [str, str.lower, lambda text: text.replace(" ", ""), lambda text: text[3:]])
def test_receipt_number_withdraws_however_it_is_written(write: Any) -> None:
    case, receipt = sent()
    withdraw_response(number=f" {write(receipt)} ")
    assert not has_forms()
    case.refresh_from_db()
    assert case.disposition == Disposition.REFUSAL
    assert case.access_codes.exists()


def test_case_number_withdraws_and_the_log_knows_no_receipt() -> None:
    case, receipt = sent(Mode.PAPER)
    staff = make_user("supervisor")
    withdraw_response(number=case.number, reason="telephone call", user=staff)
    assert not has_forms()
    entry = ModelLogEntry.objects.get(action="questionnaires.withdraw")
    assert entry.user == staff
    assert entry.data == {"case": case.number, "reason": "telephone call", "links": 1}
    assert receipt not in str(entry.data)


@pytest.mark.parametrize("mode", [Mode.INTERVIEW, Mode.PAPER])
def test_receipt_of_a_waiting_form_takes_what_waits_along(mode: Mode) -> None:
    case, receipt = sent(mode)
    withdraw_response(number=receipt, user=make_user("supervisor"))
    assert not has_forms()
    case.refresh_from_db()
    assert case.disposition == Disposition.REFUSAL
    assert ModelLogEntry.objects.get(action="questionnaires.withdraw").data["channel"] == "receipt"


def test_holder_of_a_receipt_withdraws_and_the_log_tells_of_nobody() -> None:
    case, receipt = sent()
    assert withdraw_by_receipt(number=receipt.lower()) == case.sample.round
    assert not has_forms()
    entry = ModelLogEntry.objects.get(action="questionnaires.withdraw")
    assert (entry.user, entry.object_id) == (None, str(case.sample.round.pk))
    assert entry.data == {"channel": "receipt"}


def test_number_of_a_letter_withdraws_nothing_without_staff() -> None:
    case, _receipt = sent()
    with pytest.raises(WithdrawalError):
        withdraw_by_receipt(number=case.number)
    with pytest.raises(WithdrawalError):
        withdraw_response(number=case.number)
    assert SeparatedResponse.objects.exists()


def test_second_of_two_who_withdraw_at_once_leaves_the_new_answers_alone(monkeypatch: Any) -> None:
    case, receipt = sent()
    stale = find_sent(receipt)
    withdraw_by_receipt(number=receipt)
    submission = Submission(case_id=case.pk, answers={"B1": 1, "B2": 2}, mode=Mode.WEB)
    submit_single(round=case.sample.round, submission=submission)
    monkeypatch.setattr("questionnaires.services.withdrawal.find_sent", lambda _number: stale)
    with pytest.raises(WithdrawalError):
        withdraw_response(number=receipt)
    case.refresh_from_db()
    assert case.disposition != Disposition.REFUSAL
    assert SeparatedResponse.objects.get().answers == {"B1": 1, "B2": 2}


@pytest.mark.parametrize("number", ["", "BN", "BN 22222 22222", "bn", "ß" * 8, "🎉", "%", "' OR 1=1 --"])
def test_forged_receipt_finds_nothing(number: str) -> None:
    sent()
    assert find_counted(number) is None


def test_closed_round_still_lets_a_form_be_withdrawn() -> None:
    case, receipt = sent()
    type(case.sample.round).objects.update(status=RoundStatus.CLOSED)
    assert withdraw_response(number=receipt) == case


def test_frozen_round_keeps_its_answers() -> None:
    case, receipt = sent()
    type(case.sample.round).objects.update(status=RoundStatus.FROZEN)
    with pytest.raises(WithdrawalError, match=r"sipas-2026"):
        withdraw_response(number=receipt)
    case.refresh_from_db()
    assert case.has_answered
    assert SeparatedResponse.objects.exists()


@pytest.mark.parametrize("number", ["BN 22222 22222", "", "nobody"])
def test_unknown_number_is_refused(number: str) -> None:
    sent()
    with pytest.raises(WithdrawalError, match=number or "–"):
        withdraw_response(number=number)
    assert SeparatedResponse.objects.count() == 1


def test_command_withdraws_or_says_why_not() -> None:
    _case, receipt = sent()
    output = StringIO()
    call_command("withdraw_response", receipt, stdout=output)
    assert "sipas-2026" in output.getvalue()
    assert receipt not in output.getvalue()
    with pytest.raises(CommandError):
        call_command("withdraw_response", receipt)
