"""Rules for the whole suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

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
        is_for_one = item.get_closest_marker("connections") is None
        if is_for_one and any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker(pytest.mark.sqlite)
    if "simulation" not in config.getoption("markexpr"):
        items[:] = [item for item in items if item.get_closest_marker("simulation") is None]


@pytest.fixture(autouse=True)
def _fresh_state() -> None:
    """Start every test in Vietnamese and with an empty cache, so that order cannot matter."""
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()


@pytest.fixture(scope="module")
def rows_of_migrations(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Put back what migrations wrote after tests that really commit, which end by emptying every table."""
    request.getfixturevalue("django_db_setup")
    yield
    with django_db_blocker.unblock():
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
