"""Every kind of question, and the whole official form, by keyboard alone and without JavaScript."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from questionnaires import forms
from questionnaires.models import SeparatedResponse
from questionnaires.schema import Kind, parse, path
from tests.browser import keyboard
from tests.browser.conftest import OpenContext
from tests.browser.features import EVERY_KIND, address, let_in, publish_feature
from tests.browser.rounds import invite, make_open_round, make_portal
from tests.questionnaires.features.catalogue import load

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = frozenset({Kind.TEXT, Kind.NOTE})
MORE = (
    "likert-battery", "multiple-plain", "number-unit", "date-plain", "ranking-all", "text-long",
    "several-sections",
)  # fmt: skip
"""Questionnaires in which the answers are typed and chosen, where those of `EVERY_KIND` decline to answer."""


@pytest.mark.parametrize("name", [*EVERY_KIND.values(), *MORE])
def test_every_kind_of_question_is_answered_with_keys(
    open_context: OpenContext, live_server: LiveServer, name: str
) -> None:
    feature, context = load(name), open_context(java_script_enabled=False)
    let_in(context, live_server, publish_feature(name)[0])
    answers = feature.good[0]["answers"]
    way = path(feature.schema, answers, feature.attributes)
    page = context.new_page()
    page.goto(address(way.sections[0], "vi"))
    for section in way.sections:
        for question in feature.schema.section(section).questions:
            if question.code in answers:
                keyboard.answer(page, question, answers[question.code])
        keyboard.press_on(page)
    page.wait_for_url("**/xem-lai/")
    keyboard.press_on(page)
    page.wait_for_url("**/bien-nhan/")
    assert SeparatedResponse.objects.get().answers == answers


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_official_form_is_sent_with_keys_alone(phone: Page, language: str) -> None:
    make_portal()
    _case, code = invite(make_open_round(is_whole_form=True))
    phone.goto("/" if language == "vi" else "/en/")
    keyboard.reach(phone, "#id_code")
    phone.keyboard.type(code)
    with phone.expect_navigation():
        phone.keyboard.press("Enter")
    keyboard.reach(phone, "input[type=checkbox]")
    phone.keyboard.press("Space")
    keyboard.press_on(phone, "main form button.button")
    while "/phieu/" in phone.url:
        before = phone.url
        keyboard.answer_everything(phone, "40")
        assert phone.url != before, phone.locator("main").inner_text()
    assert phone.url.endswith("/xem-lai/")
    keyboard.press_on(phone)
    phone.wait_for_url("**/bien-nhan/")
    response = SeparatedResponse.objects.get()
    schema = parse(forms.load("sipas-m2023"))
    way = path(schema, response.answers, {})
    asked = {code for code in way.questions if schema.question(code).kind not in TYPED}
    assert asked <= response.answers.keys()
    assert len(asked) > 30
    assert response.language == language
