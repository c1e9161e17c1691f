from typing import Any

import pytest

from sampling.selectors import case_design_rows
from sampling.services import open_round, release_reserve, replace_unit
from tests.sampling.makers import make_sample, make_template, register

pytestmark = pytest.mark.django_db


def test_every_case_comes_with_its_place_in_the_design(django_assert_num_queries: Any):
    sample = make_sample()
    with django_assert_num_queries(1):
        rows = list(case_design_rows(sample))
    assert len(rows) == 64
    first = rows[0]
    assert (first.number, first.province, first.region) == ("80-0001-01-001", "80", "SE")
    assert first.psu.startswith(first.stratum)
    assert first.village.startswith(first.psu)
    assert first.is_urban == (int(first.psu) % 2 == 1)
    probability = first.commune_probability * first.village_probability * first.person_probability
    assert first.design_weight == pytest.approx(1 / probability)


def test_weights_of_the_main_sample_estimate_the_population():
    rows = [row for row in case_design_rows(make_sample()) if row.is_active]
    assert len(rows) == 40
    assert 100 < sum(row.design_weight for row in rows) < 3_000


def test_certainty_communes_are_strata_of_their_own_in_variance_estimation():
    rows = list(case_design_rows(make_sample(template=make_template(communes=9))))
    assert all(row.is_certainty for row in rows)
    assert {row.variance_stratum for row in rows} == {f"{row.stratum}/{row.psu}" for row in rows}
    assert all(row.variance_psu == row.village for row in rows)


def test_certain_villages_of_certain_communes_have_their_cases_as_primary_units():
    rows = list(case_design_rows(make_sample(template=make_template(communes=9, villages=9))))
    assert rows
    for row in rows:
        assert row.variance_stratum == f"{row.stratum}/{row.psu}/{row.village}"
        assert row.variance_psu == row.number


def test_certain_villages_of_drawn_communes_are_no_strata():
    rows = list(case_design_rows(make_sample(template=make_template(villages=9))))
    drawn = [row for row in rows if not row.is_certainty]
    assert drawn
    assert all((row.variance_stratum, row.variance_psu) == (row.stratum, row.psu) for row in drawn)


def test_replaced_villages_and_their_replacements_are_marked():
    sample = make_sample()
    open_round(round=sample.round)
    village = sample.units.filter(stage="village").first()
    new = replace_unit(unit=village, reason="lũ quét", register=register(""))
    rows = list(case_design_rows(sample))
    assert {row.village for row in rows if row.is_replacement} == {new.frame_unit.code}
    assert {row.village for row in rows if row.was_replaced} == {village.frame_unit.code}
    assert {row.multiplicity for row in rows} == {1}


def test_drawn_communes_keep_stratum_and_psu():
    rows = [row for row in case_design_rows(make_sample()) if not row.is_certainty]
    assert rows
    assert all((row.variance_stratum, row.variance_psu) == (row.stratum, row.psu) for row in rows)


def test_released_reserve_becomes_active():
    sample = make_sample()
    open_round(round=sample.round)
    case = release_reserve(village=sample.units.filter(stage="village").first(), reason="Chuyển đi")
    row = next(row for row in case_design_rows(sample) if row.case_id == case.pk)
    assert row.is_reserve
    assert row.is_active
