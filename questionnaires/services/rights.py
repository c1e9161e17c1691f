"""Requests about personal data (law 91/2025/QH15): taken from page, letter or call, answered in time."""

import datetime
import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import Right, RightsRequest
from questionnaires.permissions import ADD_RIGHTS_REQUEST, ANSWER_RIGHTS_REQUEST
from questionnaires.receipt_keys import SIGNS
from questionnaires.services.traces import leave_trace, start_of_day
from questionnaires.working_days import after_working_days
from sampling.models import SurveyRound
from sampling.selectors.territories import province_of

PREFIX, GROUP = "YC", 4
DAYS_TO_ANSWER = 2
"""Working days within which a request is answered."""
OFFICE_CLOSES = datetime.time(17)


class RightsRequestError(ValueError):
    """Raised when a request cannot be answered as asked."""


@transaction.atomic
def receive_rights_request(
    *,
    right: Right,
    channel: RightsRequest.Channel,
    text: str,
    reply_to: str = "",
    round: SurveyRound | None = None,
    received_on: datetime.date | None = None,
    user: AbstractBaseUser | None = None,
) -> RightsRequest:
    """Take a request and say until when it is answered; of one from the page, the day alone is kept."""
    if user is not None:
        _require(user, ADD_RIGHTS_REQUEST)
    today = timezone.localdate()
    day = received_on or today
    if day > today:
        raise RightsRequestError(_("Expected a day that is not in the future. Correct it."))
    request = RightsRequest(
        number=_new_number(),
        right=right,
        channel=channel,
        round=round,
        text=text.strip(),
        reply_to=reply_to.strip(),
        received_at=timezone.now() if user and day == today else start_of_day(day),
        due_at=due_moment(day),
    )
    request.full_clean()
    request.save(force_insert=True)
    details = {"right": str(right), "channel": str(channel)}
    leave_trace(request, "questionnaires.receive_rights_request", user=user, data=details)
    return request


@transaction.atomic
def answer_rights_request(
    *, request: RightsRequest, answer: str, is_final: bool = True, user: AbstractBaseUser
) -> RightsRequest:
    """Answer a request, or say what is being done; the last answer erases how the person is reached."""
    _require(user, ANSWER_RIGHTS_REQUEST)
    locked = RightsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.status == RightsRequest.Status.ANSWERED:
        raise RightsRequestError(
            _("Request %(number)s was answered before. Nothing was changed.") % {"number": locked.number}
        )
    if not answer.strip():
        raise RightsRequestError(_("Expected an answer, got none. Write what was done."))
    locked.answer = answer.strip()
    locked.status = RightsRequest.Status.ANSWERED if is_final else RightsRequest.Status.EXTENDED
    locked.handled_by_id = user.pk
    if is_final:
        locked.answered_at, locked.reply_to = timezone.now(), ""
    locked.full_clean()
    locked.save()
    details = {"status": locked.status, "is_late": timezone.now() > locked.due_at}
    log(instance=locked, action="questionnaires.answer_rights_request", user=user, data=details)
    return locked


def due_moment(day: datetime.date) -> datetime.datetime:
    """Return when a request that came on a day is to be answered: at the close of the last working day."""
    last = after_working_days(day, DAYS_TO_ANSWER, settings.PUBLIC_HOLIDAYS)
    return timezone.make_aware(datetime.datetime.combine(last, OFFICE_CLOSES))


def _require(user: AbstractBaseUser, right: str) -> None:
    """Refuse whoever lacks a right, or works for one province: requests come to the office of the country."""
    if not (isinstance(user, PermissionsMixin) and user.has_perm(right)) or province_of(user) is not None:
        raise PermissionDenied


def _new_number() -> str:
    """Return a random number that no request has."""
    while True:
        signs = "".join(secrets.choice(SIGNS) for _sign in range(2 * GROUP))
        number = f"{PREFIX} {signs[:GROUP]} {signs[GROUP:]}"
        if not RightsRequest.objects.filter(number=number).exists():
            return number
