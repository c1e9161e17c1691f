"""Lists that drawn units send: the villages of drawn communes, the registers of drawn villages."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.design.fingerprints import digest_of_frame
from sampling.design.frame_check import FrameRow
from sampling.models import Draw, FrameUnit, ListSubmission, SamplingFrame, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.models.rounds import RoundStatus
from sampling.selectors.frames import stage_codes
from sampling.services.audit import User, record
from sampling.services.draws.checks import some
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.draws.proof_rows import drawn_codes
from sampling.services.draws.register_files import digest_of_register, drop_register, keep_register
from sampling.services.frames import OPEN_DRAWS, canonical_row, checked_rows, release_frame, write_units
from sampling.services.household_contacts import Head, keep_heads
from sampling.services.household_lists import CheckedList, read_list
from sampling.services.registers import Registers
from sampling.services.rounds import require_status
from sampling.services.territories import require_territory

Stage = SamplingFrame.Stage
ACTIONS = {
    Stage.PERSON.value: "sampling.receive_registers",
    Stage.HOUSEHOLD.value: "sampling.receive_households",
}


@dataclass(frozen=True, slots=True)
class Received:
    """What came: from how many drawn units, and how many units they listed."""

    n_lists: int
    n_units: int
    replaced: tuple["Replaced", ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A list that came before and differs: of whom, its counts then and now, when it came, its SHA-256."""

    unit: str
    n_before: int
    n_now: int
    received_at: datetime.datetime
    digest: str


class UnseenListError(DrawRefusedError):
    """Raised when a list would take the place of an earlier one that nobody has looked at."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list on its way in."""

    unit: str
    n_units: int
    digest: str


NOTHING_SEEN: Mapping[str, str] = MappingProxyType({})


@transaction.atomic
def receive_units(
    *,
    round: SurveyRound,
    stage: str,
    rows: Iterable[Mapping[str, object]],
    source: str,
    reference_date: datetime.date,
    replaces: Mapping[str, str] = NOTHING_SEEN,
    user: User = None,
) -> Received:
    """Take the lists of one or many drawn units.

    All rows are checked first; a unit that was not drawn is refused, so nothing superfluous is collected. A
    list takes the place of an earlier one of the same unit only if `replaces` names the digest of the earlier
    one: somebody has seen what is replaced. Nothing is replaced once the draw of the stage is committed.
    """
    require_territory(user, round)
    above = _listed_now(round, stage)
    report = checked_rows(round, stage, rows, reference_date)
    lists: dict[str, list[FrameRow]] = defaultdict(list)
    for row in report.rows:
        lists[row.parent_code].append(row)
    _refuse_undrawn(lists, above)
    frame = _frame(round, stage, source, reference_date)
    FrameUnit.objects.filter(frame=frame, parent_code__in=lists).delete()
    _refuse_codes_elsewhere(frame, report.rows)
    write_units(frame, report.rows)
    _refresh(frame)
    listed = [
        _Listed(unit, len(rows_of_unit), digest_of_frame(map(canonical_row, rows_of_unit)))
        for unit, rows_of_unit in lists.items()
    ]
    received = _note(round, stage, listed, replaces)
    details = _details(stage, received) | {"sha256": frame.digest}
    record(round, "sampling.receive_units", user=user, details=details)
    return received


def preview_units(*, round: SurveyRound, stage: str, **values: Any) -> Received:
    """Take lists in, refused as they would be, and take it back: what came of it is only shown."""
    with transaction.atomic():
        seen = _digests(round, stage)
        received = receive_units(round=round, stage=stage, replaces=seen, **values)
        transaction.set_rollback(True)
    return received


@transaction.atomic
def receive_registers(
    *,
    round: SurveyRound,
    villages: Sequence[str],
    registers: Registers,
    replaces: Mapping[str, str] = NOTHING_SEEN,
    user: User = None,
) -> Received:
    """Take the registers of drawn villages into private files: numbers, sex and age group, nothing else.

    `replaces` names the digests of earlier registers that somebody has seen and wants to replace.
    """
    return _receive_lists(_Arrival(round, Stage.PERSON.value, villages, registers), replaces, user)


@transaction.atomic
def receive_households(
    *,
    round: SurveyRound,
    villages: Sequence[str],
    lists: Registers,
    heads: Mapping[str, Sequence[Head]] | None = None,
    replaces: Mapping[str, str] = NOTHING_SEEN,
    user: User = None,
) -> Received:
    """Take the lists of households of drawn villages into private files: number, group and position.

    `heads` are the names and addresses of each village; they go into an encrypted file of their own, from
    which the draw takes those of the drawn households.
    """
    received = _receive_lists(_Arrival(round, Stage.HOUSEHOLD.value, villages, lists), replaces, user)
    for village in villages:
        keep_heads(round, village, (heads or {}).get(village, ()))
    return received


def preview_lists(
    *, round: SurveyRound, stage: str, villages: Sequence[str], lists: Registers, user: User = None
) -> Received:
    """Check lists for the last stage as they would be checked, and say which earlier ones they replace."""
    arrival = _Arrival(round, stage, villages, lists)
    listed = [each for each, _checked in arrival.checked(user)]
    return _received(round, stage, listed)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Lists of drawn villages for the last stage, as they come."""

    round: SurveyRound
    stage: str
    villages: Sequence[str]
    lists: Registers

    def checked(self, user: User) -> list[tuple[_Listed, CheckedList]]:
        """Return every list, checked, or refuse them all."""
        require_territory(user, self.round)
        _refuse_undrawn(self.villages, _listed_now(self.round, self.stage))
        found = [read_list(self.lists, village, self.stage) for village in self.villages]
        return [(_Listed(each.village, len(each.ids), digest_of_register(each)), each) for each in found]


def _receive_lists(arrival: _Arrival, replaces: Mapping[str, str], user: User) -> Received:
    """Take the lists of drawn villages for the last stage."""
    checked = arrival.checked(user)
    received = _note(arrival.round, arrival.stage, [listed for listed, _found in checked], replaces)
    for _listed, found in checked:
        keep_register(arrival.round, found)
    for each in received.replaced:
        transaction.on_commit(partial(drop_register, arrival.round, each.digest))
    record(arrival.round, ACTIONS[arrival.stage], user=user, details=_details(arrival.stage, received))
    return received


def _details(stage: str, received: Received) -> dict[str, Any]:
    """Return what the audit log keeps of lists: those that were replaced are named, with their digests."""
    replaced = {each.unit: each.digest for each in received.replaced}
    counts: dict[str, Any] = {"stage": stage, "lists": received.n_lists, "units": received.n_units}
    return counts | ({"replaced": replaced} if replaced else {})


def _digests(survey_round: SurveyRound, stage: str) -> dict[str, str]:
    """Return the digests of the lists that have come."""
    sent = ListSubmission.objects.filter(round=survey_round, stage=stage)
    return dict(sent.values_list("unit_code", "digest"))


def _received(survey_round: SurveyRound, stage: str, listed: Sequence[_Listed]) -> Received:
    """Count lists, and find the earlier ones that differ from them."""
    sent = ListSubmission.objects.filter(round=survey_round, stage=stage)
    earlier = {submission.unit_code: submission for submission in sent}
    replaced = [
        Replaced(each.unit, before.n_units, each.n_units, before.received_at, before.digest)
        for each in listed
        if (before := earlier.get(each.unit)) is not None and before.digest != each.digest
    ]
    return Received(len(listed), sum(each.n_units for each in listed), tuple(replaced))


def _listed_now(survey_round: SurveyRound, stage: str) -> frozenset[str]:
    """Return the drawn units whose lists are awaited, or say why none are taken."""
    require_status(survey_round, RoundStatus.PREPARING)
    codes = stage_codes(survey_round)
    if stage not in codes[1:]:
        raise DrawRefusedError(_("This stage is not listed by drawn units. Load its frame."))
    before = codes[codes.index(stage) - 1]
    draws = Draw.objects.select_for_update().filter(round=survey_round).exclude(status=DrawStatus.ABANDONED)
    states = dict(draws.values_list("stage", "status"))
    if states.get(before) != DrawStatus.ISSUED:
        raise DrawRefusedError(
            _("Issue the draw of the stage “%(stage)s” first; then its units may send their lists.")
            % {"stage": Stage(before).label}
        )
    if states.get(stage, DrawStatus.DRAFTED) not in OPEN_DRAWS:
        raise DrawRefusedError(
            _("The lists are fixed by a public commitment. Abandon that draw with a reason to change them.")
        )
    return frozenset(drawn_codes(survey_round, before))


def _refuse_undrawn(units: Iterable[str], drawn: frozenset[str]) -> None:
    """Name the units that were not drawn."""
    others = [unit for unit in units if unit not in drawn]
    if others:
        raise DrawRefusedError(
            _("Expected lists of drawn units only, got %(units)s, which were not drawn. Remove them.")
            % {"units": some(others)}
        )


def _frame(
    survey_round: SurveyRound, stage: str, source: str, reference_date: datetime.date
) -> SamplingFrame:
    """Return the frame that grows list by list; its day is the same for all lists."""
    frame, is_new = SamplingFrame.objects.get_or_create(
        round=survey_round,
        stage=stage,
        defaults={"source": source, "reference_date": reference_date, "n_units": 0, "digest": ""},
    )
    if not is_new and frame.reference_date != reference_date:
        raise DrawRefusedError(
            _("Expected the reference date of the lists before, %(expected)s, got %(got)s.")
            % {"expected": f"{frame.reference_date:%d/%m/%Y}", "got": f"{reference_date:%d/%m/%Y}"}
        )
    release_frame(survey_round, stage)
    return frame


def _refuse_codes_elsewhere(frame: SamplingFrame, rows: Sequence[FrameRow]) -> None:
    """Name codes that the list of another unit has already."""
    codes = [row.code for row in rows]
    known = set(FrameUnit.objects.filter(frame=frame).values_list("code", flat=True))
    twice = [code for code in codes if code in known]
    if twice:
        raise DrawRefusedError(
            _("Expected each code once, got %(codes)s, which other lists have. Give them other codes.")
            % {"codes": some(twice)}
        )


def _refresh(frame: SamplingFrame) -> None:
    """Count and digest the units that have come so far."""
    fields = ("code", "name", "parent_code", "measure_of_size", "exclusion_reason")
    units = list(FrameUnit.objects.filter(frame=frame).values_list(*fields))
    frame.n_units = len(units)
    frame.digest = digest_of_frame(
        [code, name, parent, size, bool(reason)] for code, name, parent, size, reason in units
    )
    frame.full_clean()
    frame.save(update_fields=["n_units", "digest"])


def _note(
    survey_round: SurveyRound, stage: str, listed: Sequence[_Listed], replaces: Mapping[str, str]
) -> Received:
    """Remember what drawn units sent; refuse to replace an earlier list that nobody has seen."""
    received = _received(survey_round, stage, listed)
    unseen = [each.unit for each in received.replaced if replaces.get(each.unit) != each.digest]
    if unseen:
        raise UnseenListError(
            _(
                "Other lists of %(units)s have come before. Look at what is replaced, and confirm it on the "
                "page of the lists."
            )
            % {"units": some(unseen)}
        )
    for each in listed:
        ListSubmission.objects.update_or_create(
            round=survey_round,
            stage=stage,
            unit_code=each.unit,
            defaults={"n_units": each.n_units, "digest": each.digest, "received_at": timezone.now()},
        )
    return received
