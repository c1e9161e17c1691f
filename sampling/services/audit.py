"""The audit log: every change of state leaves an entry with who, what and when."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import models
from wagtail.log_actions import log

type User = AbstractBaseUser | None


def record(
    instance: models.Model, action: str, *, user: User = None, details: Mapping[str, Any] | None = None
) -> None:
    """Write an entry to the audit log; a command without a user leaves the user empty."""
    log(instance=instance, action=action, user=user, data=dict(details or {}))


def record_table(
    model: type[models.Model], action: str, *, user: User = None, details: Mapping[str, Any] | None = None
) -> None:
    """Write one entry for a whole table, when many of its rows changed at once."""
    record(ContentType.objects.get_for_model(model), action, user=user, details=details)
