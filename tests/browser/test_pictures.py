"""Pictures of questions and options: in their place from the start, told in words, chosen in the editor."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from questionnaires.models import Questionnaire
from questionnaires.services import draft_to_document, import_form, latest_draft
from tests.browser.auditing import SIDEWAYS, faults
from tests.browser.conftest import OpenContext
from tests.browser.features import address, let_in, publish_feature
from tests.browser.pages import wait_until
from tests.browser.rounds import make_portal
from tests.questionnaires.pictures import picture
from tests.questionnaires.rounds import small_document

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 30_000
ALL_THERE = "[...document.images].every(picture => picture.complete && picture.naturalWidth)"
OPEN_PANELS = """field => {
  const panels = [];
  for (let each = field; (each = each.parentElement.closest("section")); ) panels.unshift(each);
  for (const panel of panels) {
    const toggle = panel.querySelector("[data-panel-toggle]");
    if (toggle && toggle.getAttribute("aria-expanded") === "false") toggle.click();
  }
}"""


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.RECORDING_ROOT = tmp_path / "recordings"


@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 320)])
def test_nothing_moves_when_pictures_arrive(
    open_context: OpenContext, live_server: LiveServer, language: str, width: int
) -> None:
    code = publish_feature("media-picture")[0]
    context = open_context(viewport={"width": width, "height": 4000})
    let_in(context, live_server, code)
    page = context.new_page()
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/hinh/*", hold)
    page.goto(address("A", language), wait_until="domcontentloaded")
    pictures = page.locator(".card img")
    expect(pictures).to_have_count(6)
    wait_until(page, "document.styleSheets.length > 1")
    before = places(page)
    assert all(box["height"] > 20 for box in before[:-1])
    for route in waiting:
        route.continue_()
    wait_until(page, ALL_THERE)
    assert places(page) == before
    assert not page.evaluate(SIDEWAYS)
    words = {"vi": "Biển ghi 10 điều cán bộ phải làm", "en": "A sign with ten duties of officials"}
    expect(pictures.first).to_have_attribute("alt", words[language])
    assert [picture.get_attribute("loading") for picture in pictures.all()] == ["lazy"] * 6
    page.evaluate(AXE_SCRIPT)
    assert [*faults(page)] == []


def places(page: Page) -> list[Any]:
    """Where pictures and the last button stand."""
    return [each.bounding_box() for each in page.locator(".card img, button[value=next]").all()]


def test_a_page_without_pictures_loads_nothing_for_them(
    open_context: OpenContext, live_server: LiveServer
) -> None:
    code = publish_feature("likert-item")[0]
    context = open_context()
    let_in(context, live_server, code)
    page = context.new_page()
    page.goto(address("A", "vi"))
    assert page.evaluate("document.styleSheets.length") == 1
    assert page.locator("img").count() == 0


def first_field(page: Page) -> Locator:
    """The field of the picture of the first question, its panels opened."""
    field = page.locator("[data-controller=questionnaire-picture][data-ready]").locator(
        "xpath=self::*[descendant::input[@name='sections-0-value-questions-0-value-picture-vi']]"
    )
    field.evaluate(OPEN_PANELS)
    expect(field).to_be_visible()
    return field


def test_a_picture_is_chosen_in_the_editor_shown_and_saved(
    open_context: OpenContext, sign_in: Any, tmp_path: Path
) -> None:
    make_portal()
    questionnaire = import_form(small_document())
    file = tmp_path / "sign.png"
    file.write_bytes(picture((64, 48)))
    context = open_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    sign_in(context, "editor")
    page = context.new_page()
    page.goto(f"/admin/snippets/questionnaires/questionnaire/edit/{questionnaire.pk}/")
    field = first_field(page)
    expect(field.locator("img")).to_be_hidden()
    field.locator("input[type=file]").set_input_files(file)
    expect(field.locator("img")).to_be_visible(timeout=PATIENCE)
    expect(field.get_by_role("status")).to_contain_text("1 KB")
    name = field.locator("input[type=hidden]").input_value()
    assert name.endswith("-64x48.webp")
    page.locator("footer button[type=submit]").first.click()
    expect(page.locator(".messages .success")).to_be_visible(timeout=PATIENCE)
    document = draft_to_document(latest_draft(Questionnaire.objects.get()))
    assert document["sections"][0]["questions"][0]["picture"] == {"vi": name}
    again = first_field(page)
    expect(again.locator("img")).to_be_visible()
    again.locator("button").click()
    expect(again.locator("img")).to_be_hidden()
    assert again.locator("input[type=hidden]").input_value() == ""
