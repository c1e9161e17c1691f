"""What a draw takes from the world: the moment, and a secret. A demonstration alone may make both up.

A demonstration plays a commitment and its public value within one minute, with the same figures each time.
Whoever makes up secret and value knows the list beforehand, so no real round takes either: the round must be
marked as a demonstration in the database, the installation must allow rehearsals, the source must say that
its value is made up, and the published commitment says that it is one of a demonstration.
"""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.design.commitments import new_secret
from sampling.models import Draw, SurveyRound
from sampling.services.draws.errors import DrawRefusedError

MADE_UP_SOURCE = "Giá trị minh họa, do hệ thống tự đặt (made up for a demonstration)"
"""The only public source of a made-up value; it stands in the commitment in both languages."""


@dataclass(frozen=True, slots=True)
class Illustration:
    """The secret and the moment that a demonstration makes up."""

    secret: str
    now: datetime.datetime


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Moment, day and secret of one step of a draw."""

    now: datetime.datetime
    today: datetime.date
    secret: str


def circumstances(draw: Draw, illustration: Illustration | None, public_source: str) -> Circumstances:
    """Return the present and a new secret; a demonstration may bring its own, any other draw is refused."""
    if illustration is None:
        now = timezone.now().replace(microsecond=0)
        return Circumstances(now=now, today=timezone.localdate(), secret=new_secret())
    _refuse_real(draw)
    if public_source != MADE_UP_SOURCE:
        raise DrawRefusedError(
            _("Expected the source of a made-up value to say so, “%(expected)s”, got “%(got)s”.")
            % {"expected": MADE_UP_SOURCE, "got": public_source}
        )
    return Circumstances(
        now=illustration.now, today=timezone.localdate(illustration.now), secret=illustration.secret
    )


def _refuse_real(draw: Draw) -> None:
    """Refuse to make anything up for a round that is no demonstration; the mark is read from the database."""
    is_demo = SurveyRound.objects.filter(pk=draw.round_id, is_demo=True).exists()
    if not (is_demo and settings.REHEARSALS_ALLOWED):
        raise DrawRefusedError(
            _(
                "Round %(round)s takes no made-up secret or day. Only a demonstration does, where rehearsals "
                "are allowed."
            )
            % {"round": draw.round.code}
        )
