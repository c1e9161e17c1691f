"""Axe, with every rule on, at the width of a phone and of a desktop, light and dark."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from questionnaires.models import Mode, Response
from questionnaires.services import Submission, submit_single
from tests.browser.auditing import SITE_VIEWS, Auditor
from tests.browser.conftest import OpenContext
from tests.browser.pages import agree, choose, enter, go_on
from tests.browser.rounds import invite, make_open_round, make_portal, make_results

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

type SignIn = Callable[[BrowserContext, str], Any]


@pytest.fixture
def auditor() -> Auditor:
    """Looks at the pages of a test."""
    return Auditor(SITE_VIEWS)


def go_on_though_reminded(page: Page) -> None:
    """Leave a page unanswered: the first press brings the reminder, the second goes on."""
    go_on(page)
    page.wait_for_selector(".error-summary")
    go_on(page)


def test_pages_of_an_interview(open_context: OpenContext, auditor: Auditor) -> None:
    make_portal()
    _case, code = invite(make_open_round())
    page = open_context().new_page()
    enter(page, code)
    auditor.look(page, page.url)
    agree(page)
    auditor.look(page, page.url)
    go_on(page)
    page.wait_for_selector(".error-summary")
    auditor.look(page, page.url)
    choose(page, {"SEX": "1", "USED": "0"})
    go_on(page)
    page.wait_for_url("**/phieu/B/")
    auditor.look(page, page.url)
    go_on_though_reminded(page)
    page.wait_for_url("**/phieu/D/")
    auditor.look(page, page.url)
    go_on_though_reminded(page)
    page.wait_for_url("**/xem-lai/")
    auditor.look(page, page.url)
    go_on(page)
    page.wait_for_url("**/bien-nhan/")
    auditor.look(page, page.url)
    assert auditor.found == []


def test_pages_of_the_portal(open_context: OpenContext, auditor: Auditor) -> None:
    addresses = make_results(make_portal())
    make_open_round()
    page = open_context().new_page()
    for address in ("/", "/en/", *addresses, "/tham-gia/0/", "/co-that-khong/", "/bien-nhan/kiem-tra/"):
        page.goto(address)
        auditor.look(page, page.url)
    assert auditor.found == []


def test_pages_of_a_receipt(open_context: OpenContext, auditor: Auditor) -> None:
    case, _code = invite(make_open_round())
    submission = Submission(case_id=case.pk, answers={}, mode=Mode.WEB)
    receipt = submit_single(round=case.sample.round, submission=submission)
    page = open_context().new_page()
    page.goto("/bien-nhan/kiem-tra/")
    for number in ("BN 22222 22222", receipt, "", ""):
        if number:
            page.fill("#id_number", number)
        with page.expect_navigation():
            page.click("form button")
        auditor.look(page, page.url)
    assert not Response.objects.exists()
    page.go_back()
    assert receipt not in page.content()
    assert auditor.found == []


def test_pages_of_the_field(open_context: OpenContext, auditor: Auditor, sign_in: SignIn) -> None:
    make_portal()
    survey_round = make_open_round()
    context = open_context()
    page = context.new_page()
    case, _code = invite(survey_round, sign_in(context, "enumerator"))
    for address in ("/thuc-dia/", f"/thuc-dia/{case.village_id}/", f"/thuc-dia/nguoi/{case.pk}/"):
        page.goto(address)
        auditor.look(page, page.url)
    sign_in(context, "clerk")
    for address in ("/nhap-phieu/", f"/nhap-phieu/?number={case.number}"):
        page.goto(address)
        auditor.look(page, page.url)
    assert auditor.found == []


def test_page_after_too_many_failures(open_context: OpenContext, auditor: Auditor, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 1
    make_portal()
    page = open_context().new_page()
    for _attempt in range(2):
        page.goto("/admin/login/")
        page.fill("#id_username", "somebody")
        page.fill("#id_password", "wrong")
        with page.expect_navigation():
            page.click("button[type=submit]")
    assert page.locator("main a.button").count() == 1
    auditor.look(page, page.url)
    assert auditor.found == []
