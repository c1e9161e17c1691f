import datetime
from fractions import Fraction
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from questionnaires.models import Mode, Response, ResponseStatus, SeparatedResponse
from questionnaires.receipt_keys import ReceiptSealError, case_link, receipt_keys
from questionnaires.selectors import progress_by_village, response_rows, separated_design_rows
from questionnaires.services import (
    ApprovalError,
    DuplicateSubmissionError,
    Submission,
    WithdrawalError,
    approve_responses,
    find_counted,
    issue_codes,
    note_assistance,
    save_draft,
    separation,
    start_response,
    submit_response,
    submit_responses,
    submit_single,
    withdraw_by_receipt,
    withdraw_response,
)
from sampling.models import AdministrativeUnit, Case, Disposition, SurveyRound, TerritoryMember
from sampling.models.rounds import RoundStatus
from sampling.selectors import case_design_rows
from sampling.services import CaseError, freeze_round, record_disposition
from sampling.services.inclusion import recount
from tests.questionnaires.rounds import form_of, make_cases, make_round, make_user, make_village, publish

pytestmark = pytest.mark.django_db

ANSWERS = {"SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": 3}
RIGHT = "questionnaires.approve_response"
CLOCKLESS = (datetime.time(0), datetime.time(17))


def setup(count: int = 1, **changes: Any) -> tuple[SurveyRound, list[Case]]:
    survey_round = make_round(**changes)
    publish(survey_round)
    return survey_round, make_cases(make_village(survey_round), count, sex="female", age_group="25-34")


def send(case: Case, mode: Mode = Mode.WEB) -> str:
    submission = Submission(case_id=case.pk, answers=ANSWERS, mode=mode)
    return submit_single(round=case.sample.round, submission=submission)


def test_what_is_sent_alone_is_cut_at_once_and_keeps_what_the_estimate_needs() -> None:
    _round, [case] = setup()
    draft = start_response(case=case, mode=Mode.WEB, language="vi")
    send(case)
    assert not Response.objects.exists()
    form = SeparatedResponse.objects.get()
    assert form.pk != draft.pk
    assert form.pk.version == 4
    assert not {field.name for field in SeparatedResponse._meta.get_fields()} & {
        "case",
        "recorded_by",
        "number",
    }
    assert (form.village_id, form.sex, form.age_group) == (case.village_id, "female", "25-34")
    assert (form.inclusion_probability, form.design_weight) == (0.1, 20)
    assert (form.disposition, form.submitted_on) == (Disposition.COMPLETE, timezone.localdate())


def test_no_table_but_the_seal_leads_from_a_form_to_its_case() -> None:
    _round, [case, _other] = setup(2)
    number = send(case)
    form = SeparatedResponse.objects.get()
    sealed = form.sealed_case
    stored = [
        str(value)
        for model in apps.get_models()
        for row in model._default_manager.values_list()
        for value in row
    ]
    assert not any(number in value or number.replace(" ", "") in value for value in stored)
    assert sum(form.pk.hex in value.replace("-", "") for value in stored) == 1
    assert receipt_keys(number).open(sealed) == case.pk
    with pytest.raises(ReceiptSealError):
        receipt_keys("BN 22222 22222").open(sealed)


def test_key_of_the_installation_is_needed_to_find_a_form(settings: Any) -> None:
    _round, [case] = setup()
    number = send(case)
    assert find_counted(number)
    settings.RECEIPT_KEY = "another"
    assert find_counted(number) is None


def test_demonstration_derives_its_keys_fast_and_is_found_all_the_same(settings: Any) -> None:
    settings.RECEIPT_COST = 4
    _round, [case] = setup(is_demo=True)
    number = send(case)
    form = SeparatedResponse.objects.get()
    assert form.receipt_hash == receipt_keys(number, is_demo=True).lookup != receipt_keys(number).lookup
    assert find_counted(number)


@pytest.mark.parametrize("mode", [Mode.INTERVIEW, Mode.PAPER])
def test_approved_form_loses_its_link_and_its_identifier(mode: Mode) -> None:
    survey_round, [case, other] = setup(2)
    numbers = [send(case, mode), send(other, mode)]
    assert set(Response.objects.values_list("status", flat=True)) == {ResponseStatus.SUBMITTED}
    before = SeparatedResponse.objects.filter(case_link=case_link(case.pk)).values().get()
    user = make_user("giam-sat", RIGHT)
    assert approve_responses(round=survey_round, cases=[case.pk], user=user) == 1
    assert Response.objects.get().case == other
    form = SeparatedResponse.objects.filter(case_link=None).values().get()
    assert form == before | {"id": form["id"], "case_link": None}
    assert (form["id"] != before["id"], form["mode"], form["answers"]) == (True, mode, ANSWERS)
    assert form["helper"] == ("enumerator" if mode == Mode.INTERVIEW else "")
    assert form_of(other)
    assert all(find_counted(number) for number in numbers)
    entry = ModelLogEntry.objects.get(action="questionnaires.approve")
    assert (entry.user_id, entry.data) == (user.pk, {"n": 1, "villages": 1, "links": 1})


@pytest.mark.parametrize("mode", [Mode.INTERVIEW, Mode.PAPER])
def test_without_the_key_a_waiting_form_shares_with_its_case_what_all_of_a_village_may_share(
    mode: Mode,
) -> None:
    _round, cases = setup(2)
    for case in cases:
        send(case, mode)
    first, second = SeparatedResponse.objects.values()
    own = {name for name in first if first[name] != second[name]}
    assert own == {"id", "receipt_hash", "sealed_case", "case_link"}
    stored = [
        str(value).replace("-", "")
        for model in apps.get_models()
        if model is not SeparatedResponse
        for row in model._default_manager.values_list()
        for value in row
    ]
    kept = [str(form[name]).replace("-", "") for form in (first, second) for name in own]
    assert not [value for value in stored if any(part in value for part in kept)]


def test_case_keeps_of_a_sent_interview_only_that_it_waits() -> None:
    _round, [case] = setup()
    user = make_user("dtv-014")
    draft = start_response(
        case=case,
        mode=Mode.INTERVIEW,
        language="en",
        user=user,
        consent_version="1",
        consent_statements=["use"],
    )
    save_draft(response=draft, answers=ANSWERS, passed_section="A")
    note_assistance(response=draft, helper="family", pressure="felt")
    submit_response(response=draft, user=user)
    form = form_of(case)
    assert (form.answers, form.language, form.consent_statements) == (ANSWERS, "en", ["use"])
    assert (form.helper, form.pressure, form.consent_version) == ("family", "felt", "1")
    waiting = Response.objects.values().get()
    told = {"answers": {}, "language": "vi", "consent_statements": [], "passed_sections": []}
    told |= dict.fromkeys(("helper", "pressure", "consent_version"), "")
    assert {name: waiting[name] for name in told} == told
    assert (waiting["recorded_by_id"], waiting["submitted_on"]) == (user.pk, timezone.localdate())


def test_database_refuses_answers_beside_a_case_that_has_sent_them() -> None:
    _round, [case] = setup()
    send(case, Mode.PAPER)
    with pytest.raises(IntegrityError):
        Response.objects.update(answers=ANSWERS)


def test_links_open_only_with_the_key_they_were_made_with(settings: Any) -> None:
    survey_round, [case] = setup()
    send(case, Mode.PAPER)
    settings.RECEIPT_KEY = "another"
    with translation.override("en"), pytest.raises(ApprovalError, match="SURVEY_RECEIPT_KEY"):
        approve_responses(round=survey_round, cases=[case.pk])
    with translation.override("en"), pytest.raises(WithdrawalError, match="SURVEY_RECEIPT_KEY"):
        withdraw_response(number=case.number)
    assert (Response.objects.count(), SeparatedResponse.objects.count()) == (1, 1)
    freeze(survey_round)
    assert SeparatedResponse.objects.get().case_link is None


def test_approving_needs_the_right_and_the_province() -> None:
    survey_round, [case] = setup()
    send(case, Mode.PAPER)
    with pytest.raises(PermissionDenied):
        approve_responses(round=survey_round, cases=[case.pk], user=make_user("nobody"))
    stranger = make_user("elsewhere", RIGHT)
    elsewhere = AdministrativeUnit.objects.create(
        level="province", code="01", name="Nơi khác", unit_type="tỉnh", sort_key="noi khac"
    )
    TerritoryMember.objects.create(user=stranger, province=elsewhere)
    with pytest.raises(PermissionDenied):
        approve_responses(round=survey_round, cases=[case.pk], user=stranger)
    own = make_user("own", RIGHT)
    TerritoryMember.objects.create(user=own, province=case.village.province)
    assert approve_responses(round=survey_round, cases=[case.pk], user=own) == 1


def test_drafts_and_other_rounds_are_not_approved() -> None:
    survey_round, [case, drafted] = setup(2)
    send(case, Mode.PAPER)
    start_response(case=drafted, mode=Mode.INTERVIEW, language="vi")
    other = make_round("other")
    assert approve_responses(round=other, cases=[case.pk]) == 0
    assert approve_responses(round=survey_round, cases=[drafted.pk]) == 0
    assert approve_responses(round=survey_round, cases=[case.pk, drafted.pk]) == 1
    assert Response.objects.get().case == drafted


def freeze(survey_round: SurveyRound) -> None:
    SurveyRound.objects.filter(pk=survey_round.pk).update(status=RoundStatus.CLOSED)
    freeze_round(round=survey_round)


def test_freezing_cuts_the_rest_and_loses_the_way_back() -> None:
    survey_round, [alone, asked, drafted] = setup(3)
    numbers = [send(alone), send(asked, Mode.INTERVIEW)]
    linked = form_of(asked)
    draft = start_response(case=drafted, mode=Mode.WEB, language="vi")
    save_draft(response=draft, answers={"SEX": 2})
    now, days = timezone.now(), datetime.timedelta(days=1)
    SurveyRound.objects.update(opens_at=now - 9 * days, closes_at=now - 3 * days)
    survey_round.refresh_from_db()
    last = timezone.localdate(survey_round.closes_at)
    freeze(survey_round)
    assert not Response.objects.exists()
    kept = SeparatedResponse.objects.values_list("sealed_case", "case_link", "submitted_on")
    assert list(kept) == [("", None, last)] * 2
    assert not SeparatedResponse.objects.filter(pk=linked.pk).exists()
    for number in numbers:
        counted = find_counted(number)
        assert counted
        assert (counted.is_frozen, counted.received_on) == (True, last)
        with pytest.raises(WithdrawalError, match=survey_round.code):
            withdraw_response(number=number)
    assert ModelLogEntry.objects.get(action="questionnaires.separate").data == {
        "n": 1,
        "drafts": 1,
        "links": 1,
    }
    with translation.override("en"), pytest.raises(ApprovalError, match="no approvals"):
        approve_responses(round=survey_round, cases=[asked.pk])


def test_round_frozen_while_forms_are_approved_keeps_them(monkeypatch: Any) -> None:
    survey_round, [case] = setup()
    send(case, Mode.PAPER)
    linked, real = form_of(case), separation.approve_waiting

    def freeze(chosen: Any) -> int:
        SurveyRound.objects.update(status=RoundStatus.FROZEN)
        return real(chosen)

    monkeypatch.setattr(separation, "approve_waiting", freeze)
    with translation.override("en"), pytest.raises(ApprovalError, match="no approvals"):
        approve_responses(round=survey_round, cases=[case.pk])
    assert Response.objects.submitted().filter(case=case).exists()
    assert form_of(case) == linked


def test_receipt_opens_the_seal_and_the_code_works_again() -> None:
    _round, [case] = setup()
    number = send(case)
    withdraw_by_receipt(number=number)
    assert not SeparatedResponse.objects.exists()
    case.refresh_from_db()
    assert case.disposition == Disposition.REFUSAL
    assert find_counted(number) is None
    assert find_counted(send(case))


def test_approved_interview_is_withdrawn_by_its_receipt_only() -> None:
    survey_round, [case] = setup()
    number = send(case, Mode.INTERVIEW)
    approve_responses(round=survey_round, cases=[case.pk])
    with pytest.raises(WithdrawalError):
        withdraw_response(number=case.number)
    with pytest.raises(WithdrawalError):
        withdraw_by_receipt(number=number)
    withdraw_response(number=number, reason="letter")
    entry = ModelLogEntry.objects.get(action="questionnaires.withdraw")
    assert entry.data == {"channel": "receipt", "reason": "letter"}
    assert not SeparatedResponse.objects.exists()


def test_case_that_answered_answers_no_second_time_and_takes_no_other_outcome() -> None:
    survey_round, [case] = setup()
    send(case)
    case.refresh_from_db()
    with pytest.raises(DuplicateSubmissionError):
        start_response(case=case, mode=Mode.INTERVIEW, language="vi")
    again = Submission(case_id=case.pk, answers={"SEX": 2}, mode=Mode.PAPER)
    assert submit_responses(round=survey_round, submissions=[again]).duplicates == 1
    with pytest.raises(CaseError):
        record_disposition(case=case, disposition=Disposition.REFUSAL)
    assert SeparatedResponse.objects.get().answers == ANSWERS


def test_progress_counts_forms_that_have_left_their_case() -> None:
    survey_round, cases = setup(4)
    send(cases[0])
    send(cases[1], Mode.PAPER)
    start_response(case=cases[2], mode=Mode.WEB, language="vi")
    [village] = progress_by_village(survey_round)
    assert (village.n_submitted, village.n_drafts, village.n_pending) == (2, 1, 1)


def test_separated_form_has_the_place_of_its_case_in_the_design() -> None:
    survey_round, [case] = setup()
    [before] = case_design_rows(survey_round.sample)
    send(case)
    [row] = separated_design_rows(survey_round.sample)
    [answer] = response_rows(survey_round)
    assert row.case_id == answer.case_id < 0
    own = {"case_id", "number", "disposition", "variance_psu"}
    for name in set(row._fields) - own:
        assert getattr(row, name) == getattr(before, name), name
    assert case.number not in str(row)


def test_weight_follows_when_a_pool_is_counted_again() -> None:
    _round, [case] = setup()
    elsewhere = make_cases(make_village(case.sample.round, "Thôn 9"))[0]
    send(case)
    send(elsewhere)
    pool = Case.objects.filter(village=case.village)
    recount(pool, n=2, population=10, above=Fraction(2))
    form = SeparatedResponse.objects.get(village=case.village)
    assert (form.inclusion_probability, form.design_weight) == (0.2, 2.5)
    assert SeparatedResponse.objects.get(village=elsewhere.village).design_weight == 20


def test_large_batch_is_cut_with_a_handful_of_statements(django_assert_max_num_queries: Any) -> None:
    survey_round, cases = setup(300)
    half = len(cases) // 2
    drafts = [(case, Mode.WEB) for case in cases[:half]] + [(case, Mode.PAPER) for case in cases[half:]]
    submissions = [Submission(case_id=case.pk, answers=ANSWERS, mode=mode) for case, mode in drafts]
    with django_assert_max_num_queries(30):
        submit_responses(round=survey_round, submissions=submissions)
    with django_assert_max_num_queries(20):
        assert approve_responses(round=survey_round, cases=[case.pk for case in cases]) == half
    assert SeparatedResponse.objects.count() == len(cases)


def moments(row: models.Model) -> list[tuple[str, datetime.datetime]]:
    return [
        (f"{row._meta.label}.{field.name}", value)
        for field in row._meta.concrete_fields
        if isinstance(value := getattr(row, field.attname), datetime.datetime)
    ]


def known_rows() -> set[tuple[str, Any]]:
    return {
        (model._meta.label, row.pk) for model in apps.get_models() for row in model._default_manager.all()
    }


def test_no_table_knows_the_hour_of_what_a_citizen_did(client: Client) -> None:
    _round, [case, other] = setup(2)
    codes = issue_codes(cases=[case, other])
    before = known_rows()
    client.post(reverse("questionnaires:enter_code"), {"code": codes[case.pk]})
    client.post(reverse("questionnaires:consent"), {"use": "on"})
    draft = Response.objects.get()
    assert timezone.localtime(draft.started_at).time() in CLOCKLESS
    number = send(case)
    client.post(reverse("questionnaires:withdraw"), {"number": number, "confirm": "1"})
    send(case)
    client.post(reverse("questionnaires:enter_code"), {"code": codes[other.pk]})
    client.post(reverse("questionnaires:consent"), {"decline": "1"})
    values = {"right": "know", "text": "?", "reply_to": "0900 000 000"}
    client.post(reverse("questionnaires:rights"), values)
    written = [
        moment
        for model in apps.get_models()
        if model is not Session
        for row in model._default_manager.all()
        if (model._meta.label, row.pk) not in before
        for moment in moments(row)
    ]
    assert {name for name, _moment in written} >= {
        "wagtailcore.ModelLogEntry.timestamp",
        "questionnaires.RightsRequest.received_at",
    }
    assert [
        (name, found) for name, found in written if timezone.localtime(found).time() not in CLOCKLESS
    ] == []
