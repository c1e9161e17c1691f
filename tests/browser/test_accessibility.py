"""Axe, with every rule on, at the width of a phone and of a desktop, light and dark."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from questionnaires.models import Mode, Response
from questionnaires.services import Submission, submit_single
from tests.browser.conftest import OpenContext
from tests.browser.pages import agree, choose, enter, go_on
from tests.browser.rounds import invite, make_open_round, make_portal, make_results

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
type SignIn = Callable[[BrowserContext, str], Any]


def violations(page: Page) -> Iterator[str]:
    """What axe objects to, and where the page is wider than the screen."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            yield f"{page.url} scrolls sideways at {width}"
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for found in Axe().run(page).response["violations"]:
                nodes = [node["target"][0] for node in found["nodes"][:3]]
                yield f"{page.url} {width} {scheme} {found['id']}: {nodes}"


def test_pages_of_an_interview(open_context: OpenContext) -> None:
    make_portal()
    _case, code = invite(make_open_round())
    page = open_context().new_page()
    enter(page, code)
    found = [*violations(page)]
    agree(page)
    found += violations(page)
    go_on(page)
    page.wait_for_selector(".error-summary")
    found += violations(page)
    choose(page, {"SEX": "1", "USED": "0"})
    go_on(page)
    page.wait_for_url("**/phieu/B/")
    found += violations(page)
    for _press in range(2):
        go_on(page)
    page.wait_for_url("**/phieu/D/")
    found += violations(page)
    for _press in range(2):
        go_on(page)
    page.wait_for_url("**/xem-lai/")
    found += violations(page)
    go_on(page)
    page.wait_for_url("**/bien-nhan/")
    found += violations(page)
    assert found == []


def test_pages_of_the_portal(open_context: OpenContext) -> None:
    addresses = make_results(make_portal())
    make_open_round()
    page = open_context().new_page()
    found = []
    for address in ("/", "/en/", *addresses, "/tham-gia/0/", "/co-that-khong/", "/bien-nhan/kiem-tra/"):
        page.goto(address)
        found += violations(page)
    assert found == []


def test_pages_of_a_receipt(open_context: OpenContext) -> None:
    case, _code = invite(make_open_round())
    submission = Submission(case_id=case.pk, answers={}, mode=Mode.WEB)
    receipt = submit_single(round=case.sample.round, submission=submission)
    page = open_context().new_page()
    found = []
    page.goto("/bien-nhan/kiem-tra/")
    for number in ("BN 2222 2222", receipt, "", ""):
        if number:
            page.fill("#id_number", number)
        with page.expect_navigation():
            page.click("form button")
        found += violations(page)
    assert not Response.objects.exists()
    page.go_back()
    assert receipt not in page.content()
    assert found == []


def test_pages_of_the_field(open_context: OpenContext, sign_in: SignIn) -> None:
    make_portal()
    survey_round = make_open_round()
    context = open_context()
    page = context.new_page()
    case, _code = invite(survey_round, sign_in(context, "enumerator"))
    found = []
    for address in ("/thuc-dia/", f"/thuc-dia/{case.village_id}/", f"/thuc-dia/nguoi/{case.pk}/"):
        page.goto(address)
        found += violations(page)
    sign_in(context, "clerk")
    for address in ("/nhap-phieu/", f"/nhap-phieu/?number={case.number}"):
        page.goto(address)
        found += violations(page)
    assert found == []


def test_page_after_too_many_failures(open_context: OpenContext, settings: Any) -> None:
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
    assert [*violations(page)] == []
