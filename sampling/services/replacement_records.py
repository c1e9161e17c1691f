"""What is on record of replacements, the seeds that follow from it, and the same for auditors."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from sampling.design.fingerprints import Cell, digest_of_frame
from sampling.design.replacements import ReplacementRecord, replacement_seed
from sampling.design.stage_coordination import number_pairs
from sampling.design.stage_frames import area_rows
from sampling.models import (
    AdultRule,
    Case,
    Draw,
    Household,
    ListedUnit,
    SampledUnit,
    SamplingFrame,
    SurveyRound,
)
from sampling.models.draws import DrawStatus
from sampling.sealing import SealError, secret_of
from sampling.selectors.frames import REGISTER_STAGES, stage_codes, units_below
from sampling.selectors.orders import selection_of
from sampling.selectors.replacements import of_replacements
from sampling.services.cases import CaseError
from sampling.services.draws import kept_registers, seeds_of
from sampling.services.household_lists import CheckedList, read_list, rows_of_list

VILLAGE = SampledUnit.Stage.VILLAGE.value

ACTIONS = ("sampling.replace_unit", "sampling.replace_commune")
VILLAGES_DRAWN = "sampling.draw_replacement_villages"

type Rows = list[list[Cell]]


def eligible_units(unit: SampledUnit, *, before: int | None = None) -> list[ListedUnit]:
    """Return the units of the list of a unit that are not in the sample, in the order of the list.

    With `before`, the id of a sampled unit: those that were not when it was taken.
    """
    here = ListedUnit.objects.filter(list__sample=unit.sample, frame_unit=unit.frame_unit_id).first()
    if here is None:
        return []
    taken = SampledUnit.objects.filter(sample=unit.sample)
    taken = taken if before is None else taken.filter(pk__lt=before)
    free = ListedUnit.objects.filter(list=here.list_id).exclude(frame_unit__in=taken.values("frame_unit"))
    return list(free.select_related("list__sample__template", "frame_unit").order_by("position"))


def eligible_sizes(units: Sequence[ListedUnit]) -> dict[str, int]:
    """Return the sizes that count for units of one list, by code: all 1 where probabilities are equal."""
    if not units:
        return {}
    sizes = selection_of(units[0].list).counting_sizes(each.measure_of_size for each in units)
    return {each.frame_unit.code: size for each, size in zip(units, sizes, strict=True)}


def record_of(unit: SampledUnit) -> ReplacementRecord:
    """Return what is on record of a unit that replaces another one; the same at any later time."""
    if unit.replaces is None:
        raise ValueError(f"Expected a unit that replaces another one, got {unit}.")
    eligible = eligible_units(unit, before=unit.pk)
    survey_round = unit.sample.round
    return ReplacementRecord(
        round=survey_round.code,
        stage=unit.stage,
        above=above_of(unit),
        replaced=unit.replaces.frame_unit.code,
        reason=unit.replacement_reason,
        replacement=unit.frame_unit.code,
        eligible=tuple(eligible_sizes(eligible).items()),
        draw_sha256=_commitment_of(survey_round, unit.stage),
        below_sha256={stage: _commitment_of(survey_round, stage) for stage in _stages_below(unit)},
    )


def _living_draw(survey_round: SurveyRound, stage: str) -> Draw | None:
    """Return the draw of a stage that was not abandoned; none in a rehearsal."""
    draws = Draw.objects.filter(round=survey_round, stage=stage)
    return draws.exclude(status=DrawStatus.ABANDONED).first()


def _commitment_of(survey_round: SurveyRound, stage: str) -> str:
    """Return the digest of the commitment of a stage; empty in a rehearsal."""
    draw = _living_draw(survey_round, stage)
    return draw.commitment_digest if draw else ""


def _stages_below(unit: SampledUnit) -> Sequence[str]:
    """Return the stages that are listed and drawn below a unit."""
    codes = stage_codes(unit.sample.round)
    return codes[codes.index(unit.stage) + 1 :]


def above_of(unit: SampledUnit) -> str:
    """Return the stratum, or the unit above, from whose list a unit was taken."""
    return unit.parent.frame_unit.code if unit.parent else unit.stratum


def seed_of_order(unit: SampledUnit) -> str:
    """Return the seed that orders the replacements of a unit: that of the list from which it was drawn."""
    commune = unit.parent
    if unit.stage == VILLAGE and commune is not None and commune.replaces is not None:
        return village_seed(commune)
    return seeds_of(unit.sample.round, common=unit.sample.seed).at(unit.stage)


def village_seed(commune: SampledUnit) -> str:
    """Return the seed with which the villages of a replacement are drawn from their list."""
    return _seed_below(commune, VILLAGE, commune.frame_unit.code, digest_of_frame(village_rows(commune)))


def person_seed(village: SampledUnit, register: CheckedList) -> str:
    """Return the seed with which adults, or households, of a village are drawn that came later."""
    stage = stage_codes(village.sample.round)[-1]
    return _seed_below(village, stage, village.frame_unit.code, digest_of_numbers(register))


def _seed_below(unit: SampledUnit, stage: str, code: str, digest: str) -> str:
    """Return the seed of a list below a replacement: it follows from the committed draw of its stage."""
    survey_round = unit.sample.round
    return replacement_seed(
        secret=_secret_of_stage(survey_round, stage),
        seed=seeds_of(survey_round, common=unit.sample.seed).at(stage),
        stage=stage,
        unit=code,
        list_digest=digest,
    )


def _secret_of_stage(survey_round: SurveyRound, stage: str) -> str:
    """Return the committed secret of a stage; empty in a rehearsal."""
    draw = _living_draw(survey_round, stage)
    try:
        return secret_of(draw) if draw else ""
    except SealError as error:
        raise CaseError(
            _(
                "The secret of the draw cannot be opened: SURVEY_COORDINATION_KEY is not the key with which "
                "it was committed. Set that key again."
            )
        ) from error


def digest_of_numbers(register: CheckedList) -> str:
    """Return the SHA-256 of what takes part in a draw: numbers, and the order of a list of households."""
    return digest_of_frame(rows_of_list(register))


def village_rows(commune: SampledUnit) -> Rows:
    """Return the villages of a commune as they enter a draw: commune, code, no type, size."""
    code = commune.frame_unit.code
    units = units_below(commune.sample.round, VILLAGE, [code])
    return list(area_rows((code, each.code, "", each.size) for each in units))


def village_numbers(commune: SampledUnit) -> Rows:
    """Return the permanent numbers of the villages of a commune; for auditors, and nobody else."""
    codes = (str(code) for _above, code, _type, _size in village_rows(commune))
    return [list(pair) for pair in number_pairs(codes, settings.COORDINATION_KEY, VILLAGE)]


def _anchor(village: SampledUnit) -> SampledUnit:
    """Return the replacement to which a village belongs: itself, or its commune."""
    above = village.parent
    return above if village.replaces is None and above is not None else village


def replacement_documents(draw: Draw) -> list[dict[str, Any]]:
    """Return what an auditor needs to check the replacements of a stage, in the order in which they came.

    What lies below is shown with the draw of its own stage, whose secret and seed gave it: the villages of a
    commune with the draw of the villages, the adults of a village with that of the adults, which accredited
    auditors alone may see.
    """
    if draw.status == DrawStatus.ABANDONED:
        return []
    if draw.stage in REGISTER_STAGES:
        return list(_last_documents(draw))
    units = (
        SampledUnit.objects.filter(sample__round=draw.round, replaces__isnull=False)
        .select_related("sample__round", "sample__template", "frame_unit", "parent__frame_unit")
        .order_by("pk")
    )
    own = [_area_document(unit) for unit in units.filter(stage=draw.stage)]
    if draw.stage != VILLAGE:
        return own
    listed = units.filter(stage=SampledUnit.Stage.COMMUNE, children__isnull=False).distinct()
    return [_villages_document(commune, draw) for commune in listed] + own


def _area_document(unit: SampledUnit) -> dict[str, Any]:
    """Return what shows that a unit was the next of its list."""
    record = record_of(unit)
    eligible = [list(each) for each in sorted(record.eligible)]
    return {**_on_record(unit, record), "seed": seed_of_order(unit), "eligible": eligible}


def _villages_document(commune: SampledUnit, draw: Draw) -> dict[str, Any]:
    """Return what shows how the villages of a commune were drawn that replaces another one."""
    numbers = _numbers_on_record(commune) if "coordination" in draw.design else {}
    drawn = commune.children.filter(replaces__isnull=True).order_by("draw_order")
    own = ("stage", "parent__frame_unit__code", "frame_unit__code")
    fields = (*own, "frame_order", "draw_order", "is_certainty")
    return {
        **_on_record(commune, record_of(commune)),
        "below": {
            "stage": VILLAGE,
            "unit": commune.frame_unit.code,
            "frame": village_rows(commune),
            **numbers,
            "list": [list(row) for row in drawn.values_list(*fields)],
        },
    }


def _numbers_on_record(commune: SampledUnit) -> dict[str, Any]:
    """Return the permanent numbers of villages, and their digest as the audit log kept it."""
    entries = ModelLogEntry.objects.for_instance(commune).filter(action=VILLAGES_DRAWN).order_by("pk")
    kept = entries.values_list("data__numbers_sha256", flat=True).first()
    return {"numbers": village_numbers(commune), "numbers_sha256": kept or ""}


def _last_documents(draw: Draw) -> Iterator[dict[str, Any]]:
    """Yield what shows how the adults, or households, of villages were drawn that came later."""
    registers = kept_registers(draw.round)
    villages = SampledUnit.objects.filter(sample__round=draw.round, stage=VILLAGE).filter(of_replacements())
    drawn = villages.filter(cases__isnull=False).distinct().order_by("pk")
    related = ("sample__round", "frame_unit", "parent__frame_unit", "replaces")
    for village in drawn.select_related(*related):
        unit, code = _anchor(village), village.frame_unit.code
        yield {
            **_on_record(unit, record_of(unit)),
            "below": {
                "stage": draw.stage,
                "unit": code,
                "frame": list(rows_of_list(read_list(registers, code, draw.stage))),
                **_drawn_in(village, draw),
            },
        }


def _drawn_in(village: SampledUnit, draw: Draw) -> dict[str, Rows]:
    """Return the drawn list of a village; of households also the seals, and which adults were chosen."""
    cases = Case.objects.filter(village=village).order_by("draw_order")
    fields: tuple[str, ...] = ("village__frame_unit__code", "register_number", "draw_order", "is_reserve")
    if draw.stage == SamplingFrame.Stage.HOUSEHOLD:
        fields = (*fields, "household__seal_digest")
    return {
        "list": [list(row) for row in cases.values_list(*fields)],
        "adults": chosen_adults(Household.objects.filter(case__village=village)),
    }


def chosen_adults(households: QuerySet[Household]) -> Rows:
    """Return which adult was chosen wherever the sealed number decided among listed ones."""
    decided = households.filter(rule=AdultRule.LISTED_ADULTS, chosen__isnull=False)
    fields = ("case__village__frame_unit__code", "case__register_number", "rule", "n_adults", "chosen")
    return sorted(list(row) for row in decided.values_list(*fields))


def _on_record(unit: SampledUnit, record: ReplacementRecord) -> dict[str, Any]:
    """Return the record, and what the audit log kept of it on the day."""
    entry = ModelLogEntry.objects.for_instance(unit).filter(action__in=ACTIONS).order_by("pk").first()
    return {
        "record": record.document(),
        "recorded_sha256": entry.data.get("record_sha256", "") if entry else "",
        "recorded_at": entry.timestamp.isoformat() if entry else "",
    }
