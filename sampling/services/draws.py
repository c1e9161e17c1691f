"""Drawing a sample: a function of frames, design and seed, written in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db import transaction
from django.utils.translation import gettext as _

from sampling.design.fingerprints import digest_of_document, digest_of_rows
from sampling.design.lists import AreaDraw, ListedPerson, list_persons
from sampling.design.selection import SimpleRandomSample
from sampling.design.stages import (
    CommuneUnit,
    DrawnUnit,
    StagePlan,
    VillageUnit,
    draw_communes,
    draw_persons,
    drawn_units,
    order_communes,
    order_villages,
)
from sampling.models import Case, Sample, SampledUnit, SamplingFrame, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.selectors.frames import CommunePlace, commune_places, frame_of
from sampling.services.audit import User, record
from sampling.services.orders import (
    ListProof,
    area_proofs,
    digest_of_proofs,
    register_proofs,
    write_area_lists,
    write_register_lists,
)
from sampling.services.registers import CheckedRegister, Registers, read_register
from sampling.services.rounds import require_status

BATCH_SIZE = 2_000
Stage = SamplingFrame.Stage

type Progress = Callable[[str, int, int], None]
type Places = Mapping[str, CommunePlace]


class DrawRefusedError(ValueError):
    """Raised when a sample cannot be drawn; nothing was written."""


@dataclass(frozen=True, slots=True)
class DrawnList:
    """The respondents, the registers they come from, and the proof of both."""

    persons: list[ListedPerson]
    registers: Mapping[str, CheckedRegister]
    register_digest: str
    orders: Sequence[ListProof]

    @property
    def order_digest(self) -> str:
        """SHA-256 of the order of all lists."""
        return digest_of_proofs(self.orders)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the order of the lists and of every case."""
        cases = (person.canonical_row() for person in self.persons)
        return digest_of_rows(chain([["order", self.order_digest]], cases))


def draw_sample(
    *,
    round: SurveyRound,
    seed: str,
    registers: Registers,
    user: User = None,
    progress: Progress | None = None,
) -> Sample:
    """Draw communes, villages and adults of a round in one transaction."""
    with transaction.atomic():
        sample = draw_area_stages(round=round, seed=seed, user=user, progress=progress)
        return draw_person_stage(sample=sample, registers=registers, user=user, progress=progress)


def communes_to_list(*, round: SurveyRound, seed: str) -> list[str]:
    """Return the communes that the seed draws and whose villages must be listed; nothing is written."""
    plan = StagePlan.from_document(round.template.document)
    units = _commune_units(round, commune_places(round))
    return [unit.code for unit in draw_communes(units, plan, seed)]


@transaction.atomic
def draw_area_stages(
    *, round: SurveyRound, seed: str, user: User = None, progress: Progress | None = None
) -> Sample:
    """Draw the communes and villages of a round and write them."""
    require_status(round, RoundStatus.PREPARING)
    if Sample.objects.filter(round=round).exists():
        raise DrawRefusedError(
            _("Round %(round)s already has a sample. One round is one draw; prepare a new round for another.")
            % {"round": round.code}
        )
    places = commune_places(round)
    area = area_draw(round=round, seed=seed, places=places)
    sample = Sample(
        round=round,
        template=round.template,
        seed=seed,
        frame_digest=frame_digest(round, {}),
        design_digest=digest_of_document(round.template.document),
        n_communes=len(area.communes),
        n_villages=len(area.village_codes()),
        n_persons=0,
        n_reserves=0,
    )
    sample.full_clean(exclude=["fingerprint"])
    sample.save(force_insert=True)
    _write_units(sample, area, places)
    write_area_lists(sample, area.lists)
    record(sample, "sampling.draw_areas", user=user, details=_proof(sample))
    _report(progress, "areas", sample.n_villages, sample.n_villages)
    return sample


@transaction.atomic
def draw_person_stage(
    *, sample: Sample, registers: Registers, user: User = None, progress: Progress | None = None
) -> Sample:
    """Draw the adults of the drawn villages and complete the sample."""
    require_status(sample.round, RoundStatus.PREPARING)
    if sample.fingerprint:
        raise DrawRefusedError(
            _("The adults of round %(round)s are already drawn.") % {"round": sample.round.code}
        )
    drawn = person_draw(sample=sample, registers=registers, progress=progress)
    _write_person_frame(sample, drawn)
    _write_cases(sample, drawn, progress)
    write_register_lists(sample, drawn.orders)
    sample.n_reserves = sum(person.is_reserve for person in drawn.persons)
    sample.n_persons = len(drawn.persons) - sample.n_reserves
    sample.frame_digest = frame_digest(sample.round, {Stage.PERSON: drawn.register_digest})
    sample.order_digest = drawn.order_digest
    sample.fingerprint = drawn.fingerprint
    sample.full_clean()
    sample.save()
    record(sample, "sampling.draw", user=user, details=_proof(sample))
    return sample


def area_draw(*, round: SurveyRound, seed: str, places: Places | None = None) -> AreaDraw:
    """Compute the area stages from the frames, without writing anything."""
    places = commune_places(round) if places is None else places
    plan = StagePlan.from_document(round.template.document)
    commune_lists = order_communes(_commune_units(round, places), plan, seed)
    communes = [commune for ordered in commune_lists for commune in drawn_units(ordered)]
    villages = _villages_by_commune(round)
    unlisted = [commune.code for commune in communes if not villages.get(commune.code)]
    if unlisted:
        raise DrawRefusedError(
            _("Expected villages with residents in every drawn commune; none are listed for %(communes)s.")
            % {"communes": ", ".join(unlisted)}
        )
    village_lists = [order_villages(commune.code, villages[commune.code], plan, seed) for commune in communes]
    return AreaDraw(
        communes=tuple(communes),
        villages={ordered.stratum: tuple(drawn_units(ordered)) for ordered in village_lists},
        province_of={commune.code: places[commune.code].province for commune in communes},
        lists=(*commune_lists, *village_lists),
    )


def person_draw(*, sample: Sample, registers: Registers, progress: Progress | None = None) -> DrawnList:
    """Compute the list of respondents from frames, registers and seed, without writing anything."""
    plan = StagePlan.from_document(sample.template.document)
    area = area_draw(round=sample.round, seed=sample.seed)
    codes = area.village_codes()
    checked: dict[str, CheckedRegister] = {}
    samples: dict[str, SimpleRandomSample] = {}
    for done, village in enumerate(codes, start=1):
        checked[village] = read_register(registers, village)
        samples[village] = draw_persons(village, checked[village].ids, plan, sample.seed)
        _report(progress, "persons", done, len(codes))
    return DrawnList(
        persons=list(list_persons(area, samples)),
        registers=checked,
        register_digest=digest_of_rows(checked[village].canonical_row() for village in sorted(codes)),
        orders=[*area_proofs(area.lists), *register_proofs(samples, plan.persons)],
    )


def frame_digest(survey_round: SurveyRound, digests: Mapping[str, str]) -> str:
    """Return one digest of all frames of a round; `digests` adds those that are not stored yet."""
    stored = dict(SamplingFrame.objects.filter(round=survey_round).values_list("stage", "digest"))
    return digest_of_rows(
        sorted((stored | {str(stage): digest for stage, digest in digests.items()}).items())
    )


def _commune_units(survey_round: SurveyRound, places: Places) -> Iterator[CommuneUnit]:
    """Turn the communes with residents into units of the first stage."""
    if not places:
        raise DrawRefusedError(
            _("Round %(round)s has no frame of communes with residents. Load it first.")
            % {"round": survey_round.code}
        )
    for code, place in places.items():
        yield CommuneUnit(code, place.stratum, place.unit_type, place.size)


def _villages_by_commune(survey_round: SurveyRound) -> dict[str, list[VillageUnit]]:
    """Read the villages with residents."""
    villages: dict[str, list[VillageUnit]] = defaultdict(list)
    units = frame_of(survey_round, Stage.VILLAGE).values_list("code", "parent_code", "measure_of_size")
    for code, commune, size in units:
        villages[commune].append(VillageUnit(code, commune, size))
    return villages


def _write_units(sample: Sample, area: AreaDraw, places: Places) -> None:
    """Write the drawn communes and villages."""
    communes = _sampled_units(sample, Stage.COMMUNE, area.communes)
    for unit, commune in zip(communes, area.communes, strict=True):
        unit.province_id = places[commune.code].province_id
    SampledUnit.objects.bulk_create(communes, batch_size=BATCH_SIZE)
    above = {commune.code: unit for unit, commune in zip(communes, area.communes, strict=True)}
    drawn = [village for commune in area.communes for village in area.villages[commune.code]]
    villages = _sampled_units(sample, Stage.VILLAGE, drawn)
    for unit, village in zip(villages, drawn, strict=True):
        parent = above[village.stratum]
        unit.parent, unit.province_id, unit.stratum = parent, parent.province_id, parent.stratum
    SampledUnit.objects.bulk_create(villages, batch_size=BATCH_SIZE)


def _sampled_units(sample: Sample, stage: Stage, drawn: Sequence[DrawnUnit]) -> list[SampledUnit]:
    """Turn drawn units into rows; the village stage takes its stratum from the commune above."""
    frame_units = dict(frame_of(sample.round, stage).values_list("code", "pk"))
    return [
        SampledUnit(
            sample=sample,
            stage=stage.value,
            frame_unit_id=frame_units[unit.code],
            stratum=unit.stratum,
            frame_order=unit.frame_order,
            draw_order=unit.draw_order,
            is_certainty=unit.is_certainty,
            inclusion_probability=float(unit.probability),
        )
        for unit in drawn
    ]


def _write_person_frame(sample: Sample, drawn: DrawnList) -> None:
    """Keep the size and digest of the registers; their rows stay in the villages."""
    village_frame = SamplingFrame.objects.get(round=sample.round, stage=Stage.VILLAGE)
    SamplingFrame.objects.create(
        round=sample.round,
        stage=Stage.PERSON,
        source=_("Registers of the drawn villages"),
        reference_date=village_frame.reference_date,
        n_units=sum(len(register.ids) for register in drawn.registers.values()),
        digest=drawn.register_digest,
    )


def _write_cases(sample: Sample, drawn: DrawnList, progress: Progress | None) -> None:
    """Write one case per drawn adult."""
    units = SampledUnit.objects.filter(sample=sample, stage=Stage.VILLAGE)
    villages = dict(units.values_list("frame_unit__code", "pk"))
    total = len(drawn.persons)
    for start in range(0, total, BATCH_SIZE):
        batch = drawn.persons[start : start + BATCH_SIZE]
        Case.objects.bulk_create(_cases(sample, batch, villages, drawn.registers))
        _report(progress, "cases", start + len(batch), total)


def _cases(
    sample: Sample,
    persons: Iterable[ListedPerson],
    villages: Mapping[str, int],
    registers: Mapping[str, CheckedRegister],
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


def _proof(sample: Sample) -> dict[str, str | int]:
    """Return what the audit log keeps of a draw."""
    return {
        "seed": sample.seed,
        "frame_sha256": sample.frame_digest,
        "design_sha256": sample.design_digest,
        "order_sha256": sample.order_digest,
        "list_sha256": sample.fingerprint,
        "communes": sample.n_communes,
        "villages": sample.n_villages,
        "persons": sample.n_persons,
        "reserves": sample.n_reserves,
    }


def _report(progress: Progress | None, step: str, done: int, total: int) -> None:
    """Tell whoever watches how far the work is."""
    if progress is not None:
        progress(step, done, total)
