"""Rules for the whole suite."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

TESTS = Path(__file__).parent
ALSO_ON_SQLITE = (
    "analysis/services",
    "questionnaires/services",
    "questionnaires/wizard",
    "sampling/services",
    "sampling/selectors",
    "survey_site/pages",
)
"""Folders whose tests also run on SQLite, the database of the demonstration."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what also runs on SQLite by its folder, and leave out simulations nobody asked for."""
    folders = [TESTS / name for name in ALSO_ON_SQLITE]
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker(pytest.mark.sqlite)
    if "simulation" not in config.getoption("markexpr"):
        items[:] = [item for item in items if item.get_closest_marker("simulation") is None]


@pytest.fixture(autouse=True)
def _fresh_state() -> None:
    """Start every test in Vietnamese and with an empty cache, so that order cannot matter."""
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()
