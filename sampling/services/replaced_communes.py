"""A drawn commune that cannot be surveyed gives way to another one, whose villages and adults are drawn then.

Three steps, as in the first draw: the rule names the commune; its villages are listed and drawn; their
registers come and the adults are drawn. It counts in the weights from the last step on.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from sampling.design.fingerprints import digest_of_frame, digest_of_rows
from sampling.design.frame_check import FrameRow
from sampling.design.stage_plans import AreaStage
from sampling.design.stages import drawn_units, order_units
from sampling.models import Case, FrameUnit, ListSubmission, SampledUnit, SamplingFrame
from sampling.models.rounds import RoundStatus
from sampling.selectors.frames import frame_of, stage_codes, units_below
from sampling.services.audit import User, record
from sampling.services.draws import DrawRefusedError
from sampling.services.draws.computing import committed_areas
from sampling.services.frames import canonical_row, checked_rows, write_units
from sampling.services.household_contacts import Head, keep_heads_of_drawn
from sampling.services.household_lists import read_list
from sampling.services.inclusion import recount_list
from sampling.services.orders import write_area_lists
from sampling.services.registers import Registers
from sampling.services.replacement import (
    ReplacementError,
    draw_cases,
    give_up,
    next_of_list,
    on_record,
    refuse_replaced,
    require_replacer,
    take_place,
)
from sampling.services.replacement_records import VILLAGES_DRAWN, village_numbers, village_seed
from sampling.services.rounds import require_status

COMMUNE, VILLAGE = SampledUnit.Stage.COMMUNE, SampledUnit.Stage.VILLAGE


@transaction.atomic
def replace_commune(*, unit: SampledUnit, reason: str, user: User = None) -> SampledUnit:
    """Let the rule name the commune that takes the place of one that cannot be surveyed as a whole.

    The replaced commune keeps its cases as nonrespondents. Where the villages of the new one are in the frame
    already, they are drawn at once; otherwise its list is awaited.
    """
    require_replacer(user, unit)
    require_status(unit.sample.round, RoundStatus.OPEN)
    if unit.stage != COMMUNE:
        raise ReplacementError(
            _("Expected a commune, got a unit of stage “%(stage)s”. Use its own page.")
            % {"stage": unit.get_stage_display()}
        )
    cases = Case.objects.filter(village__parent=unit)
    refuse_replaced(unit, cases, reason)
    commune = take_place(unit, next_of_list(unit), reason)
    give_up(cases)
    details = {
        "replaces": unit.frame_unit.code,
        "reason": commune.replacement_reason,
        **on_record(commune),
    }
    record(commune, "sampling.replace_commune", user=user, details=details)
    if frame_of(unit.sample.round, VILLAGE).filter(parent_code=commune.frame_unit.code).exists():
        _draw_villages(commune, user)
    return commune


@transaction.atomic
def receive_replacement_villages(
    *,
    commune: SampledUnit,
    rows: Iterable[Mapping[str, object]],
    source: str,
    reference_date: datetime.date,
    user: User = None,
) -> list[SampledUnit]:
    """Take the list of villages of a commune that replaces another one, and draw from it at once.

    The frame that a commitment fixed stays as it is: these villages are beside it, with a hash of their own.
    """
    require_replacer(user, commune)
    require_status(commune.sample.round, RoundStatus.OPEN)
    _require_waiting(commune)
    report = checked_rows(commune.sample.round, VILLAGE, rows, reference_date)
    _refuse_others(commune, report.rows)
    frame = SamplingFrame.objects.get(round=commune.sample.round, stage=VILLAGE)
    write_units(frame, report.rows)
    ListSubmission.objects.create(
        round=commune.sample.round,
        stage=VILLAGE,
        unit_code=commune.frame_unit.code,
        n_units=len(report.rows),
        digest=digest_of_frame(map(canonical_row, report.rows)),
    )
    details = {"source": source, "reference_date": reference_date.isoformat()}
    return _draw_villages(commune, user, details)


def _require_waiting(commune: SampledUnit) -> None:
    """Refuse a list of a commune that awaits none."""
    if commune.stage != COMMUNE or commune.replaces is None or commune.replacements.exists():
        raise ReplacementError(
            _("Commune %(commune)s does not take the place of another one.")
            % {"commune": commune.frame_unit.name}
        )
    if commune.children.exists():
        raise ReplacementError(
            _("The villages of commune %(commune)s are drawn already.") % {"commune": commune.frame_unit.name}
        )


def _refuse_others(commune: SampledUnit, rows: Sequence[FrameRow]) -> None:
    """Refuse villages of other communes, and codes that other villages have."""
    code = commune.frame_unit.code
    others = sorted({row.parent_code for row in rows} - {code})
    if others:
        raise ReplacementError(
            _("Expected villages of commune %(code)s only, got some of %(got)s. Remove them.")
            % {"code": code, "got": ", ".join(others[:3])}
        )
    known = FrameUnit.objects.filter(frame__round=commune.sample.round, frame__stage=VILLAGE)
    twice = sorted(known.filter(code__in=[row.code for row in rows]).values_list("code", flat=True))
    if twice:
        raise ReplacementError(
            _("Expected each code once, got %(codes)s, which other lists have. Give them other codes.")
            % {"codes": ", ".join(twice[:3])}
        )


def _draw_villages(
    commune: SampledUnit, user: User, details: Mapping[str, object] | None = None
) -> list[SampledUnit]:
    """Draw the villages of a replacement from their list, by the rule of the first draw."""
    code = commune.frame_unit.code
    units = units_below(commune.sample.round, VILLAGE, [code])
    if not units:
        raise ReplacementError(
            _("Expected villages with residents in commune %(commune)s, got none.")
            % {"commune": commune.frame_unit.name}
        )
    lists = order_units(_village_stage(commune), units, village_seed(commune))
    frame_units = dict(
        frame_of(commune.sample.round, VILLAGE).filter(parent_code=code).values_list("code", "pk")
    )
    drawn = [
        SampledUnit(
            sample=commune.sample,
            stage=VILLAGE,
            frame_unit_id=frame_units[unit.code],
            parent=commune,
            province_id=commune.province_id,
            stratum=commune.stratum,
            frame_order=unit.frame_order,
            draw_order=unit.draw_order,
            is_certainty=unit.is_certainty,
            inclusion_probability=float(unit.probability),
            is_approximate=unit.is_approximate,
        )
        for unit in drawn_units(lists[0])
    ]
    SampledUnit.objects.bulk_create(drawn)
    write_area_lists(commune.sample, lists)
    kept: dict[str, object] = {"villages": len(drawn), "listed": len(units), "list_sha256": lists[0].digest()}
    if lists[0].steering is not None:
        kept["numbers_sha256"] = digest_of_rows(village_numbers(commune))
    record(commune, VILLAGES_DRAWN, user=user, details={**(details or {}), **kept})
    return drawn


def _village_stage(commune: SampledUnit) -> AreaStage:
    """Return how villages are selected, as it was committed: permanent numbers go on steering them."""
    try:
        stages = committed_areas(commune.sample.round)
    except DrawRefusedError as error:
        raise ReplacementError(str(error)) from error
    return next(stage for stage in stages if stage.code == VILLAGE)


@transaction.atomic
def receive_replacement_registers(
    *,
    commune: SampledUnit,
    registers: Registers,
    heads: Mapping[str, Iterable[Head]] | None = None,
    user: User = None,
) -> int:
    """Take the lists of all drawn villages of a commune that replaces another one, and draw from them.

    They are registers of adults, or lists of households with their `heads` by village. From here on the
    commune counts: all communes of its stratum are weighted for what was released.
    """
    require_replacer(user, commune)
    require_status(commune.sample.round, RoundStatus.OPEN)
    villages = list(commune.children.select_related("frame_unit", "sample__round").order_by("draw_order"))
    if commune.replaces is None or not villages or Case.objects.filter(village__in=villages).exists():
        raise ReplacementError(
            _("Commune %(commune)s awaits no registers.") % {"commune": commune.frame_unit.name}
        )
    stage = stage_codes(commune.sample.round)[-1]
    checked = [read_list(registers, village.frame_unit.code, stage) for village in villages]
    n_cases = sum(draw_cases(village, register) for village, register in zip(villages, checked, strict=True))
    for village in villages:
        keep_heads_of_drawn(village=village, heads=(heads or {}).get(village.frame_unit.code, ()), user=user)
    recount_list(commune)
    details = {
        "cases": n_cases,
        "register_sha256": digest_of_rows(register.canonical_row() for register in checked),
    }
    record(commune, "sampling.draw_replacement_persons", user=user, details=details)
    return n_cases
