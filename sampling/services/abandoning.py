"""Giving a draw up, in public: what it drew is kept, and a list that can be known needs a second person.

Whoever sees a list, or can work it out, could give draw after draw up until one is to their taste. So the
evidence stays, every attempt is counted on the public page, and the person who carried the draw out (or, once
the public value exists, who committed it) cannot give it up alone.
"""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from sampling.models import Draw, SamplingFrame
from sampling.models.draws import DrawStatus
from sampling.selectors.frames import stage_codes
from sampling.services.audit import User, record
from sampling.services.bundles import keep_bundle
from sampling.services.draws import DrawRefusedError, living_draws
from sampling.services.draws.states import OPEN_STATUSES, move
from sampling.services.draws.undoing import undo_stage
from sampling.services.territories import require_territory

ABANDONABLE = (*OPEN_STATUSES, DrawStatus.COMMITTED, DrawStatus.DRAWN)
"""States in which a draw may still be given up; after that its list is in use."""

LONGEST_REASON = 500
WHO_KNOWS: Mapping[str, str] = {
    DrawStatus.COMMITTED: "sampling.commit_draw",
    DrawStatus.DRAWN: "sampling.carry_out_draw",
}
"""The step whose taker cannot give the draw up alone, by the state that the step led to."""


@transaction.atomic
def abandon_draw(*, draw: Draw, reason: str, user: User = None) -> Draw:
    """Give up a draw that was not issued; it stays public with its reason, and what it drew is taken back."""
    require_territory(user, draw.round)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise DrawRefusedError(
            _("Expected a reason of at most %(longest)s characters.") % {"longest": LONGEST_REASON}
        )
    draw.refresh_from_db()
    refuse_alone(draw, user)
    _refuse_later_stages(draw)
    before = draw.status
    if before == DrawStatus.DRAWN:
        keep_bundle(draw)
    move(
        draw,
        (DrawStatus(before),) if before in ABANDONABLE else ABANDONABLE,
        DrawStatus.ABANDONED,
        abandoned_at=timezone.now(),
        abandoned_reason=reason,
        frame=None,
    )
    undo_stage(draw)
    details = {"stage": draw.stage, "from": before, "reason": reason, "list_sha256": draw.fingerprint}
    record(draw, "sampling.abandon_draw", user=user, details=details)
    return draw


def refuse_alone(draw: Draw, user: User) -> None:
    """Refuse to let one person give up a draw whose list that person could know."""
    if user is None or not _could_be_known(draw):
        return
    steps = ModelLogEntry.objects.for_instance(draw).filter(action=WHO_KNOWS[draw.status])
    if steps.filter(user=user.pk).exists():
        raise DrawRefusedError(
            _(
                "You took the last step of this draw, and its list can be known. "
                "Somebody else who commits draws must abandon it."
            )
        )


def _could_be_known(draw: Draw) -> bool:
    """Tell whether the list exists, or the value from which it follows."""
    due = draw.public_value_due
    has_value = due is not None and timezone.localdate() >= due
    return draw.status == DrawStatus.DRAWN or (draw.status == DrawStatus.COMMITTED and has_value)


def _refuse_later_stages(draw: Draw) -> None:
    """Refuse to take back what later stages stand on."""
    codes = stage_codes(draw.round)
    later = codes[codes.index(draw.stage) + 1 :] if draw.stage in codes else ()
    standing = [code for code in later if code in living_draws(draw.round)]
    if standing:
        raise DrawRefusedError(
            _("Abandon the draw of the stage “%(stage)s” first; it stands on this one.")
            % {"stage": SamplingFrame.Stage(standing[-1]).label}
        )
