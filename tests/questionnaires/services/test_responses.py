import datetime
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import ModelLogEntry

from questionnaires.models import Mode, Response, ResponseStatus, SeparatedResponse
from questionnaires.selectors import RoundWithoutQuestionnaireError, response_rows
from questionnaires.services import (
    AnswersRefusedError,
    CaseNotAskedError,
    DuplicateSubmissionError,
    RoundNotOpenError,
    Submission,
    decline_case,
    note_assistance,
    save_draft,
    start_response,
    submit_response,
    submit_responses,
    submit_single,
)
from sampling.models import Case, Disposition, SurveyRound
from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import DAY, make_cases, make_round, make_village, publish

pytestmark = pytest.mark.django_db

ANSWERS = {"SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": 3, "C1": 2, "AGE": 40}


def setup(n_cases: int = 1) -> tuple[SurveyRound, list[Case]]:
    survey_round = make_round()
    publish(survey_round)
    return survey_round, make_cases(make_village(survey_round), n_cases)


def submission(case: Case, **changes: Any) -> Submission:
    return Submission(**({"case_id": case.pk, "answers": ANSWERS, "mode": Mode.WEB} | changes))


def test_batch_counts_what_was_taken_sent_before_and_refused() -> None:
    survey_round, cases = setup(4)
    first = submit_responses(round=survey_round, submissions=[submission(case) for case in cases[:2]])
    assert (first.created, first.duplicates, first.refused) == (2, 0, [])
    second = submit_responses(
        round=survey_round,
        submissions=[
            submission(cases[1], answers={}),
            submission(cases[2]),
            submission(cases[2]),
            submission(cases[3], answers={"AGE": 5}),
        ],
    )
    assert (second.created, second.duplicates) == (1, 2)
    [refusal] = second.refused
    assert (refusal.case_id, refusal.reason) == (cases[3].pk, "answers")
    assert [error.code for error in refusal.errors] == ["too_small"]
    assert SeparatedResponse.objects.count() == 3
    assert not Response.objects.exists()


def test_sending_twice_changes_nothing() -> None:
    survey_round, [case] = setup()
    submit_responses(round=survey_round, submissions=[submission(case)])
    before = SeparatedResponse.objects.values().get()
    submit_responses(round=survey_round, submissions=[submission(case, answers={"SEX": 2})])
    assert SeparatedResponse.objects.values().get() == before
    with pytest.raises(DuplicateSubmissionError):
        submit_single(round=survey_round, submission=submission(case))


def test_answers_off_the_path_are_not_kept() -> None:
    survey_round, [case] = setup()
    submit_responses(round=survey_round, submissions=[submission(case)])
    assert "C1" not in SeparatedResponse.objects.get().answers


def test_outcome_depends_on_the_share_of_ratings_answered() -> None:
    survey_round, cases = setup(3)
    partial = {"SEX": 1, "B1": 4}
    submit_responses(
        round=survey_round,
        submissions=[
            submission(cases[0]),
            submission(cases[1], answers=partial),
            submission(cases[2], answers={"B1": "na", "B2": "na"}),
        ],
    )
    outcomes = list(Case.objects.order_by("pk").values_list("disposition", flat=True))
    assert outcomes == [Disposition.COMPLETE, Disposition.PARTIAL, Disposition.COMPLETE]


def test_date_is_kept_and_the_hour_is_not() -> None:
    survey_round, [case] = setup()
    start_response(case=case, mode=Mode.WEB, language="vi")
    day = timezone.localdate() - DAY
    assert timezone.localtime(Response.objects.get().started_at).time() == datetime.time()
    submit_responses(round=survey_round, submissions=[submission(case, submitted_on=day)])
    assert SeparatedResponse.objects.get().submitted_on == day


@pytest.mark.parametrize(
    "changes",
    [
        {"status": RoundStatus.CLOSED},
        {"status": RoundStatus.PREPARING},
        {"opens_at": timezone.now() + DAY, "closes_at": timezone.now() + 2 * DAY},
        {"opens_at": timezone.now() - 2 * DAY, "closes_at": timezone.now() - DAY},
    ],
)
def test_round_that_is_not_open_takes_nothing(changes: dict[str, Any]) -> None:
    survey_round, [case] = setup()
    SurveyRound.objects.update(**changes)
    survey_round.refresh_from_db()
    with pytest.raises(RoundNotOpenError, match="sipas-2026"):
        submit_responses(round=survey_round, submissions=[submission(case)])
    case.sample.round.refresh_from_db()
    with pytest.raises(RoundNotOpenError):
        start_response(case=Case.objects.get(), mode=Mode.WEB, language="vi")
    assert not Response.objects.exists()


def test_round_closed_between_beginning_and_end_takes_nothing_and_keeps_the_draft() -> None:
    survey_round, [case] = setup()
    start_response(case=case, mode=Mode.WEB, language="vi")
    n_handled: list[int] = []

    def close(handled: int) -> None:
        n_handled.append(handled)
        SurveyRound.objects.update(status=RoundStatus.CLOSED)

    with pytest.raises(RoundNotOpenError, match="sipas-2026"):
        submit_responses(round=survey_round, submissions=[submission(case)], progress=close)
    assert n_handled == [1]
    assert Response.objects.get(case=case).status == ResponseStatus.DRAFT
    assert not SeparatedResponse.objects.exists()
    case.refresh_from_db()
    assert not case.has_answered


def test_moment_stands_for_now() -> None:
    survey_round, [case] = setup()
    with pytest.raises(RoundNotOpenError):
        submit_responses(round=survey_round, submissions=[submission(case)], moment=timezone.now() + 30 * DAY)
    submit_responses(round=survey_round, submissions=[submission(case)], moment=timezone.now() - DAY / 2)
    assert SeparatedResponse.objects.get().submitted_on == timezone.localdate(timezone.now() - DAY / 2)


def test_round_without_questionnaire_cannot_be_answered() -> None:
    survey_round = make_round()
    [case] = make_cases(make_village(survey_round))
    with override("en"), pytest.raises(RoundWithoutQuestionnaireError, match="no published questionnaire"):
        submit_responses(round=survey_round, submissions=[submission(case)])
    with pytest.raises(RoundWithoutQuestionnaireError):
        start_response(case=case, mode=Mode.WEB, language="vi")


def test_sealed_reserve_and_stranger_are_refused() -> None:
    survey_round, [case] = setup()
    [reserve] = make_cases(case.village, is_reserve=True)
    strangers = [submission(reserve), Submission(case_id=0, answers={}, mode=Mode.WEB)]
    result = submit_responses(round=survey_round, submissions=strangers)
    assert [refusal.reason for refusal in result.refused] == ["case", "case"]
    with pytest.raises(CaseNotAskedError):
        start_response(case=reserve, mode=Mode.WEB, language="vi")
    with pytest.raises(CaseNotAskedError):
        submit_single(round=survey_round, submission=submission(reserve))


def test_draft_becomes_the_response() -> None:
    _round, [case] = setup()
    draft = start_response(
        case=case, mode=Mode.WEB, language="en", consent_version="2", consent_statements=["use"]
    )
    save_draft(response=draft, answers=ANSWERS, passed_section="A")
    note_assistance(response=draft, helper="family", pressure="none")
    assert submit_response(response=draft).startswith("BN ")
    sent = SeparatedResponse.objects.get()
    assert sent.pk != draft.pk
    assert (sent.language, sent.consent_version, sent.consent_statements) == ("en", "2", ["use"])
    assert (sent.helper, sent.pressure) == ("family", "none")
    assert not Response.objects.exists()
    with pytest.raises(DuplicateSubmissionError):
        save_draft(response=draft, answers={})
    with pytest.raises(DuplicateSubmissionError):
        start_response(case=case, mode=Mode.WEB, language="vi")


def test_wrong_answers_are_named_and_the_draft_stays() -> None:
    _round, [case] = setup()
    draft = start_response(case=case, mode=Mode.WEB, language="vi")
    save_draft(response=draft, answers={"AGE": 5, "SEX": 9})
    with pytest.raises(AnswersRefusedError) as refused:
        submit_response(response=draft)
    assert {error.question for error in refused.value.errors} == {"AGE", "SEX"}
    assert Response.objects.get().status == ResponseStatus.DRAFT


def test_batch_leaves_one_audit_entry_without_answers_or_cases() -> None:
    survey_round, cases = setup(3)
    submit_responses(round=survey_round, submissions=[submission(case) for case in cases])
    entry = ModelLogEntry.objects.get(action="questionnaires.submit")
    assert entry.data == {"n": 3, "created": 3, "duplicates": 0, "refused": 0}


def test_start_on_a_citizens_device_is_logged_without_the_case() -> None:
    _round, [case] = setup()
    start_response(case=case, mode=Mode.WEB, language="vi")
    entry = ModelLogEntry.objects.get(action="questionnaires.start")
    assert case.number not in str(entry.data)


def test_declining_does_not_undo_an_outcome() -> None:
    _round, [case] = setup()
    Case.objects.update(disposition=Disposition.NON_CONTACT)
    decline_case(case=case)
    case.refresh_from_db()
    assert case.disposition == Disposition.NON_CONTACT


def test_batch_needs_few_queries(django_assert_max_num_queries: Any) -> None:
    survey_round, cases = setup(300)
    submissions = [submission(case) for case in cases]
    seen: list[int] = []
    with django_assert_max_num_queries(40):
        submit_responses(round=survey_round, submissions=submissions, progress=seen.append)
    assert seen == [300]
    rows = list(response_rows(survey_round))
    assert len({row.case_id for row in rows}) == 300
    assert {case.pk for case in cases}.isdisjoint(row.case_id for row in rows)
    assert rows[0].mode == "web"
    assert len(set(SeparatedResponse.objects.values_list("receipt_hash", flat=True))) == 300
