"""Pages on paper, in forced colours, and with the spacing of text that readers may set for themselves."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.auditing import SIDEWAYS, faults
from tests.browser.conftest import OpenContext
from tests.browser.features import (
    EVERY_KIND,
    FILL,
    REVIEW,
    address,
    fields_of,
    has_errors,
    let_in,
    press_next,
    publish_feature,
)
from tests.questionnaires.features.catalogue import load

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WHITE, BLACK = "rgb(255, 255, 255)", "rgb(0, 0, 0)"
ONLY_ON_SCREENS = ".site-header, .site-footer, .comb, .button, .back-link, .skip-link"
NARROW = {"width": 320, "height": 640}
SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""
"""What readers may set by WCAG 1.4.12."""


def first_section(open_context: OpenContext, server: LiveServer, name: str, **options: object) -> Page:
    """Open the first section of a questionnaire in Vietnamese."""
    context = open_context(**options)
    let_in(context, server, publish_feature(name)[0])
    page = context.new_page()
    page.goto(address(load(name).schema.sections[0].code, "vi"))
    return page


def colours(page: Page) -> tuple[str, str]:
    """Return the colours of paper and ink."""
    found = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    return found[0], found[1]


def test_page_is_dark_where_the_system_is(open_context: OpenContext, live_server: LiveServer) -> None:
    page = first_section(open_context, live_server, "likert-item", color_scheme="dark")
    paper, ink = colours(page)
    assert paper == "rgb(21, 19, 17)"
    assert ink == "rgb(243, 238, 231)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["likert-battery", "ranking-all", "number-unit"])
def test_page_on_paper_is_black_on_white_and_has_no_buttons(
    open_context: OpenContext, live_server: LiveServer, name: str, scheme: str
) -> None:
    page = first_section(open_context, live_server, name)
    page.emulate_media(media="print", color_scheme=scheme)
    assert colours(page) == (WHITE, BLACK)
    for hidden in page.locator(ONLY_ON_SCREENS).all():
        expect(hidden).to_be_hidden()
    expect(page.locator(".question").first).to_be_visible()
    card = page.locator(".question").first
    assert card.evaluate("card => getComputedStyle(card).breakInside") == "avoid"
    page.evaluate(AXE_SCRIPT)
    assert [*faults(page)] == []


def test_review_on_paper_shows_the_answers(open_context: OpenContext, live_server: LiveServer) -> None:
    feature = load("likert-battery")
    page = first_section(open_context, live_server, "likert-battery")
    page.evaluate(FILL, fields_of(feature, "A", feature.good[0]["answers"]))
    press_next(page)
    page.goto(address(REVIEW, "vi"))
    row = page.locator(".review__row").first
    expect(row).to_be_hidden()
    page.emulate_media(media="print")
    assert row.evaluate("row => row.getBoundingClientRect().height") > 0


@pytest.mark.parametrize("name", ["likert-not-applicable", "multiple-exclusive"])
def test_native_boxes_come_back_in_forced_colours(
    open_context: OpenContext, live_server: LiveServer, name: str
) -> None:
    page = first_section(open_context, live_server, name, forced_colors="active")
    box = page.locator(".option input").first
    assert box.evaluate("box => getComputedStyle(box).appearance") == "auto"
    assert box.bounding_box()["width"] == 26
    expect(page.locator(".option__ring").first).to_be_hidden()


@pytest.mark.parametrize("name", EVERY_KIND.values(), ids=EVERY_KIND)
def test_nothing_is_lost_with_the_spacing_of_readers(
    open_context: OpenContext, live_server: LiveServer, name: str
) -> None:
    page = first_section(open_context, live_server, name, viewport=NARROW, bypass_csp=True)
    page.add_style_tag(content=SPACING)
    assert not page.evaluate(SIDEWAYS)
    press_next(page)
    assert has_errors(page)
    page.add_style_tag(content=SPACING)
    assert not page.evaluate(SIDEWAYS)
    cut = "field => field.scrollWidth > field.clientWidth + 1"
    assert not any(card.evaluate(cut) for card in page.locator(".card").all())
