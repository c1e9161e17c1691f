"""Separation: answers are cut from the case of whoever gave them.

What a respondent sends alone is cut as it is sent, what staff have taken down once it is approved, and all
that is left when the round is frozen. A cut answer carries a fresh random identifier and a copy of what the
estimate needs. The case keeps its outcome, which is all that tells from then on that it has answered.

A database may remember which rows were written together, and in which order. So rows are written anew, in the
order of what is random in them: when a round is frozen, and every night.
"""

import datetime
import itertools
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import (
    Mode,
    OpenResponse,
    OpenRound,
    OpenRoundStatus,
    Response,
    ResponseStatus,
    SeparatedResponse,
    SpentToken,
)
from questionnaires.models.responses import ResponseQuerySet
from questionnaires.permissions import APPROVE_RESPONSES
from sampling.models import Case, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.models.samples import RESPONDENT_DISPOSITIONS, CaseQuerySet
from sampling.services.territories import require_place

CHUNK = 2_000
OF_SHEET = (
    "version_id",
    "mode",
    "language",
    "answers",
    "consent_version",
    "consent_statements",
    "helper",
    "pressure",
    "submitted_on",
    "receipt_hash",
    "sealed_case",
)
OF_CASE = (
    "sample_id",
    "village_id",
    "disposition",
    "stratum",
    "multiplicity",
    "inclusion_probability",
    "design_weight",
    "is_reserve",
    "sex",
    "age_group",
)


class ApprovalError(ValueError):
    """Raised when forms cannot be approved in the state their round is in."""


@transaction.atomic
def approve_responses(
    *, round: SurveyRound, cases: Collection[int], user: AbstractBaseUser | None = None
) -> int:
    """Approve forms that staff have taken down, by their cases, and cut them; return how many there were."""
    if user is not None and not (isinstance(user, PermissionsMixin) and user.has_perm(APPROVE_RESPONSES)):
        raise PermissionDenied
    _check_approvals(round)
    chosen = Response.objects.submitted().filter(case__sample__round=round, case__in=cases)
    places = dict(chosen.values_list("case__village", "case__village__province"))
    require_place(user, round, set(places.values()))
    n_cut = cut_responses(chosen)
    _check_approvals(round)
    log(
        instance=round,
        action="questionnaires.approve",
        user=user,
        data={"n": n_cut, "villages": len(places)},
    )
    return n_cut


def _check_approvals(survey_round: SurveyRound) -> None:
    """Raise unless a round takes approvals, as it is read now; it may be frozen while forms are cut."""
    survey_round.refresh_from_db(fields=["status"])
    if survey_round.status not in {RoundStatus.OPEN, RoundStatus.CLOSED}:
        raise ApprovalError(
            _("Round %(round)s takes no approvals: it is “%(status)s”. Freezing approved all that was left.")
            % {"round": survey_round.code, "status": survey_round.get_status_display()}
        )


@transaction.atomic
def separate_round(*, round: SurveyRound, user: AbstractBaseUser | None = None) -> int:
    """Cut all that is left when a round is frozen, and lose the way back: seals, days and unsent drafts.

    The hash of a receipt stays, so that a receipt still says that its form was counted.
    """
    n_cut = cut_responses(Response.objects.submitted().filter(case__sample__round=round))
    n_drafts, _by_model = Response.objects.drafts().filter(case__sample__round=round).delete()
    separated = SeparatedResponse.objects.filter(sample__round=round)
    separated.update(sealed_case="", submitted_on=_last_day(round))
    rewrite_answers(round=round)
    log(
        instance=round,
        action="questionnaires.separate",
        user=user,
        data={"n": n_cut, "drafts": n_drafts},
    )
    return n_cut


def _last_day(survey_round: SurveyRound) -> datetime.date:
    """Return the day that all forms of a frozen round get: the audit log knows the days of interviews."""
    return min(timezone.localdate(), timezone.localdate(survey_round.closes_at))


@transaction.atomic
def cut_old_answers(*, user: AbstractBaseUser | None = None) -> int:
    """Cut what an earlier version left tied: forms sent alone, and every form of a frozen round."""
    n_cut = 0
    for survey_round in SurveyRound.objects.order_by("pk"):
        if survey_round.status == RoundStatus.FROZEN:
            n_cut += separate_round(round=survey_round, user=user) if _has_ties(survey_round) else 0
            continue
        alone = Response.objects.submitted().filter(case__sample__round=survey_round, mode=Mode.WEB)
        n_alone = cut_responses(alone)
        if n_alone:
            details = {"n": n_alone, "drafts": 0}
            log(instance=survey_round, action="questionnaires.separate", user=user, data=details)
        n_cut += n_alone
    return n_cut


def _has_ties(survey_round: SurveyRound) -> bool:
    """Tell whether a way back is left in a frozen round."""
    separated = SeparatedResponse.objects.filter(sample__round=survey_round)
    if Response.objects.filter(case__sample__round=survey_round).exists():
        return True
    n_days = Count("submitted_on", distinct=True)
    return separated.exclude(sealed_case="").exists() or separated.aggregate(n=n_days)["n"] > 1


def rewrite_all(*, with_ended: bool = False) -> None:
    """Write the answers of all rounds anew; of ended ones only if asked for, as theirs stay as they are.

    Each round is a transaction of its own, so that nobody waits long.
    """
    rounds, open_rounds = SurveyRound.objects.order_by("pk"), OpenRound.objects.order_by("pk")
    if not with_ended:
        rounds = rounds.exclude(status=RoundStatus.FROZEN)
        open_rounds = open_rounds.filter(status=OpenRoundStatus.OPEN)
    for survey_round in rounds:
        rewrite_answers(round=survey_round)
    for open_round in open_rounds:
        rewrite_open_answers(round=open_round)


@transaction.atomic
def rewrite_answers(*, round: SurveyRound) -> None:
    """Write the separated forms of a round anew, and touch its answered cases at once.

    After that the numbers of transactions and the places of rows tell nothing of which belong together. The
    cases come first: who sends, withdraws or recounts locks them too, and waits.
    """
    SurveyRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
    cases = Case.objects.filter(sample__round=round, disposition__in=RESPONDENT_DISPOSITIONS)
    cases.update(disposition=F("disposition"))
    _write_anew(SeparatedResponse.objects.filter(sample__round=round), order="pk")


@transaction.atomic
def rewrite_open_answers(*, round: OpenRound) -> None:
    """Write the sent forms of an open round anew, and its used tokens, which are numbered anew too."""
    OpenRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
    sent = OpenResponse.objects.filter(round=round, status=ResponseStatus.SUBMITTED)
    _write_anew(sent, order="pk", day="started_on")
    spent = SpentToken.objects.filter(round=round)
    _write_anew(spent, order="token_hash", day="spent_on", is_numbered=True)


def _write_anew(
    rows: QuerySet[Any], *, order: str, day: str | None = None, is_numbered: bool = False
) -> None:
    """Delete rows and write them again in an order, chunk by chunk, with all that stands in them.

    `day` names the field that gets the day of today whenever a row is written; it is given back.
    """
    ids = list(rows.order_by(order).values_list("pk", flat=True))
    for chunk in itertools.batched(ids, CHUNK, strict=False):
        chosen = rows.filter(pk__in=chunk)
        found = list(chosen.select_for_update(of=("self",)).order_by(order))
        days = [getattr(row, day) for row in found] if day else []
        chosen.delete()
        for row in found:
            row.pk = None if is_numbered else row.pk
        written = rows.bulk_create(found)
        by_day: dict[Any, list[Any]] = {}
        for row, earlier in zip(written, days, strict=bool(day)):
            by_day.setdefault(earlier, []).append(row.pk)
        for earlier, keys in by_day.items():
            rows.filter(pk__in=keys).update(**{str(day): earlier})


def cut_responses(responses: ResponseQuerySet) -> int:
    """Move sent forms to the separated ones, chunk by chunk; return how many were moved."""
    n_cut = 0
    for ids in itertools.batched(list(responses.values_list("pk", flat=True)), CHUNK, strict=False):
        sent = Response.objects.select_for_update(of=("self",)).filter(
            pk__in=ids, status=ResponseStatus.SUBMITTED
        )
        rows = list(sent.select_related("case__household"))
        write_separated((row, row.case) for row in rows)
        Response.objects.filter(pk__in=[row.pk for row in rows]).delete()
        n_cut += len(rows)
    return n_cut


def write_separated(sent: Iterable[tuple[Response, Case]]) -> None:
    """Write the separated forms of a chunk, in the order of their random identifiers."""
    rows = [_separated(response, case) for response, case in sent]
    SeparatedResponse.objects.bulk_create(sorted(rows, key=lambda row: row.pk.bytes))


def follow_recount(*, cases: CaseQuerySet, probability: float, weight: float) -> None:
    """Give the separated forms of a pool the probability and weight that its cases were just given."""
    separated = SeparatedResponse.objects.filter(
        village__in=cases.order_by().values("village"), stratum__in=cases.order_by().values("stratum")
    )
    separated.update(inclusion_probability=probability, design_weight=weight)


def _separated(response: Response, case: Case) -> SeparatedResponse:
    """Return the separated form of a sent one, under a fresh random identifier."""
    household = getattr(case, "household", None)
    return SeparatedResponse(
        **{name: getattr(response, name) for name in OF_SHEET},
        **{name: getattr(case, name) for name in OF_CASE},
        household_adults=(household.n_adults if household else None) or 1,
    )
