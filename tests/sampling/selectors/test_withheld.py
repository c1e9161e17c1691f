"""Withheld cases by province, and clusters among them."""

import pytest

from sampling.models import AdministrativeUnit, Case, Disposition, Sample, SampledUnit, TerritoryMember
from sampling.selectors.withheld import withheld_by_province
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village

pytestmark = pytest.mark.django_db


def sample_of(*withheld: tuple[int, int]) -> Sample:
    """Provinces with so many cases, of which so many are withheld."""
    survey_round = make_round()
    for place, (n_cases, n_withheld) in enumerate(withheld, 1):
        village = make_village(survey_round, f"Thôn {place}")
        village.province = AdministrativeUnit.objects.create(
            level="province", code=f"{place:02d}", name=f"Tỉnh {place}", sort_key=f"tinh {place}"
        )
        village.save()
        listed = [case.pk for case in make_cases(village, n_cases)]
        Case.objects.filter(pk__in=listed[:n_withheld]).update(disposition=Disposition.WITHHELD)
    return Sample.objects.get()


def test_counts_by_province_with_the_largest_share_first():
    rows = withheld_by_province(sample_of((50, 1), (50, 0), (20, 2)))
    assert [(row.name, row.n_cases, row.n_withheld) for row in rows] == [("Tỉnh 3", 20, 2), ("Tỉnh 1", 50, 1)]
    assert rows[0].percent == pytest.approx(10)
    assert not any(row.is_cluster for row in rows)


def test_cluster_is_marked():
    rows = withheld_by_province(sample_of((60, 9), (60, 1), (60, 0), (60, 1)))
    assert [row.name for row in rows if row.is_cluster] == ["Tỉnh 1"]


def test_most_in_one_commune_is_told():
    sample = sample_of((10, 2))
    commune = SampledUnit.objects.get(stage="commune")
    first = SampledUnit.objects.get(stage="village")
    other = make_village(sample.round, "Thôn khác")
    SampledUnit.objects.filter(pk=other.pk).update(province=first.province, parent=None)
    make_cases(other, 3, disposition=Disposition.WITHHELD)
    (row,) = withheld_by_province(sample)
    assert commune.children.count() == 1
    assert (row.n_withheld, row.most_in_one) == (5, 3)


def test_sealed_reserves_are_not_counted():
    sample = sample_of((10, 0))
    village = SampledUnit.objects.get(stage="village")
    make_cases(village, 2, is_reserve=True, disposition=Disposition.WITHHELD)
    assert withheld_by_province(sample) == []


def test_person_of_a_province_sees_it_alone():
    sample = sample_of((10, 1), (10, 1))
    user = make_user("official")
    TerritoryMember.objects.create(user=user, province=AdministrativeUnit.objects.get(name="Tỉnh 2"))
    assert [row.name for row in withheld_by_province(sample, user)] == ["Tỉnh 2"]
    assert len(withheld_by_province(sample)) == 2
