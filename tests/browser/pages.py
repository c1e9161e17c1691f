"""Ways through the pages that several tests take."""

import time
from collections.abc import Mapping

from playwright.sync_api import Page

NEXT, BACK = "button[name=move][value=next]", "button[name=move][value=back]"
FIRST_BUTTON = "main form .button-row button >> nth=0"
PATIENCE_S, STEP_MS = 30, 100


def wait_until(page: Page, condition: str) -> None:
    """Ask the page again and again until the JavaScript expression is true.

    The browser's own waiting evaluates texts inside the page, which the content security policy forbids.
    """
    until = time.monotonic() + PATIENCE_S
    while not page.evaluate(condition):
        assert time.monotonic() < until, f"This did not become true: {condition}"
        page.wait_for_timeout(STEP_MS)


def enter(page: Page, code: str, language: str = "") -> None:
    """Type the code and reach the consent."""
    page.goto(f"{language}/tham-gia/")
    page.fill("#id_code", code)
    page.click(FIRST_BUTTON)
    page.wait_for_url("**/dong-y/")


def agree(page: Page) -> None:
    """Tick everything that is asked for and reach the first section."""
    for box in page.locator("label.checkbox").all():
        box.click()
    page.click(FIRST_BUTTON)
    page.wait_for_url("**/phieu/*/")


def choose(page: Page, answers: Mapping[str, str]) -> None:
    """Choose options by question and value, as a thumb would: on the row."""
    for question, value in answers.items():
        page.locator("label.option", has=page.locator(f'input[name="{question}"][value="{value}"]')).click()


def go_on(page: Page) -> None:
    """Press the button that saves and continues."""
    page.click(NEXT)


def to_the_review(page: Page) -> None:
    """Answer the small form of the tests alone and stand before the last button."""
    choose(page, {"SEX": "1", "USED": "0"})
    go_on(page)
    page.wait_for_url("**/phieu/B/")
    choose(page, {"B1": "4", "B2": "5", "B3": "na"})
    go_on(page)
    page.wait_for_url("**/phieu/D/")
    page.fill("#AGE", "40")
    choose(page, {"CHANNELS": "2"})
    go_on(page)
    page.wait_for_url("**/xem-lai/")
