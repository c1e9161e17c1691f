"""The drawn list as a file: weights that say what they contain, and marks."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from sampling.models import Case
from sampling.resources import CaseResource
from tests.sampling.households import listed, open_households
from tests.sampling.makers import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Path):
    settings.FRAME_ROOT = tmp_path / "frames"


def exported(cases: Any) -> dict[str, dict[str, str]]:
    with translation.override("en"):
        table = CaseResource().export(cases)
    return {row["number"]: row for row in table.dict}


def test_weight_of_a_person_is_that_of_the_household_times_its_adults():
    first, second, *_rest = open_households()
    listed(first, 3)
    rows = exported(first.sample.cases.all())
    asked, unlisted = rows[first.number], rows[second.number]
    assert float(asked["household_weight"].replace(",", "")) == pytest.approx(first.design_weight)
    assert asked["household_adults"] == "3"
    assert float(asked["design_weight"].replace(",", "")) == pytest.approx(3 * first.design_weight)
    assert unlisted["household_adults"] == ""
    assert unlisted["design_weight"] == unlisted["household_weight"]


def test_weight_of_an_adult_of_a_register_is_that_of_the_draw():
    sample = make_sample()
    rows = exported(Case.objects.filter(sample=sample))
    assert {row["household_adults"] for row in rows.values()} == {"1"}
    assert all(row["design_weight"] == row["household_weight"] for row in rows.values())
    assert {row["is_approximate"] for row in rows.values()} == {"0"}


def test_approximate_probability_of_a_place_marks_its_cases():
    sample = make_sample()
    village = sample.units.filter(stage="village").first()
    sample.units.filter(pk=village.parent_id).update(is_approximate=True)
    rows = exported(Case.objects.filter(sample=sample))
    marked = {number for number, row in rows.items() if row["is_approximate"] == "1"}
    beside = Case.objects.filter(village__parent=village.parent_id)
    assert marked == set(beside.values_list("number", flat=True))
