"""Demonstration data and provisional methods are marked on every page, file, chart and print."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from analysis.exports import FORMATS, ExportTable
from analysis.models import CriteriaSet, IndexMethod, Release
from analysis.resources import describe_table, estimates_table, scorecards_table
from analysis.services import export_microdata
from sampling.models import SamplingTemplate
from survey_site.pages.models import MethodologyPage, ResultsPage
from tests.analysis.rounds import Shape, make_closed_round, make_release
from tests.survey_site import makers
from tests.survey_site.marked import (
    DEMO,
    FIGURES,
    PROVISIONAL,
    TAG,
    charts,
    faults_of_file,
    faults_of_page,
    is_unlisted,
)
from tests.survey_site.test_access_matrix import BROKEN_ON_PURPOSE, Site, address, build, is_own, routes

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WITHOUT_CONTENT = ("/preview/", "admin/test404/", BROKEN_ON_PURPOSE)
"""Ends of addresses where Wagtail only says that there is nothing to show."""


@pytest.fixture
def site(settings: Any, tmp_path: Path) -> Site:
    """A site of demonstration data with provisional methods."""
    settings.MEDIA_ROOT = tmp_path
    return build()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Pages that are refused are no news here."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def open_page(client: Client, url: str) -> str:
    """The text of a whole page; nothing for files, parts of pages, refusals and redirections."""
    with transaction.atomic():
        response = client.get(url)
        content = response.getvalue()
        transaction.set_rollback(True)
    client.cookies.pop("messages", None)
    is_page = response.status_code == 200 and response["Content-Type"].startswith("text/html")
    text = content.decode() if is_page else ""
    return text if "<html" in text else ""


def pages(site: Site, *roles: str) -> Iterator[tuple[str, str]]:
    """Every page that opens to one of the roles, with its route."""
    for role in roles:
        client = Client(raise_request_exception=False)
        client.force_login(site.users[role])
        for route in routes():
            if not route.endswith(WITHOUT_CONTENT) and "microdata" not in route:
                text = open_page(client, address(route, site.values))
                if text:
                    yield route, text


def test_every_page_carries_its_marks(site: Site) -> None:
    found = list(pages(site, "administrator", "enumerator", "clerk"))
    opened = {route for route, _page in found}
    assert sorted(FIGURES - opened) == []
    assert sorted(route for route in opened if is_own(route) and is_unlisted(route)) == []
    faults = [fault for route, page in found for fault in faults_of_page(route, page)]
    assert faults == [], "; ".join(faults)


def figure_pages(site: Site) -> dict[str, str]:
    client = Client()
    client.force_login(site.users["administrator"])
    return {route: open_page(client, address(route, site.values)) for route in sorted(FIGURES)}


def test_confirmed_methods_carry_no_mark(site: Site) -> None:
    for model in (SamplingTemplate, IndexMethod, CriteriaSet):
        model.objects.update(is_provisional=False)
    for method in IndexMethod.objects.all():
        for content in method.document["contents"]:
            content["weight_is_provisional"] = False
        method.save()
    Release.objects.update(is_provisional=False)
    marked = [route for route, page in figure_pages(site).items() if TAG in page]
    assert marked == ["phieu-giay/<int:version_id>/"]  # the wording of the form is provisional by itself


def test_missing_marks_are_found(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr("survey_site.core.context.holds_demonstration", lambda: False)
    monkeypatch.setattr("analysis.viewsets.figures.index_marks", lambda _release: ())
    planted = figure_pages(site)
    faults = [fault for route, page in planted.items() for fault in faults_of_page(route, page)]
    assert len([fault for fault in faults if fault.endswith("no demonstration mark")]) == len(FIGURES)
    assert "admin/publishedestimate/inspect/<int:pk>/: no provisional mark" in faults
    assert is_unlisted("admin/forecast/")


@pytest.fixture
def public_pages() -> dict[str, str]:
    """The pages for everybody: results, compared with a province too, and methods."""
    home = makers.make_home()
    makers.make_results_page(home, makers.make_release())
    home.add_child(instance=MethodologyPage(title="Phương pháp", slug="phuong-phap", locale=home.locale))
    results = ResultsPage.objects.get().get_url()
    urls = [home.get_url(), results, f"{results}?compare=01", MethodologyPage.objects.get().get_url()]
    return {url: Client().get(url).content.decode() for url in urls}


def test_public_pages_and_every_chart_on_them_carry_the_marks(public_pages: dict[str, str]) -> None:
    home, *with_figures = public_pages
    assert DEMO in public_pages[home]
    for url in with_figures:
        assert DEMO in public_pages[url]
        assert PROVISIONAL in public_pages[url]
    drawn = [chart for page in public_pages.values() for chart in charts(page)]
    assert len(drawn) == 8
    assert [chart[:80] for chart in drawn if DEMO not in chart or PROVISIONAL not in chart] == []


def test_print_leaves_the_marks_on_paper() -> None:
    folder = Path(site_settings.BASE_DIR) / "survey_site" / "static" / "css"
    on_paper = (folder / "base.css").read_text(encoding="utf-8").partition("@media print {")[2]
    hidden = re.findall(r"([^{}]*)\{[^{}]*display: none", on_paper)
    assert hidden
    assert not any("mark" in selector or "banner" in selector for selector in hidden)


@pytest.fixture
def release(settings: Any, tmp_path: Path) -> Release:
    settings.SNAPSHOT_ROOT = tmp_path / "snapshots"
    return make_release(make_closed_round(Shape(communes=2, villages=1, persons=20), is_demo=True))


def tables(release: Release) -> list[ExportTable]:
    microdata = export_microdata(release=release)
    figures = [estimates_table(release), scorecards_table(release)]
    return [microdata, *figures, describe_table(release, microdata)]


def test_every_file_carries_the_marks(release: Release) -> None:
    listed = tables(release)
    written = [(table.name, code, FORMATS[code].write(table)) for table in listed for code in FORMATS]
    faults = [(name, fault) for name, code, content in written for fault in faults_of_file(code, content)]
    assert faults == []


@pytest.mark.parametrize("file_format", FORMATS)
def test_file_without_marks_is_found(release: Release, file_format: str) -> None:
    table = scorecards_table(release)
    unmarked = replace(table, rows=table.rows.assign(is_demo=0), marks=())
    faults = faults_of_file(file_format, FORMATS[file_format].write(unmarked))
    assert f"{file_format}: is_demo missing" in faults


def attachment(response: HttpResponse) -> bytes:
    assert "attachment" in response["Content-Disposition"]
    return response.getvalue()


def test_every_download_carries_the_marks(release: Release, admin_client: Client) -> None:
    """The addresses that send a file: figures to everybody, lists, exports and microdata to staff."""
    survey_round = release.snapshot.round
    urls = {
        reverse("analysis:download", args=[release.code, "csv"]): "csv",
        reverse("analysis:download_points", args=[release.code, "csv"]): "csv",
        reverse("analysis:download_points", args=[release.code, "xlsx"]): "xlsx",
        f"{reverse('publishedestimate:index')}?export=csv": "csv",
        f"{reverse('scorecard:index')}?export=xlsx": "xlsx",
        reverse("surveyround:drawn_list", args=[survey_round.pk]): "csv",
        reverse("release:microdata", args=[release.pk, "microdata", "csv"]): "csv",
        reverse("release:microdata", args=[release.pk, "codebook", "sav"]): "sav",
    }
    for url, file_format in urls.items():
        assert (url, faults_of_file(file_format, attachment(admin_client.get(url)))) == (url, [])
