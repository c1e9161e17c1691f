"""A newcomer follows the page of the tutorial: from an empty draft to answers in a spreadsheet."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.pages import FIRST_BUTTON, choose, go_on
from tests.browser.rounds import make_portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {"width": 1280, "height": 900}
PATIENCE = 30_000
SECTION, QUESTION = "#sections-0-value-{}", "#sections-0-value-questions-{}-value-{}"
type SignIn = Callable[[BrowserContext, str], Any]


def adder(page: Page, counter: str) -> Locator:
    """The buttons that add a block to a list."""
    return page.locator(f"input[name='{counter}']").locator("xpath=..").locator(".c-sf-add-button")


def write_question(page: Page, number: int, kind: str, words: str) -> None:
    page.fill(QUESTION.format(number, "code"), f"Q{number + 1}")
    page.select_option(QUESTION.format(number, "kind"), kind)
    page.fill(QUESTION.format(number, "text_vi"), words)


def write_draft(page: Page) -> None:
    """Step 1 of the page: two questions in one part, in Vietnamese only, not provisional."""
    page.goto("/admin/snippets/questionnaires/questionnaire/add/")
    page.fill("#id_title_vi", "Góp ý tại quầy")
    page.fill("#id_code", "quay")
    page.uncheck("#id_is_bilingual")
    adder(page, "sections-count").first.click()
    page.fill(SECTION.format("code"), "A")
    page.fill(SECTION.format("title_vi"), "Ý kiến của Ông/Bà")
    write_question(page, 0, "yes_no", "Ông/Bà có hài lòng không?")
    adder(page, "sections-0-value-questions-count").last.click()
    write_question(page, 1, "text", "Góp ý thêm")
    page.locator("[role=tab]").last.click()
    page.uncheck("#id_is_provisional")
    page.locator("footer button[type=submit]").first.click()
    page.wait_for_url("**/edit/**")
    expect(page.locator(QUESTION.format(0, "code"))).to_be_hidden()


def publish_version(page: Page) -> None:
    """Step 2: the menu beside “Save draft”, the button that approves and publishes, that of its message."""
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    page.locator("a[href*='/publish-version/']").first.click()
    page.wait_for_url("**/publish-version/")
    page.locator("button[name=approve]").click()
    expect(page.locator(".messages .success")).to_be_visible()
    page.locator(".messages a[href*='/openround/new/']").click()
    page.wait_for_url("**/openround/new/**")


def make_round(page: Page) -> str:
    """Step 3: the one page of an open round, and the button that opens it; return its address."""
    expect(page.locator("#id_version option:checked")).to_have_text("quay v1")
    page.fill("#id_name_vi", "Góp ý tại quầy một cửa")
    page.fill("#id_agency_vi", "Ủy ban nhân dân xã Minh Họa")
    page.fill("#id_contact_phone", "1900 0000")
    page.locator("footer button[type=submit]").first.click()
    page.wait_for_url("**/openround/inspect/**")
    page.click("form[action$='/open/'] button")
    expect(page.locator("a[href$='/close/']")).to_be_visible()
    return page.input_value("#open-link")


def downloaded(page: Page, link: str) -> Path:
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.click(link)
    return Path(waiting.value.path())


def answer(phone: Page, address: str) -> None:
    """Step 5: what a citizen does, on a phone without JavaScript."""
    phone.goto(urlsplit(address).path)
    phone.click(FIRST_BUTTON)
    phone.wait_for_url("**/phieu-mo/A/")
    choose(phone, {"Q1": "1"})
    phone.fill("#Q2", "=Cảm ơn")
    go_on(phone)
    phone.wait_for_url("**/xem-lai-phieu-mo/")
    go_on(phone)
    phone.wait_for_url("**/bien-nhan/")
    expect(phone.locator(".receipt__number")).to_contain_text("BN")


def test_newcomer_has_an_open_form_and_its_answers(
    phone: Page, open_context: OpenContext, sign_in: SignIn
) -> None:
    make_portal()
    context = open_context(viewport=DESK)
    context.set_default_timeout(PATIENCE)
    sign_in(context, "methodologist")
    page = context.new_page()
    write_draft(page)
    publish_version(page)
    address = make_round(page)
    expect(page.locator(".open-square svg")).to_be_visible()
    assert address in page.input_value("#open-message")
    page.click("[data-copy=open-link]")
    expect(page.locator("[data-copy=open-link]")).not_to_have_text("Copy")
    assert downloaded(page, "a[href$='/poster/pdf/']").read_bytes().startswith(b"%PDF")

    answer(phone, address)
    for _press in range(3):
        phone.go_back()
        expect(phone.locator("input:checked")).to_have_count(0)

    expect(page.locator("[data-sent]")).to_have_text("1", timeout=PATIENCE)
    content = downloaded(page, "a[href$='/answers/xlsx/']").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(content))
    [_header, row] = book.worksheets[0].iter_rows(values_only=True)
    assert row[-2:] == ("Có", "=Cảm ơn")
