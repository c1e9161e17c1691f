from fractions import Fraction

import numpy as np
import pytest

from sampling.design.coordination import (
    CoordinationError,
    permanent_numbers,
    plan_round,
    select_coordinated,
    shifted,
)
from sampling.design.schemes import METHODS, Unit
from tests.sampling.design.frequencies import LEVEL, N_DRAWN, UNITS, p_values, true_probabilities

KEY = "a long secret that lives for many rounds"
COORDINATED = [code for code, known in METHODS.items() if known.supports_coordination]
OTHERS = [code for code in METHODS if code not in COORDINATED]
FRAME = [Unit(f"{place:03}") for place in range(200)]


def drawn(method: str, units: list[Unit], n: int, start: str, key: str = KEY) -> set[str]:
    selected = select_coordinated(method, units, n, key, stage="village", start=Fraction(start))
    return {units[one.index].id for one in selected}


def test_simple_random_takes_the_units_that_follow_the_start():
    numbers = shifted(permanent_numbers([unit.id for unit in FRAME], KEY, "village"), Fraction(1, 3))
    following = sorted(zip(numbers, (unit.id for unit in FRAME), strict=True))
    assert drawn("simple_random", FRAME, 20, "1/3") == {unit for _number, unit in following[:20]}


@pytest.mark.parametrize("method", COORDINATED)
def test_same_start_repeats_and_another_start_avoids(method: str):
    first = drawn(method, FRAME, 20, "1/10")
    assert drawn(method, FRAME, 20, "1/10") == first
    assert not first & drawn(method, FRAME, 20, "1/2")
    assert first != drawn(method, FRAME, 20, "1/10", key="another key")


@pytest.mark.parametrize("method", COORDINATED)
def test_a_start_near_the_end_goes_round(method: str):
    assert len(drawn(method, FRAME, 20, "99/100")) > 8


def test_bernoulli_rounds_cover_everybody_once():
    parts = [drawn("bernoulli", FRAME, 50, f"{part}/4") for part in range(4)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(FRAME)


def test_new_and_closed_units_change_nobody_else():
    kept = drawn("bernoulli", FRAME, 50, "0")
    later = [*FRAME[20:], *(Unit(f"new {place}") for place in range(20))]
    assert drawn("bernoulli", later, 50, "0") & {unit.id for unit in FRAME[20:]} == {
        unit for unit in kept if unit >= "020"
    }


@pytest.mark.parametrize("method", COORDINATED)
def test_shifting_changes_no_inclusion_probability(method: str):
    n_keys = 1_000
    counts = np.zeros(len(UNITS))
    for number in range(n_keys):
        for one in select_coordinated(
            method, UNITS, N_DRAWN, f"key {number}", stage="village", start=Fraction(4, 5)
        ):
            counts[one.index] += 1
    assert p_values(counts, n_keys, true_probabilities(method)).min() > LEVEL / len(UNITS)


@pytest.mark.parametrize("method", OTHERS)
def test_methods_without_numbers_are_refused_with_a_way_out(method: str):
    for function in (plan_round, select_coordinated):
        with pytest.raises(CoordinationError, match=f"pareto.*'{method}'.*no meaning.*without coordination"):
            function(method, UNITS, 4, KEY, stage="village", start=Fraction(0))


def test_plan_tells_probabilities_of_all_units():
    planned = plan_round("pareto", UNITS, N_DRAWN, KEY, stage="village", start=Fraction(1, 2))
    assert sum(planned.probabilities.values()) == N_DRAWN
    assert planned.probabilities["09"] == 1
    with pytest.raises(CoordinationError, match="starting point"):
        plan_round("pareto", UNITS, N_DRAWN, KEY, stage="village", start=Fraction(1))
