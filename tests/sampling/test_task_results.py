from typing import Any

import pytest
from django.tasks.base import TaskResultStatus
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sampling.models.rounds import RoundStatus
from sampling.task_results import last_failure
from sampling.tasks import draw_from_kept_registers
from tests.sampling.makers import make_round

pytestmark = pytest.mark.django_db

TRACEBACK = """Traceback (most recent call last):
  File "tasks.py", line 20, in draw
    raise RegisterError(text)
sampling.services.registers.RegisterError: Register of village 7: expected at least one adult, got none.
Correct the register.
"""


def make_result(status: str, **given: Any) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status=status,
        task_path=draw_from_kept_registers.module_path,
        args_kwargs={"args": [], "kwargs": given},
        backend_name="worker",
        run_after=timezone.now(),
        finished_at=timezone.now(),
        traceback=TRACEBACK,
    )


def test_failure_is_told_in_the_words_of_the_error() -> None:
    make_result(TaskResultStatus.FAILED, round_id=1, seed="s")
    failure = last_failure(draw_from_kept_registers, round_id=1)
    assert failure is not None
    assert failure.reason == (
        "Register of village 7: expected at least one adult, got none.\nCorrect the register."
    )
    assert last_failure(draw_from_kept_registers, round_id=2) is None


@pytest.mark.parametrize(
    "later", [TaskResultStatus.SUCCESSFUL, TaskResultStatus.READY, TaskResultStatus.RUNNING]
)
def test_failure_is_forgotten_once_it_is_tried_again(later: str) -> None:
    make_result(TaskResultStatus.FAILED, round_id=1)
    make_result(later, round_id=1)
    assert last_failure(draw_from_kept_registers, round_id=1) is None


def test_failed_draw_shows_on_the_page_of_its_round(admin_client: Any) -> None:
    survey_round = make_round()
    address = reverse("surveyround:inspect", args=[survey_round.pk])
    assert "got none" not in admin_client.get(address).content.decode()
    make_result(TaskResultStatus.FAILED, round_id=survey_round.pk)
    assert survey_round.status == RoundStatus.PREPARING
    assert "expected at least one adult, got none" in admin_client.get(address).content.decode()
