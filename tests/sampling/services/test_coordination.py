from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sampling.design.coordination import CoordinationError
from sampling.design.list_draws import PLACE
from sampling.services.coordination import CoordinatedList, coordinate_list
from tests.sampling.engine.list_frames import make_design, make_rows, make_table

TENTH = Fraction(1, 10)


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "list.parquet"
    pq.write_table(make_table(make_rows(900)), path)
    return path


@pytest.fixture
def design() -> Any:
    return make_design(unit="person")


def persons(selected: CoordinatedList) -> set[str]:
    return {person for stratum in selected.values() for person in stratum.dossiers}


def test_next_round_avoids_earlier_respondents(frame: Path, design: Any):
    first = coordinate_list(frame=frame, design=design, seed="2026")
    second = coordinate_list(frame=frame, design=design, seed="2027", previous=first)
    assert {name: len(one.dossiers) for name, one in second.items()} == {
        name: n for name, n in design.wanted.items() if n
    }
    expected = sum(one.overlap.expected for one in second.values() if one.overlap)
    assert len(persons(first) & persons(second)) <= expected + 6
    assert expected < sum(design.wanted.values()) / 3


def test_next_round_may_ask_the_same_persons_again(frame: Path, design: Any):
    first = coordinate_list(frame=frame, design=design, seed="2026")
    again = coordinate_list(frame=frame, design=design, seed="2027", previous=first, share=Fraction(1))
    assert persons(again) == persons(first)
    assert {name: one.overlap.expected for name, one in again.items() if one.overlap} == {
        name: len(one.dossiers) for name, one in first.items()
    }


def moved(rows: list[list[Any]]) -> list[list[Any]]:
    """Let every second person with a key have an earlier dossier in another province."""
    provinces = ("01", "48", "79")
    keys = sorted({row[PLACE["person_key"]] for row in rows} - {""})
    new = []
    for number, key in enumerate(keys[::2]):
        row = list(next(row for row in rows if row[PLACE["person_key"]] == key))
        row[0], row[PLACE["settled_on"]] = f"new {number:04}", "2025-12-01"
        row[PLACE["province"]] = provinces[number % 3]
        new.append(row)
    return sorted([*rows, *new])


@pytest.fixture
def unequal() -> Any:
    sizes = [[["01"], 120], [["48"], 15], [["79"], 20]]
    return make_design(unit="person", sizes=sizes, reserve_percent=0)


@pytest.fixture
def later(tmp_path: Path) -> Path:
    path = tmp_path / "later.parquet"
    pq.write_table(make_table(moved(make_rows(900))), path)
    return path


def test_persons_who_moved_to_another_stratum_are_avoided(frame: Path, later: Path, unequal: Any):
    commons, expected = [], []
    for seed in range(5):
        first = coordinate_list(frame=frame, design=unequal, seed=str(seed))
        second = coordinate_list(frame=later, design=unequal, seed="2027", previous=first)
        commons.append(len(persons(first) & persons(second)))
        expected.append(sum(one.overlap.expected for one in second.values() if one.overlap))
    assert sum(expected) < 1e-9
    assert sum(commons) / len(commons) <= 4


def test_expected_number_counts_persons_of_every_earlier_stratum(frame: Path, later: Path, unequal: Any):
    differences = []
    for seed in range(12):
        first = coordinate_list(frame=frame, design=unequal, seed=str(seed))
        second = coordinate_list(
            frame=later, design=unequal, seed="2027", previous=first, share=Fraction(2, 5)
        )
        expected = sum(one.overlap.expected for one in second.values() if one.overlap)
        in_both = {person for one in first.values() for person in one.plan.probabilities}
        chances = [
            chance
            for one in second.values()
            for person, chance in one.plan.probabilities.items()
            if person in in_both
        ]
        assert expected == pytest.approx(float(sum(chances) * Fraction(2, 5)))
        differences.append(len(persons(first) & persons(second)) - expected)
    assert abs(sum(differences) / len(differences)) < 5


def test_all_strata_share_one_starting_point(frame: Path, unequal: Any):
    first = coordinate_list(frame=frame, design=unequal, seed="2026")
    second = coordinate_list(frame=frame, design=unequal, seed="2027", previous=first)
    starts = [{one.plan.start for one in each.values()} for each in (first, second)]
    assert [len(each) for each in starts] == [1, 1]
    distance = (starts[1].pop() - starts[0].pop()) % 1
    assert distance == max(one.fraction for one in first.values())


def test_selection_depends_on_the_key_of_the_installation(frame: Path, design: Any, settings: Any):
    first = persons(coordinate_list(frame=frame, design=design, seed="2026"))
    assert first == persons(coordinate_list(frame=frame, design=design, seed="2026"))
    settings.COORDINATION_KEY = "another key, long enough to be one"
    assert first != persons(coordinate_list(frame=frame, design=design, seed="2026"))


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "dossier"},
        {"unit": "person", "selection": "pps_systematic", "reserve_percent": 0, "measure_of_size": "size"},
    ],
)
def test_what_has_no_permanent_units_is_refused(frame: Path, changes: dict[str, Any]):
    with pytest.raises(CoordinationError):
        coordinate_list(frame=frame, design=make_design(**changes), seed="2026")
