"""Lists that follow each other: measured overlap, equal chances, and starting points on a grid."""

from collections import Counter
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from sampling.design.coordination import key_fingerprint, overlap_of_pairs, ranked_share, start_for_pairs
from sampling.design.list_bounds import RANKINGS, SPACE, Sizes, arc, bounds
from sampling.design.list_coordination import GRID, ListCoordination, unit_name
from sampling.design.list_design import ListDesign, Selection
from sampling.design.list_draws import PLACE, draw_list, first_dossiers
from tests.sampling.design.list_methods import numbers
from tests.sampling.engine.list_frames import make_design, make_rows

ROWS = make_rows(260)
PERSONS = first_dossiers(ROWS)
NAMES = {str(row[0]): unit_name(str(row[0]), str(row[PLACE["person_key"]] or "")) for row in PERSONS}
N_BY_STRATUM = Counter(str(row[PLACE["province"]]) for row in PERSONS)
WANTED = {"01": 14, "48": 6, "79": 5}
PAIRS = Counter({(Fraction(n, N_BY_STRATUM[name]),) * 2: N_BY_STRATUM[name] for name, n in WANTED.items()})
N_KEYS = 40


def design_of(key: str, selection: str, **changes: Any) -> ListDesign:
    """A coordinated design with equal chances."""
    coordination = {"key_fingerprint": key_fingerprint(key)} | changes
    return make_design(
        unit="person",
        selection=selection,
        reserve_percent=0,
        sizes=[[[name], n] for name, n in WANTED.items()],
        coordination=coordination,
    )


def persons(key: str, design: ListDesign, seed: str) -> set[str]:
    """The persons of a list."""
    return {NAMES[unit.id] for unit in draw_list(ROWS, design, seed, numbers(key))}


@pytest.mark.parametrize("selection", ["bernoulli", "simple_random"])
@pytest.mark.parametrize("share", ["0", "1/4", "1"])
def test_measured_overlap_lies_in_its_binomial_band(selection: str, share: str):
    measured = 0
    for number in range(N_KEYS):
        key = f"key {number}"
        seed = f"seed {number}"
        first = design_of(key, selection)
        start = start_for_pairs(
            Fraction(share), previous_start=ListCoordination().start_at(seed), pairs=PAIRS
        )
        following = {"previous": "ab" * 32, "share": share, "start": str(start)}
        second = design_of(key, selection, **following)
        measured += len(persons(key, first, seed) & persons(key, second, "any"))
    distance = (start - ListCoordination().start_at(seed)) % 1
    asked = float(Fraction(share)) * sum(WANTED.values())
    assert overlap_of_pairs(distance, PAIRS) == pytest.approx(asked, abs=1e-6)
    if selection == "bernoulli":
        expected = N_KEYS * asked
    else:
        expected = N_KEYS * sum(count * ranked_share(distance, *pair, count) for pair, count in PAIRS.items())
    assert abs(measured - expected) <= 3.5 * sqrt(expected)


def test_every_person_has_the_chance_of_the_design():
    found: Counter[str] = Counter()
    n_draws = 400
    design = design_of("one key", "simple_random")
    for number in range(n_draws):
        found.update(persons(f"key {number}", design, f"seed {number}"))
    by_stratum = Counter(dict.fromkeys(WANTED, 0))
    for row in PERSONS:
        name = str(row[PLACE["province"]])
        chance = WANTED[name] / N_BY_STRATUM[name]
        count = found[NAMES[str(row[0])]]
        by_stratum[name] += count
        assert abs(count - n_draws * chance) <= 4.5 * sqrt(n_draws * chance * (1 - chance))
    assert by_stratum == {name: n * n_draws for name, n in WANTED.items()}


def test_a_starting_point_goes_up_to_the_grid():
    third = ListCoordination("ab" * 32).starting(Fraction(1, 3)).start
    assert third is not None
    assert (third * GRID).denominator == 1
    assert 0 <= third - Fraction(1, 3) < Fraction(1, GRID)
    assert ListCoordination("ab" * 32).starting(1 - Fraction(1, GRID**2)).start == 0


@pytest.mark.parametrize("selection", RANKINGS)
def test_candidates_are_exactly_the_units_below_the_cut(selection: Selection):
    sizes = Sizes.of({1: 40, 3: 20, 7: 9, 50: 1}, 6)
    ranking = RANKINGS[selection]
    found = bounds(selection, sizes, 6)
    assert set(found) == set(sizes.counts)
    cut = {size: ranking.value(found[size] - 1, size, sizes) for size in found}
    beyond = {size: ranking.value(found[size], size, sizes) for size in found if found[size] < SPACE}
    assert max(cut.values()) < min(beyond.values(), default=max(cut.values()) + 1)


def test_an_arc_may_go_round_at_the_end_of_the_circle():
    low, high, wraps = arc(Fraction(3, 4), SPACE // 2)
    assert (low[:2], high[:2], wraps) == ("c0", "40", 1)
    assert arc(Fraction(3, 4), SPACE // 4) == (low, "g", 0)
