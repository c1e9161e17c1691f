"""The strata of a transaction list, as the planner reads them."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from sampling.design.list_draws import first_dossiers
from sampling.models import SurveyRound, TerritoryMember
from sampling.viewsets.planner_strata import read_strata
from tests.sampling.engine.list_frames import make_rows
from tests.sampling.kept_lists import N_ROWS, keep_list
from tests.sampling.makers import make_round, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey_round(settings: Any, tmp_path: Path) -> SurveyRound:
    settings.FRAME_ROOT = tmp_path / "frames"
    survey_round = make_round()
    keep_list(survey_round, settings.FRAME_ROOT)
    return survey_round


def url(survey_round: SurveyRound, name: str = "strata", *args: str) -> str:
    return reverse(f"surveyround:{name}", args=[survey_round.pk, *args])


def table(client: Client, survey_round: SurveyRound, unit: str, *by: str) -> dict[tuple[str, ...], int]:
    answer = client.get(url(survey_round), {"by": by, "unit": unit})
    assert "attachment" in answer.headers["Content-Disposition"]
    read = read_strata(answer.content.decode(), share=80, cost=60)
    assert read.attributes == by
    return {stratum.key: stratum.population for stratum in read.strata}


def test_the_planner_reads_the_dossiers_of_every_stratum(admin_client: Client, survey_round: SurveyRound):
    rows = make_rows(N_ROWS)
    found = table(admin_client, survey_round, "dossier", "province", "is_urban")
    expected = Counter((row[2], "" if row[5] is None else str(row[5]).lower()) for row in rows)
    assert found == expected


def test_persons_are_counted_once(admin_client: Client, survey_round: SurveyRound):
    rows = make_rows(N_ROWS)
    found = table(admin_client, survey_round, "person", "province")
    assert sum(found.values()) == len({row[11] or row[0] for row in rows}) < len(rows)


def test_the_page_of_the_stage_offers_the_strata_until_the_list_is_committed(
    admin_client: Client, survey_round: SurveyRound
):
    stage = url(survey_round, "stage", "dossier")
    assert url(survey_round) in admin_client.get(stage).content.decode()
    survey_round.frames.update(stage="commune")
    assert admin_client.get(stage).status_code == 404


@pytest.mark.parametrize("asked", [{}, {"by": "settled_on", "unit": "dossier"}, {"by": "field", "unit": "x"}])
def test_other_columns_are_no_strata(admin_client: Client, survey_round: SurveyRound, asked: Any):
    assert admin_client.get(url(survey_round), asked).status_code == 404


def test_a_list_whose_file_is_gone_is_told(admin_client: Client, survey_round: SurveyRound, settings: Any):
    (settings.FRAME_ROOT / survey_round.frames.get().file).unlink()
    answer = admin_client.get(url(survey_round), {"by": "province", "unit": "dossier"})
    assert answer.status_code == 409


def test_strata_are_for_whoever_may_change_the_round(
    client: Client, django_user_model: Any, survey_round: SurveyRound
):
    client.force_login(django_user_model.objects.create_user("user", password="x"))
    assert client.get(url(survey_round), {"by": "province", "unit": "dossier"}).status_code in (302, 403)


def test_the_planner_takes_the_strata_of_a_round(admin_client: Client, survey_round: SurveyRound):
    asked = {"round": survey_round.pk, "by": ["province", "field"], "unit": "person", "n": 60, "least": 1}
    page = admin_client.get(reverse("planner:lists"), asked)
    rows = first_dossiers(make_rows(N_ROWS))
    found = {one.key: one.population for one in page.context["form"].cleaned_data["read"].strata}
    assert found == Counter((row[2], row[7] or "") for row in rows)
    assert page.context["form"]["unit"].value() == "person"
    assert page.context["result"] is not None


def test_a_list_that_cannot_be_counted_is_told_in_the_planner(
    admin_client: Client, survey_round: SurveyRound, settings: Any
):
    (settings.FRAME_ROOT / survey_round.frames.get().file).unlink()
    asked = {"round": survey_round.pk, "by": "province", "unit": "dossier"}
    page = admin_client.get(reverse("planner:lists"), asked)
    assert page.context["rounds"].errors


def test_nobody_takes_the_strata_of_another_province(
    client: Client, django_user_model: Any, survey_round: SurveyRound
):
    user = django_user_model.objects.create_user("province", password="x")
    for name in ("access_admin", "change_surveyround"):
        user.user_permissions.add(Permission.objects.get(codename=name))
    TerritoryMember.objects.create(user=user, province=make_unit("province", "99", "Tỉnh 99"))
    client.force_login(user)
    asked = {"round": survey_round.pk, "by": "province", "unit": "dossier"}
    page = client.get(reverse("planner:lists"), asked)
    assert "round" in page.context["rounds"].errors
