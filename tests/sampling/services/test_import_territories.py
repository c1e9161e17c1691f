"""A person of a province imports lists for the rounds of the province, and for no others."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from sampling.models import AdministrativeUnit, FrameImport, SamplingFrame, SurveyRound, TerritoryMember
from sampling.services import cancel_import, check_import, confirm_import, start_import
from tests.sampling.lists import rows, write_csv
from tests.sampling.makers import MERGER, REFERENCE_DATE, make_round, make_template, make_unit, make_units

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Path) -> None:
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def member(django_user_model: Any) -> Any:
    """Somebody of Tây Ninh (80)."""
    make_units()
    make_unit("province", "79", "TP Hồ Chí Minh", unit_type="thành phố", valid_from=MERGER)
    user = django_user_model.objects.create_user("tayninh", password="x")
    TerritoryMember.objects.create(user=user, province=province("80"))
    return user


def province(code: str) -> AdministrativeUnit:
    return AdministrativeUnit.objects.get(level="province", code=code, valid_to=None)


def round_of(territory: str) -> SurveyRound:
    place = province(territory) if territory else None
    return make_round(code=f"r{territory}", template=make_template(), territory=place)


def started(survey_round: SurveyRound, folder: Path, user: Any = None) -> FrameImport:
    file = write_csv(folder / "list.csv", rows(2))
    return start_import(
        round=survey_round, source="x", reference_date=REFERENCE_DATE, files=[file], user=user
    )


@pytest.mark.parametrize("territory", ["", "79"])
def test_round_of_others_is_closed_at_every_step(member: Any, tmp_path: Path, territory: str) -> None:
    survey_round = round_of(territory)
    with pytest.raises(PermissionDenied):
        started(survey_round, tmp_path, member)
    assert not FrameImport.objects.exists()
    frame_import = started(survey_round, tmp_path)
    for step in (check_import, confirm_import, cancel_import):
        with pytest.raises(PermissionDenied):
            step(frame_import=frame_import, user=member)
    frame_import.refresh_from_db()
    assert frame_import.status == "queued"
    assert not SamplingFrame.objects.exists()


def test_own_round_is_open_at_every_step(member: Any, tmp_path: Path) -> None:
    survey_round = round_of("80")
    frame_import = check_import(frame_import=started(survey_round, tmp_path, member), user=member)
    assert confirm_import(frame_import=frame_import, user=member).round == survey_round
    assert (
        cancel_import(frame_import=started(survey_round, tmp_path, member), user=member).status == "cancelled"
    )
