from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail.permissions import policy_registry

from sampling.models import AdministrativeUnit, Sample, SamplingFrame, SurveyRound
from sampling.permissions import READ_ONLY_MODELS
from sampling.services import open_round
from tests.sampling.makers import make_round, make_sample, make_template, make_units

pytestmark = pytest.mark.django_db

LISTINGS = ["surveyround", "sample", "samplingframe", "frameunit", "samplingtemplate", "administrativeunit"]


@pytest.mark.parametrize("listing", LISTINGS)
def test_listing_opens(admin_client: Any, listing: str):
    make_sample()
    assert admin_client.get(reverse(f"{listing}:index")).status_code == 200


@pytest.mark.parametrize("listing", ["frameunit", "samplingframe", "sample"])
def test_listing_takes_few_queries(admin_client: Any, django_assert_max_num_queries: Any, listing: str):
    make_sample()
    admin_client.get(reverse(f"{listing}:index"))
    with django_assert_max_num_queries(20):
        admin_client.get(reverse(f"{listing}:index"))


@pytest.mark.parametrize("model", READ_ONLY_MODELS)
def test_what_is_drawn_or_loaded_cannot_be_edited_by_anybody(admin_client: Any, model: Any):
    make_sample()
    name = model._meta.model_name
    row = model.objects.first()
    assert admin_client.get(reverse(f"{name}:inspect", args=[row.pk])).status_code == 200
    for url in (
        reverse(f"{name}:add"),
        reverse(f"{name}:edit", args=[row.pk]),
        reverse(f"{name}:delete", args=[row.pk]),
    ):
        assert admin_client.get(url).status_code == 302


def test_units_are_found_without_tone_marks(admin_client: Any):
    make_units()
    for typed in ("tay ninh", "Tây Ninh", "TAY NINH"):
        page = admin_client.get(reverse("administrativeunit:index"), {"q": typed}).content.decode()
        assert "72001" in page
        assert "80001" not in page


def test_round_is_created_through_its_service(admin_client: Any):
    template = make_template()
    fields = {
        "code": "sipas-2026",
        "name_vi": "SIPAS 2026",
        "name_en": "SIPAS 2026",
        "year": "2026",
        "reference_period_start": "2026-01-01",
        "reference_period_end": "2026-12-31",
        "opens_at": "2026-09-01 08:00",
        "closes_at": "2026-10-01 17:00",
        "template": str(template.pk),
    }
    response = admin_client.post(reverse("surveyround:add"), fields)
    assert response.status_code == 302, response.context["form"].errors
    assert SurveyRound.objects.get().code == "sipas-2026"


def test_open_round_cannot_be_edited(admin_user: Any):
    policy = policy_registry.get_by_type(SurveyRound)
    survey_round = make_sample().round
    assert policy.user_has_permission_for_instance(admin_user, "change", survey_round)
    assert not policy.user_has_permission_for_instance(admin_user, "delete", survey_round)
    open_round(round=survey_round)
    assert not policy.user_has_permission_for_instance(admin_user, "change", survey_round)
    assert policy.user_has_permission_for_instance(admin_user, "view", survey_round)


def test_round_without_sample_may_be_deleted(admin_user: Any):
    policy = policy_registry.get_by_type(SurveyRound)
    assert policy.user_has_permission_for_instance(admin_user, "delete", make_round())


def test_viewer_may_look_and_only_look(django_user_model: Any):
    user = django_user_model.objects.create_user("viewer", password="x")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_sample", "change_sample"]))
    policy = policy_registry.get_by_type(Sample)
    assert policy.user_has_permission(user, "view")
    assert not policy.user_has_permission(user, "change")
    assert user in policy.users_with_any_permission(["view", "change"])
    assert user not in policy.users_with_any_permission(["change"])


def test_models_have_no_policy_by_accident():
    for model in (AdministrativeUnit, Sample, SamplingFrame, SurveyRound):
        assert policy_registry.get_by_type(model, fallback=False) is not None
