"""Dead zones, double taps and crashes: nothing is lost, nothing is sent twice."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from questionnaires.models import Response, SeparatedResponse
from tests.browser.conftest import OpenContext
from tests.browser.pages import agree, choose, enter, go_on, to_the_review, wait_until
from tests.browser.rounds import invite, make_open_round, make_portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEPT = "được giữ trên điện thoại này"
STATUS = "p[role=status]"
COUNT_KEPT = """() => new Promise((done) => {
  const asked = indexedDB.open("answering", 1);
  asked.onsuccess = () => {
    const count = asked.result.transaction("kept").objectStore("kept").count();
    count.onsuccess = () => { asked.result.close(); done(count.result); };
  };
})"""


def begin(open_context: OpenContext) -> Page:
    """Stand at the first section of a small form."""
    make_portal()
    _case, code = invite(make_open_round())
    page = open_context().new_page()
    enter(page, code)
    agree(page)
    return page


def posts_of(page: Page) -> list[Request]:
    """Note every form that leaves the browser."""
    posts: list[Request] = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    return posts


def losing_the_answer(after: Callable[[], None]) -> Callable[[Route], None]:
    """Let a form reach the server and lose what the server answers."""

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch(max_redirects=0)
        after()
        route.abort("connectionreset")

    return lose


def test_whole_interview_with_the_script(open_context: OpenContext) -> None:
    page = begin(open_context)
    to_the_review(page)
    go_on(page)
    page.wait_for_url("**/bien-nhan/")
    assert SeparatedResponse.objects.get().answers == {
        "SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": "na", "AGE": 40, "CHANNELS": [2],
    }  # fmt: skip
    wait_until(page, f"() => ({COUNT_KEPT})().then((n) => n === 0)")
    for _press in range(3):
        page.go_back()
        expect(page.locator("input:checked")).to_have_count(0)
        expect(page.locator(".review__row strong")).to_have_count(0)


def test_section_sent_in_a_dead_zone_arrives_once_the_signal_is_back(open_context: OpenContext) -> None:
    page = begin(open_context)
    choose(page, {"SEX": "1", "USED": "0"})
    page.context.set_offline(True)
    go_on(page)
    expect(page.locator(STATUS)).to_contain_text(KEPT)
    assert Response.objects.get().answers == {}
    page.context.set_offline(False)
    page.wait_for_url("**/phieu/B/")
    assert Response.objects.get().answers == {"SEX": 1, "USED": 0}
    assert page.evaluate(COUNT_KEPT) == 0


def test_form_sent_in_a_dead_zone_is_one_answer_with_one_receipt(open_context: OpenContext) -> None:
    page = begin(open_context)
    to_the_review(page)
    page.context.set_offline(True)
    for _press in range(2):
        go_on(page)
        expect(page.locator(STATUS)).to_contain_text(KEPT)
    assert SeparatedResponse.objects.count() == 0
    page.context.set_offline(False)
    page.wait_for_url("**/bien-nhan/")
    assert SeparatedResponse.objects.count() == 1
    expect(page.locator(".receipt__number")).to_be_visible()


def test_receipt_is_told_although_the_first_answer_of_the_server_was_lost(open_context: OpenContext) -> None:
    page = begin(open_context)
    to_the_review(page)
    lost: list[int] = []
    page.route("**/xem-lai/", losing_the_answer(lambda: lost.append(1)), times=1)
    go_on(page)
    page.wait_for_url("**/bien-nhan/")
    assert lost == [1]
    assert SeparatedResponse.objects.count() == 1
    expect(page.locator(".receipt__number")).to_be_visible()


def test_reload_in_the_middle_restores_what_was_chosen(open_context: OpenContext) -> None:
    page = begin(open_context)
    choose(page, {"SEX": "1"})
    page.reload()
    expect(page.locator("input[name=SEX][value='1']")).to_be_checked()
    expect(page.locator(STATUS)).to_contain_text("đã được điền lại")
    assert Response.objects.get().answers == {}


def test_closing_the_browser_page_in_a_dead_zone_loses_nothing(open_context: OpenContext) -> None:
    page = begin(open_context)
    choose(page, {"SEX": "1", "USED": "0"})
    page.context.set_offline(True)
    go_on(page)
    expect(page.locator(STATUS)).to_contain_text(KEPT)
    context, address = page.context, page.url
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    again.wait_for_url("**/phieu/B/")
    assert Response.objects.get().answers == {"SEX": 1, "USED": 0}


def test_page_that_timed_out_keeps_what_was_chosen_for_the_same_code_only(open_context: OpenContext) -> None:
    make_portal()
    survey_round = make_open_round()
    _case, code = invite(survey_round)
    page = open_context().new_page()
    enter(page, code)
    agree(page)
    choose(page, {"SEX": "1", "USED": "0"})
    page.context.clear_cookies(name="sessionid")
    go_on(page)
    page.wait_for_url("**/tham-gia/?expired=1")
    assert page.evaluate(COUNT_KEPT) == 1
    page.fill("#id_code", code)
    page.click("main form button")
    page.wait_for_url("**/phieu/A/")
    expect(page.locator("input[name=SEX][value='1']")).to_be_checked()
    expect(page.locator("input[name=USED][value='0']")).to_be_checked()


def test_expired_token_shows_the_kind_page_and_keeps_the_answers(open_context: OpenContext) -> None:
    page = begin(open_context)
    address = page.url
    choose(page, {"SEX": "1"})
    page.context.clear_cookies(name="csrftoken")
    go_on(page)
    expect(page.locator("h1")).to_contain_text("hết")
    page.goto(address)
    expect(page.locator("input[name=SEX][value='1']")).to_be_checked()


def test_pause_leaves_nothing_on_the_telephone(open_context: OpenContext) -> None:
    page = begin(open_context)
    choose(page, {"SEX": "1"})
    page.click("button[name=move][value=pause]")
    page.wait_for_url("**/tam-dung/")
    wait_until(page, f"() => ({COUNT_KEPT})().then((n) => n === 0)")
    assert Response.objects.get().answers == {"SEX": 1}


def test_two_taps_send_once_and_say_so(open_context: OpenContext) -> None:
    page = begin(open_context)
    choose(page, {"SEX": "1", "USED": "0"})
    posts = posts_of(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/phieu/A/", hold, times=1)
    with page.expect_request(lambda request: request.method == "POST"):
        page.evaluate("Array(3).fill(document.querySelector('[value=next]')).forEach((next) => next.click())")
    expect(page.locator(STATUS)).to_have_text("Đang gửi…")
    page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_url("**/phieu/B/")
    assert len(posts) == 1


def test_reminder_comes_without_leaving_the_page_and_takes_the_focus(open_context: OpenContext) -> None:
    page = begin(open_context)
    choose(page, {"SEX": "1"})
    go_on(page)
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith("Lỗi:")
    expect(page.locator("input[name=SEX][value='1']")).to_be_checked()
    go_on(page)
    page.wait_for_url("**/phieu/B/")


def test_nothing_that_the_server_refused_is_kept_to_be_sent(open_context: OpenContext) -> None:
    page = begin(open_context)
    survey_round = Response.objects.get().case.sample.round
    survey_round.status = "closed"
    survey_round.save()
    choose(page, {"SEX": "1", "USED": "0"})
    posts = posts_of(page)
    go_on(page)
    expect(page.locator("h1")).to_have_count(1)
    page.wait_for_selector("form", state="detached")
    assert len(posts) == 1
    page.context.set_offline(True)
    page.context.set_offline(False)
    page.wait_for_timeout(1500)
    assert len(posts) == 1
