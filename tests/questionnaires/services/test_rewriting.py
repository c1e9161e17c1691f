"""Answers written anew in a random order: no content changes, and no row tells which others belong to it."""

import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Func, Model, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from questionnaires.models import Mode, OpenResponse, Response, SeparatedResponse, SpentToken
from questionnaires.services import (
    Submission,
    find_counted,
    rewrite_answers,
    rewrite_open_answers,
    submit_single,
    withdraw_by_receipt,
)
from sampling.models import Case, Disposition, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services import freeze_round
from tests.questionnaires.open_rounds import make_open_round, make_sent
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish

pytestmark = pytest.mark.django_db

ANSWERS = {"SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": 3}


def send(count: int = 4, mode: Mode = Mode.WEB) -> tuple[SurveyRound, list[str]]:
    survey_round = make_round()
    publish(survey_round)
    cases = make_cases(make_village(survey_round), count, sex="female", age_group="25-34")
    submissions = [Submission(case_id=case.pk, answers=ANSWERS, mode=mode) for case in cases]
    return survey_round, [submit_single(round=survey_round, submission=each) for each in submissions]


def content(model: type[Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


def order_tells_nothing(model: type[Model]) -> bool:
    """Whether rows stand in the order of their keys; PostgreSQL also fills gaps that other rows left."""
    if connection.vendor == "postgresql":
        return len(transactions(model)) == 1
    rows = model._default_manager.order_by(Func(template="rowid"))
    keys = list(rows.values_list("pk", flat=True))
    return keys == sorted(keys)


def transactions(model: type[Model]) -> set[str]:
    """Numbers of the transactions that wrote the rows; one where a database shows none."""
    if connection.vendor != "postgresql":
        return {""}
    rows = model._default_manager.annotate(transaction_number=Cast(Func(template="xmin"), TextField()))
    return set(rows.values_list("transaction_number", flat=True))


def test_rewritten_answers_are_the_same_in_the_order_of_their_identifiers() -> None:
    survey_round, [receipt, *_others] = send()
    before = content(SeparatedResponse), content(Case)
    rewrite_answers(round=survey_round)
    assert (content(SeparatedResponse), content(Case)) == before
    assert order_tells_nothing(SeparatedResponse)
    assert transactions(SeparatedResponse) == transactions(Case)
    assert len(transactions(Case)) == 1
    assert find_counted(receipt) is not None
    withdraw_by_receipt(number=receipt)
    rewrite_answers(round=survey_round)
    assert SeparatedResponse.objects.count() == 3
    assert Case.objects.filter(disposition=Disposition.REFUSAL).count() == 1


def test_rewritten_forms_that_wait_keep_their_links() -> None:
    survey_round, _receipts = send(mode=Mode.PAPER)
    before = content(SeparatedResponse), content(Response)
    assert all(form["case_link"] for form in before[0])
    rewrite_answers(round=survey_round)
    assert (content(SeparatedResponse), content(Response)) == before
    assert order_tells_nothing(SeparatedResponse)
    assert transactions(SeparatedResponse) == transactions(Response) == transactions(Case)


def test_freezing_writes_answers_anew() -> None:
    survey_round, _receipts = send()
    SurveyRound.objects.update(status=RoundStatus.CLOSED)
    survey_round.refresh_from_db()
    before = {row["id"]: row["answers"] for row in content(SeparatedResponse)}
    freeze_round(round=survey_round)
    assert {row["id"]: row["answers"] for row in content(SeparatedResponse)} == before
    assert order_tells_nothing(SeparatedResponse)


def spend(open_round: Any, *hashes: str) -> None:
    for each in hashes:
        SpentToken.objects.create(round=open_round, token_hash=each, dossier_hash=f"dossier {each}")


def test_open_forms_keep_their_days_and_used_tokens_get_new_numbers() -> None:
    open_round = make_open_round(needs_token=False)
    for _form in range(3):
        make_sent(open_round)
    spend(open_round, "c", "a", "b")
    long_ago = timezone.localdate() - datetime.timedelta(days=5)
    OpenResponse.objects.update(started_on=long_ago)
    SpentToken.objects.filter(token_hash="a").update(spent_on=long_ago)
    before = content(OpenResponse)
    days = dict(SpentToken.objects.values_list("token_hash", "spent_on"))
    rewrite_open_answers(round=open_round)
    assert content(OpenResponse) == before
    rows = SpentToken.objects.order_by("pk")
    assert list(rows.values_list("token_hash", "dossier_hash")) == [
        (each, f"dossier {each}") for each in ("a", "b", "c")
    ]
    assert dict(rows.values_list("token_hash", "spent_on")) == days


def test_command_writes_open_rounds_and_with_all_also_ended_ones() -> None:
    survey_round, _receipts = send(2)
    open_round = make_open_round()
    spend(open_round, "b", "a")
    SurveyRound.objects.filter(pk=survey_round.pk).update(status=RoundStatus.FROZEN)
    SeparatedResponse.objects.update(sealed_case="")
    before = content(SeparatedResponse)
    call_command("separate_answers", stdout=StringIO())
    assert list(SpentToken.objects.order_by("pk").values_list("token_hash", flat=True)) == ["a", "b"]
    call_command("separate_answers", "--all", stdout=StringIO())
    assert content(SeparatedResponse) == before
    assert order_tells_nothing(SeparatedResponse)
