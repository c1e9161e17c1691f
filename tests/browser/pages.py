"""Ways through the pages that several tests take."""

from collections.abc import Mapping

from playwright.sync_api import Page

NEXT, BACK = "button[name=move][value=next]", "button[name=move][value=back]"
FIRST_BUTTON = "main form .button-row button >> nth=0"


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
