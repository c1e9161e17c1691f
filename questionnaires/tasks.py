"""Slow work: printing letters and sending messages, outside the request."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.tasks import task
from django.utils.translation import override

from questionnaires.services import issue_letters
from questionnaires.services.messages import send_queued
from sampling.models import Sample, SurveyRound
from sampling.services.issuing import scope_of
from sampling.services.issuing.kept import keep_file, tell_progress


@task(backend="worker")
def write_letters(
    sample_id: int, scope: dict[str, int | None], form: dict[str, Any], user_id: int, job: dict[str, Any]
) -> str:
    """Issue codes, print their letters and let them wait for the person who asked; return the file's name."""
    sample = Sample.objects.select_related("round", "template").get(pk=sample_id)
    user = get_user_model().objects.get(pk=user_id)
    token = job["token"]
    with override(job["language"]), transaction.atomic():
        made = issue_letters(
            scope=scope_of(sample, **scope),
            only_missing=form["only_missing"],
            number=form["number"],
            user=user,
            progress=lambda done, total: tell_progress(token, done, total),
        )
        keep_file(token, made.content)
    return made.name


@task(backend="worker")
def send_messages(round_id: int, user_id: int, language: str) -> dict[str, int]:
    """Send what may leave now, and come back for the rest: a minute later, or in the morning.

    No worker waits meanwhile. Started twice, it sends nothing twice, and both keep to the one rate.
    """
    survey_round = SurveyRound.objects.select_related("template").get(pk=round_id)
    user = get_user_model().objects.filter(pk=user_id).first()
    with override(language):
        progress = send_queued(round=survey_round, user=user)
        progress.refuse_down()
    if progress.resume_at is not None:
        later = send_messages.using(run_after=progress.resume_at)
        later.enqueue(round_id=round_id, user_id=user_id, language=language)
    return dict(progress.counts)
