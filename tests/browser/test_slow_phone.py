"""A cheap telephone on a weak line: when a page is readable, whether it moves, how soon it answers."""

import gzip
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.http import FileResponse, HttpRequest, HttpResponse
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import agree, enter, go_on, wait_until
from tests.browser.rounds import invite, make_open_round, make_portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KILOBIT = 1_000 / 8
LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400 * KILOBIT,
    "uploadThroughput": 400 * KILOBIT,
}
SLOWER = 4
MOST_LCP_MS, MOST_INP_MS = 2_000, 200
OBSERVE = """
  window.seen = {lcp: 0, cls: 0, inp: 0};
  const watch = (type, note, more) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({type, buffered: true, ...more});
  watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
  watch("layout-shift", (entry) => { seen.cls += entry.hadRecentInput ? 0 : entry.value; });
  watch("event", (entry) => { seen.inp = Math.max(seen.inp, entry.duration); }, {durationThreshold: 16});
"""


def seen(page: Page) -> dict[str, float]:
    """What the observers noted on the page that is shown."""
    page.wait_for_load_state("networkidle")
    wait_until(page, "() => seen.lcp > 0")
    found: dict[str, float] = page.evaluate("() => seen")
    return found


@pytest.fixture
def _files_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send stylesheet and script compressed, as production does and the server of the tests does not."""
    serve = StaticFilesHandlerMixin.serve

    def compressed(self: StaticFilesHandlerMixin, request: HttpRequest) -> HttpResponse:
        answer = serve(self, request)
        assert isinstance(answer, FileResponse)
        body = gzip.compress(b"".join(answer.streaming_content))
        answer.file_to_stream.close()
        headers = {"Content-Type": answer.headers["Content-Type"], "Content-Encoding": "gzip"}
        return HttpResponse(body, headers=headers)

    monkeypatch.setattr(StaticFilesHandlerMixin, "serve", compressed)


def first_section(open_context: OpenContext, *, is_slow: bool) -> Page:
    """Open the first question page with an empty cache, on a fast line or a weak one."""
    make_portal()
    _case, code = invite(make_open_round(is_whole_form=True))
    before = open_context().new_page()
    enter(before, code)
    agree(before)
    page = open_context(storage_state=before.context.storage_state()).new_page()
    page.add_init_script(OBSERVE)
    if is_slow:
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", LINE)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(before.url)
    return page


def test_nothing_moves_on_a_question_page(open_context: OpenContext) -> None:
    page = first_section(open_context, is_slow=False)
    assert seen(page)["cls"] == 0
    page.locator("label.option").first.click()
    go_on(page)
    page.wait_for_selector(".error-summary")
    assert seen(page)["cls"] == 0


@pytest.mark.slow
@pytest.mark.usefixtures("_files_compressed")
def test_weak_line_and_slow_telephone_keep_to_the_figures(
    open_context: OpenContext, record_property: Any
) -> None:
    page = first_section(open_context, is_slow=True)
    loaded = seen(page)
    for option in page.locator("label.option:first-of-type").all()[:5]:
        option.click()
    page.wait_for_timeout(300)
    found = seen(page)
    record_property("figures", found)
    assert loaded["lcp"] <= MOST_LCP_MS
    assert found["cls"] == 0
    assert found["inp"] <= MOST_INP_MS
