"""Looks at names and addresses: whoever sees personal data is on record."""

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from sampling.models import Case, SampledUnit

OPEN_CASE, OPEN_VILLAGE = "questionnaires.open_case", "questionnaires.open_village"


def record_case_look(*, case: Case, user: AbstractBaseUser) -> None:
    """Put on record that somebody saw how to reach a respondent; every time counts."""
    log(instance=case, action=OPEN_CASE, user=user)


def record_village_look(*, village: SampledUnit, user: AbstractBaseUser) -> None:
    """Put on record that somebody saw the names of a village, once per person and day."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    seen_today = ModelLogEntry.objects.filter(
        action=OPEN_VILLAGE,
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(SampledUnit),
        object_id=str(village.pk),
        timestamp__gte=today,
    )
    if not seen_today.exists():
        log(instance=village, action=OPEN_VILLAGE, user=user)
