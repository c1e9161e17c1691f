"""A clerk keys a paper form in: one key per item, and as before where no script runs."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from questionnaires.models import Mode, SeparatedResponse
from tests.browser.conftest import OpenContext
from tests.browser.rounds import invite, make_open_round, make_portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {"width": 1280, "height": 800}
TEN = 10
KEYS = "1213541210"
BOXES = ".key .field__input"
ONE_KEY = "boxes => boxes.map(box => box.hasAttribute('data-one-key') && box.maxLength === 1)"
FOCUSED = "() => document.activeElement.name"
type SignIn = Callable[[BrowserContext, str], Any]


def open_form(page: Page, *, is_whole_form: bool = False) -> None:
    """Type the number of a paper form and press Enter, as a clerk does."""
    case, _code = invite(make_open_round(is_whole_form=is_whole_form))
    page.goto("/nhap-phieu/")
    expect(page.locator("#id_number")).to_be_focused()
    page.keyboard.type(case.number)
    page.keyboard.press("Enter")
    page.wait_for_url("**/nhap-phieu/?number=*")


@pytest.fixture
def clerk(open_context: OpenContext, sign_in: SignIn) -> Page:
    """A clerk's browser."""
    make_portal()
    context = open_context(viewport=DESK)
    sign_in(context, "clerk")
    return context.new_page()


def test_first_ten_items_take_no_key_more_than_they_need(clerk: Page) -> None:
    open_form(clerk, is_whole_form=True)
    boxes = clerk.locator(BOXES).all()
    takes_one_key = clerk.eval_on_selector_all(BOXES, ONE_KEY)
    expect(boxes[0]).to_be_focused()
    for is_one in takes_one_key[:TEN]:
        clerk.keyboard.type("1")
        if not is_one:
            clerk.keyboard.press("Tab")
    assert [box.input_value() for box in boxes[:TEN]] == ["1"] * TEN
    start = next(at for at in range(len(boxes)) if all(takes_one_key[at : at + TEN]))
    boxes[start].focus()
    clerk.keyboard.type(KEYS)
    assert "".join(box.input_value() for box in boxes[start : start + TEN]) == KEYS
    assert clerk.evaluate(FOCUSED) == boxes[start + TEN].get_attribute("name")


def test_cursor_goes_back_over_empty_boxes_and_corrects(clerk: Page) -> None:
    open_form(clerk)
    clerk.keyboard.type("12")
    assert clerk.evaluate(FOCUSED) == "B1"
    clerk.keyboard.press("Backspace")
    assert clerk.evaluate(FOCUSED) == "USED"
    clerk.keyboard.press("ArrowUp")
    clerk.keyboard.type("2")
    expect(clerk.locator("#SEX")).to_have_value("2")
    clerk.keyboard.press("ArrowDown")
    assert clerk.evaluate(FOCUSED) == "B1"


def test_boxes_for_several_choices_and_for_words_keep_the_cursor(clerk: Page) -> None:
    open_form(clerk)
    for name, typed in {"AGE": "40", "CHANNELS": "13", "WORDS": "1"}.items():
        clerk.focus(f"#{name}")
        clerk.keyboard.type(typed)
        assert clerk.evaluate(FOCUSED) == name
        expect(clerk.locator(f"#{name}")).to_have_value(typed)


def test_form_is_keyed_without_javascript(open_context: OpenContext, sign_in: SignIn) -> None:
    make_portal()
    context = open_context(viewport=DESK, java_script_enabled=False)
    sign_in(context, "clerk")
    page = context.new_page()
    open_form(page)
    expect(page.locator("#SEX")).to_be_focused()
    for key in "1235":
        page.keyboard.type(key)
        page.keyboard.press("Tab")
    for box in page.locator("label.checkbox").all():
        box.click()
    page.click("main form .button-row button")
    expect(page.locator("#id_number")).to_be_visible()
    response = SeparatedResponse.objects.get()
    assert response.mode == Mode.PAPER
    assert response.answers == {"SEX": 1, "USED": 0, "B1": 3, "B2": 5}
