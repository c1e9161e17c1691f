"""Reserves in the hands of people of a province: theirs in national rounds, nobody else's."""

import pytest
from django.core.exceptions import PermissionDenied

from sampling.models import AdministrativeUnit, Sample, SampledUnit
from sampling.services import release_list_reserve, release_reserve
from tests.sampling.services.issuing.people import member, named_sample, village_of

pytestmark = pytest.mark.django_db


def another_province() -> AdministrativeUnit:
    return AdministrativeUnit.objects.create(
        level="province", code="99", name="Tỉnh khác", unit_type="tỉnh", sort_key="z", search_key="z"
    )


def test_supervisor_of_the_province_releases_a_reserve_of_a_national_round():
    sample = named_sample()
    village = village_of(sample)
    user = member("supervisor", province=village.province)
    assert release_reserve(village=village, reason="Chuyển đi", user=user).released_at is not None


def test_supervisor_of_another_province_does_not():
    sample = named_sample()
    user = member("supervisor", province=another_province())
    with pytest.raises(PermissionDenied):
        release_reserve(village=village_of(sample), reason="Chuyển đi", user=user)


def test_round_of_another_province_stays_closed_to_everybody_else():
    sample = named_sample()
    village = village_of(sample)
    sample.round.territory = another_province()
    sample.round.save()
    user = member("supervisor", province=village.province)
    with pytest.raises(PermissionDenied):
        release_reserve(village=village, reason="Chuyển đi", user=user)


def make_list(sample: Sample, stratum: str) -> None:
    """Let the cases of a sample come from a list of dossiers."""
    sample.cases.update(stratum=stratum)
    SampledUnit.objects.filter(cases__sample=sample).update(stage=SampledUnit.Stage.AGENCY)


@pytest.mark.parametrize("stratum", ["80|land", ""], ids=["stratum", "whole list"])
def test_stratum_inside_the_province_is_theirs(stratum: str):
    sample = named_sample()
    user = member("supervisor", province=village_of(sample).province)
    make_list(sample, stratum)
    assert release_list_reserve(sample=sample, stratum=stratum, reason="Chuyển đi", user=user).is_reserve


def test_stratum_that_others_share_is_not():
    sample = named_sample()
    village = village_of(sample)
    home = village.province
    village.province = another_province()
    village.save()
    make_list(sample, "land")
    with pytest.raises(PermissionDenied):
        release_list_reserve(
            sample=sample, stratum="land", reason="Chuyển đi", user=member("supervisor", province=home)
        )
