"""The public page of verification: what was promised before each draw, and what came of it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, ListView

from sampling.models import Draw, SurveyRound
from sampling.proof import verify_draw
from sampling.sealing import SealError, secret_of, seed_of
from sampling.selectors.territories import runs_round
from sampling.selectors.verification import (
    draw_facts,
    published_draws,
    published_rounds,
    unproved_rounds,
)
from sampling.services.bundles import (
    BundleRefusedError,
    bundle_path,
    has_bundle,
    is_public,
    keeps_seals,
    write_bundle,
)
from sampling.tasks import prepare_bundle

AUDIT_DRAW = "sampling.audit_draw"
PACKING_SECONDS = 1_800
LARGEST_AT_ONCE = 100_000
"""Frames of more units are packed by a worker; the page says so meanwhile."""


class RoundsView(ListView):
    """Lists the rounds with a commitment."""

    template_name = "sampling/verification.html"
    context_object_name = "rounds"

    def get_queryset(self) -> Any:
        """Return the rounds, newest first."""
        return published_rounds()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rounds that cannot be verified, so that nobody looks for them in vain."""
        return super().get_context_data(**kwargs) | {"unproved": unproved_rounds()}


class RoundView(DetailView):
    """Shows every commitment of a round, also of abandoned draws, and what may be known by now."""

    template_name = "sampling/verification_round.html"
    context_object_name = "survey_round"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> Any:
        """Look among the rounds with a commitment."""
        return published_rounds()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the draws."""
        is_auditor = may_audit(self.request, self.object)
        facts = [
            draw_facts(
                draw,
                may_redraw=(is_public(draw) or is_auditor) and not keeps_seals(draw),
                has_bundle=has_bundle(draw),
                open_secret=partial(_opened, secret_of),
                open_seed=partial(_opened, seed_of),
            )
            for draw in published_draws(self.object).select_related("round")
        ]
        is_demo = self.object.is_demo or any(each.is_demo for each in facts)
        return super().get_context_data(**kwargs) | {"draws": facts, "is_demo_round": is_demo}


def _opened(what: Callable[[Draw], str], draw: Draw) -> str:
    """Return secret or seed of a draw; nothing if the key is not the one of its commitment."""
    try:
        return what(draw)
    except SealError:
        return ""


def may_audit(request: HttpRequest, survey_round: SurveyRound) -> bool:
    """Tell whether a person is an auditor of this round: of the country, or of the province that runs it."""
    user = cast("AbstractBaseUser", request.user)
    return request.user.has_perm(AUDIT_DRAW) and runs_round(user, survey_round)


@require_safe
def download_script(_request: HttpRequest) -> FileResponse:
    """Send the script that verifies a bundle."""
    return FileResponse(Path(verify_draw.__file__).open("rb"), as_attachment=True, filename="verify_draw.py")


@require_safe
def download_commitment(_request: HttpRequest, code: str, pk: int) -> JsonResponse:
    """Send a commitment as it was published."""
    draw = _published(code, pk)
    return JsonResponse(draw.commitment, json_dumps_params={"ensure_ascii": False, "indent": 2})


@require_safe
def download_bundle(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """Send the bundle of a draw: of places to everybody once it is closed, of persons to auditors only."""
    draw = _published(code, pk)
    if keeps_seals(draw) or not (is_public(draw) or may_audit(request, draw.round)):
        raise PermissionDenied
    if not has_bundle(draw):
        raise Http404
    if not bundle_path(draw).exists() and _is_long(draw):
        return _prepare(request, draw)
    user = cast("AbstractBaseUser", request.user) if request.user.is_authenticated else None
    try:
        path = write_bundle(draw=draw, user=user)
    except BundleRefusedError as error:
        messages.error(request, str(error))
        return redirect("sampling:verification_round", code=draw.round.code)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{draw.round.code}-{draw.stage}.zip")


def _is_long(draw: Draw) -> bool:
    """Tell whether packing the frame takes longer than a person waits."""
    return draw.frame is not None and draw.frame.n_units > LARGEST_AT_ONCE


def _prepare(request: HttpRequest, draw: Draw) -> HttpResponse:
    """Let a worker pack the bundle, once however often somebody asks."""
    if cache.add(f"sampling.bundle:{draw.pk}:{draw.fingerprint}", 1, PACKING_SECONDS):
        prepare_bundle.enqueue(draw_id=draw.pk, user_id=int(request.user.pk or 0))
    messages.info(
        request, _("The bundle is being packed. A long list takes some minutes; please come back then.")
    )
    return redirect("sampling:verification_round", code=draw.round.code)


def _published(code: str, pk: int) -> Draw:
    """Return a draw whose commitment is public."""
    draws = published_draws(get_object_or_404(SurveyRound, code=code))
    return get_object_or_404(draws.select_related("round", "frame"), pk=pk)
