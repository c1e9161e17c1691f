"""Questionnaires of one feature each, walked through in a browser state by state."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from questionnaires.schema import Kind, path
from questionnaires.services import issue_codes
from tests.browser.pages import NEXT
from tests.questionnaires.features.catalogue import FEATURES, Feature, load, store_pictures, typed
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish

LANGUAGES = ("vi", "en")
REVIEW = "_review"
EVERY_KIND: Mapping[Kind, str] = {
    Kind.LIKERT: "likert-not-applicable",
    Kind.SINGLE: "single-specials",
    Kind.MULTIPLE: "multiple-exclusive",
    Kind.YES_NO: "yes-no-no-answer",
    Kind.NUMBER: "number-specials",
    Kind.TEXT: "text-required",
    Kind.DATE: "date-specials",
    Kind.RANKING: "ranking-specials",
    Kind.NOTE: "note-attributes",
}
"""One questionnaire for each kind of question."""
MOST_REMINDERS = 2
FILL = """fields => {
  for (const field of document.querySelectorAll("main form .card [name]")) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = false; else field.value = "";
  }
  for (const [name, value] of Object.entries(fields)) {
    const all = Array.from(document.getElementsByName(name));
    const boxes = all.filter(field => ["radio", "checkbox"].includes(field.type));
    boxes.forEach(box => { box.checked = [value].flat().includes(box.value); });
    const isTicked = boxes.some(box => box.checked);
    all.filter(field => !boxes.includes(field)).forEach(field => { field.value = isTicked ? "" : value; });
  }
}"""


def publish_feature(name: str) -> list[str]:
    """Publish a questionnaire in a round of its own; return a code for each language."""
    survey_round = make_round(name)
    store_pictures()
    publish(survey_round, dict(load(name).questionnaire))
    cases = make_cases(make_village(survey_round), len(LANGUAGES))
    return list(issue_codes(cases=cases).values())


def let_in(context: BrowserContext, server: LiveServer, code: str) -> None:
    """Type the code and agree, without drawing these two pages; the browser takes over the session."""
    client = Client()
    client.post(reverse("questionnaires:enter_code"), {"code": code})
    client.post(reverse("questionnaires:consent"), {"use": "on"})
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])


def address(step: str, language: str) -> str:
    """Return the address of a section or of the review."""
    with translation.override(language):
        is_review = step == REVIEW
        return (
            reverse("questionnaires:review") if is_review else reverse("questionnaires:answer", args=[step])
        )


def fields_of(feature: Feature, section: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the fields of a section where these are the answers."""
    return {
        name: value
        for question in feature.schema.section(section).questions
        if question.code in answers and question.kind is not Kind.NOTE
        for name, value in typed(question, answers[question.code]).items()
    }


def press_next(page: Page) -> None:
    """Press the button and wait for the page that comes, by itself or put in place by the script."""
    page.evaluate("document.body.id = 'before'")
    page.click(NEXT)
    page.wait_for_selector("body:not(#before)")


def has_errors(page: Page) -> bool:
    """Tell whether the page lists what needs another look."""
    return page.locator(".error-summary").count() == 1


def pass_section(page: Page) -> None:
    """Send a section, again where a reminder asks for it."""
    for _press in range(MOST_REMINDERS + 1):
        press_next(page)
        if not has_errors(page):
            return
    told = page.locator(".error-message").all_inner_texts()
    raise AssertionError(f"{page.url} refuses good answers: {told}")


def wrong_fields(feature: Feature, section: str) -> Iterator[dict[str, Any]]:
    """Yield what may be refused or reminded of in a section: bad examples of its questions, then nothing."""
    codes = {question.code for question in feature.schema.section(section).questions}
    for example in feature.bad:
        if example["question"] in codes and (fields := fields_of(feature, section, example["answers"])):
            yield fields
    yield {}


def states(page: Page, feature: Feature, language: str) -> Iterator[tuple[str, str]]:
    """Lead the page through every state; yield the section and the state each time.

    A section is empty, wrong (with the first example that is refused, and with nothing at all) and filled in.
    """
    answers = feature.good[0]["answers"]
    for section in path(feature.schema, answers, feature.attributes).sections:
        page.goto(address(section, language))
        yield section, "empty"
        yield from ((section, state) for state in _wrong_states(page, feature, section, language))
        page.goto(address(section, language))
        page.evaluate(FILL, fields_of(feature, section, answers))
        yield section, "filled"
        pass_section(page)
    page.goto(address(REVIEW, language))
    yield REVIEW, "filled"


def _wrong_states(page: Page, feature: Feature, section: str, language: str) -> Iterator[str]:
    """Send what is wrong; yield each time the page tells so, once for what was typed and once for nothing."""
    told: set[str] = set()
    for fields in wrong_fields(feature, section):
        state = "refused" if fields else "nothing"
        if state in told:
            continue
        page.goto(address(section, language))
        page.evaluate(FILL, fields)
        press_next(page)
        if has_errors(page):
            told.add(state)
            yield state


def in_groups() -> dict[str, tuple[str, ...]]:
    """Return the questionnaires by the first word of their names."""
    groups: dict[str, tuple[str, ...]] = {}
    for name in FEATURES:
        groups[name.partition("-")[0]] = (*groups.get(name.partition("-")[0], ()), name)
    return groups
