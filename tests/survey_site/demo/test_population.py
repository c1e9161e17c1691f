"""The synthetic nation knows its own truth."""

import numpy as np
import pytest

from analysis.methods import index_method
from survey_site.demo.answers import Person, modes, ratings, responds, village_cells
from survey_site.demo.population import Commune, Nation, build_nation, cell_effects, true_index, true_shares
from survey_site.demo.stage import criterion_weights

CRITERIA = ["P-A1", "P-B1", "S-1.1"]
COMMUNES = [
    Commune(
        f"{number:05d}", "01" if number < 6 else "02", "01", "phường" if number % 2 else "xã", number != 3
    )
    for number in range(12)
]


def nation(seed: int = 7) -> Nation:
    return build_nation(COMMUNES, CRITERIA, seed)


def everybody(some: Nation) -> list[Person]:
    return [
        Person(village, int(cell), some.communes[some.commune_of[village]].unit_type == "phường")
        for village in range(len(some.commune_of))
        for cell in village_cells(some, village, seed=1)
    ]


def test_same_seed_gives_the_same_nation() -> None:
    assert np.array_equal(nation().adults, nation().adults)
    assert true_shares(nation()) == true_shares(nation())
    assert true_shares(nation()) != true_shares(nation(8))


def test_uninhabited_commune_has_no_village() -> None:
    some = nation()
    assert 3 not in set(some.commune_of.tolist())
    assert {"00000-001", "00001-001"} <= {some.village_code(v) for v in range(len(some.commune_of))}


def test_register_lists_every_adult_once() -> None:
    some = nation()
    cells = village_cells(some, 0, seed=1)
    assert np.array_equal(np.bincount(cells, minlength=10), some.adults[0])


def test_truth_is_what_asking_everybody_gives() -> None:
    some = nation()
    people = everybody(some)
    truth = true_shares(some)
    answers = ratings(some, people, seed=3)
    for criterion in CRITERIA:
        answered = answers[criterion][answers[criterion] > 0]
        share = 100 * np.mean(answered >= 4)
        standard_error = 100 * np.sqrt(0.25 / len(answered))
        assert share == pytest.approx(truth[""][criterion], abs=4 * standard_error)


def test_index_weights_the_criteria() -> None:
    some = nation()
    shares = true_shares(some)
    index = true_index(some, {"P-A1": 0.5, "P-B1": 0.25, "S-1.1": 0.25})
    expected = 0.5 * shares["01"]["P-A1"] + 0.25 * shares["01"]["P-B1"] + 0.25 * shares["01"]["S-1.1"]
    assert index["01"] == pytest.approx(expected)


def test_nonresponse_depends_on_the_cell_and_not_on_satisfaction() -> None:
    people = [Person(0, cell, is_urban=False) for cell in (0, 3) for _ in range(4000)]
    answered = responds(people, seed=5)
    assert answered[:4000].mean() < answered[4000:].mean() - 0.05
    assert len(set(modes(500, seed=5))) == 3


def test_older_people_are_more_satisfied_in_the_model() -> None:
    assert cell_effects()[4] > cell_effects()[0]


@pytest.mark.parametrize("code", ["M2022", "M2023"])
def test_weights_of_the_truth_are_those_of_the_method(code: str) -> None:
    method = index_method(code).parsed
    weights = criterion_weights(method)
    assert set(weights) == set(method.questions)
    assert sum(weights.values()) == pytest.approx(1)
    service = sum(weight for question, weight in weights.items() if question.startswith("S"))
    [content] = [content for content in method.contents if content.code == "S"]
    assert service == pytest.approx(float(content.weight))
