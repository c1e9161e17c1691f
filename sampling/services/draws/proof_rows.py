"""The canonical rows of a draw: the frame that a commitment fixes, and the list that a seed gives.

Frame rows are those of `sampling.design.stage_frames`: of an area stage (stratum or unit above, code, type,
size) for every unit with residents that can be drawn, of the adults (village, number), of households
(village, number, group, position). List rows are

* of an area stage: stage, stratum or unit above, code, place in the sorted frame, order of the draw, certain
  or not, probability;
* of the adults: village, number in the register, order of the draw, reserve or not, probability;
* of households: village, number in the list, order of the draw, reserve or not, SHA-256 of the sealed number
  that chooses the adult, probability;
* of a transaction list: id, stratum, order of the draw, reserve or not, probability;

sorted by stratum (unit above, village) and order of the draw, with probabilities as exact fractions "a/b".
`Draw.frame_digest` is `digest_of_frame` of the former, `Draw.fingerprint` is `digest_of_rows` of the latter.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from sampling.design.fingerprints import Cell, digest_of_frame, digest_of_rows
from sampling.design.households import seal_of
from sampling.design.stage_frames import area_rows
from sampling.design.within_household import digest_of_seal
from sampling.models import Draw, SampledUnit, SamplingFrame, SurveyRound
from sampling.sealing import seed_of
from sampling.selectors.frames import REGISTER_STAGES, first_places, stage_codes, units_below
from sampling.selectors.replacements import of_the_draw
from sampling.services.draws.computing import (
    DrawnList,
    DrawnStage,
    drawn_stages,
    first_units,
    plan_of,
    seeds_of,
)
from sampling.services.draws.dossiers import digest_of_list, dossier_rows
from sampling.services.draws.register_files import kept_registers
from sampling.services.household_lists import CheckedList, draw_list, read_list, rows_of_list

Stage = SamplingFrame.Stage

type Rows = Iterable[list[Cell]]


def digest_of_draw_frame(draw: Draw) -> str:
    """Return the digest of what a draw is made from, as it is now."""
    if draw.stage == Stage.DOSSIER:
        return digest_of_list(draw)
    return digest_of_frame(frame_rows(draw))


def frame_rows(draw: Draw) -> Rows:
    """Return the rows of the frame of an area stage or of the registers, in any order."""
    if draw.stage in REGISTER_STAGES:
        return chain.from_iterable(map(rows_of_list, _lists(draw.round).values()))
    position = stage_codes(draw.round).index(draw.stage)
    if not position:
        return _first_rows(draw)
    above = drawn_codes(draw.round, stage_codes(draw.round)[position - 1])
    by_type = plan_of(draw.round).area(draw.stage).selection.uses_type
    units = units_below(draw.round, draw.stage, above)
    return area_rows((unit.above, unit.code, unit.unit_type if by_type else "", unit.size) for unit in units)


def list_rows(draw: Draw) -> Rows:
    """Draw a stage again from its frame and seed, and return the rows of its list."""
    if draw.stage == Stage.DOSSIER:
        return dossier_rows(draw)
    if draw.stage in REGISTER_STAGES:
        return person_list_rows(draw)
    stages = drawn_stages(draw.round, seeds_of(draw.round), through=draw.stage)
    return area_list_rows(stages[-1])


def area_list_rows(drawn: DrawnStage) -> Rows:
    """Return the rows of a drawn area stage."""
    units = sorted(drawn.units, key=lambda unit: (unit.stratum, unit.draw_order))
    return [unit.canonical_row(drawn.code) for unit in units]


def person_list_rows(draw: Draw) -> Iterator[list[Cell]]:
    """Yield the rows of the drawn adults or households, village by village."""
    plan, seed = plan_of(draw.round), seed_of(draw)
    for village, listed in sorted(_lists(draw.round).items()):
        drawn = draw_list(plan, listed, seed)
        for place, number in enumerate(drawn.main + drawn.reserve, start=1):
            row: list[Cell] = [village, number, place, place > len(drawn.main)]
            if plan.households is not None:
                row.append(digest_of_seal(seal_of(seed, village, number)))
            yield [*row, str(drawn.probability)]


def rows_of_persons(drawn: DrawnList) -> Rows:
    """Return the rows of adults that were just drawn: those of `person_list_rows`, without drawing again."""
    ordered = sorted(drawn.persons, key=lambda person: (person.village, person.draw_order))
    for each in ordered:
        probability = str(each.probabilities[-1])
        yield [each.village, each.register_number, each.draw_order, each.is_reserve, probability]


def drawn_codes(survey_round: SurveyRound, stage: str) -> list[str]:
    """Return the codes of the drawn units of an area stage in the order in which they were written.

    Units that took the place of others later, and what was drawn below them, are no part of the draw.
    """
    units = SampledUnit.objects.filter(sample__round=survey_round, stage=stage)
    units = units.filter(of_the_draw()).order_by("pk")
    return list(units.values_list("frame_unit__code", flat=True))


def _first_rows(draw: Draw) -> Rows:
    """Return the rows of the first stage."""
    by_type = plan_of(draw.round).area(draw.stage).selection.uses_type
    units = first_units(draw.round, first_places(draw.round))
    return area_rows((unit.above, unit.code, unit.unit_type if by_type else "", unit.size) for unit in units)


def registers_in_short(survey_round: SurveyRound) -> tuple[int, str]:
    """Return the number of adults, or households, in the kept lists of the drawn villages, and one digest."""
    lists = _lists(survey_round)
    digest = digest_of_rows(lists[village].canonical_row() for village in sorted(lists))
    return sum(len(listed.ids) for listed in lists.values()), digest


def _lists(survey_round: SurveyRound) -> dict[str, CheckedList]:
    """Return the kept list of every drawn village: its register of adults, or its households."""
    kept, stage = kept_registers(survey_round), stage_codes(survey_round)[-1]
    villages = drawn_codes(survey_round, Stage.VILLAGE.value)
    return {village: read_list(kept, village, stage) for village in villages}
