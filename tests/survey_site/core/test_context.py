"""What templates may ask for, and what it costs."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation

from sampling.models import SurveyRound
from survey_site.core.context import current_round, site
from survey_site.pages.models import StandardPage
from tests.survey_site import makers

pytestmark = pytest.mark.django_db


def copy_of(round_: SurveyRound, **fields: Any) -> SurveyRound:
    """Save the same round again with other values."""
    round_.pk = None
    for name, value in fields.items():
        setattr(round_, name, value)
    round_.save()
    return round_


def test_nothing_is_queried_until_a_template_asks(django_assert_num_queries: Callable[[int], Any]) -> None:
    with django_assert_num_queries(0):
        site(RequestFactory().get("/"))


def test_without_a_round_there_is_none_and_no_demonstration() -> None:
    context = site(RequestFactory().get("/"))
    assert not context["current_round"]
    assert not context["is_demo"]


def test_one_demonstration_round_marks_the_whole_site() -> None:
    makers.make_round(is_demo=True)
    assert site(RequestFactory().get("/"))["is_demo"]


def test_the_round_that_takes_answers_comes_first() -> None:
    now = timezone.now()
    day = datetime.timedelta(days=1)
    closed = makers.make_round()
    assert current_round() == closed
    opened = copy_of(
        makers.SurveyRound.objects.get(), code="open", status="open", opens_at=now - day, closes_at=now + day
    )
    assert current_round() == opened


def test_a_round_in_preparation_is_not_announced() -> None:
    round_ = makers.make_round()
    round_.status = "preparing"
    round_.save()
    assert current_round() is None


def test_the_menu_holds_live_pages_of_the_active_language() -> None:
    home = makers.make_home()
    for slug, is_live, is_in_menu in (("tro-giup", True, True), ("nhap", False, True), ("an", True, False)):
        page = StandardPage(title=slug, slug=slug, live=is_live, show_in_menus=is_in_menu, locale=home.locale)
        home.add_child(instance=page)
    request = RequestFactory().get("/", headers={"host": "testserver"})
    with translation.override("vi"):
        assert [item["title"] for item in site(request)["menu_pages"]] == ["tro-giup"]
    with translation.override("en"):
        assert list(site(request)["menu_pages"]) == []
