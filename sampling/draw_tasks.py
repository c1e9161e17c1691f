"""Steps of a draw that take long: a worker checks, commits and draws, and tells how far it is."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.tasks import task

from sampling.models import Draw
from sampling.services import DrawCheck, abandon_draw, carry_out_draw, check_draw, commit_draw
from sampling.services.audit import User

KEEP_SECONDS = 86_400


@task(backend="worker")
def take_draw_step(draw_id: int, step: str, user_id: int, values: dict[str, str]) -> str:
    """Check, commit or carry out a draw; the page of the draw tells how far it is."""
    draw = Draw.objects.select_related("round__template").get(pk=draw_id)
    user = get_user_model().objects.get(pk=user_id)
    try:
        STEPS[step](draw, user, values)
    finally:
        cache.delete(progress_key(draw_id))
    return draw.status


def _check(draw: Draw, user: User, _values: Mapping[str, str]) -> None:
    """Check a draw and keep the report for its page."""
    cache.set(check_key(draw.pk), check_draw(draw=draw, user=user), KEEP_SECONDS)


def _commit(draw: Draw, user: User, values: Mapping[str, str]) -> None:
    """Commit a draw."""
    commit_draw(
        draw=draw,
        public_source=values["public_source"],
        public_source_url=values["public_source_url"],
        public_value_due=datetime.date.fromisoformat(values["public_value_due"]),
        user=user,
    )


def _carry_out(draw: Draw, user: User, values: Mapping[str, str]) -> None:
    """Draw with the public value."""

    def tell(stage: str, done: int, total: int) -> None:
        cache.set(progress_key(draw.pk), (stage, done, total), KEEP_SECONDS)

    carry_out_draw(draw=draw, public_value=values["public_value"], user=user, progress=tell)


def _abandon(draw: Draw, user: User, values: Mapping[str, str]) -> None:
    """Give a draw up; keeping a long list as evidence takes its time."""
    abandon_draw(draw=draw, reason=values["reason"], user=user)


STEPS: Mapping[str, Callable[[Draw, User, Mapping[str, Any]], None]] = {
    "check": _check,
    "commit": _commit,
    "carry_out": _carry_out,
    "abandon": _abandon,
}
"""What a worker does with a draw."""


def kept_check(draw: Draw) -> DrawCheck | None:
    """Return the last report about a draw, if it is still kept."""
    report: DrawCheck | None = cache.get(check_key(draw.pk))
    return report


def draw_progress(draw: Draw) -> tuple[str, int, int] | None:
    """Return how far a worker is with a draw."""
    told: tuple[str, int, int] | None = cache.get(progress_key(draw.pk))
    return told


def check_key(draw_id: int) -> str:
    """Return where the report about a draw is kept."""
    return f"sampling.draw-check:{draw_id}"


def progress_key(draw_id: int) -> str:
    """Return where the progress of a draw is kept."""
    return f"sampling.draw-progress:{draw_id}"
