"""A person of a province sees results of national rounds and its own, and works on its own alone."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from analysis.models import (
    CriteriaSet,
    IndexMethod,
    PopulationMargin,
    PublishedEstimate,
    Release,
    Scorecard,
    Snapshot,
)
from analysis.services import export_microdata, load_margins, publish_release, take_snapshot
from analysis.services.working_estimates import record_download
from analysis.viewsets.choices import closed_snapshots
from sampling.models import AdministrativeUnit, TerritoryMember
from sampling.models.rounds import RoundStatus
from tests.analysis.rounds import margin_rows
from tests.questionnaires.rounds import make_round, make_user

pytestmark = pytest.mark.django_db
RIGHTS = (
    "wagtailadmin.access_admin",
    "analysis.view_release",
    "analysis.view_publishedestimate",
    "analysis.view_scorecard",
    "analysis.view_populationmargin",
    "analysis.view_snapshot",
    "analysis.estimate_snapshot",
    "analysis.publish_release",
    "analysis.export_microdata",
)
LISTED = (Release, PublishedEstimate, Scorecard, PopulationMargin, Snapshot)
DAY_OF_COUNT = datetime.date(2019, 4, 1)
CODES = ("national", "own", "other")


def province(code: str) -> AdministrativeUnit:
    found, _created = AdministrativeUnit.objects.get_or_create(
        level="province", code=code, defaults={"name": f"Tỉnh {code}", "sort_key": code}
    )
    return found


@pytest.fixture
def member() -> Any:
    """Somebody of province 98 with all rights of a statistician."""
    user = make_user("member", *RIGHTS)
    TerritoryMember.objects.create(user=user, province=province("98"))
    return user


def method(model: Any) -> Any:
    found, _created = model.objects.get_or_create(
        code="m",
        defaults={"title_vi": "m", "title_en": "m", "document": {"contents": []}, "digest": "0" * 64},
    )
    return found


@pytest.fixture
def releases() -> dict[str, Release]:
    """One release of a national round, of the own round, and of that of another province."""
    return {code: make_release_of(code, place) for code, place in zip(CODES, ("", "98", "97"), strict=True)}


def make_release_of(code: str, place: str) -> Release:
    territory = province(place) if place else None
    survey_round = make_round(code, status=RoundStatus.FROZEN, territory=territory)
    PopulationMargin.objects.create(
        round=survey_round, province_code="98", variable="sex", category="male", population=1, source="x",
        reference_date="2019-04-01",
    )  # fmt: skip
    snapshot = Snapshot.objects.create(
        round=survey_round, file_name=f"{code}.parquet", digest="0" * 64, n_rows=1
    )
    release = Release.objects.create(
        code=code, snapshot=snapshot, method=method(IndexMethod), criteria_set=method(CriteriaSet),
        is_provisional=True,
    )  # fmt: skip
    numbers = dict.fromkeys(("value", "standard_error", "lower", "upper"), 80.0)
    PublishedEstimate.objects.create(
        release=release, domain_level="nation", domain_name="x", node="index", node_code="I",
        statistic="mean_score", degrees_of_freedom=9, n=9, **numbers,
    )  # fmt: skip
    del numbers["value"]
    ranks = dict.fromkeys(("rank", "rank_low", "rank_high"), 1)
    Scorecard.objects.create(
        release=release, province_code="98", province_name="x", candidate_input="headline", maximum=10,
        points=8, **numbers, **ranks,
    )  # fmt: skip
    return release


@pytest.mark.parametrize("model", LISTED)
@pytest.mark.usefixtures("releases")
def test_results_of_other_provinces_are_neither_listed_nor_opened(
    model: Any, member: Any, client: Client
) -> None:
    client.force_login(member)
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    name = model._meta.model_name
    listed = client.get(reverse(f"{name}:index")).context["object_list"]
    assert {each.pk for each in listed} == set(keys[:2])
    statuses = [client.get(reverse(f"{name}:inspect", args=[key])).status_code for key in keys]
    assert statuses == [200, 200, 302]


def test_whole_country_sees_everything(releases: dict[str, Release], client: Client) -> None:
    user = make_user("statistician", *RIGHTS)
    client.force_login(user)
    listed = client.get(reverse("release:index")).context["object_list"]
    assert {each.code for each in listed} == set(releases)
    assert closed_snapshots(user).count() == len(releases)


@pytest.mark.usefixtures("releases")
def test_working_estimates_and_publication_offer_the_own_rounds(member: Any, client: Client) -> None:
    assert [each.round.code for each in closed_snapshots(member)] == ["own"]
    client.force_login(member)
    other = Snapshot.objects.get(file_name="other.parquet")
    for name in ("working-estimates", "weighting-bridge"):
        page = client.get(reverse(f"{name}:index"), {"snapshot": other.pk})
        assert page.context["snapshot"].round.code == "own"
    offered = client.get(reverse("release:publish")).context["form"].fields["round"].queryset
    assert [each.code for each in offered] == ["own"]


@pytest.mark.parametrize("code", ["national", "other"])
def test_services_refuse_rounds_of_others(code: str, releases: dict[str, Release], member: Any) -> None:
    release = releases[code]
    survey_round = release.snapshot.round
    calls = (
        lambda: take_snapshot(round=survey_round, user=member),
        lambda: publish_release(
            snapshot=release.snapshot, method=release.method, criteria_set=release.criteria_set, code="n",
            user=member,
        ),
        lambda: load_margins(
            round=survey_round, rows=margin_rows("98"), source="x", date=DAY_OF_COUNT, user=member
        ),
        lambda: export_microdata(release=release, user=member),
        lambda: record_download(snapshot=release.snapshot, user=member, details={}),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(PermissionDenied):
            call()
    assert Release.objects.count() == len(CODES)


def test_own_margins_are_loaded(releases: dict[str, Release], member: Any) -> None:
    survey_round = releases["own"].snapshot.round
    assert (
        load_margins(round=survey_round, rows=margin_rows("98"), source="x", date=DAY_OF_COUNT, user=member)
        == PopulationMargin.objects.filter(round=survey_round).count()
    )


def test_microdata_of_others_are_not_sent(
    releases: dict[str, Release], member: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "analysis.viewsets.publication.export_recipe", lambda **_options: {"design.toml": "x"}
    )
    client.force_login(member)
    statuses = {
        code: client.get(reverse("release:recipe", args=[release.pk, "design.toml"])).status_code
        for code, release in releases.items()
    }
    assert {code for code, status in statuses.items() if status == 200} == {"own"}
    offered = {
        code: bool(
            client.get(reverse("release:inspect", args=[releases[code].pk])).context["microdata_files"]
        )
        for code in ("national", "own")
    }
    assert offered == {"national": False, "own": True}
