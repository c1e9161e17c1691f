"""Who sends, begins, approves, recounts and freezes at the same moment: the later one waits."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction

from questionnaires.models import Mode, Response, SeparatedResponse
from questionnaires.services import (
    Submission,
    approve_responses,
    follow_recount,
    save_draft,
    separation,
    start_response,
    submissions,
    submit_single,
)
from sampling.models import Case, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services import freeze_round
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish

pytestmark = [
    pytest.mark.usefixtures("rows_of_migrations"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.connections,
]
ANSWERS = {"SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": 3}
LONGEST_S, WAITING_S = 20, 1


class Held:
    """A step of a first person, held open while a second person begins."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, step: str, *, nth: int = 1) -> None:
        self.reached, self.go_on, self.left = threading.Event(), threading.Event(), nth
        real: Callable[..., Any] = getattr(owner, step)

        def held(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                self.reached.set()
                assert self.go_on.wait(LONGEST_S)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, step, held)

    def between(self, first: Callable[[], Any], second: Callable[[], Any]) -> None:
        """Let the second begin while the first is held, and the first end after that."""
        one = in_background(first)
        assert self.reached.wait(LONGEST_S)
        other = in_background(second)
        other.join(WAITING_S)
        self.go_on.set()
        for person in (one, other):
            person.join(LONGEST_S)
            assert not person.is_alive()


def in_background(step: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            step()
        finally:
            close_old_connections()
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def asked() -> tuple[SurveyRound, Case]:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    return survey_round, Case.objects.select_related("sample__round").get(pk=case.pk)


def send(case: Case) -> str:
    form = Submission(case_id=case.pk, answers=ANSWERS, mode=Mode.PAPER)
    return submit_single(round=case.sample.round, submission=form)


def test_form_sent_while_its_round_is_frozen_keeps_no_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    survey_round, case = asked()

    def freeze() -> None:
        SurveyRound.objects.filter(pk=survey_round.pk).update(status=RoundStatus.CLOSED)
        freeze_round(round=SurveyRound.objects.get(pk=survey_round.pk))

    Held(monkeypatch, submissions, "_log_batch").between(lambda: send(case), freeze)
    form = SeparatedResponse.objects.get()
    assert (form.case_link, form.sealed_case) == (None, "")
    assert not Response.objects.exists()


def test_recount_during_an_approval_reaches_form_and_case(monkeypatch: pytest.MonkeyPatch) -> None:
    survey_round, case = asked()
    send(case)

    def recount() -> None:
        with transaction.atomic():
            pool = Case.objects.filter(village=case.village_id)
            assert len(pool.select_for_update()) == 1
            pool.update(inclusion_probability=0.125, design_weight=8)
            follow_recount(cases=pool, probability=0.125, weight=8)

    held = Held(monkeypatch, separation, "_check_approvals", nth=2)
    held.between(lambda: approve_responses(round=survey_round, cases=[case.pk]), recount)
    assert (Case.objects.get().design_weight, SeparatedResponse.objects.get().design_weight) == (8, 8)


def test_draft_saved_on_one_device_outlives_a_beginning_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    _round, case = asked()
    begun = start_response(case=case, mode=Mode.WEB, language="vi", code_digest="d")
    Held(monkeypatch, Response, "clean_fields").between(
        lambda: start_response(case=case, mode=Mode.WEB, language="vi", code_digest="d"),
        lambda: save_draft(response=begun, answers={"SEX": 1}, passed_section="A"),
    )
    assert Response.objects.get().answers == {"SEX": 1}
