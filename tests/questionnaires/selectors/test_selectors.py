from typing import Any

import pytest

from questionnaires.models import Mode
from questionnaires.selectors import (
    attributes_of_cases,
    case_attributes,
    progress_by_province,
    progress_by_village,
    response_rows,
)
from questionnaires.services import Submission, start_response, submit_single
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish

pytestmark = pytest.mark.django_db


def test_sample_tells_where_a_respondent_lives() -> None:
    [case] = make_cases(make_village(make_round()), sex="female")
    known = case_attributes(case)
    assert (known["province"], known["commune"], known["village"]) == ("tỉnh Minh Họa", "Xã Mẫu", "Thôn 2")
    assert known["sex"] == "female"
    assert attributes_of_cases([case]) == {case.pk: known}


def test_progress_is_counted_in_one_query(django_assert_num_queries: Any) -> None:
    survey_round = make_round()
    publish(survey_round)
    village = make_village(survey_round)
    cases = make_cases(village, 4)
    make_cases(village, is_reserve=True)
    make_cases(make_village(survey_round, "Thôn 3"), 2)
    answers = Submission(case_id=cases[0].pk, answers={"SEX": 1}, mode=Mode.PAPER)
    submit_single(round=survey_round, submission=answers)
    start_response(case=cases[1], mode=Mode.WEB, language="vi")
    with django_assert_num_queries(1):
        [province] = progress_by_province(survey_round)
    assert (province.n_cases, province.n_submitted, province.n_drafts, province.n_pending) == (6, 1, 1, 4)
    with django_assert_num_queries(1):
        villages = progress_by_village(survey_round)
    assert [(row.name, row.n_cases, row.n_pending) for row in villages] == [
        ("Thôn 2", 4, 2),
        ("Thôn 3", 2, 2),
    ]


def test_drafts_are_no_rows_of_a_snapshot() -> None:
    survey_round = make_round()
    publish(survey_round)
    first, second = make_cases(make_village(survey_round), 2)
    start_response(case=first, mode=Mode.WEB, language="vi")
    submission = Submission(case_id=second.pk, answers={"SEX": 2}, mode=Mode.PAPER)
    submit_single(round=survey_round, submission=submission)
    [row] = response_rows(survey_round)
    assert row.case_id < 0
    assert (row.answers, row.mode) == ({"SEX": 2}, "paper")
