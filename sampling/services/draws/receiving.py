"""Lists that drawn units send: the villages of drawn communes, the registers of drawn villages."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
from sampling.services.draws.register_files import digest_of_register, keep_register
from sampling.services.frames import OPEN_DRAWS, canonical_row, checked_rows, release_frame, write_units
from sampling.services.registers import CheckedRegister, Registers, read_register
from sampling.services.rounds import require_status
from sampling.services.territories import require_territory

Stage = SamplingFrame.Stage


@dataclass(frozen=True, slots=True)
class Received:
    """What came: from how many drawn units, and how many units they listed."""

    n_lists: int
    n_units: int


@transaction.atomic
def receive_units(
    *,
    round: SurveyRound,
    stage: str,
    rows: Iterable[Mapping[str, object]],
    source: str,
    reference_date: datetime.date,
    user: User = None,
) -> Received:
    """Take the lists of one or many drawn units, each in place of an earlier list of the same unit.

    All rows are checked first; a unit that was not drawn is refused, so nothing superfluous is collected.
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
    for unit, listed in lists.items():
        _note(round, stage, unit, len(listed), digest_of_frame(map(canonical_row, listed)))
    received = Received(len(lists), len(report.rows))
    details = {"stage": stage, "lists": received.n_lists, "units": received.n_units, "sha256": frame.digest}
    record(round, "sampling.receive_units", user=user, details=details)
    return received


@transaction.atomic
def receive_registers(
    *, round: SurveyRound, villages: Sequence[str], registers: Registers, user: User = None
) -> Received:
    """Take the registers of drawn villages into private files: numbers, sex and age group, nothing else."""
    require_territory(user, round)
    _refuse_undrawn(villages, _listed_now(round, Stage.PERSON.value))
    checked: list[CheckedRegister] = [read_register(registers, village) for village in villages]
    for register in checked:
        keep_register(round, register)
        digest = digest_of_register(register)
        _note(round, Stage.PERSON.value, register.village, len(register.ids), digest)
    received = Received(len(checked), sum(len(register.ids) for register in checked))
    details = {"stage": Stage.PERSON.value, "lists": received.n_lists, "units": received.n_units}
    record(round, "sampling.receive_registers", user=user, details=details)
    return received


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


def _note(survey_round: SurveyRound, stage: str, unit: str, n_units: int, digest: str) -> None:
    """Remember what a drawn unit sent, in place of what it sent before."""
    ListSubmission.objects.update_or_create(
        round=survey_round,
        stage=stage,
        unit_code=unit,
        defaults={"n_units": n_units, "digest": digest, "received_at": timezone.now()},
    )
