"""The public results page."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from wagtail.models import Locale

from survey_site.core.charts.tiles import CELLS
from survey_site.pages.results import build_results
from tests.survey_site import makers

pytestmark = pytest.mark.django_db

QUERY_BUDGET = 15
WIRE_BUDGET = 14_000
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


@pytest.fixture
def results_url() -> str:
    home = makers.make_home()
    return str(makers.make_results_page(home, makers.make_release()).get_url())


def body(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return str(response.content, "utf-8")


def test_shows_the_headline_with_its_interval(client: Client, results_url: str) -> None:
    page = body(client, results_url)
    assert "83,5%" in page
    assert "82,9–84,1" in page


@pytest.mark.parametrize("compare", ["%00", "99", "<b>", "1%27--"])
def test_unknown_province_to_compare_with_changes_nothing(
    client: Client, results_url: str, compare: str
) -> None:
    assert client.get(f"{results_url}?compare={compare}").status_code == 200


def test_shows_contents_mean_score_answers_response_rate_and_plain_mean(
    client: Client, results_url: str
) -> None:
    page = body(client, results_url)
    for figure in ("82,9%", "84,5%", "4,11", "19.221", "93,4%", "83,1%"):
        assert figure in page


def test_names_every_province_and_both_archipelagos(client: Client, results_url: str) -> None:
    page = body(client, results_url)
    for name in [name for name, _column, _row in CELLS.values()] + ["Hoàng Sa", "Trường Sa"]:
        assert name in page or all(f">{word}<" in page for word in name.split())


def test_every_chart_table_and_card_carries_the_provisional_mark(client: Client, results_url: str) -> None:
    page = body(client, results_url)
    marks = len(re.findall(r'class="mark-provisional"', page))
    figures = len(re.findall(r"<caption>", page)) + len(re.findall(r'role="img"', page))
    assert marks > figures
    assert "Phụ lục chưa được công bố." in page


def test_a_confirmed_method_carries_no_mark(client: Client) -> None:
    release = makers.make_release(is_provisional=False)
    page = body(client, makers.make_results_page(makers.make_home(), release).get_url())
    assert "mark-provisional" not in page


def test_demonstration_data_say_so_and_real_data_do_not(client: Client, results_url: str) -> None:
    assert 'class="demo-banner"' in body(client, results_url)


def test_a_real_round_has_no_banner(client: Client) -> None:
    release = makers.make_release(is_demo=False)
    page = body(client, makers.make_results_page(makers.make_home(), release).get_url())
    assert 'class="demo-banner"' not in page


def test_no_bare_rank_is_shown_in_the_ranking(client: Client, results_url: str) -> None:
    chart = body(client, results_url).split('id="ranking"')[1].split("</svg>\n<details")[0]
    ranks = re.findall(r'<text class="end" x="100%" y="\d+">([^<]+)</text>', chart)
    assert len(ranks) == len(CELLS)
    assert all("–" in rank for rank in ranks)


def test_comparing_marks_the_provinces_that_cannot_be_told_apart(client: Client, results_url: str) -> None:
    plain, compared = body(client, results_url), body(client, f"{results_url}?compare=48")
    release_pairs = build_results(release_id(), selected="48").similar
    assert 'x="85%"' not in plain
    assert compared.count('x="85%"') == len(release_pairs) > 0
    assert '<option value="48" selected>' in compared


def translate_into_english(page: makers.ResultsPage) -> str:
    """Copy a page and its home into English; return the address of the copy."""
    english = Locale.objects.get_or_create(language_code="en")[0]
    home = page.get_parent().specific.copy_for_translation(english)
    home.live = True
    home.save()
    translated = page.copy_for_translation(english)
    translated.live = True
    translated.save()
    return str(translated.get_url())


def english_url(release: makers.Release) -> str:
    return translate_into_english(makers.make_results_page(makers.make_home(), release))


def release_of_unlike_precision() -> makers.Release:
    """Make a release in which nothing is known of the error of one province, 96."""
    release = makers.make_release()
    pairs = release.comparisons["not_distinguishable"]
    release.comparisons = {
        "groups": release.comparisons["groups"] | {"96": "not_comparable"},
        "not_distinguishable": {
            code: [o for o in others if "96" not in {o, code}] for code, others in pairs.items()
        },
        "not_comparable": {
            code: ["96"] if code != "96" else [o for o in pairs if o != "96"] for code in pairs
        },
    }
    release.save()
    return release


def test_a_province_without_a_known_error_is_a_group_of_its_own(client: Client) -> None:
    shown = body(client, english_url(release_of_unlike_precision()))
    assert shown.count('href="#mark-not_comparable"') == 2
    assert 'class="tile tile--not_comparable"' in shown
    assert "Not comparable (1)" in shown
    assert "Not comparable with the nation: <strong>1</strong>" in shown
    assert "<strong>Not comparable</strong> means that the error" in shown


def test_comparing_marks_the_pairs_that_have_no_test(client: Client) -> None:
    url = english_url(release_of_unlike_precision())
    assert body(client, f"{url}?compare=48").count(">×</text>") == 1
    compared = body(client, f"{url}?compare=96")
    assert compared.count(">×</text>") == len(CELLS) - 1
    assert ">≈</text>" not in compared
    assert f"The sign × marks the {len(CELLS) - 1} provinces and cities" in compared


def test_the_word_is_not_explained_where_everything_is_comparable(client: Client) -> None:
    url = english_url(makers.make_release())
    shown = body(client, f"{url}?compare=48")
    assert "comparable" not in shown.replace('id="mark-not_comparable"', "")
    assert "×" not in shown


def release_id() -> int:
    return int(makers.Release.objects.get().pk)


def test_an_unknown_province_is_ignored(client: Client, results_url: str) -> None:
    page = body(client, f"{results_url}?compare=<script>")
    assert "<script>" not in page
    assert " selected>" not in page


def test_points_are_shown_for_both_inputs_headline_first(client: Client, results_url: str) -> None:
    page = body(client, results_url)
    assert page.index("Chỉ số SIPAS chung") < page.index("Phần dịch vụ")
    results = build_results(release_id())
    assert len(results.points_rows) == len(CELLS)
    assert results.points_rows[0].scorecards[0].rank == 1


def test_elements_without_a_figure_are_left_out() -> None:
    results = build_results(makers.make_release().pk)
    assert results.elements_chart is not None
    codes = [row.element.code for group in results.elements_chart.groups for row in group.rows]
    assert codes == ["P-A", "P-B", "S-1", "S-2", "S-3"]


def test_numbers_of_the_drawing_are_not_localised(client: Client, results_url: str) -> None:
    drawings = re.findall(r'\b(?:x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"', body(client, results_url))
    assert drawings
    assert all(re.fullmatch(r"-?\d+(\.\d+)?%?", number) for number in drawings)


def test_calls_no_other_host(client: Client, results_url: str) -> None:
    page = body(client, results_url).replace(SVG_NAMESPACE, "")
    assert not re.findall(r"(?:https?:)?//[\w.-]+", page)


def test_has_no_inline_style_and_no_script(client: Client, results_url: str) -> None:
    page = body(client, results_url)
    assert not re.search(r"\sstyle=|<style|<script", page)


def test_stays_within_its_query_budget(
    client: Client, results_url: str, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(QUERY_BUDGET):
        body(client, f"{results_url}?compare=48")


def test_is_light_on_the_wire(client: Client, results_url: str) -> None:
    assert len(gzip.compress(body(client, results_url).encode())) <= WIRE_BUDGET


def test_an_empty_release_says_so(client: Client) -> None:
    release = makers.make_release()
    release.estimates.all().delete()
    with translation.override("vi"):
        page = body(client, makers.make_results_page(makers.make_home(), release).get_url())
    assert 'class="notice"' in page


def test_english_page_writes_english_numbers_and_titles(client: Client, results_url: str) -> None:
    text = body(client, translate_into_english(makers.ResultsPage.objects.get()))
    assert 'lang="en"' in text
    assert "83.5%" in text
    assert "Accountability" in text
    assert f'href="{results_url}"' in text


def test_switching_the_language_keeps_the_comparison(client: Client, results_url: str) -> None:
    assert f'href="{results_url}?compare=48"' in body(client, f"{results_url}?compare=48")


def test_provinces_are_listed_in_vietnamese_order(results_url: str) -> None:
    names = [choice.domain_name for choice in build_results(release_id()).choices]
    assert results_url
    assert names.index("An Giang") < names.index("Bắc Ninh") < names.index("Đà Nẵng") < names.index("Huế")


@pytest.mark.parametrize("file_format", ["csv", "csv-semicolon", "xlsx", "json"])
def test_estimates_and_points_can_be_downloaded(client: Client, results_url: str, file_format: str) -> None:
    found = re.findall(rf'href="([^"]*/{file_format}/)" download', body(client, results_url))
    assert len(found) == 2
    assert found[1].endswith(f"/diem/{file_format}/")
    assert found[0] == found[1].replace("/diem/", "/")
    assert client.get(found[1]).status_code == 200


def test_no_heading_inside_the_ranking_is_too_long_for_a_phone(client: Client, results_url: str) -> None:
    ranking = body(client, results_url).split('id="ranking"')[1].split("</svg>\n<details")[0]
    headings = re.findall(r'class="group halo"[^>]*>([^<]+)<', ranking)
    assert len(headings) == 3
    assert max(map(len, headings)) <= 32
