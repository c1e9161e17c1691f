"""What became of slow work that a worker did or could not do."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.tasks import Task
from django.tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

LATEST = 50
"""How far back the history of a task is read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """When a piece of work failed, with what it was given, and the last line of its error."""

    failed_at: datetime.datetime | None
    given: Mapping[str, Any]
    reason: str


def last_failure(task: Task[..., Any], **given: Any) -> Failure | None:
    """Return the failure of a task with these arguments, unless a later attempt went well or is under way."""
    results = DBTaskResult.objects.filter(task_path=task.module_path).order_by("-enqueued_at")
    for result in results[:LATEST]:
        arguments = result.args_kwargs["kwargs"]
        if given.items() <= arguments.items():
            return failure_of(result) if result.status == TaskResultStatus.FAILED else None
    return None


def is_under_way(task: Task[..., Any], **given: Any) -> bool:
    """Tell whether a task with these arguments waits for a worker or is being done."""
    results = DBTaskResult.objects.filter(
        task_path=task.module_path, status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING)
    ).order_by("-enqueued_at")
    return any(given.items() <= result.args_kwargs["kwargs"].items() for result in results[:LATEST])


def failure_of(result: DBTaskResult) -> Failure:
    """Return what a person needs to know: the words of the error, not where in the code it was raised."""
    lines = result.traceback.strip().splitlines() or [result.exception_class_path]
    calls = [number for number, line in enumerate(lines) if line.startswith("  ")]
    name, separator, words = "\n".join(lines[calls[-1] + 1 if calls else 0 :]).partition(": ")
    return Failure(result.finished_at, result.args_kwargs["kwargs"], words if separator else name)
