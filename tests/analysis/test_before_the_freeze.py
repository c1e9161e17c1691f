"""Until a round is frozen its answers can be withdrawn: nothing is published from it and no row leaves."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from wagtail.models import ModelLogEntry

from analysis.exports import FORMATS
from analysis.models import CriteriaSet, IndexMethod, Release, Snapshot
from analysis.services import (
    RoundNotFrozenError,
    discard_working_snapshots,
    export_microdata,
    load_methods,
    open_snapshot,
    publish_release,
    take_snapshot,
)
from analysis.tasks import snapshot_and_publish
from questionnaires.models import Response, SeparatedResponse
from questionnaires.services import withdraw_response
from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services import freeze_round
from tests.analysis.rounds import Shape, make_closed_round, make_release, reopen
from tests.questionnaires.rounds import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]

SMALL = Shape(persons=12)
METHODS = ("--method", "M2023", "--criteria-set", "DEMO-876-SHAPE")
RIGHTS = (
    "wagtailadmin.access_admin",
    "analysis.view_release",
    "analysis.publish_release",
    "analysis.export_microdata",
    "sampling.view_surveyround",
)


def thawed(release: Release) -> Release:
    """A release as an earlier version made it: of a round that is closed only."""
    SurveyRound.objects.update(status=RoundStatus.CLOSED)
    release.snapshot.round.refresh_from_db()
    return release


def published(snapshot: Snapshot, code: str = "R1") -> Release:
    load_methods()
    return publish_release(
        snapshot=snapshot,
        method=IndexMethod.objects.get(code="M2023"),
        criteria_set=CriteriaSet.objects.get(code="DEMO-876-SHAPE"),
        code=code,
    )


def run(*arguments: str) -> None:
    call_command(*arguments, stdout=StringIO(), stderr=StringIO())


def to_freeze(survey_round: SurveyRound) -> str:
    return reverse("surveyround:action", args=[survey_round.pk, "freeze"])


def test_withdrawn_answer_is_in_no_file_and_no_publication(
    own_snapshots: Path, django_capture_on_commit_callbacks: Any
) -> None:
    survey_round = make_closed_round(SMALL)
    n_answers = SeparatedResponse.objects.count()
    early = take_snapshot(round=survey_round)
    withdraw_response(number=Response.objects.select_related("case").first().case.number)
    with pytest.raises(RoundNotFrozenError):
        published(early)
    with django_capture_on_commit_callbacks(execute=True):
        freeze_round(round=survey_round)
    assert not Snapshot.objects.exists()
    assert not list(own_snapshots.glob("*.parquet"))
    release = published(take_snapshot(round=survey_round))
    assert len(export_microdata(release=release).rows) == n_answers - 1


@pytest.mark.parametrize("status", [RoundStatus.OPEN, RoundStatus.CLOSED])
def test_nothing_is_published_before_the_freeze(status: RoundStatus) -> None:
    survey_round = make_closed_round(SMALL)
    snapshot = take_snapshot(round=survey_round)
    SurveyRound.objects.update(status=status)
    with override("en"), pytest.raises(RoundNotFrozenError, match=r"sipas-2026.* Freeze the round first"):
        published(snapshot)
    assert not Release.objects.exists()
    assert not ModelLogEntry.objects.filter(action="analysis.publish_release").exists()


@pytest.mark.parametrize("is_public", [False, True])
def test_no_row_leaves_before_the_freeze(is_public: Any) -> None:
    release = thawed(make_release())
    with override("en"), pytest.raises(RoundNotFrozenError, match="answers can still be withdrawn"):
        export_microdata(release=release, is_public=is_public)
    assert not ModelLogEntry.objects.filter(action="analysis.export_microdata").exists()


def test_commands_refuse_and_write_nothing(tmp_path: Path) -> None:
    thawed(make_release())
    for what in ("microdata", "codebook"):
        for file_format in FORMATS:
            asked = ("export_release", "R1", "--what", what, "--format", file_format, "--out", str(tmp_path))
            with override("en"), pytest.raises(CommandError, match="Freeze the round first"):
                run(*asked, "--include-sensitive")
    with override("en"), pytest.raises(CommandError, match="Freeze the round first"):
        run("publish_release", "sipas-2026", *METHODS, "--code", "R2")
    assert not list(tmp_path.glob("R1*"))
    assert Release.objects.count() == 1


def test_published_figures_stay_where_they_are() -> None:
    release = thawed(make_release())
    response = Client().get(reverse("analysis:download", args=[release.code, "csv"]))
    assert response.status_code == 200


def test_worker_publishes_nothing_before_the_freeze() -> None:
    load_methods()
    survey_round = make_closed_round(SMALL)
    given = {
        "round_id": survey_round.pk,
        "method_id": IndexMethod.objects.get(code="M2023").pk,
        "criteria_set_id": CriteriaSet.objects.get(code="DEMO-876-SHAPE").pk,
        "code": "R1",
        "single_psu": "fail",
        "user_id": make_user("publisher").pk,
    }
    with pytest.raises(RoundNotFrozenError):
        snapshot_and_publish.call(**given)
    assert not Release.objects.exists()


@pytest.mark.parametrize("may_freeze", [True, False])
def test_pages_offer_the_freeze_in_place_of_files(client: Client, may_freeze: Any) -> None:
    release = thawed(make_release())
    survey_round = release.snapshot.round
    client.force_login(
        make_user("statistician", *RIGHTS, *(["sampling.change_surveyround"] if may_freeze else []))
    )
    for address in (reverse("release:inspect", args=[release.pk]), reverse("release:publish")):
        page = client.get(address).text
        assert (f'href="{to_freeze(survey_round)}"' in page) == may_freeze
        assert reverse("surveyround:inspect", args=[survey_round.pk]) in page or may_freeze
        assert "microdata/" not in page
    assert not client.get(reverse("release:publish")).context["form"].fields["round"].queryset


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("what", ["microdata", "public", "codebook"])
def test_address_of_a_file_leads_back_with_the_reason(client: Client, what: str, file_format: str) -> None:
    release = thawed(make_release())
    client.force_login(make_user("statistician", *RIGHTS))
    response = client.get(reverse("release:microdata", args=[release.pk, what, file_format]), follow=True)
    assert response.redirect_chain == [(reverse("release:inspect", args=[release.pk]), 302)]
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_closed_round_has_one_working_snapshot(
    own_snapshots: Path, django_capture_on_commit_callbacks: Any
) -> None:
    survey_round = make_closed_round(SMALL)
    with django_capture_on_commit_callbacks(execute=True):
        first = take_snapshot(round=survey_round)
        second = take_snapshot(round=survey_round)
    assert list(Snapshot.objects.all()) == [second]
    assert [path.name for path in own_snapshots.glob("*.parquet")] == [second.file_name]
    assert first.digest != second.digest
    assert len(open_snapshot(second).rows) == second.n_rows


def test_snapshots_of_publications_and_of_other_rounds_are_kept() -> None:
    release = make_release(make_closed_round(SMALL))
    other = take_snapshot(round=make_closed_round(SMALL, code="other"))
    assert discard_working_snapshots(round=release.snapshot.round) == 0
    assert set(Snapshot.objects.all()) == {release.snapshot, other}
    assert not ModelLogEntry.objects.filter(action="analysis.discard_snapshots").exists()


def analyst() -> Any:
    return make_user("analyst", "wagtailadmin.access_admin", "analysis.estimate_snapshot")


def test_desk_takes_a_working_snapshot_of_a_closed_round_and_shows_figures(client: Client) -> None:
    load_methods()
    survey_round = make_closed_round()
    open_to_answers = reopen(make_closed_round(SMALL, code="open"))
    client.force_login(analyst())
    address = reverse("working-estimates:snapshot")
    assert address in client.get(reverse("working-estimates:index")).text
    assert client.post(address, {"round": open_to_answers.pk}).status_code == 200
    assert client.post(address, {"round": survey_round.pk}).url == reverse("working-estimates:index")
    assert ModelLogEntry.objects.get(action="analysis.take_snapshot").user.username == "analyst"
    asked = {"estimand": "M2023:1:index", "statistic": "top_two_share"}
    page = client.get(reverse("working-estimates:index"), asked)
    assert page.context["is_moving"]
    assert 'class="help-block help-info"' in page.text
    assert page.context["rows"][0]["value"] > 0


@pytest.mark.parametrize("page", ["working-estimates:index", "weighting-bridge:index"])
def test_desk_warns_of_moving_figures_until_the_freeze(client: Client, page: str) -> None:
    release = make_release()
    client.force_login(analyst())
    assert not client.get(reverse(page)).context["is_moving"]
    thawed(release)
    assert client.get(reverse(page)).context["is_moving"]


def test_refused_snapshot_leaves_the_page_working_and_nothing_behind(client: Client) -> None:
    survey_round = make_closed_round(Shape(persons=6, response_rate=0.0))
    client.force_login(analyst())
    address = reverse("working-estimates:snapshot")
    assert client.post(address, {"round": survey_round.pk}).status_code == 302
    assert not Snapshot.objects.exists()
    assert client.get(address).status_code == 200
