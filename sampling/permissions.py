"""Who may: rules that hold for everybody, superusers included, and a limit by state."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractUser
from django.db import models
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from sampling.models import (
    AdministrativeUnit,
    Draw,
    FrameUnit,
    Objection,
    Sample,
    SamplingFrame,
    SamplingTemplate,
    SurveyRound,
)
from sampling.models.rounds import RoundStatus
from sampling.models.territories import province_of, runs_round, sees_round

CHANGING_ACTIONS = frozenset({"add", "change", "delete"})


class ReadOnlyPermissionPolicy(ModelPermissionPolicy):
    """Lets people with the view permission look; changes come from services only."""

    def user_has_permission(self, user: AbstractUser, action: str) -> bool:
        """Refuse every change, whoever asks."""
        return action not in CHANGING_ACTIONS and bool(super().user_has_permission(user, action))

    def users_with_any_permission(self, actions: Iterable[str]) -> models.QuerySet:
        """Return the users who may do one of the actions that are not changes."""
        users: models.QuerySet = super().users_with_any_permission(set(actions) - CHANGING_ACTIONS)
        return users


class RoundPermissionPolicy(ModelPermissionPolicy):
    """Lets a round be edited or deleted only while it is in preparation, by those whose round it is."""

    def user_has_permission_for_instance(
        self, user: AbstractUser, action: str, instance: SurveyRound
    ) -> bool:
        """Refuse changes of a round that was opened, and deletion once it is drawn or committed."""
        is_limited = action in CHANGING_ACTIONS and instance.pk is not None
        is_kept = action == "delete" and _is_public(instance)
        is_allowed = _is_changeable(user, instance) if is_limited else sees_round(user, instance)
        return (
            is_allowed
            and not is_kept
            and bool(super().user_has_permission_for_instance(user, action, instance))
        )


def _is_changeable(user: AbstractUser, survey_round: SurveyRound) -> bool:
    """Tell whether a round is in preparation and the person's own."""
    return survey_round.status == RoundStatus.PREPARING and runs_round(user, survey_round)


def _is_public(survey_round: SurveyRound) -> bool:
    """Tell whether something of a round was drawn or publicly committed, which stays."""
    commitments = Draw.objects.filter(round=survey_round).exclude(commitment_digest="")
    return hasattr(survey_round, "sample") or commitments.exists()


class ObjectionPermissionPolicy(ModelPermissionPolicy):
    """Lets people of the whole country make and withdraw entries; nobody edits a hash.

    Who works for one province could name its critics, so the list is closed to them.
    """

    def user_has_permission(self, user: AbstractUser, action: str) -> bool:
        """Refuse to change, and refuse people of a province."""
        is_open = action != "change" and province_of(user) is None
        return is_open and bool(super().user_has_permission(user, action))


READ_ONLY_MODELS = (AdministrativeUnit, FrameUnit, Sample, SamplingFrame, SamplingTemplate)


def register_policies() -> None:
    """Register one policy per model; called once, when the hooks are read."""
    for model in READ_ONLY_MODELS:
        register_permission_policy(model, ReadOnlyPermissionPolicy(model))
    register_permission_policy(Objection, ObjectionPermissionPolicy(Objection))
    register_permission_policy(SurveyRound, RoundPermissionPolicy(SurveyRound))
