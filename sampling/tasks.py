"""Slow work: drawing a sample, outside the request."""

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.tasks import task
from django.utils.translation import gettext as _

from sampling.models import SurveyRound
from sampling.services import RegisterError, draw_sample


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
