"""A whole interview in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from questionnaires.models import Response, SeparatedResponse
from questionnaires.services import find_counted
from tests.browser.conftest import OpenContext
from tests.browser.pages import BACK, agree, choose, enter, go_on
from tests.browser.rounds import invite, make_open_round, make_portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_citizen_answers_on_a_phone_without_javascript(phone: Page) -> None:
    make_portal()
    _case, code = invite(make_open_round())
    phone.goto("/")
    phone.fill("#id_code", f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}")
    phone.click("main form button")
    phone.wait_for_url("**/dong-y/")
    expect(phone.locator("input:checked")).to_have_count(0)
    agree(phone)

    choose(phone, {"SEX": "1", "USED": "0"})
    go_on(phone)
    phone.wait_for_url("**/phieu/B/")
    choose(phone, {"B1": "4"})
    go_on(phone)
    expect(phone.locator(".error-summary")).to_be_visible()
    expect(phone.locator(".question--error")).to_have_count(2)
    expect(phone.locator("input[name=B1][value='4']")).to_be_checked()
    go_on(phone)
    phone.wait_for_url("**/phieu/D/")
    phone.click(BACK)
    phone.wait_for_url("**/phieu/B/")
    expect(phone.locator("input[name=B1][value='4']")).to_be_checked()
    choose(phone, {"B2": "5", "B3": "na"})
    go_on(phone)
    phone.fill("#AGE", "40")
    choose(phone, {"CHANNELS": "2"})
    go_on(phone)
    phone.wait_for_url("**/xem-lai/")
    expect(phone.locator("details.review")).to_have_count(3)
    go_on(phone)

    phone.wait_for_url("**/bien-nhan/")
    response = SeparatedResponse.objects.get()
    assert response.answers == {
        "SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": "na", "AGE": 40, "CHANNELS": [2],
    }  # fmt: skip
    assert find_counted(phone.locator(".receipt__number").inner_text())
    for _press in range(3):
        phone.go_back()
        expect(phone.locator("input:checked")).to_have_count(0)
        expect(phone.locator(".review__row strong")).to_have_count(0)


def test_link_on_the_letter_leads_to_the_consent(phone: Page) -> None:
    make_portal()
    _case, code = invite(make_open_round())
    phone.goto(f"/tham-gia/{code}/")
    phone.click("main form button")
    phone.wait_for_url("**/dong-y/")
    expect(phone.locator("label.checkbox")).not_to_have_count(0)


def test_first_section_in_english(phone: Page) -> None:
    make_portal()
    _case, code = invite(make_open_round(is_whole_form=True))
    enter(phone, code, "/en")
    agree(phone)
    assert "/en/phieu/" in phone.url
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone.get_by_role("button", name="Save and continue")).to_be_visible()
    first = phone.locator("fieldset.question").first
    expect(first.locator(".question__number")).to_contain_text("Question 1 of")
    first.locator("label.option").first.click()
    go_on(phone)
    go_on(phone)
    assert Response.objects.get().answers
    assert Response.objects.get().language == "en"


def press_until(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus, as somebody without a mouse does."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def test_section_is_answered_with_the_keyboard_alone(open_context: OpenContext) -> None:
    page = open_context().new_page()
    make_portal()
    _case, code = invite(make_open_round())
    page.goto("/")
    press_until(page, "#id_code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dong-y/")
    press_until(page, "input[type=checkbox]")
    page.keyboard.press("Space")
    press_until(page, "main form button.button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/phieu/A/")
    for question in ("SEX", "USED"):
        press_until(page, f"input[name={question}]")
        page.keyboard.press("Space")
    press_until(page, "button[value=next]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/phieu/B/")
    assert set(Response.objects.get().answers) == {"SEX", "USED"}
