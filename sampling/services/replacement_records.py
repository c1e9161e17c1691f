"""What is on record of replacements, the seeds that follow from it, and the same for auditors."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from wagtail.models import ModelLogEntry

from sampling.design.commitments import digest_of_secret
from sampling.design.fingerprints import Cell, digest_of_frame
from sampling.design.replacements import ReplacementRecord, replacement_secret, replacement_seed
from sampling.design.stage_frames import area_rows, stage_design
from sampling.models import Case, Draw, ListedUnit, SampledUnit, SamplingFrame
from sampling.models.draws import DrawStatus
from sampling.selectors.frames import units_below
from sampling.selectors.orders import selection_of
from sampling.selectors.replacements import of_replacements
from sampling.services.draws import kept_registers, seeds_of
from sampling.services.household_lists import CheckedList, rows_of_list
from sampling.services.registers import read_register

VILLAGE, PERSON = SampledUnit.Stage.VILLAGE.value, SamplingFrame.Stage.PERSON.value
BELOW = {SampledUnit.Stage.COMMUNE.value: (VILLAGE, PERSON), VILLAGE: (PERSON,)}
"""The stages that are listed and drawn below a replacement; each has a secret of its own."""

ACTIONS = ("sampling.replace_unit", "sampling.replace_commune")

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
    living = Draw.objects.filter(round=unit.sample.round, stage=unit.stage).exclude(
        status=DrawStatus.ABANDONED
    )
    return ReplacementRecord(
        round=unit.sample.round.code,
        stage=unit.stage,
        above=above_of(unit),
        replaced=unit.replaces.frame_unit.code,
        reason=unit.replacement_reason,
        replacement=unit.frame_unit.code,
        eligible=tuple(eligible_sizes(eligible).items()),
        draw_sha256=living.values_list("commitment_digest", flat=True).first() or "",
        secret_sha256={stage: digest_of_secret(secret_below(unit, stage)) for stage in BELOW[unit.stage]},
    )


def above_of(unit: SampledUnit) -> str:
    """Return the stratum, or the unit above, from whose list a unit was taken."""
    return unit.parent.frame_unit.code if unit.parent else unit.stratum


def secret_below(unit: SampledUnit, stage: str) -> str:
    """Return the secret of one stage below a replacement; it follows from `COORDINATION_KEY`."""
    labels = (unit.sample.round.code, unit.stage, unit.frame_unit.code, stage)
    return replacement_secret(settings.COORDINATION_KEY, *labels)


def seed_of_order(unit: SampledUnit) -> str:
    """Return the seed that orders the replacements of a unit: that of the list from which it was drawn."""
    commune = unit.parent
    if unit.stage == VILLAGE and commune is not None and commune.replaces is not None:
        return village_seed(commune)
    return seeds_of(unit.sample.round, common=unit.sample.seed).at(unit.stage)


def village_seed(commune: SampledUnit) -> str:
    """Return the seed with which the villages of a replacement are drawn from their list."""
    digest = digest_of_frame(village_rows(commune))
    return _seed(commune, VILLAGE, commune.frame_unit.code, digest)


def person_seed(village: SampledUnit, register: CheckedList) -> str:
    """Return the seed with which the adults of a village are drawn that was not drawn at first."""
    return _seed(_anchor(village), PERSON, village.frame_unit.code, digest_of_numbers(register))


def digest_of_numbers(register: CheckedList) -> str:
    """Return the SHA-256 of what takes part in a draw: numbers, and the order of a list of households."""
    return digest_of_frame(rows_of_list(register))


def village_rows(commune: SampledUnit) -> Rows:
    """Return the villages of a commune as they enter a draw: commune, code, no type, size."""
    code = commune.frame_unit.code
    units = units_below(commune.sample.round, VILLAGE, [code])
    return list(area_rows((code, each.code, "", each.size) for each in units))


def _seed(unit: SampledUnit, stage: str, code: str, digest: str) -> str:
    return replacement_seed(
        secret=secret_below(unit, stage),
        record_digest=record_of(unit).digest(),
        stage=stage,
        unit=code,
        list_digest=digest,
    )


def _anchor(village: SampledUnit) -> SampledUnit:
    """Return the replacement to which a village belongs: itself, or its commune."""
    above = village.parent
    return above if village.replaces is None and above is not None else village


def replacement_documents(draw: Draw) -> list[dict[str, Any]]:
    """Return what an auditor needs to check the replacements of a stage, in the order in which they came.

    What lies below is shown stage by stage: the villages of a commune with the draw of the communes, the
    adults of a village with the draw of the adults, which accredited auditors alone may see.
    """
    if draw.status == DrawStatus.ABANDONED:
        return []
    if draw.stage == PERSON:
        return list(_person_documents(draw))
    units = SampledUnit.objects.filter(
        sample__round=draw.round, stage=draw.stage, replaces__isnull=False
    ).select_related("sample__round", "sample__template", "frame_unit", "parent__frame_unit")
    return [_area_document(unit) for unit in units.order_by("pk")]


def _area_document(unit: SampledUnit) -> dict[str, Any]:
    record = record_of(unit)
    document = {
        **_on_record(unit, record),
        "seed": seed_of_order(unit),
        "eligible": [list(each) for each in sorted(record.eligible)],
    }
    if unit.stage == VILLAGE or not unit.children.exists():
        return document
    drawn = unit.children.filter(replaces__isnull=True).order_by("draw_order")
    own = ("stage", "parent__frame_unit__code", "frame_unit__code")
    fields = (*own, "frame_order", "draw_order", "is_certainty")
    return document | {
        "below": {
            "stage": VILLAGE,
            "unit": unit.frame_unit.code,
            "secret": secret_below(unit, VILLAGE),
            "design": stage_design(unit.sample.template.document, VILLAGE),
            "frame": village_rows(unit),
            "list": [list(row) for row in drawn.values_list(*fields)],
        }
    }


def _person_documents(draw: Draw) -> Iterator[dict[str, Any]]:
    registers = kept_registers(draw.round)
    villages = SampledUnit.objects.filter(sample__round=draw.round, stage=VILLAGE).filter(of_replacements())
    drawn = villages.filter(cases__isnull=False).distinct().order_by("pk")
    related = ("sample__round", "frame_unit", "parent__frame_unit", "replaces")
    for village in drawn.select_related(*related):
        unit, code = _anchor(village), village.frame_unit.code
        cases = Case.objects.filter(village=village).order_by("draw_order")
        fields = ("village__frame_unit__code", "register_number", "draw_order", "is_reserve")
        yield {
            **_on_record(unit, record_of(unit)),
            "below": {
                "stage": PERSON,
                "unit": code,
                "secret": secret_below(unit, PERSON),
                "design": draw.design,
                "frame": [[code, number] for number in read_register(registers, code).ids],
                "list": [list(row) for row in cases.values_list(*fields)],
            },
        }


def _on_record(unit: SampledUnit, record: ReplacementRecord) -> dict[str, Any]:
    """Return the record, and what the audit log kept of it on the day."""
    entry = ModelLogEntry.objects.for_instance(unit).filter(action__in=ACTIONS).order_by("pk").first()
    return {
        "record": record.document(),
        "recorded_sha256": entry.data.get("record_sha256", "") if entry else "",
        "recorded_at": entry.timestamp.isoformat() if entry else "",
    }
