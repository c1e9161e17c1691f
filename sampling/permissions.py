"""Who may: rules that hold for everybody, superusers included, and a limit by state."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractUser
from django.db import models
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from sampling.models import (
    AdministrativeUnit,
    FrameUnit,
    Sample,
    SamplingFrame,
    SamplingTemplate,
    SurveyRound,
)
from sampling.models.rounds import RoundStatus

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
    """Lets a round be edited or deleted only while it is in preparation."""

    def user_has_permission_for_instance(
        self, user: AbstractUser, action: str, instance: SurveyRound
    ) -> bool:
        """Refuse changes of a round that was opened, and deletion once a sample is drawn."""
        is_open_to_change = {
            "change": instance.status == RoundStatus.PREPARING,
            "delete": instance.status == RoundStatus.PREPARING and not hasattr(instance, "sample"),
        }.get(action, True)
        return is_open_to_change and bool(super().user_has_permission_for_instance(user, action, instance))


READ_ONLY_MODELS = (AdministrativeUnit, FrameUnit, Sample, SamplingFrame, SamplingTemplate)


def register_policies() -> None:
    """Register one policy per model; called once, when the hooks are read."""
    for model in READ_ONLY_MODELS:
        register_permission_policy(model, ReadOnlyPermissionPolicy(model))
    register_permission_policy(SurveyRound, RoundPermissionPolicy(SurveyRound))
