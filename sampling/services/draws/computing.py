"""Computing what a draw gives from frames, design and seeds, without writing anything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from django.utils.translation import gettext as _

from sampling.design.allocation import AllocationError
from sampling.design.commitments import StageSeeds
from sampling.design.coordination import CoordinationError
from sampling.design.fingerprints import digest_of_rows
from sampling.design.lists import AreaDraw, ListedPerson, list_persons
from sampling.design.ordering import OrderedList
from sampling.design.selection import SimpleRandomSample
from sampling.design.stage_coordination import Steering
from sampling.design.stage_plans import AreaStage, StagePlan
from sampling.design.stages import AreaUnit, DrawnUnit, drawn_units, order_units
from sampling.models import Draw, Sample, SamplingFrame, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.sealing import seed_of
from sampling.selectors.frames import UnitPlace, first_places, stage_codes, units_below
from sampling.selectors.steering import designs_of, steering_of
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.draws.progress import Progress, report
from sampling.services.household_lists import CheckedList, draw_list, read_list
from sampling.services.orders import ListProof, area_proofs, digest_of_proofs, register_proofs
from sampling.services.refusals import told
from sampling.services.registers import Registers

Stage = SamplingFrame.Stage

type Places = Mapping[str, UnitPlace]


@dataclass(frozen=True, slots=True)
class DrawnStage:
    """The sorted lists of one area stage and the units drawn from them, in the order of the draw."""

    code: str
    lists: tuple[OrderedList, ...]
    units: tuple[DrawnUnit, ...]


@dataclass(frozen=True, slots=True)
class DrawnList:
    """The respondents, the registers they come from, and the proof of both.

    `stage` tells whether the registers list adults or households.
    """

    persons: list[ListedPerson]
    registers: Mapping[str, CheckedList]
    register_digest: str
    orders: Sequence[ListProof]
    stage: str = Stage.PERSON.value

    @property
    def order_digest(self) -> str:
        """SHA-256 of the order of all lists."""
        return digest_of_proofs(self.orders)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the order of the lists and of every case."""
        cases = (person.canonical_row() for person in self.persons)
        return digest_of_rows(chain([["order", self.order_digest]], cases))


def plan_of(survey_round: SurveyRound) -> StagePlan:
    """Return the sizes of the stages of a round."""
    return StagePlan.from_document(survey_round.template.document)


def seeds_of(survey_round: SurveyRound, common: str = "") -> StageSeeds:
    """Return the seed of each stage that is drawn; without draws, the one seed of a rehearsal."""
    draws = Draw.objects.filter(round=survey_round).exclude(status=DrawStatus.ABANDONED).exclude(seed="")
    by_stage = {draw.stage: seed_of(draw) for draw in draws}
    return StageSeeds(by_stage) if by_stage else StageSeeds(common=common)


def committed_areas(survey_round: SurveyRound) -> list[AreaStage]:
    """Return the area stages in the order of the draw, with what the commitments of drawn ones fixed."""
    steering, designs = _steering(survey_round), designs_of(survey_round)
    return [
        replace(each, steering=steering.get(each.code)).as_committed(designs.get(each.code))
        for each in plan_of(survey_round).areas
    ]


def drawn_stages(
    survey_round: SurveyRound, seeds: StageSeeds, *, through: str, places: Places | None = None
) -> list[DrawnStage]:
    """Compute the area stages of a round from the first one through a given one."""
    places = first_places(survey_round) if places is None else places
    stages: list[DrawnStage] = []
    for stage in committed_areas(survey_round):
        above = stages[-1].units if stages else None
        stages.append(_drawn_stage(survey_round, stage, seeds.at(stage.code), places, above))
        if stage.code == through:
            break
    return stages


def _steering(survey_round: SurveyRound) -> dict[str, Steering]:
    """Return what steers the coordinated stages, or say that the key is another one."""
    try:
        return steering_of(survey_round)
    except CoordinationError as error:
        raise DrawRefusedError(told(error)) from error


def _drawn_stage(
    survey_round: SurveyRound,
    stage: AreaStage,
    seed: str,
    places: Places,
    above: Sequence[DrawnUnit] | None,
) -> DrawnStage:
    """Compute one stage; the lists stand in the order of the units above."""
    if above is None:
        lists = _first_lists(stage, first_units(survey_round, places), seed)
    else:
        codes = [unit.code for unit in above]
        by_unit = {
            each.stratum: each for each in order_units(stage, _below(survey_round, stage, codes), seed)
        }
        lists = [by_unit[code] for code in codes]
    return DrawnStage(stage.code, tuple(lists), tuple(unit for each in lists for unit in drawn_units(each)))


def _first_lists(stage: AreaStage, units: Iterable[AreaUnit], seed: str) -> list[OrderedList]:
    """Sort the units of the first stage, or say why its total cannot be divided among the strata."""
    try:
        return order_units(stage, units, seed)
    except AllocationError as error:
        raise DrawRefusedError(told(error)) from error


def first_units(survey_round: SurveyRound, places: Places) -> Iterator[AreaUnit]:
    """Yield the units of the first stage."""
    if not places:
        raise DrawRefusedError(
            _("Round %(round)s has no frame of %(stage)s with residents. Load it first.")
            % {"round": survey_round.code, "stage": Stage(stage_codes(survey_round)[0]).label}
        )
    for code, place in places.items():
        yield AreaUnit(code, place.stratum, place.size, place.unit_type)


def _below(survey_round: SurveyRound, stage: AreaStage, above: Sequence[str]) -> list[AreaUnit]:
    """Return the units below drawn units, or name those that have none."""
    units = units_below(survey_round, stage.code, above)
    listed = {unit.above for unit in units}
    unlisted = [code for code in above if code not in listed]
    if unlisted:
        raise DrawRefusedError(
            _("Expected %(stage)s with residents in every drawn unit; none are listed for %(units)s.")
            % {"stage": Stage(stage.code).label, "units": ", ".join(unlisted)}
        )
    return units


def area_draw(
    *, round: SurveyRound, seed: str = "", seeds: StageSeeds | None = None, places: Places | None = None
) -> AreaDraw:
    """Compute all area stages; `seed` is the one of a rehearsal, `seeds` those of the stages."""
    places = first_places(round) if places is None else places
    stages = drawn_stages(round, seeds or StageSeeds(common=seed), through=Stage.VILLAGE.value, places=places)
    return as_area_draw(stages, places)


def as_area_draw(stages: Sequence[DrawnStage], places: Places) -> AreaDraw:
    """Join the area stages: what lies above each commune, and the villages in it."""
    *over, communes, villages = stages
    above: dict[str, tuple[DrawnUnit, ...]] = {}
    for stage, below in pairwise((*over, communes)):
        by_code = {unit.code: (*above.get(unit.code, ()), unit) for unit in stage.units}
        above |= {unit.code: by_code[unit.stratum] for unit in below.units}
    of_commune = {
        each.stratum: tuple(unit for unit in villages.units if unit.stratum == each.stratum)
        for each in villages.lists
    }
    return AreaDraw(
        communes=communes.units,
        villages=of_commune,
        province_of={
            unit.code: places[(*above.get(unit.code, ()), unit)[0].code].province for unit in communes.units
        },
        lists=tuple(each for stage in stages for each in stage.lists),
        above={unit.code: above[unit.code] for unit in communes.units if unit.code in above},
    )


def person_draw(*, sample: Sample, registers: Registers, progress: Progress | None = None) -> DrawnList:
    """Compute the list of respondents from frames, registers and seeds, without writing anything."""
    seeds = seeds_of(sample.round, common=sample.seed)
    plan = StagePlan.from_document(sample.template.document)
    area = area_draw(round=sample.round, seeds=seeds)
    codes = area.village_codes()
    checked: dict[str, CheckedList] = {}
    samples: dict[str, SimpleRandomSample] = {}
    for done, village in enumerate(codes, start=1):
        checked[village] = read_list(registers, village, plan.last)
        samples[village] = draw_list(plan, checked[village], seeds.at(plan.last))
        report(progress, "persons", done, len(codes))
    return DrawnList(
        persons=list(list_persons(area, samples)),
        registers=checked,
        register_digest=digest_of_rows(checked[village].canonical_row() for village in sorted(codes)),
        orders=[*area_proofs(area.lists), *register_proofs(samples, plan.persons, plan.last)],
        stage=plan.last,
    )


def frame_digest(survey_round: SurveyRound, digests: Mapping[str, str]) -> str:
    """Return one digest of all frames of a round; `digests` adds those that are not stored yet."""
    stored = dict(SamplingFrame.objects.filter(round=survey_round).values_list("stage", "digest"))
    return digest_of_rows(
        sorted((stored | {str(stage): digest for stage, digest in digests.items()}).items())
    )
