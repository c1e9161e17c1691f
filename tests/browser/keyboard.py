"""Somebody who answers with the keys alone: Tab, Space, arrows, letters and Enter."""

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page

from questionnaires.schema import Kind, Question
from tests.browser.pages import NEXT
from tests.questionnaires.features.catalogue import typed

MOST_PRESSES = 80
FOCUSED = """() => {
  const at = document.activeElement;
  const shown = at.closest(".option") ? at.nextElementSibling : at;
  const style = getComputedStyle(shown), place = shown.getBoundingClientRect();
  const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    && place.bottom > 0 && place.top < innerHeight;
  return {name: at.name || "", id: at.id, kind: at.type || at.localName, value: at.value || "", isSeen};
}"""
NAMES = "Array.from(document.querySelectorAll('main form [name]'), field => field.name)"
VALUES = "fields => fields.map(field => field.value)"
KIND = """([name, value]) => {
  const fields = Array.from(document.getElementsByName(name));
  const wanted = [value].flat().map(String);
  const box = fields.find(field => field.type === "checkbox" && wanted.includes(field.value));
  return (box || fields[0]).type;
}"""


def press_tab(page: Page) -> dict[str, Any]:
    """Press Tab and return what has the focus; it must be seen to have it."""
    page.keyboard.press("Tab")
    focused: dict[str, Any] = page.evaluate(FOCUSED)
    assert focused["isSeen"], f"Nobody sees that {focused} has the focus."
    return focused


def reach(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _press in range(MOST_PRESSES):
        press_tab(page)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key.")


def press_on(page: Page, selector: str = NEXT) -> None:
    """Reach a button, press Enter and wait for the page that comes."""
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _choose(page: Page, name: str, value: Any) -> None:
    """Space takes the first of the group, arrows go on from there."""
    values = page.eval_on_selector_all(f'[name="{name}"]', VALUES)
    reach(page, f'[name="{name}"]')
    page.keyboard.press("Space")
    for _step in range(values.index(str(value))):
        page.keyboard.press("ArrowDown")


def _tick(page: Page, name: str, value: Any) -> None:
    for wanted in value if isinstance(value, list) else [value]:
        reach(page, f'[name="{name}"][value="{wanted}"]')
        page.keyboard.press("Space")


def _pick(page: Page, name: str, value: Any) -> None:
    values = page.eval_on_selector_all(f'[name="{name}"] option', VALUES)
    reach(page, f'[name="{name}"]')
    for _step in range(values.index(str(value))):
        page.keyboard.press("ArrowDown")


def _type(page: Page, name: str, value: Any) -> None:
    reach(page, f'[name="{name}"]')
    page.keyboard.type(str(value))


WAYS: Mapping[str, Callable[[Page, str, Any], None]] = {
    "radio": _choose,
    "checkbox": _tick,
    "select-one": _pick,
    "text": _type,
    "textarea": _type,
}


def answer(page: Page, question: Question, given: Any) -> None:
    """Answer one question, its fields in the order of the page."""
    if question.kind is Kind.NOTE:
        return
    order = page.evaluate(NAMES)
    for name, value in sorted(typed(question, given).items(), key=lambda field: order.index(field[0])):
        WAYS[page.evaluate(KIND, [name, value])](page, name, value)


def answer_everything(page: Page, words: str) -> None:
    """Go through a section: the first of each group of options, the second place of lists, the same words."""
    seen: set[str] = set()
    for _press in range(MOST_PRESSES):
        focused = press_tab(page)
        if (focused["name"], focused["value"]) == ("move", "next"):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
        if focused["kind"] in WAYS and focused["name"] not in seen:
            seen.add(focused["name"])
            _answer_focused(page, focused["kind"], words)
    raise AssertionError(f"{page.url}: the button cannot be reached with the Tab key.")


def _answer_focused(page: Page, kind: str, words: str) -> None:
    """Answer the field that has the focus."""
    if kind in {"radio", "checkbox"}:
        page.keyboard.press("Space")
    elif kind == "select-one":
        page.keyboard.press("ArrowDown")
    else:
        page.keyboard.type(words)
