"""What follows here from changes of rounds in the packages below."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.dispatch import receiver

from analysis.services import discard_working_snapshots
from sampling.models import SurveyRound
from sampling.signals import round_frozen


@receiver(round_frozen, dispatch_uid="analysis.discard_snapshots")
def discard_snapshots_of_frozen_round(
    *, round: SurveyRound, user: AbstractBaseUser | None, **_kwargs: Any
) -> None:
    """Delete what was taken while answers could be withdrawn; publications begin with a new snapshot."""
    discard_working_snapshots(round=round, user=user)
