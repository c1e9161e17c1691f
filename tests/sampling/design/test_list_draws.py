"""The rule of a list in memory, recomputed here with hashlib."""

import hashlib
import re
import shutil
import subprocess
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.fingerprints import Cell
from sampling.design.list_design import FRAME_COLUMNS, ListDesign, ListDesignError, Selection, Unit
from sampling.design.list_draws import draw_list
from sampling.design.selection import SelectionError, pps_systematic

SEED = "2026"


def make_row(name: str, **cells: Cell) -> list[Cell]:
    usual: dict[str, Cell] = {
        **dict.fromkeys(FRAME_COLUMNS, ""),
        "is_urban": None,
        "province": "01",
        "agency": "01-1",
        "settled_on": "2026-01-05",
        "multiplicity": 1,
        "size": 1,
    }
    return [(usual | cells | {"id": name})[column] for column in FRAME_COLUMNS]


def make_rows(n: int = 50) -> list[list[Cell]]:
    return [make_row(f"D{number}", size=1 + number % 7) for number in range(n)]


def make_design(n: int = 5, **changes: object) -> ListDesign:
    return ListDesign(**({"unit": Unit.DOSSIER, "strata": ("province",), "sizes": ((("01",), n),)} | changes))  # type: ignore[arg-type]


def test_the_first_hashes_are_drawn():
    parts = b"".join(len(part).to_bytes(8, "big") + part for part in (b"2026", b"dossier", b"01"))
    stage_seed = hashlib.sha256(parts).hexdigest()
    names = [f"D{number}" for number in range(50)]
    order = sorted(names, key=lambda name: hashlib.sha256(f"{stage_seed}:{name}".encode()).hexdigest())
    drawn = draw_list(make_rows(), make_design(reserve_percent=41), SEED)
    assert [unit.id for unit in drawn] == order[:8]
    assert [unit.draw_order for unit in drawn] == list(range(1, 9))
    assert [unit.is_reserve for unit in drawn] == [False] * 5 + [True] * 3
    assert {unit.probability for unit in drawn} == {Fraction(1, 10)}
    assert (drawn[0].numerator, drawn[0].denominator) == (5, 50)


def test_the_order_of_the_rows_does_not_matter():
    rows = make_rows()
    for design in (make_design(), make_design(selection=Selection.PPS_SYSTEMATIC)):
        assert draw_list(rows[::-1], design, SEED) == draw_list(rows, design, SEED)


def test_a_reserve_ends_with_its_stratum():
    drawn = draw_list(make_rows(6), make_design(reserve_percent=100), SEED)
    assert Counter(unit.is_reserve for unit in drawn) == {False: 5, True: 1}


def test_sizes_are_selected_from_the_order_of_the_ids():
    rows = sorted(make_rows())
    drawn = draw_list(rows, make_design(selection=Selection.PPS_SYSTEMATIC), SEED)
    chosen = pps_systematic([int(row[-1] or 0) for row in rows], 5, SEED, "dossier", "start", "01")
    assert [(unit.id, unit.probability) for unit in drawn] == [
        (rows[unit.index][0], unit.probability) for unit in chosen
    ]


def test_certain_units_have_probability_one():
    rows = [*make_rows(9), make_row("Z", size=1000)]
    drawn = draw_list(rows, make_design(2, selection=Selection.PPS_SYSTEMATIC), SEED)
    assert [(unit.id, str(unit.probability)) for unit in drawn][-1] == ("Z", "1")
    assert sum(unit.probability for unit in drawn) > 1


def test_a_person_is_their_first_dossier_that_the_filter_leaves_in():
    rows = [
        make_row("C", person_key="k", settled_on="2026-01-01", channel="counter", multiplicity=4),
        make_row("B", person_key="k", settled_on="2026-03-01", channel="portal", multiplicity=4),
        make_row("A", person_key="k", settled_on="2026-03-01", channel="portal", multiplicity=4),
        make_row("D", person_key="k", settled_on="2026-02-01", channel="portal", multiplicity=4, agency="x"),
        make_row("E"),
        make_row("F"),
    ]
    everybody = draw_list(rows, make_design(3, unit=Unit.PERSON), SEED)
    assert {(unit.id, unit.multiplicity) for unit in everybody} == {("C", 1), ("E", 1), ("F", 1)}
    portal = draw_list(rows, make_design(1, unit=Unit.PERSON, filter={"channel": ("portal",)}), SEED)
    assert [(unit.id, unit.multiplicity, unit.agency) for unit in portal] == [("D", 1, "x")]
    dossiers = draw_list(rows, make_design(3, filter={"channel": ("portal",)}), SEED)
    assert {(unit.id, unit.multiplicity) for unit in dossiers} == {("A", 3), ("B", 3), ("D", 3)}


def test_ids_that_collide_are_refused_even_outside_the_filter():
    rows = [*make_rows(), make_row("D7", channel="portal")]
    with pytest.raises(SelectionError, match="'D7' again"):
        draw_list(rows, make_design(filter={"channel": ("",)}), SEED)


def test_a_missing_id_is_refused():
    rows = make_rows()
    rows[3][0] = None
    with pytest.raises(SelectionError, match="an id in every row"):
        draw_list(rows, make_design(), SEED)


@pytest.mark.parametrize("size", [0, -1, None, True])
def test_sizes_that_are_none_are_refused(size: Cell):
    rows = [*make_rows(), make_row("X", size=size)]
    with pytest.raises(SelectionError, match="'X'"):
        draw_list(rows, make_design(selection=Selection.PPS_SYSTEMATIC), SEED)


def test_a_stratum_smaller_than_its_sample_is_refused():
    with pytest.raises(ListDesignError, match=r"01 \(wanted 5, there are 4\)"):
        draw_list(make_rows(4), make_design(), SEED)


def test_an_empty_frame_is_refused():
    with pytest.raises(ListDesignError, match="there are 0"):
        draw_list([], make_design(), SEED)


def test_a_stratum_of_size_zero_gives_nobody():
    rows = [*make_rows(), make_row("X", province="48")]
    design = make_design(sizes=((("01",), 5), (("48",), 0)))
    assert {unit.stratum for unit in draw_list(rows, design, SEED)} == {"01"}


def test_dossiers_of_a_stratum_of_size_zero_are_no_chances():
    rows = [
        make_row("A", person_key="k", settled_on="2026-01-01", province="48", multiplicity=3),
        make_row("B", person_key="k", settled_on="2026-02-01", multiplicity=3),
        make_row("C", person_key="k", settled_on="2026-03-01", multiplicity=3),
    ]
    sizes = ((("01",), 2), (("48",), 0))
    dossiers = draw_list(rows, make_design(sizes=sizes), SEED)
    assert {(unit.id, unit.multiplicity) for unit in dossiers} == {("B", 2), ("C", 2)}


def test_a_person_whose_first_dossier_is_left_out_can_be_drawn_by_the_next_one():
    rows = [
        make_row("A", person_key="k", settled_on="2026-01-01", province="48"),
        make_row("C", person_key="k", settled_on="2026-03-01"),
        make_row("B", person_key="k", settled_on="2026-02-01"),
    ]
    sizes = ((("01",), 1), (("48",), 0))
    drawn = draw_list(rows, make_design(unit=Unit.PERSON, sizes=sizes), SEED)
    assert [(unit.id, unit.stratum, str(unit.probability)) for unit in drawn] == [("B", "01", "1")]


def test_sizes_of_a_stratum_left_out_may_be_missing():
    rows = [*make_rows(), make_row("X", province="48", size=None)]
    design = make_design(sizes=((("01",), 5), (("48",), 0)), selection=Selection.PPS_SYSTEMATIC)
    assert len(draw_list(rows, design, SEED)) == 5


@settings(deadline=None, max_examples=40)
@given(
    names=st.sets(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=30),
    seed=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_samples_of_growing_size_contain_each_other(names: set[str], seed: str):
    rows = [make_row(name) for name in names]
    lists = [[unit.id for unit in draw_list(rows, make_design(n), seed)] for n in range(1, len(names) + 1)]
    assert all(larger[: len(smaller)] == smaller for smaller, larger in pairwise(lists))
    assert set(lists[-1]) == names


def test_every_dossier_has_the_same_chance():
    rows, n_draws = make_rows(10), 2000
    hits = Counter(unit.id for draw in range(n_draws) for unit in draw_list(rows, make_design(3), str(draw)))
    deviation = (n_draws * 0.3 * 0.7) ** 0.5
    assert max(abs(hits[str(row[0])] - 0.3 * n_draws) for row in rows) < 4 * deviation


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs the shell tool of the example")
def test_the_example_of_the_documents_gives_the_list():
    page = Path("docs/methodology/sampling-lists.md").read_text(encoding="utf-8")
    script, printed = (
        re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL)[1]  # type: ignore[index]
        for kind in ("sh", "text")
    )
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)  # noqa: S603, S607 - our own page
    assert done.stdout == printed
    order = [line.split()[1] for line in printed.splitlines()[1:]]
    rows = [make_row(name) for name in sorted(order)]
    drawn = draw_list(rows, make_design(3, reserve_percent=10), SEED)
    assert [unit.id for unit in drawn] == order[:4]


def test_the_example_of_sizes_gives_the_list():
    sizes = (3, 1, 4, 1, 5, 9, 2, 6)
    rows = [make_row(f"HS-{number:03d}", size=size) for number, size in enumerate(sizes, start=1)]
    drawn = draw_list(rows, make_design(3, selection=Selection.PPS_SYSTEMATIC), SEED)
    assert [(unit.id, str(unit.probability)) for unit in drawn] == [
        ("HS-003", "12/31"),
        ("HS-006", "27/31"),
        ("HS-008", "18/31"),
    ]
