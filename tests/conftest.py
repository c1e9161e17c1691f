"""Rules for the whole suite."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation


@pytest.fixture(autouse=True)
def _fresh_state() -> None:
    """Start every test in Vietnamese and with an empty cache, so that order cannot matter."""
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()
