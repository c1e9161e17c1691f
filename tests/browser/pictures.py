"""Takes the pictures that `tests.browser.screenshots` is asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import OpenContext
from tests.browser.features import EVERY_KIND, LANGUAGES, let_in, publish_feature, states
from tests.questionnaires.features.catalogue import FEATURES, load

__all__ = ["EVERY_KIND", "FEATURES", "test_pictures"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHARPNESS = 2
"""Device pixels to one CSS pixel."""
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "light": {"media": "screen", "color_scheme": "light"},
    "dark": {"media": "screen", "color_scheme": "dark"},
    "paper": {"media": "print", "color_scheme": "light"},
}


def take(page: Page, folder: Path, label: str, state: str) -> None:
    """Keep pictures of the whole page; what is filled in also in the dark and on paper."""
    for look in LOOKS if state == "filled" else ("light",):
        page.emulate_media(**LOOKS[look])
        page.screenshot(path=folder / f"{label}.{state}.{look}.png", full_page=True)
    page.emulate_media(**LOOKS["light"])


def test_pictures(open_context: OpenContext, live_server: LiveServer, folder: Path, pictured: str) -> None:
    for language, code in zip(LANGUAGES, publish_feature(pictured), strict=True):
        context = open_context(device_scale_factor=SHARPNESS)
        let_in(context, live_server, code)
        page = context.new_page()
        for section, state in states(page, load(pictured), language):
            take(page, folder, f"{pictured}.{section}.{language}", state)
        context.close()
    assert list(folder.glob(f"{pictured}.*.png"))
