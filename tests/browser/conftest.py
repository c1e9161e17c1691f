"""A real Chromium against the running site."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from survey_site.core.roles import ensure_roles

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PHONE = {"width": 360, "height": 740}

type OpenContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session", autouse=True)
def _allow_the_database_beside_the_event_loop() -> Iterator[None]:
    """Playwright keeps an event loop in this thread; Django would refuse to touch the database beside it."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser that is installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program, f"None of {', '.join(PROGRAMS)} is installed; the tests of pages need one."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_context(browser: Browser, live_server: LiveServer) -> Iterator[OpenContext]:
    """Open browser contexts on the site; all are closed afterwards."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        values = {"base_url": live_server.url, "viewport": PHONE, "locale": "vi-VN", **options}
        opened.append(browser.new_context(**values))
        opened[-1].set_default_timeout(10_000)
        return opened[-1]

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def phone(open_context: OpenContext) -> Page:
    """A phone of 360 px without JavaScript."""
    return open_context(java_script_enabled=False).new_page()


def make_right_to_translate() -> None:
    """Write again the one right that a migration wrote: tests with real commits begin with empty tables."""
    kind, _is_new = ContentType.objects.get_or_create(app_label="wagtail_localize", model="translation")
    Permission.objects.get_or_create(
        content_type=kind, codename="submit_translation", defaults={"name": "Can submit translations"}
    )


@pytest.fixture
def sign_in(live_server: LiveServer) -> Callable[[BrowserContext, str], Any]:
    """Sign a new member of a role in, without going through the form."""

    def sign(context: BrowserContext, role: str) -> Any:
        user = get_user_model().objects.create_user(username=role, password="a long password")
        make_right_to_translate()
        user.groups.add(ensure_roles()[role])
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return user

    return sign
