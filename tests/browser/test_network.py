"""What leaves the browser: nothing to other hosts, little from ours."""

import gzip
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Request
from pytest_django.live_server_helper import LiveServer

from analysis.models import Release
from benchmarks.interview_form import N_SECTIONS, document, section_code
from questionnaires.models import Questionnaire
from sampling.models import SurveyRound
from tests.browser.conftest import OpenContext
from tests.browser.pages import FIRST_BUTTON, agree, enter, go_on
from tests.browser.rounds import invite, make_open_round, make_portal, make_results
from tests.questionnaires.rounds import make_round, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIRE_BUDGET, MOST_REQUESTS, INTERVIEW_BUDGET = 15_000, 4, 60_000
type SignIn = Callable[[BrowserContext, str], Any]


class Listener:
    """Notes the hosts that are called and the complaints about the content security policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        context.on("console", lambda message: self.note(message.text))

    def note(self, text: str) -> None:
        """Keep what the console says about the policy."""
        if "Content Security Policy" in text:
            self.complaints.append(text)


def look_at(page: Page, *addresses: str) -> None:
    """Open pages and wait until they call nobody any more."""
    for address in addresses:
        response = page.goto(address, wait_until="networkidle")
        assert response is not None
        assert response.status == 200, address


def test_public_and_field_pages_call_no_other_host_and_keep_to_their_policy(
    open_context: OpenContext, live_server: LiveServer, sign_in: SignIn
) -> None:
    home = make_portal()
    addresses = make_results(home)
    survey_round = make_open_round()
    context = open_context()
    heard = Listener(context)
    page = context.new_page()
    look_at(page, "/", "/en/", "/tham-gia/", "/robots.txt", *addresses)
    enumerator = sign_in(context, "enumerator")
    case, code = invite(survey_round, enumerator)
    enter(page, code)
    agree(page)
    look_at(page, "/thuc-dia/", f"/thuc-dia/{case.village_id}/", f"/thuc-dia/nguoi/{case.pk}/")
    sign_in(context, "clerk")
    look_at(page, f"/nhap-phieu/?number={case.number}")
    assert heard.hosts == {urlsplit(live_server.url).netloc}
    assert heard.complaints == []


def test_admin_calls_no_other_host(
    open_context: OpenContext, live_server: LiveServer, sign_in: SignIn
) -> None:
    make_results(make_portal())
    make_open_round()
    context = open_context(viewport={"width": 1280, "height": 800})
    heard = Listener(context)
    page = context.new_page()
    look_at(page, reverse("wagtailadmin_login"))
    sign_in(context, "administrator")
    draft = Questionnaire.objects.get().pk
    look_at(
        page,
        reverse("wagtailadmin_home"),
        reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[draft]),
        reverse("surveyround:index"),
        reverse("surveyround:inspect", args=[SurveyRound.objects.first().pk]),
        reverse("release:index"),
        reverse("release:inspect", args=[Release.objects.get().pk]),
    )
    assert heard.hosts == {urlsplit(live_server.url).netloc}
    assert heard.complaints == []


def test_first_question_page_is_light(open_context: OpenContext, record_property: Any) -> None:
    make_portal()
    _case, code = invite(make_open_round(is_whole_form=True))
    page = open_context().new_page()
    enter(page, code)
    agree(page)
    address = page.url
    fresh = open_context(storage_state=page.context.storage_state()).new_page()
    requests: dict[str, Request] = {}
    fresh.on("requestfinished", lambda request: requests.update({urlsplit(request.url).path: request}))
    fresh.goto(address, wait_until="networkidle")
    sizes = {path: bytes_sent(request) for path, request in requests.items()}
    record_property("wire_bytes", sum(sizes.values()))
    assert sum(sizes.values()) <= WIRE_BUDGET, sizes
    assert len(sizes) <= MOST_REQUESTS


def test_whole_interview_is_light(open_context: OpenContext, record_property: Any) -> None:
    make_portal()
    survey_round = make_round("sipas-2027")
    publish(survey_round, document())
    _case, code = invite(survey_round)
    page = open_context().new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.extend([request]))
    enter(page, code)
    agree(page)
    for number in range(1, N_SECTIONS + 1):
        page.wait_for_url(f"**/{section_code(number)}/")
        page.evaluate("document.querySelectorAll('input[value=\"4\"]').forEach((field) => field.click())")
        go_on(page)
    page.wait_for_url("**/xem-lai/")
    page.click(FIRST_BUTTON)
    page.wait_for_url("**/bien-nhan/")
    page.wait_for_load_state("networkidle")
    files = {request.url: request for request in finished if settings.STATIC_URL in request.url}
    pages = [request for request in finished if request.url not in files]
    n_bytes = sum(map(bytes_sent, [*pages, *files.values()]))
    record_property("interview_bytes", n_bytes)
    record_property("interview_requests", len(pages) + len(files))
    assert n_bytes <= INTERVIEW_BUDGET


def bytes_sent(request: Request) -> int:
    """Return headers and body as production sends them; only there are collected files compressed."""
    sizes, answer = request.sizes(), request.response()
    assert answer is not None
    is_file = urlsplit(request.url).path.startswith(settings.STATIC_URL)
    body = len(gzip.compress(answer.body())) if is_file else sizes["responseBodySize"]
    return sizes["responseHeadersSize"] + body
