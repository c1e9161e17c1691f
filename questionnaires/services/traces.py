"""Traces of citizens in the audit log: what they did on their own device, by the day, never by the hour."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model
from django.utils import timezone
from wagtail.log_actions import log


def start_of_day(day: datetime.date | None = None) -> datetime.datetime:
    """Return the first moment of a day (default: today), which is all that is kept of a citizen's time."""
    return timezone.make_aware(datetime.datetime.combine(day or timezone.localdate(), datetime.time()))


def leave_trace(
    instance: Model, action: str, *, user: AbstractBaseUser | None, data: Mapping[str, Any]
) -> None:
    """Write an audit entry: staff leave name and hour, a citizen the day alone."""
    moment = timezone.now() if user else start_of_day()
    log(instance=instance, action=action, user=user, data=dict(data), timestamp=moment)
