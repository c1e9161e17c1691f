"""Slow work: a snapshot, and its publication, outside the request."""

from django.contrib.auth import get_user_model
from django.tasks import task

from analysis.models import CriteriaSet, IndexMethod
from analysis.services import publish_release, take_snapshot
from sampling.models import SurveyRound


@task(backend="worker")
def snapshot_and_publish(
    round_id: int,
    method_id: int,
    criteria_set_id: int,
    code: str,
    single_psu: str,
    user_id: int,
    unit_of_analysis: str = "",
) -> str:
    """Take a snapshot of a frozen round and publish it; return the code of the release."""
    user = get_user_model().objects.get(pk=user_id)
    snapshot = take_snapshot(round=SurveyRound.objects.get(pk=round_id), user=user)
    release = publish_release(
        snapshot=snapshot,
        method=IndexMethod.objects.get(pk=method_id),
        criteria_set=CriteriaSet.objects.get(pk=criteria_set_id),
        code=code,
        single_psu=single_psu,
        unit_of_analysis=unit_of_analysis,
        user=user,
    )
    return release.code


@task(backend="worker")
def take_working_snapshot(round_id: int, user_id: int) -> str:
    """Take a snapshot of a closed round for working figures; return the name of the file."""
    user = get_user_model().objects.get(pk=user_id)
    return take_snapshot(round=SurveyRound.objects.get(pk=round_id), user=user).file_name
