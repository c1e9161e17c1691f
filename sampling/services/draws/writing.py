"""Writing what was drawn: units of an area stage, registers in short, cases."""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from sampling.design.fingerprints import digest_of_document
from sampling.design.lists import ListedPerson
from sampling.models import Case, Sample, SampledUnit, SamplingFrame, SurveyRound
from sampling.selectors.frames import frame_of
from sampling.services.draws.computing import DrawnList, DrawnStage, Places, frame_digest
from sampling.services.draws.household_seals import seal_households
from sampling.services.draws.progress import Progress, report
from sampling.services.household_lists import CheckedList
from sampling.services.orders import write_area_lists, write_register_lists

BATCH_SIZE = 2_000
Stage = SamplingFrame.Stage


def new_sample(survey_round: SurveyRound, seed: str) -> Sample:
    """Write a sample that has no units yet; `seed` is that of its first stage."""
    sample = Sample(
        round=survey_round,
        template=survey_round.template,
        seed=seed,
        frame_digest=frame_digest(survey_round, {}),
        design_digest=digest_of_document(survey_round.template.document),
        n_communes=0,
        n_villages=0,
        n_persons=0,
        n_reserves=0,
    )
    sample.full_clean(exclude=["fingerprint"])
    sample.save(force_insert=True)
    return sample


def write_stage(sample: Sample, drawn: DrawnStage, places: Places) -> None:
    """Write the drawn units of one area stage below those of the stage before, and their lists."""
    above = {unit.frame_unit.code: unit for unit in _units_above(sample, drawn)}
    frame_units = dict(frame_of(sample.round, drawn.code).values_list("code", "pk"))
    rows = []
    for unit in drawn.units:
        parent = above.get(unit.stratum)
        row = SampledUnit(
            sample=sample,
            stage=drawn.code,
            frame_unit_id=frame_units[unit.code],
            parent=parent,
            province_id=parent.province_id if parent else places[unit.code].province_id,
            stratum=parent.stratum if parent else unit.stratum,
            frame_order=unit.frame_order,
            draw_order=unit.draw_order,
            is_certainty=unit.is_certainty,
            inclusion_probability=float(unit.probability),
            is_approximate=unit.is_approximate,
        )
        rows.append(row)
    SampledUnit.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    write_area_lists(sample, drawn.lists)
    _count_units(sample, drawn)


def _units_above(sample: Sample, drawn: DrawnStage) -> Iterable[SampledUnit]:
    """Return the written units of the stage before; none before the first stage."""
    codes = [stage["code"] for stage in sample.template.document["stages"]]
    position = codes.index(drawn.code)
    if not position:
        return ()
    units = SampledUnit.objects.filter(sample=sample, stage=codes[position - 1])
    return units.select_related("frame_unit")


def _count_units(sample: Sample, drawn: DrawnStage) -> None:
    """Keep the number of communes and villages with the sample, and the frames known so far."""
    field = {Stage.COMMUNE.value: "n_communes", Stage.VILLAGE.value: "n_villages"}.get(drawn.code)
    if field:
        setattr(sample, field, len(drawn.units))
    sample.frame_digest = frame_digest(sample.round, {})
    sample.save(update_fields=["n_communes", "n_villages", "frame_digest"])


def write_persons(sample: Sample, drawn: DrawnList, progress: Progress | None) -> None:
    """Write the cases of a drawn list and complete the sample."""
    _write_person_frame(sample, drawn)
    _write_cases(sample, drawn, progress)
    write_register_lists(sample, drawn.orders)
    sample.n_reserves = sum(person.is_reserve for person in drawn.persons)
    sample.n_persons = len(drawn.persons) - sample.n_reserves
    seal_households(sample)
    sample.frame_digest = frame_digest(sample.round, {drawn.stage: drawn.register_digest})
    sample.order_digest = drawn.order_digest
    sample.fingerprint = drawn.fingerprint
    sample.full_clean()
    sample.save()


def _write_person_frame(sample: Sample, drawn: DrawnList) -> None:
    """Keep size and digest of the registers; a commitment has done so already."""
    village_frame = SamplingFrame.objects.get(round=sample.round, stage=Stage.VILLAGE)
    SamplingFrame.objects.get_or_create(
        round=sample.round,
        stage=drawn.stage,
        defaults={
            "source": source_of_lists(drawn.stage),
            "reference_date": village_frame.reference_date,
            "n_units": sum(len(register.ids) for register in drawn.registers.values()),
            "digest": drawn.register_digest,
        },
    )


def source_of_lists(stage: str) -> str:
    """Say where the last frame comes from."""
    if stage == Stage.HOUSEHOLD:
        return _("Lists of households of the drawn villages")
    return _("Registers of the drawn villages")


def _write_cases(sample: Sample, drawn: DrawnList, progress: Progress | None) -> None:
    """Write one case per drawn adult."""
    units = SampledUnit.objects.filter(sample=sample, stage=Stage.VILLAGE)
    villages = dict(units.values_list("frame_unit__code", "pk"))
    total = len(drawn.persons)
    for start in range(0, total, BATCH_SIZE):
        batch = drawn.persons[start : start + BATCH_SIZE]
        Case.objects.bulk_create(_cases(sample, batch, villages, drawn.registers))
        report(progress, "cases", start + len(batch), total)


def _cases(
    sample: Sample,
    persons: Iterable[ListedPerson],
    villages: Mapping[str, int],
    registers: Mapping[str, CheckedList],
) -> Iterator[Case]:
    """Turn listed persons into rows."""
    for person in persons:
        register = registers[person.village]
        yield Case(
            sample=sample,
            number=person.number,
            village_id=villages[person.village],
            register_number=person.register_number,
            draw_order=person.draw_order,
            is_reserve=person.is_reserve,
            inclusion_probability=float(person.probabilities[-1]),
            design_weight=person.weight,
            sex=register.sex.get(person.register_number, ""),
            age_group=register.age_group.get(person.register_number, ""),
        )


def proof_of(sample: Sample) -> dict[str, str | int]:
    """Return what the audit log keeps of a sample; more people read the log than may know a seed."""
    return {
        "frame_sha256": sample.frame_digest,
        "design_sha256": sample.design_digest,
        "order_sha256": sample.order_digest,
        "list_sha256": sample.fingerprint,
        "communes": sample.n_communes,
        "villages": sample.n_villages,
        "persons": sample.n_persons,
        "reserves": sample.n_reserves,
    }
