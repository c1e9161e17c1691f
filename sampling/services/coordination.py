"""Samples of persons in transaction lists that avoid, or meet again, those of an earlier round.

A library so far: no page and no draw uses it. All strata of a round share one starting point, because the
stratum of a person is that of their first dossier and changes from round to round.

Nothing is written here: the lists are computed with the coordination key of the installation, which no draw
reveals. A draw that is proved in public uses its own seed, and is not coordinated.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import fsum
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.design.coordination import (
    CoordinatedRound,
    CoordinationError,
    Overlap,
    Unit,
    expected_overlap,
    plan_round,
    select_coordinated,
    start_for_pairs,
    start_from_seed,
)
from sampling.design.list_design import ListDesign, Selection
from sampling.design.list_design import Unit as ListUnit
from sampling.engine import DuckDBEngine
from sampling.engine.list_units import units_by_stratum

SIMPLE, PERSON = "simple_random", "person"


@dataclass(frozen=True, slots=True)
class CoordinatedStratum:
    """The selected units of one stratum, and what the next round has to know of them.

    `dossiers` holds the dossier of each selected person, by the id of the unit; `overlap` is empty for the
    first of several rounds.
    """

    plan: CoordinatedRound
    dossiers: Mapping[str, str]
    overlap: Overlap | None

    @property
    def fraction(self) -> Fraction:
        """Sampling fraction."""
        return Fraction(len(self.dossiers), len(self.plan.probabilities))


type CoordinatedList = Mapping[str, CoordinatedStratum]


def coordinate_list(
    *,
    frame: Path,
    design: ListDesign,
    seed: str,
    previous: CoordinatedList | None = None,
    share: Fraction = Fraction(0),
) -> dict[str, CoordinatedStratum]:
    """Select persons so that a share of them was selected in the previous round.

    Parameters
    ----------
    frame : pathlib.Path
        Parquet file of the list.
    design : ListDesign
        Simple random samples of persons.
    seed : str
        Gives the starting point of the first of several rounds.
    previous : mapping of stratum to CoordinatedStratum, optional
        What this function returned for the earlier round.
    share : Fraction, optional
        Wanted share, in all strata together, among the selected persons who are in the frames of both
        rounds: 0 avoids earlier respondents wherever they are now, 1 asks them again. A single stratum may
        have a smaller or larger one; `overlap` says which number is expected.

    Returns
    -------
    dict of stratum to CoordinatedStratum
        Selection, starting point and expected number of persons in both rounds, whatever their stratum was
        in the previous one.

    Raises
    ------
    CoordinationError
        If the design draws dossiers or with unequal probabilities, or no starting point gives the share.
    ListDesignError
        If a stratum has fewer persons than wanted, or strata of the frame have no size.

    Notes
    -----
    The starting point moves on from the previous one by the distance that
    :func:`sampling.design.coordination.start_for_pairs` finds for the persons of both frames. With the share
    0 it is the largest earlier sampling fraction, so that a person who was selected in any stratum lies
    behind it, but for a few at the edge: a simple random sample of n persons ends a little before or after
    its share of the circle.
    """
    if design.unit is not ListUnit.PERSON or design.selection is not Selection.SIMPLE_RANDOM:
        raise CoordinationError(
            _(
                "Expected simple random samples of persons, got %(selection)s, %(unit)s. The dossiers of two "
                "rounds are never the same. Draw without coordination."
            )
            % {"selection": design.selection.value, "unit": design.unit.value}
        )
    people = _people(frame, design)
    earlier = previous or {}
    homes = {person: name for name, each in earlier.items() for person in each.plan.probabilities}
    wanted = design.wanted
    start = _start(people, wanted, earlier, homes, share) if earlier else start_from_seed(seed, PERSON)
    selected = {}
    for name, dossiers in people.items():
        chosen = _select(dossiers, wanted[name], start)
        overlap = _overlap(chosen.plan, earlier, homes) if earlier else None
        selected[name] = replace(chosen, overlap=overlap)
    return selected


def _people(frame: Path, design: ListDesign) -> dict[str, dict[str, str]]:
    """Return the dossier that stands for each person, by stratum and person."""
    with DuckDBEngine() as engine:
        table = units_by_stratum(engine, frame, design)
    people = {
        str(stratum): dict(zip(rows["person"], rows["id"], strict=True))
        for stratum, rows in table.groupby("stratum", sort=True)
    }
    design.check_counts({name: len(dossiers) for name, dossiers in people.items()})
    return people


def _start(
    people: Mapping[str, Mapping[str, str]],
    wanted: Mapping[str, int],
    earlier: CoordinatedList,
    homes: Mapping[str, str],
    share: Fraction,
) -> Fraction:
    """Return the starting point of a round that follows another one."""
    pairs: Counter[tuple[Fraction, Fraction]] = Counter()
    for name, dossiers in people.items():
        fraction = Fraction(wanted[name], len(dossiers))
        for home, count in Counter(homes[person] for person in dossiers if person in homes).items():
            pairs[earlier[home].fraction, fraction] += count
    previous_start = next(iter(earlier.values())).plan.start
    return start_for_pairs(share, previous_start=previous_start, pairs=pairs)


def _overlap(plan: CoordinatedRound, earlier: CoordinatedList, homes: Mapping[str, str]) -> Overlap:
    """Return how many persons of a stratum are expected to have been selected before, in any stratum."""
    names = {homes[person] for person in plan.probabilities if person in homes}
    parts = [expected_overlap(earlier[name].plan, plan) for name in sorted(names)]
    return Overlap(fsum(part.expected for part in parts), all(part.is_exact for part in parts))


def _select(dossiers: Mapping[str, str], n: int, start: Fraction) -> CoordinatedStratum:
    """Select in one stratum with the permanent numbers of its units."""
    key = settings.COORDINATION_KEY
    units = [Unit(person) for person in sorted(dossiers)]
    plan = plan_round(SIMPLE, units, n, key, stage=PERSON, start=start)
    chosen = select_coordinated(SIMPLE, units, n, key, stage=PERSON, start=start)
    persons = [units[each.index].id for each in chosen]
    return CoordinatedStratum(plan, {person: dossiers[person] for person in persons}, None)
