import csv
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.template.loader import render_to_string
from django.urls import reverse
from wagtail.permissions import policy_registry

from sampling.models import AdministrativeUnit, ListedUnit, Sample, SamplingFrame, SurveyRound
from sampling.permissions import READ_ONLY_MODELS
from sampling.services import open_round
from tests.sampling.makers import (
    N_COMMUNES,
    N_VILLAGES,
    commune_rows,
    load,
    make_round,
    make_sample,
    make_template,
    make_units,
)

pytestmark = pytest.mark.django_db

LISTINGS = ["surveyround", "sample", "samplingframe", "frameunit", "samplingtemplate", "administrativeunit"]


@pytest.mark.parametrize("listing", LISTINGS)
def test_listing_opens(admin_client: Any, listing: str):
    make_sample()
    assert admin_client.get(reverse(f"{listing}:index")).status_code == 200


def test_names_of_what_is_no_field_are_translated(admin_client: Any):
    survey_round = make_round()
    assert "Tiêu đề" in admin_client.get(reverse("samplingtemplate:index")).content.decode()
    inspected = admin_client.get(reverse("surveyround:inspect", args=[survey_round.pk])).content.decode()
    assert "Cả nước" in inspected
    assert ">None<" not in inspected.replace("\n", "").replace(" ", "")


def test_region_and_ticks_read_as_words(admin_client: Any):
    unit = make_sample().units.first().province
    AdministrativeUnit.objects.filter(pk=unit.pk).update(region="RRD")
    record = admin_client.get(reverse("administrativeunit:inspect", args=[unit.pk])).content.decode()
    assert "Đồng bằng sông Hồng" in record
    assert ">RRD<" not in record
    cell = render_to_string("wagtailadmin/tables/boolean_cell.html", {"value": True, "column": {}})
    assert "có" in cell
    assert "True" not in cell


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


TYPED = ("tay ninh", "Tây Ninh", "TÂY NINH", "tây nính")


@pytest.mark.sqlite
@pytest.mark.parametrize("typed", TYPED)
def test_frame_units_are_found_without_tone_marks(admin_client: Any, typed: str):
    make_units()
    survey_round = make_round()
    rows = commune_rows()
    rows[0]["name"] = "Phường Tây Ninh"
    load(survey_round, "commune", rows)
    page = found(admin_client, "frameunit", typed)
    assert "72001" in page
    assert "72002" not in page


@pytest.mark.sqlite
@pytest.mark.parametrize("typed", ["dot thu", "Đợt thử", "ĐỢT", "trial", "demo-2026", "2026"])
@pytest.mark.parametrize("listing", ["surveyround", "sample"])
def test_rounds_and_samples_are_found_without_tone_marks(admin_client: Any, listing: str, typed: str):
    survey_round = make_sample().round
    SurveyRound.objects.exclude(pk=survey_round.pk).delete()
    assert found(admin_client, listing, typed) != found(admin_client, listing, "something else")
    assert address(listing, survey_round) in found(admin_client, listing, typed)


@pytest.mark.sqlite
@pytest.mark.parametrize("listing", ["surveyround", "sample", "frameunit", "administrativeunit"])
def test_punctuation_finds_nothing(admin_client: Any, listing: str):
    make_sample()
    assert "/inspect/" not in found(admin_client, listing, "?!")


def found(client: Any, listing: str, typed: str) -> str:
    return client.get(reverse(f"{listing}:index_results"), {"q": typed}).content.decode()


def address(listing: str, survey_round: SurveyRound) -> str:
    row = survey_round if listing == "surveyround" else survey_round.sample
    return reverse(f"{listing}:inspect", args=[row.pk])


def test_page_of_a_sample_leads_to_the_order_of_its_lists(admin_client: Any):
    sample = make_sample()
    url = reverse("sample:order", args=[sample.pk])
    page = admin_client.get(reverse("sample:inspect", args=[sample.pk])).content.decode()
    assert url in page
    assert sample.order_digest in page
    assert admin_client.get(url).status_code == 200


@pytest.mark.sqlite
def test_order_of_the_lists_is_searched_and_filtered(admin_client: Any):
    sample = make_sample()
    results = reverse("sample:order_results", args=[sample.pk])
    for query, n_rows in (
        ({}, 2 * N_COMMUNES + sample.n_communes * N_VILLAGES),
        ({"q": "XÃ 3"}, 2),
        ({"q": "ap 2"}, sample.n_communes),
        ({"q": "72001"}, None),
        ({"list__stage": "commune"}, 2 * N_COMMUNES),
        ({"list__stage": "commune", "list__stratum": "72"}, N_COMMUNES),
    ):
        answer = admin_client.get(results, query)
        assert answer.status_code == 200
        assert n_rows is None or answer.context["items_count"] == n_rows


def test_order_of_the_lists_takes_few_queries(admin_client: Any, django_assert_max_num_queries: Any):
    url = reverse("sample:order", args=[make_sample().pk])
    admin_client.get(url)
    with django_assert_max_num_queries(20):
        admin_client.get(url)


def test_order_of_the_lists_is_exported_for_replay(admin_client: Any):
    sample = make_sample()
    answer = admin_client.get(reverse("sample:order", args=[sample.pk]), {"export": "csv"})
    rows = list(csv.DictReader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert len(rows) == ListedUnit.objects.count()
    assert sum(row[list(row)[-1]] == "True" for row in rows) == sample.units.count()


def test_order_of_the_lists_is_for_those_who_may_see_samples(client: Any, django_user_model: Any):
    url = reverse("sample:order", args=[make_sample().pk])
    user = django_user_model.objects.create_user("user", password="x")
    user.user_permissions.set(Permission.objects.filter(codename="access_admin"))
    client.force_login(user)
    assert client.get(url).status_code in {302, 403}
    user.user_permissions.add(Permission.objects.get(codename="view_sample"))
    assert client.get(url).status_code == 200


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
