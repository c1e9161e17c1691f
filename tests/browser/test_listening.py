"""Questions that can be heard: nothing is fetched before somebody listens; texts are recorded in the page."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from questionnaires.models import Questionnaire, Recording
from questionnaires.services import assign_version_to_round, freeze_version, import_form
from questionnaires.sounds import HEAVY_SOUND
from tests.browser.auditing import SITE_VIEWS, Auditor
from tests.browser.conftest import OpenContext
from tests.browser.pages import agree, enter, wait_until
from tests.browser.rounds import invite, make_open_round, make_portal
from tests.questionnaires.rounds import small_document
from tests.questionnaires.sounds import record

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEX, MALE = "question:SEX/text", "question:SEX/option:1"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.RECORDING_ROOT = tmp_path / "recordings"


def make_heard_round() -> str:
    """Open a round with recordings of one question and one of its options; return a code."""
    make_portal()
    survey_round = make_open_round()
    questionnaire = Questionnaire.objects.get()
    record(questionnaire, SEX, MALE, source=Recording.Source.SYNTHETIC)
    assign_version_to_round(round=survey_round, version=freeze_version(questionnaire=questionnaire))
    return invite(survey_round)[1]


def first_section(page: Page, language: str = "") -> list[str]:
    """Open the first section; return the addresses of sound that the page fetches from now on."""
    enter(page, make_heard_round(), language)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/am-thanh/" in request.url else None)
    agree(page)
    page.wait_for_load_state("networkidle")
    return fetched


def test_sound_is_fetched_only_when_somebody_listens(phone: Page) -> None:
    fetched = first_section(phone)
    booths = phone.locator("details.audio")
    expect(booths).to_have_count(1)
    booths.locator("summary").click()
    expect(booths.locator("audio")).to_have_count(2)
    expect(booths.locator("audio").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert fetched == []


def test_a_recording_plays_in_parts_on_demand(open_context: OpenContext) -> None:
    page = open_context().new_page()
    fetched = first_section(page)
    page.locator("details.audio summary").click()
    page.wait_for_timeout(300)
    assert fetched == []
    with page.expect_response("**/am-thanh/*") as answered:
        page.locator("audio").first.evaluate("sound => void sound.play()")
    assert answered.value.status == 206
    wait_until(page, "document.querySelector('audio').duration > 0.2")
    auditor = Auditor(SITE_VIEWS)
    auditor.look(page, page.url)
    assert auditor.found == []


def test_a_vietnamese_recording_is_said_to_be_so(open_context: OpenContext) -> None:
    page = open_context(locale="en-GB").new_page()
    first_section(page, "/en")
    booth = page.locator("details.audio")
    booth.locator("summary").click()
    expect(booth).to_contain_text("The recording is in Vietnamese. Synthetic voice.")
    expect(booth.locator("audio").first).to_have_attribute("aria-label", "Listen: question 1")
    expect(booth.locator("audio").last).to_have_attribute("aria-label", "Listen: Nam")


def test_a_text_is_recorded_in_the_page_and_saved(open_context: OpenContext, sign_in: Any) -> None:
    make_portal()
    questionnaire = import_form(small_document())
    context = open_context(viewport={"width": 1280, "height": 900})
    sign_in(context, "editor")
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"/admin/questionnaires/{questionnaire.pk}/studio/vi/")
    text = page.locator(".studio-text", has_text=SEX)
    button = text.locator(".studio-buttons button[type=button]")
    button.click()
    expect(text.get_by_role("status")).not_to_be_empty()
    page.wait_for_timeout(600)
    button.click()
    expect(text.locator("audio")).to_be_visible()
    wait_until(page, "document.querySelector('.studio-text audio').readyState > 0")
    text.locator("button[type=submit]").first.click()
    page.wait_for_url("**#text-*")
    expect(page.locator(".studio-text--done")).to_have_count(1)
    recording = Recording.objects.get()
    assert (recording.key, recording.source) == (SEX, Recording.Source.STUDIO)
    assert recording.n_bytes < HEAVY_SOUND
    assert not [fault for fault in faults if "Content Security Policy" in fault]
