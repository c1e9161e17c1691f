"""Lists that a worker makes, and what became of those that somebody asked for."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.tasks import Task, task
from django.tasks.base import TaskResultStatus
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult

from sampling.models import Sample, SurveyRound
from sampling.services.issuing import ListFormat, Request, Split, make_respondent_lists, scope_of
from sampling.services.issuing.kept import is_kept, keep_file, progress_of, tell_progress
from sampling.task_results import failure_of

LATEST = 200
SHOWN = 10


@task(backend="worker")
def write_respondent_lists(
    sample_id: int, scope: dict[str, int | None], form: dict[str, str], user_id: int, job: dict[str, Any]
) -> str:
    """Make lists and let them wait for the person who asked; return the name of the file."""
    sample = Sample.objects.select_related("round", "template").get(pk=sample_id)
    user = get_user_model().objects.get(pk=user_id)
    token = job["token"]
    with override(job["language"]), transaction.atomic():
        request = Request(scope_of(sample, **scope), ListFormat(form["file_format"]), Split(form["split"]))
        made = make_respondent_lists(
            request=request, user=user, progress=lambda done, total: tell_progress(token, done, total)
        )
        keep_file(token, made.content)
    return made.name


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work that somebody asked for."""

    token: str
    label: str
    asked_at: datetime.datetime
    state: Promise
    name: str
    progress: tuple[int, int] | None
    reason: str

    @property
    def is_ready(self) -> bool:
        """Whether the file waits to be fetched."""
        return bool(self.name) and is_kept(self.token)


STATES: Mapping[str, Promise] = {
    TaskResultStatus.READY: _("waits for the worker"),
    TaskResultStatus.RUNNING: _("is being made"),
    TaskResultStatus.FAILED: _("failed"),
}
READY, GONE = _("ready"), _("fetched, or older than a day")


def jobs_of(work: Task[..., Any], user: AbstractBaseUser, survey_round: SurveyRound) -> list[Job]:
    """Return the latest files that a person asked for in a round, the newest first."""
    results = DBTaskResult.objects.filter(task_path=work.module_path).order_by("-enqueued_at")[:LATEST]
    own = {"user_id": user.pk, "round": survey_round.pk}
    jobs = [
        _job(result)
        for result in results
        if own.items() <= (_given(result) | {"round": _given(result)["job"]["round"]}).items()
    ]
    return jobs[:SHOWN]


def find_job(
    work: Task[..., Any], user: AbstractBaseUser, survey_round: SurveyRound, token: str
) -> Job | None:
    """Return a job of a person by its token; nobody else's is found."""
    return next((job for job in jobs_of(work, user, survey_round) if job.token == token), None)


def _given(result: DBTaskResult) -> dict[str, Any]:
    """Return what a piece of work was given."""
    given: dict[str, Any] = result.args_kwargs["kwargs"]
    return given


def _job(result: DBTaskResult) -> Job:
    """Tell what became of one piece of work."""
    job = _given(result)["job"]
    is_done = result.status == TaskResultStatus.SUCCESSFUL
    state = (READY if is_kept(job["token"]) else GONE) if is_done else STATES[result.status]
    return Job(
        token=job["token"],
        label=job["label"],
        asked_at=result.enqueued_at,
        state=state,
        name=str(result.return_value) if is_done else "",
        progress=progress_of(job["token"]) if result.status == TaskResultStatus.RUNNING else None,
        reason=failure_of(result).reason if result.status == TaskResultStatus.FAILED else "",
    )
