"""Settings are read with their types, and all problems at once."""

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from survey_site.settings.env import Environment, as_bool, as_list, as_time_zone, stored_secret


def test_values_are_parsed_or_defaulted() -> None:
    env = Environment({"A": "yes", "B": "x, y"})
    assert env.read("A", as_bool) is True
    assert env.read("B", as_list) == ["x", "y"]
    assert env.read("C", int, default=3) == 3
    env.check()


def test_every_problem_is_reported_at_once() -> None:
    env = Environment({"SURVEY_ON": "perhaps", "SURVEY_ZONE": "Mars/Olympus"})
    env.read("SURVEY_ON", as_bool)
    env.read("SURVEY_ZONE", as_time_zone)
    env.require("SURVEY_KEY")
    with pytest.raises(ImproperlyConfigured) as error:
        env.check()
    for name in ("SURVEY_ON", "SURVEY_ZONE", "SURVEY_KEY"):
        assert name in str(error.value)


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    first = stored_secret(path, lambda: "made")
    assert first == stored_secret(path, lambda: "other") == "made"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
