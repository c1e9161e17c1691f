"""Arrays give the units of the core, however they are cut."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.selection import SelectionError, pps_systematic
from sampling.design.systematic_arrays import Batch, select_from_batches

SEED = "2026"
rows_of_strata = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.integers(1, 9), st.just(500))), min_size=1, max_size=80
)


def in_memory(rows: list[tuple[int, int]], wanted: list[int]) -> set[tuple[int, Fraction]]:
    chosen = set()
    for code, n in enumerate(wanted):
        places = [place for place, (stratum, _size) in enumerate(rows) if stratum == code]
        sizes = [rows[place][1] for place in places]
        if sizes:
            selected = pps_systematic(sizes, n, SEED, "dossier", "start", str(code))
            chosen |= {(places[unit.index], unit.probability) for unit in selected}
    return chosen


def in_batches(rows: list[tuple[int, int]], wanted: list[int], length: int) -> list[tuple[int, Fraction]]:
    strata, sizes = np.array(rows, np.int64).T

    def batches() -> Iterator[Batch]:
        for first in range(0, len(rows), length):
            yield strata[first : first + length], sizes[first : first + length]

    names = [str(code) for code in range(len(wanted))]
    return [
        (first + int(place), Fraction(int(numerator), int(denominator)))
        for first, chosen in zip(
            range(0, len(rows), length), select_from_batches(batches, names, wanted, SEED), strict=True
        )
        for place, numerator, denominator in zip(
            chosen.places, chosen.numerator, chosen.denominator, strict=True
        )
    ]


@settings(deadline=None, max_examples=150)
@given(
    rows=rows_of_strata, shares=st.lists(st.integers(0, 9), min_size=4, max_size=4), length=st.integers(1, 90)
)
def test_batches_give_the_units_of_the_core(rows: list[tuple[int, int]], shares: list[int], length: int):
    counts = np.bincount([stratum for stratum, _size in rows], minlength=4).tolist()
    wanted = [min(share, count) for share, count in zip(shares, counts, strict=True)]
    drawn = in_batches(rows, wanted, length)
    assert len(drawn) == sum(wanted)
    assert set(drawn) == in_memory(rows, wanted)


def test_places_come_by_stratum_and_order():
    rows = [(place % 3, 1 + place % 5) for place in range(60)]
    places = [place for place, _probability in in_batches(rows, [4, 5, 6], 60)]
    assert places == sorted(places, key=lambda place: (rows[place][0], place))


@pytest.mark.parametrize(("sizes", "message"), [([0, 5], "got 0"), ([2**52, 2**52], "less than 2")])
def test_sizes_beyond_the_limits_are_refused(sizes: list[int], message: str):
    with pytest.raises(SelectionError, match=message):
        in_batches([(0, size) for size in sizes], [1], 2)
