"""Separation: answers are cut from the case of whoever gave them.

Every form is cut as it is sent. It carries a fresh random identifier and a copy of what the estimate needs;
the case keeps its outcome. What staff have taken down also carries a link, the case hashed with a key of the
installation, until it is approved or the round is frozen: then it is written anew under another identifier
and without a link. Every use of links is logged.

A database may remember which rows were written together, and in which order. So rows are written anew, in the
order of what is random in them: when a round is frozen, and every night.
"""

import datetime
import itertools
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
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
from questionnaires.permissions import APPROVE_RESPONSES
from questionnaires.receipt_keys import ReceiptKeys, case_link
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
    """Approve forms that staff have taken down, found by the links of their cases; return their number."""
    if user is not None and not (isinstance(user, PermissionsMixin) and user.has_perm(APPROVE_RESPONSES)):
        raise PermissionDenied
    _check_approvals(round)
    chosen = Response.objects.submitted().filter(case__sample__round=round, case__in=cases)
    places = dict(chosen.values_list("case__village", "case__village__province"))
    require_place(user, round, set(places.values()))
    n_approved = approve_waiting(chosen)
    _check_approvals(round)
    log(
        instance=round,
        action="questionnaires.approve",
        user=user,
        data={"n": n_approved, "villages": len(places), "links": n_approved},
    )
    return n_approved


def _check_approvals(survey_round: SurveyRound) -> None:
    """Raise unless a round takes approvals, as it is read now; who freezes, withdraws or rewrites waits."""
    survey_round.refresh_from_db(fields=["status"], from_queryset=SurveyRound.objects.select_for_update())
    if survey_round.status not in {RoundStatus.OPEN, RoundStatus.CLOSED}:
        raise ApprovalError(
            _("Round %(round)s takes no approvals: it is “%(status)s”. Freezing approved all that was left.")
            % {"round": survey_round.code, "status": survey_round.get_status_display()}
        )


@transaction.atomic
def separate_round(*, round: SurveyRound, user: AbstractBaseUser | None = None) -> int:
    """Lose every way back when a round is frozen: links, seals, days and unsent drafts.

    The hash of a receipt stays, so that a receipt still says that its form was counted.
    """
    _hold(Case.objects.filter(sample__round=round))
    separated = SeparatedResponse.objects.filter(sample__round=round)
    n_linked = _lose_links(separated.filter(case_link__isnull=False))
    n_drafts, _by_model = Response.objects.drafts().filter(case__sample__round=round).delete()
    Response.objects.filter(case__sample__round=round).delete()
    separated.update(sealed_case="", submitted_on=_last_day(round))
    rewrite_answers(round=round)
    log(
        instance=round,
        action="questionnaires.separate",
        user=user,
        data={"n": n_linked, "drafts": n_drafts, "links": n_linked},
    )
    return n_linked


def _last_day(survey_round: SurveyRound) -> datetime.date:
    """Return the day that all forms of a frozen round get: the audit log knows the days of interviews."""
    return min(timezone.localdate(), timezone.localdate(survey_round.closes_at))


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
    """Write the separated forms of a round anew, and touch its answered cases and what waits at once.

    After that the numbers of transactions and the places of rows tell nothing of which belong together. The
    cases come first: who sends, withdraws or recounts locks them too, and waits.
    """
    SurveyRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
    cases = Case.objects.filter(sample__round=round, disposition__in=RESPONDENT_DISPOSITIONS)
    cases.update(disposition=F("disposition"))
    Response.objects.submitted().filter(case__sample__round=round).update(status=F("status"))
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


def approve_waiting(waiting: QuerySet[Response]) -> int:
    """Give the forms of what waits another identifier and no link, chunk by chunk; return their number."""
    n_approved = 0
    for ids in itertools.batched(list(waiting.values_list("pk", flat=True)), CHUNK, strict=False):
        _hold(Case.objects.filter(response__in=ids))
        rows = Response.objects.select_for_update(of=("self",)).submitted().filter(pk__in=ids)
        cases = list(rows.values_list("case_id", flat=True))
        n_found = _lose_links(linked_forms(cases))
        if n_found != len(cases):
            raise ApprovalError(lost_links(expected=len(cases), found=n_found))
        Response.objects.filter(pk__in=ids).delete()
        n_approved += n_found
    return n_approved


def _hold(cases: QuerySet[Case]) -> None:
    """Wait for whoever sends, releases or withdraws on these cases now, and let nobody begin to."""
    list(cases.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def linked_forms(case_ids: Iterable[int]) -> QuerySet[SeparatedResponse]:
    """Return the forms that are linked with cases; whoever asks for them leaves an audit entry."""
    return SeparatedResponse.objects.filter(case_link__in=[case_link(case_id) for case_id in case_ids])


def lost_links(*, expected: int, found: int) -> str:
    """Return what is wrong where cases wait and no form has their link."""
    return _(
        "Expected %(expected)d forms linked with their cases, found %(found)d. "
        "Put back the SURVEY_RECEIPT_KEY under which the forms were sent."
    ) % {"expected": expected, "found": found}


def _lose_links(linked: QuerySet[SeparatedResponse]) -> int:
    """Write linked forms anew under fresh random identifiers and without links; return how many."""
    n_lost = 0
    for ids in itertools.batched(list(linked.values_list("pk", flat=True)), CHUNK, strict=False):
        chosen = SeparatedResponse.objects.filter(pk__in=ids)
        forms = list(chosen.select_for_update(of=("self",)))
        chosen.delete()
        for form in forms:
            form.pk, form.case_link = uuid.uuid4(), None
        _write_shuffled(forms)
        n_lost += len(forms)
    return n_lost


def write_separated(sent: Iterable[tuple[Response, Case, ReceiptKeys]]) -> None:
    """Write the separated forms of a chunk; what staff have taken down gets a link."""
    _write_shuffled([_separated(response, case, keys) for response, case, keys in sent])


def _write_shuffled(forms: Sequence[SeparatedResponse]) -> None:
    """Write forms in the order of their random identifiers."""
    SeparatedResponse.objects.bulk_create(sorted(forms, key=lambda form: form.pk.bytes))


def follow_recount(*, cases: CaseQuerySet, probability: float, weight: float) -> None:
    """Give the separated forms of a pool the probability and weight that its cases were just given."""
    separated = SeparatedResponse.objects.filter(
        village__in=cases.order_by().values("village"), stratum__in=cases.order_by().values("stratum")
    )
    separated.update(inclusion_probability=probability, design_weight=weight)


def _separated(response: Response, case: Case, keys: ReceiptKeys) -> SeparatedResponse:
    """Return the separated form of a sent one, under a fresh random identifier."""
    household = getattr(case, "household", None)
    return SeparatedResponse(
        **{name: getattr(response, name) for name in OF_SHEET},
        **{name: getattr(case, name) for name in OF_CASE},
        household_adults=(household.n_adults if household else None) or 1,
        receipt_hash=keys.lookup,
        sealed_case=keys.seal(case.pk),
        case_link=None if response.mode == Mode.WEB else case_link(case.pk),
    )
