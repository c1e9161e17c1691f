"""The pages of working figures: who may, what they show, what they hide, and their files."""

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.tasks.base import TaskResultStatus
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry

from analysis.models import Release
from analysis.refusals import CAUSES
from analysis.services import load_methods
from analysis.tasks import take_working_snapshot
from tests.analysis.rounds import Shape, add_margins, make_closed_round, make_release, reopen
from tests.questionnaires.rounds import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]

INDEX = "M2023:1:index"
DESK, BRIDGE = "working-estimates:index", "weighting-bridge:index"


@pytest.fixture
def analyst(client: Client) -> Client:
    user = make_user("analyst", "wagtailadmin.access_admin", "analysis.estimate_snapshot")
    client.force_login(user)
    return client


def make_calibrated_release() -> Release:
    survey_round = make_closed_round()
    add_margins(survey_round, *Shape().provinces)
    return make_release(survey_round)


def ask(client: Client, page: str, **choices: Any) -> Any:
    asked = {"estimand": INDEX, "statistic": "top_two_share"} | choices
    return client.get(reverse(page), asked)


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("page", [DESK, BRIDGE])
def test_pages_need_their_right(client: Client, page: str) -> None:
    client.force_login(make_user("viewer", "wagtailadmin.access_admin", "analysis.view_release"))
    assert client.get(reverse(page)).status_code == 302


@pytest.mark.parametrize("page", [DESK, BRIDGE])
def test_without_a_closed_round_there_is_no_form(analyst: Client, page: str) -> None:
    assert analyst.get(reverse(page)).context["form"] is None
    reopen(make_release().snapshot.round)
    assert analyst.get(reverse(page)).context["form"] is None


def test_first_visit_computes_nothing(analyst: Client) -> None:
    make_release()
    response = analyst.get(reverse(DESK))
    assert response.context["form"] is not None
    assert "result" not in response.context


def test_figures_come_with_interval_marks_and_a_warning_of_few_degrees_of_freedom(analyst: Client) -> None:
    release = make_calibrated_release()
    response = ask(analyst, DESK, snapshot=release.snapshot_id, by_1="province")
    published = release.estimates.get(domain_code="01", node="index", statistic="top_two_share")
    row = next(row for row in response.context["rows"] if row["place"] == "Tỉnh 01")
    assert [row["value"], row["low"], row["high"]] == pytest.approx(
        [published.value, published.lower, published.upper]
    )
    assert response.context["has_few_df"]
    assert "<svg" in text_of(response)
    assert "mark-provisional" in text_of(response)


def test_suppressed_rows_say_so(analyst: Client) -> None:
    release = make_release(make_closed_round(Shape(persons=8)))
    response = ask(analyst, DESK, estimand="P-A1", statistic="mean_score", by_1="province", by_2="age_group")
    assert release.code
    assert response.context["n_suppressed"] > 0
    hidden = [row for row in response.context["rows"] if row["value"] is None]
    assert len(hidden) >= response.context["n_suppressed"]
    assert all(row["remarks"] for row in hidden)


REFUSED = {
    "the same column twice": ({"by_1": "sex", "by_2": "sex"}, "by_2"),
    "a mean of codes": ({"estimand": "A-EDUCATION", "statistic": "mean_score"}, "statistic"),
    "an unknown part": ({"estimand": "M2023:1:Z"}, "estimand"),
    "an unknown column": ({"by_1": "village"}, "by_1"),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_choices_that_cannot_be_are_explained_at_their_field(analyst: Client, mistake: str) -> None:
    make_release()
    changes, field = REFUSED[mistake]
    response = ask(analyst, DESK, **changes)
    assert list(response.context["form"].errors) == [field]
    assert "result" not in response.context


def test_refusal_of_the_library_has_a_translated_frame(analyst: Client) -> None:
    make_release()
    response = ask(analyst, DESK, estimand="P-A1", statistic="quartiles", interval="wilson")
    assert response.status_code == 200
    with translation.override("vi"):
        assert str(CAUSES["interval"]) in response.context["refusal"]
    assert "result" not in response.context


def test_lost_snapshot_is_told(analyst: Client, own_snapshots: Any) -> None:
    release = make_release()
    (own_snapshots / release.snapshot.file_name).unlink()
    assert release.snapshot.file_name in ask(analyst, DESK).context["refusal"]


@pytest.mark.parametrize("page", [DESK, BRIDGE])
@pytest.mark.parametrize("file_format", ["csv", "csv-semicolon", "xlsx", "json", "parquet", "sav", "dta"])
def test_files_in_every_format_are_noted(analyst: Client, page: str, file_format: str) -> None:
    make_calibrated_release()
    response = ask(analyst, page, by_1="province", download=file_format)
    assert response["Content-Disposition"].startswith("attachment")
    entry = ModelLogEntry.objects.get(action="analysis.export_working_estimates")
    assert entry.user.get_username() == "analyst"
    assert "estimand=M2023" in entry.data["query"]


def test_file_holds_what_the_page_shows_and_its_marks(analyst: Client) -> None:
    make_calibrated_release()
    shown = ask(analyst, DESK, by_1="province").context["rows"]
    response = ask(analyst, DESK, by_1="province", download="csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["province"] for row in rows] == ["", "01", "04"]
    assert {row["is_provisional"] for row in rows} == {"1"}
    for row, on_page in zip(rows, shown, strict=True):
        assert float(row["value"]) == pytest.approx(on_page["value"])
        assert row["remarks"] == on_page["remarks"]


def test_bridge_ends_at_the_published_figure(analyst: Client) -> None:
    release = make_calibrated_release()
    response = ask(analyst, BRIDGE, province="01")
    published = release.estimates.get(domain_code="01", node="index", statistic="top_two_share")
    rows = response.context["rows"]
    assert len(rows) == 4
    assert rows[-1]["value"] == pytest.approx(published.value, rel=1e-12)
    assert all(row["words"] for row in rows)
    assert release.code in text_of(response)


@pytest.mark.parametrize("page", [DESK, BRIDGE])
def test_query_count_does_not_grow_with_the_figures(
    analyst: Client, page: str, django_assert_max_num_queries: Any
) -> None:
    load_methods()
    make_release()
    with django_assert_max_num_queries(40):
        ask(analyst, page, by_1="province", by_2="sex")


def test_menu_offers_the_pages_to_those_who_may(analyst: Client) -> None:
    page = analyst.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse(DESK) in page
    assert reverse(BRIDGE) in page


def test_recipe_is_offered_with_the_microdata(client: Client) -> None:
    release = make_release()
    rights = ("wagtailadmin.access_admin", "analysis.view_release", "analysis.export_microdata")
    client.force_login(make_user("statistician", *rights))
    page = client.get(reverse("release:inspect", args=[release.pk])).content.decode()
    for name in ("design.toml", "index.toml"):
        url = reverse("release:recipe", args=[release.pk, name])
        assert url in page
        assert "=" in client.get(url).content.decode()
    assert client.get(reverse("release:recipe", args=[release.pk, "other.toml"])).status_code == 404


def test_failed_snapshot_is_told_to_whoever_asked_for_it(analyst: Client) -> None:
    user = get_user_model().objects.get(username="analyst")
    for number, words in ((user.pk, "lost its list"), (user.pk + 1, "is of another province")):
        DBTaskResult.objects.create(
            status=TaskResultStatus.FAILED,
            task_path=take_working_snapshot.module_path,
            args_kwargs={"args": [], "kwargs": {"round_id": 1, "user_id": number}},
            run_after=timezone.now(),
            finished_at=timezone.now(),
            backend_name="worker",
            traceback=f"ValueError: Round {words}.",
        )
    page = text_of(analyst.get(reverse("working-estimates:snapshot")))
    assert "lost its list" in page
    assert "of another province" not in page
