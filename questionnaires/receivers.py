"""What follows here from changes of rounds and cases in the package below."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.dispatch import receiver

from questionnaires.services import follow_recount, separate_round
from sampling.models import SurveyRound
from sampling.models.samples import CaseQuerySet
from sampling.signals import cases_recounted, round_frozen


@receiver(round_frozen, dispatch_uid="questionnaires.separate")
def separate_frozen_round(*, round: SurveyRound, user: AbstractBaseUser | None, **_kwargs: Any) -> None:
    """Cut the answers of a round that was frozen from their cases."""
    separate_round(round=round, user=user)


@receiver(cases_recounted, dispatch_uid="questionnaires.recount")
def follow_recounted_cases(*, cases: CaseQuerySet, probability: float, weight: float, **_kwargs: Any) -> None:
    """Give answers the weight of the pool they were cut from."""
    follow_recount(cases=cases, probability=probability, weight=weight)
