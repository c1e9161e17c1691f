"""Who works where."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import Assignment
from sampling.models import SampledUnit
from sampling.services.territories import require_place


@transaction.atomic
def assign_village(
    *, village: SampledUnit, enumerator: AbstractBaseUser, user: AbstractBaseUser | None = None
) -> Assignment:
    """Give a drawn village to an enumerator, taking it from whoever had it."""
    require_place(user, village.sample.round, {village.province_id})
    if village.stage != SampledUnit.Stage.VILLAGE:
        raise ValidationError(
            _("Expected a village, got a unit of stage “%(stage)s”. Choose one of its villages.")
            % {"stage": village.get_stage_display()}
        )
    assignment = Assignment.objects.filter(village=village).first() or Assignment(village=village)
    assignment.enumerator_id = enumerator.pk
    assignment.full_clean()
    assignment.save()
    log(
        instance=assignment,
        action="questionnaires.assign_village",
        user=user,
        data={"village": village.pk, "enumerator": enumerator.pk},
    )
    return assignment
