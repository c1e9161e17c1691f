"""Slow work: drawing a sample and checking a long list, outside the request."""

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.tasks import task
from django.utils.translation import gettext as _

from sampling.models import Draw, FrameImport, SurveyRound
from sampling.services import RegisterError, check_import, draw_sample
from sampling.services.bundles import write_bundle


@task(backend="worker")
def draw_from_kept_registers(round_id: int, seed: str, key: str, user_id: int) -> str:
    """Draw from registers that were checked and kept under a key; return the fingerprint of the list."""
    registers = cache.get(key)
    if registers is None:
        raise RegisterError(_("The checked registers are no longer kept. Please choose them again."))
    sample = draw_sample(
        round=SurveyRound.objects.select_related("template").get(pk=round_id),
        seed=seed,
        registers=registers,
        user=get_user_model().objects.get(pk=user_id),
    )
    cache.delete(key)
    return sample.fingerprint


@task(backend="worker")
def prepare_bundle(draw_id: int, user_id: int) -> str:
    """Pack the bundle of a long list, so that an auditor need not wait for it; return its name."""
    draw = Draw.objects.select_related("round", "frame").get(pk=draw_id)
    return write_bundle(draw=draw, user=get_user_model().objects.filter(pk=user_id).first()).name


@task(backend="worker")
def check_frame_import(import_id: int, user_id: int) -> str:
    """Read and check the files of an import; return the state that came of it."""
    frame_import = FrameImport.objects.select_related("round__territory").get(pk=import_id)
    user = get_user_model().objects.get(pk=user_id)
    return check_import(frame_import=frame_import, user=user).status
