"""Areas selected in every way that a template may name: the script redraws them, and names what is wrong."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.list_coordination import ListCoordination
from sampling.design.stage_coordination import Steering, coordinated_design, number_pairs
from sampling.design.stage_frames import area_rows, stage_design
from sampling.design.stage_plans import AreaStage, area_selections
from sampling.design.stages import AreaUnit, drawn_units, order_units
from sampling.proof import verify_draw
from tests.sampling.area_stages import STAGES, area_stage
from tests.sampling.proof.test_verify_draw import Drawn, bundle, change_json, failed

TYPES = ("xã", "phường", "đặc khu", "loại khác")


def made_up(n: int = 60) -> list[AreaUnit]:
    """Units of three strata; one is so large that it is certain wherever size counts."""
    return [
        AreaUnit(
            f"{number * 37 % 101:05d}",
            f"{number % 3:02d}",
            9000 if number == 6 else 90 + 7 * number % 60,
            TYPES[number % 4],
        )
        for number in range(n)
    ]


def rows_of(stage: dict[str, Any], units: list[AreaUnit], seed: str) -> list[Any]:
    selection = area_selections([stage])[stage["code"]]
    exceptions = {row["stratum"]: row["n_units"] for row in stage["exceptions"]}
    plan = AreaStage(stage["code"], stage["n_units"], exceptions, selection)
    return [
        unit.canonical_row(plan.code)
        for ordered in order_units(plan, units, seed)
        for unit in drawn_units(ordered)
    ]


def frame_of(stage: dict[str, Any], units: list[AreaUnit]) -> list[Any]:
    uses_type = area_selections([stage])[stage["code"]].uses_type
    return list(
        area_rows((unit.above, unit.code, unit.unit_type if uses_type else "", unit.size) for unit in units)
    )


def a_draw(name: str) -> Drawn:
    stage = STAGES[name] | {"exceptions": [{"stratum": "02", "n_units": 9}]}
    units = made_up()
    design = stage_design({"stages": [stage]}, "commune")
    return Drawn(design, frame_of(stage, units), lambda seed: rows_of(stage, units, seed))


@pytest.mark.parametrize("name", STAGES)
def test_an_honest_draw_is_proved(name: str, tmp_path: Path):
    assert failed(bundle(tmp_path / "b", a_draw(name))) == []


@pytest.mark.parametrize("name", STAGES)
def test_a_unit_exchanged_by_hand_is_named(name: str, tmp_path: Path):
    folder = bundle(tmp_path / "b", a_draw(name))
    lines = (folder / "list.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "list.jsonl").write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert failed(folder) == ["list digest", "list"]


@pytest.mark.parametrize("name", STAGES)
def test_a_size_changed_in_the_frame_is_named(name: str, tmp_path: Path):
    folder = bundle(tmp_path / "b", a_draw(name))
    frame = (folder / "frame.jsonl").read_text(encoding="utf-8")
    (folder / "frame.jsonl").write_text(frame.replace(",9000]", ",90]"), encoding="utf-8")
    assert "frame" in failed(folder)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("pareto", {"selection": "sampford"}),
        ("tille", {"order": ["serpentine", "size"]}),
        ("cube", {"balance": ["count"]}),
        ("cube with equal probabilities", {"measure_of_size": "size"}),
        ("pps_systematic, serpentine size", {"order": ["random"]}),
    ],
)
def test_a_rule_changed_afterwards_is_named(name: str, changes: dict[str, Any], tmp_path: Path):
    folder = bundle(tmp_path / "b", a_draw(name))
    change_json(folder / "design.json", **changes)
    assert failed(folder) == ["design", "list"]


def test_the_script_says_that_probabilities_are_approximate(tmp_path: Path):
    folder = bundle(tmp_path / "b", a_draw("pareto"))
    command = [sys.executable, "-I", "-S", verify_draw.__file__, str(folder), "--language", "en"]
    answer = subprocess.run(command, capture_output=True, check=False, env={})  # noqa: S603 - our own script
    assert answer.returncode == 3
    assert "pareto (probabilities are approximate)" in answer.stdout.decode()


BALANCES = st.sampled_from(
    [["size"], ["unit_type"], ["count", "size"], ["size", "unit_type"], ["unit_type", "size", "count"]]
)


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=16),
    n=st.integers(1, 8),
    balance=BALANCES,
    measure=st.sampled_from(["n_adults", None]),
    seed=st.text("ab01", min_size=1),
)
def test_script_and_system_balance_the_same(sizes: Any, n: int, balance: Any, measure: Any, seed: str):
    stage = area_stage("cube", n_units=n, balance=balance, measure_of_size=measure)
    units = [AreaUnit(f"u{place * 7 % 17}", "01", size, TYPES[place % 3]) for place, size in enumerate(sizes)]
    design = stage_design({"stages": [stage]}, "commune")
    again = verify_draw.redraw_areas(frame_of(stage, units), design, seed)
    assert list(again) == rows_of(stage, units, seed)


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=20),
    name=st.sampled_from([name for name in STAGES if "serpentine" in name]),
    seed=st.text("ab01", min_size=1),
)
def test_script_and_system_sort_the_same(sizes: Any, name: str, seed: str):
    units = [AreaUnit(f"u{place * 7 % 23}", "01", size, TYPES[place % 4]) for place, size in enumerate(sizes)]
    design = stage_design({"stages": [STAGES[name]]}, "commune")
    again = verify_draw.redraw_areas(frame_of(STAGES[name], units), design, seed)
    assert list(again) == rows_of(STAGES[name], units, seed)


@settings(max_examples=60)
@given(
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=16),
    n=st.integers(1, 8),
    method=st.sampled_from(["simple_random", "bernoulli", "poisson", "sequential_poisson", "pareto"]),
    start=st.fractions(0, 1).filter(lambda start: start < 1),
    seed=st.text("ab01", min_size=1),
)
def test_script_and_system_select_the_same_by_permanent_numbers(
    sizes: Any, n: int, method: str, start: Fraction, seed: str
):
    stage = area_stage(method, n_units=n)
    units = [AreaUnit(f"u{place * 7 % 17}", "01", size) for place, size in enumerate(sizes)]
    plan = AreaStage(
        "commune", n, selection=area_selections([stage])["commune"], steering=Steering("key", start)
    )
    drawn = [
        unit.canonical_row("commune")
        for ordered in order_units(plan, units, seed)
        for unit in drawn_units(ordered)
    ]
    coordination = ListCoordination("ab" * 32, start=start)
    design = coordinated_design(stage_design({"stages": [stage]}, "commune"), coordination)
    numbers = {
        code: int(number, 16)
        for code, number in number_pairs((unit.code for unit in units), "key", "commune")
    }
    assert list(verify_draw.redraw(design, frame_of(stage, units), seed, numbers)) == drawn
