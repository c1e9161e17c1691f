"""Open rounds: made, changed, opened and closed; whoever stands at a counter may answer."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus, ResponseStatus
from questionnaires.permissions import runs_open_round
from sampling.services.territories import TerritoryError, territory_for

CODE_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 6
KEPT_ONCE_OPEN = ("code", "version", "version_id", "needs_token", "territory", "territory_id")
"""What stays as it is once a round was opened: posters are printed and answers are there."""


class OpenRoundStateError(ValueError):
    """Raised when a step does not follow from the state of an open round."""


@transaction.atomic
def create_open_round(*, user: AbstractBaseUser | None = None, **values: Any) -> OpenRound:
    """Create an open round in preparation; without a code it gets a short random one."""
    territory = values.pop("territory", None)
    open_round = OpenRound(
        **({"code": new_code()} | {name: value for name, value in values.items() if value is not None}),
        territory_id=territory_for(user, territory.pk if territory else None),
        created_by_id=user.pk if user else None,
        status=OpenRoundStatus.PREPARING,
    )
    open_round.full_clean()
    open_round.save()
    log(instance=open_round, action="questionnaires.create_open_round", user=user)
    return open_round


@transaction.atomic
def change_open_round(
    *, round: OpenRound, values: Mapping[str, Any], user: AbstractBaseUser | None = None
) -> OpenRound:
    """Change texts and dates; once a round was opened, its address, version and territory stay."""
    open_round = _locked(round, user)
    changed = {name: value for name, value in values.items() if getattr(open_round, name) != value}
    kept = [name for name in KEPT_ONCE_OPEN if name in changed]
    if open_round.status != OpenRoundStatus.PREPARING and kept:
        raise OpenRoundStateError(
            _("Open round %(round)s was opened: address, version, tokens and territory stay as they are.")
            % {"round": open_round.code}
        )
    for name, value in changed.items():
        setattr(open_round, name, value)
    open_round.territory_id = territory_for(user, open_round.territory_id)
    open_round.full_clean()
    open_round.save()
    log(
        instance=open_round,
        action="questionnaires.change_open_round",
        user=user,
        data={"fields": sorted(changed)},
    )
    return open_round


@transaction.atomic
def start_open_round(*, round: OpenRound, user: AbstractBaseUser | None = None) -> OpenRound:
    """Open a round in preparation: its link takes answers between its dates."""
    open_round = _locked(round, user)
    _require(open_round, OpenRoundStatus.PREPARING)
    if open_round.closes_at <= timezone.now():
        raise OpenRoundStateError(_("The round closes before now. Enter a later day, then open it."))
    return _move(open_round, OpenRoundStatus.OPEN, "questionnaires.start_open_round", user)


@transaction.atomic
def close_open_round(*, round: OpenRound, user: AbstractBaseUser | None = None) -> OpenRound:
    """Close an open round for good; forms that were begun and not sent are deleted."""
    open_round = _locked(round, user)
    _require(open_round, OpenRoundStatus.OPEN)
    OpenResponse.objects.filter(round=open_round, status=ResponseStatus.DRAFT).delete()
    return _move(open_round, OpenRoundStatus.CLOSED, "questionnaires.close_open_round", user)


def new_code() -> str:
    """Return a short code for an address that is free, from signs that are not confused."""
    while True:
        code = "".join(secrets.choice(CODE_SIGNS) for _position in range(CODE_LENGTH))
        if not OpenRound.objects.filter(code=code).exists():
            return code


def require_own_open_round(user: AbstractBaseUser | None, open_round: OpenRound) -> None:
    """Refuse a person of a province whose open round this is not."""
    if not runs_open_round(user, open_round):
        raise TerritoryError(
            _("Open round %(round)s is run by others. You may change the rounds of your own province only.")
            % {"round": open_round.code}
        )


def _locked(open_round: OpenRound, user: AbstractBaseUser | None) -> OpenRound:
    """Return the row, locked, of a round that is the person's own."""
    require_own_open_round(user, open_round)
    return OpenRound.objects.select_for_update(of=("self",)).get(pk=open_round.pk)


def _require(open_round: OpenRound, status: OpenRoundStatus) -> None:
    """Raise unless a round is in a state."""
    if open_round.status != status:
        raise OpenRoundStateError(
            _("Open round %(round)s is “%(status)s”; expected “%(expected)s”.")
            % {
                "round": open_round.code,
                "status": open_round.get_status_display(),
                "expected": status.label,
            }
        )


def _move(
    open_round: OpenRound, status: OpenRoundStatus, action: str, user: AbstractBaseUser | None
) -> OpenRound:
    """Write the new state and its entry in the audit log."""
    open_round.status = status
    open_round.save(update_fields=["status"])
    log(instance=open_round, action=action, user=user)
    return open_round
