"""Inside the browser of Zalo: its names, what it hangs on links, no new window, nothing kept."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from questionnaires.models import OpenResponse, Response, SeparatedResponse
from tests.browser.conftest import OpenContext
from tests.browser.pages import FIRST_BUTTON, agree, choose, go_on, to_the_review
from tests.browser.rounds import invite, make_open_round, make_portal
from tests.questionnaires.open_rounds import make_open_round as make_counter_round

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HUNG_ON = "utm_source=zalo&utm_medium=zalo&utm_campaign=zalo&zarsrc=31"
ZALO: dict[str, Any] = {
    "user_agent": (
        "Mozilla/5.0 (Linux; Android 10; SM-A107F Build/QP1A.190711.020; wv)"
        " AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/87.0.4280.141 Mobile Safari/537.36"
        " Zalo android/12070695 ZaloTheme/light"
        " ZaloLanguage/vi"
    ),
    "extra_http_headers": {"X-Requested-With": "com.zing.zalo"},
}
POOR = """() => {
  IDBFactory.prototype.open = () => { throw new Error("refused"); };
  Object.defineProperty(window, "localStorage", {get: () => { throw new Error("refused"); }});
  window.open = () => null;
  delete Navigator.prototype.serviceWorker;
}"""
"""What some of these browsers lack."""
KEPT = "được giữ trên điện thoại này"
STATUS = "p[role=status]"


@pytest.fixture
def zalo(open_context: OpenContext) -> BrowserContext:
    context = open_context(**ZALO)
    context.add_init_script(f"({POOR})()")
    return context


def follow(context: BrowserContext, code: str) -> Page:
    """Press the link in the chat and begin."""
    page = context.new_page()
    page.goto(f"/tham-gia/{code}/?{HUNG_ON}")
    page.click(FIRST_BUTTON)
    page.wait_for_url("**/dong-y/")
    agree(page)
    return page


def test_link_in_a_chat_leads_to_the_receipt(zalo: BrowserContext) -> None:
    make_portal()
    _case, code = invite(make_open_round())
    page = follow(zalo, code)
    to_the_review(page)
    go_on(page)
    page.wait_for_url("**/bien-nhan/")
    expect(page.locator(".receipt__number")).to_contain_text("BN")
    assert SeparatedResponse.objects.count() == 1
    assert len(zalo.pages) == 1


def test_page_sent_in_a_dead_zone_arrives_although_the_browser_keeps_nothing(zalo: BrowserContext) -> None:
    make_portal()
    _case, code = invite(make_open_round())
    page = follow(zalo, code)
    choose(page, {"SEX": "1", "USED": "0"})
    zalo.set_offline(True)
    go_on(page)
    expect(page.locator(STATUS)).to_contain_text(KEPT)
    zalo.set_offline(False)
    page.wait_for_url("**/phieu/B/")
    assert Response.objects.get().answers == {"SEX": 1, "USED": 0}


def test_open_round_begins_from_a_link_in_a_group(zalo: BrowserContext) -> None:
    make_portal()
    make_counter_round()
    page = zalo.new_page()
    page.goto(f"/mo/quay1/ban-2/?{HUNG_ON}")
    for box in page.locator("label.checkbox").all():
        box.click()
    page.click(FIRST_BUTTON)
    page.wait_for_url("**/phieu-mo/*/")
    assert OpenResponse.objects.get().place == "ban-2"
    assert len(zalo.pages) == 1
