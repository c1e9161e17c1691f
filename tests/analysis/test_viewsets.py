import csv
import datetime
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from wagtail.models import ModelLogEntry

from analysis.marks import CONFIDENCE
from analysis.models import CriteriaSet, IndexMethod, PublishedEstimate, Release, Snapshot
from analysis.services import load_methods
from analysis.viewsets import described_merge
from tests.analysis.rounds import frozen, make_closed_round, make_release, reopen
from tests.questionnaires.rounds import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]

VIEW = (
    "wagtailadmin.access_admin",
    "analysis.view_release",
    "analysis.view_publishedestimate",
    "analysis.view_scorecard",
    "analysis.view_indexmethod",
    "analysis.view_criteriaset",
    "analysis.view_snapshot",
)


def log_in(client: Client, user: AbstractBaseUser) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def viewer(client: Client) -> Client:
    return log_in(client, make_user("viewer", *VIEW))


@pytest.mark.parametrize(
    "name", ["release", "publishedestimate", "scorecard", "snapshot", "indexmethod", "criteriaset"]
)
def test_listings_open_to_those_who_may_look_and_offer_no_changes(viewer: Client, name: str) -> None:
    make_release()
    assert viewer.get(reverse(f"{name}:index")).status_code == 200
    assert viewer.get(reverse(f"{name}:add")).status_code == 302


def test_superuser_cannot_change_a_release(admin_client: Client) -> None:
    release = make_release()
    for view in ("edit", "delete"):
        assert admin_client.get(reverse(f"release:{view}", args=[release.pk])).status_code == 302
    assert Release.objects.exists()


def test_method_page_shows_decision_period_confidence_and_reason(viewer: Client) -> None:
    load_methods()
    method = IndexMethod.objects.get(code="M2023")
    page = viewer.get(reverse("indexmethod:inspect", args=[method.pk])).content.decode()
    for text in ("1001/QĐ-BNV", "2023–2026", str(CONFIDENCE["derived"]), "33 trong 51"):
        assert text in page
    assert ">derived<" not in page


def test_query_count_of_the_estimates_does_not_grow(
    viewer: Client, django_assert_max_num_queries: Any
) -> None:
    make_release()
    with django_assert_max_num_queries(40):
        viewer.get(reverse("publishedestimate:index"))


def test_snapshot_is_shown_with_the_time_of_the_site(viewer: Client) -> None:
    snapshot = make_release().snapshot
    taken = datetime.datetime(2026, 6, 30, 22, 5, tzinfo=datetime.UTC)
    Snapshot.objects.filter(pk=snapshot.pk).update(created_at=taken)
    page = viewer.get(reverse("snapshot:inspect", args=[snapshot.pk])).content.decode()
    assert "05:05, 01/07/2026" in page
    assert "<dt>ID</dt>" not in page


def test_listed_figures_are_rounded_not_cut(viewer: Client) -> None:
    release = make_release()
    release.estimates.filter(domain_level="nation", node="index").update(value=83.4297)
    assert "83,43" in viewer.get(reverse("publishedestimate:index")).content.decode()


@pytest.mark.parametrize(("name", "typed"), [("publishedestimate", "dong nai"), ("scorecard", "ĐỒNG")])
def test_figures_are_found_without_tone_marks(viewer: Client, name: str, typed: str) -> None:
    release = make_release()
    release.estimates.filter(domain_code="04").update(domain_name="Đồng Nai")
    release.scorecards.filter(province_code="04").update(province_name="Đồng Nai")
    found = viewer.get(reverse(f"{name}:index"), {"q": typed}).context["object_list"]
    assert found
    assert all(str(row).startswith("Đồng Nai") for row in found)
    assert not viewer.get(reverse(f"{name}:index"), {"q": "?"}).context["object_list"]


def test_filtered_estimates_are_exported_through_the_resource(viewer: Client) -> None:
    make_release()
    address = reverse("publishedestimate:index")
    response = viewer.get(address, {"export": "csv", "node": "index", "statistic": "top_two_share"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert {row["domain_code"] for row in rows} == {"", "01", "04"}
    assert {row["is_provisional"] for row in rows} == {"1"}


def test_release_page_names_merged_cells_and_parts_without_a_figure(viewer: Client) -> None:
    release = make_release()
    address = reverse("release:inspect", args=[release.pk])
    assert "S-5.1" not in viewer.get(address).content.decode()
    merge = {"cells": ["01/18-24", "01/male"], "into": "x", "n": 41, "psus": 4}
    release.weighting[1]["merges"] = [merge]
    part = {"domain": "01", "level": "criterion", "node": "S-5.1", "statistic": "mean_score"}
    release.rates["withheld"] = [part | {"reason": "few_answers"}]
    release.save()
    with override("en"):
        assert described_merge(merge) == "01: 18-24 + men, now one cell of 41 answers from 4 primary units"
    page = viewer.get(address).content.decode()
    assert "01: 18-24 + " in page
    assert "S-5.1" in page


def test_flags_of_a_figure_are_listed_in_words(viewer: Client) -> None:
    make_release()
    with override("en"):
        words = str(PublishedEstimate.Flag.FEW_DF.label)
    assert words.startswith("fewer than 8 degrees")
    address = reverse("publishedestimate:index")
    assert str(PublishedEstimate.Flag.FEW_DF.label) in viewer.get(address).content.decode()


def publication(**changes: Any) -> dict[str, Any]:
    return {
        "method": IndexMethod.objects.get(code="M2023").pk,
        "criteria_set": CriteriaSet.objects.get(code="DEMO-876-SHAPE").pk,
        "code": "R1",
        "single_psu": "fail",
    } | changes


def test_publication_needs_its_permission(client: Client, viewer: Client) -> None:
    load_methods()
    survey_round = frozen(make_closed_round())
    assert viewer.get(reverse("release:publish")).status_code == 302
    publisher = log_in(client, make_user("publisher", *VIEW, "analysis.publish_release"))
    assert publisher.get(reverse("release:publish")).status_code == 200
    response = publisher.post(reverse("release:publish"), publication(round=survey_round.pk))
    assert response.status_code == 302
    assert Release.objects.get().code == "R1"
    entry = ModelLogEntry.objects.get(action="analysis.publish_release")
    assert entry.user.get_username() == "publisher"


def test_form_refuses_open_rounds_and_used_codes(admin_client: Client) -> None:
    make_release()
    survey_round = reopen(make_closed_round(code="open"))
    response = admin_client.post(reverse("release:publish"), publication(round=survey_round.pk))
    assert set(response.context["form"].errors) == {"round", "code"}
    assert Release.objects.count() == 1


def test_microdata_need_their_permission_and_leave_a_trace(client: Client, viewer: Client) -> None:
    release = make_release()
    address = reverse("release:microdata", args=[release.pk, "microdata", "csv"])
    assert viewer.get(address).status_code in {302, 403}
    assert "microdata/" not in viewer.get(reverse("release:inspect", args=[release.pk])).content.decode()
    exporter = log_in(client, make_user("exporter", *VIEW, "analysis.export_microdata"))
    assert address in exporter.get(reverse("release:inspect", args=[release.pk])).content.decode()
    response = exporter.get(address)
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="sipas-R1-microdata-vi.csv"'
    assert ModelLogEntry.objects.filter(action="analysis.export_microdata").count() == 1


def test_unknown_format_of_microdata_is_not_found(admin_client: Client) -> None:
    release = make_release()
    address = reverse("release:microdata", args=[release.pk, "microdata", "exe"])
    assert admin_client.get(address).status_code == 404


def test_counts_are_listed_with_grouped_digits(viewer: Client) -> None:
    release = make_release()
    release.estimates.update(n=20088)
    assert "20.088" in viewer.get(reverse("publishedestimate:index")).content.decode()
    estimate = release.estimates.first()
    page = viewer.get(reverse("publishedestimate:inspect", args=[estimate.pk])).content.decode()
    assert "20.088" in page
    assert f"{estimate.value}".replace(".", ",") not in page


def test_interval_and_design_effect_stand_in_few_columns(viewer: Client) -> None:
    release = make_release()
    release.estimates.update(lower=81.236, upper=85.5, deff=1.75)
    release.scorecards.update(lower=6.1, upper=7.0)
    figures = viewer.get(reverse("publishedestimate:index"))
    assert {"81,24–85,50", "1,75"} <= set(re.findall(r"[\d,–]+", figures.content.decode()))
    assert len(figures.context["table"].columns) <= 10
    assert "6,10–7,00" in viewer.get(reverse("scorecard:index")).content.decode()
