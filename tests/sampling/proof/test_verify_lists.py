"""The stand-alone script draws lists by every method as the core does, streaming or not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.fingerprints import Cell
from sampling.design.list_coordination import unit_name
from sampling.design.list_design import ListDesign
from sampling.design.list_draws import PLACE, draw_list
from sampling.proof import verify_draw
from tests.sampling.design.list_methods import METHODS, numbers
from tests.sampling.engine.list_frames import make_design, make_rows, shuffled

CERTAIN = {
    "filter": {"field": ["land"], "is_urban": ["true"]},
    "sizes": [[["01"], 12], [["48"], 5], [["79"], 0]],
}
ALL = {"simple random": {"reserve_percent": 20}, **METHODS}


def by_core(rows: list[list[Cell]], design: ListDesign, seed: str) -> list[list[Cell]]:
    """The canonical rows of the list of the core."""
    return [
        [unit.id, unit.stratum, unit.draw_order, unit.is_reserve, str(unit.probability)]
        for unit in draw_list(rows, design, seed, numbers())
    ]


def by_script(rows: list[list[Cell]], design: ListDesign, seed: str) -> list[list[Cell]]:
    """The rows that the script draws."""
    give = numbers()
    names = {unit_name(str(row[0]), str(row[PLACE["person_key"]] or "")) for row in rows}
    permanent = {name: give(name) for name in names}
    return list(verify_draw.redraw(design.document(), rows, seed, permanent))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("further", [{}, CERTAIN], ids=["all", "certain units"])
def test_the_script_draws_the_list_of_the_core(name: str, further: dict[str, object]):
    design = make_design(**ALL[name] | further)
    rows = make_rows()
    expected = by_core(rows, design, "2026")
    assert expected
    assert by_script(shuffled(rows), design, "2026") == expected


@settings(deadline=None, max_examples=20)
@given(name=st.sampled_from(sorted(ALL)), seed=st.text(max_size=8), n=st.integers(150, 250))
def test_any_seed_gives_the_list_of_the_core(name: str, seed: str, n: int):
    rows = make_rows(n, seed=n)
    design = make_design(**ALL[name] | {"sizes": [[["01"], 9], [["48"], 5], [["79"], 7]]})
    assert by_script(rows, design, seed) == by_core(rows, design, seed)
