"""Settings are read with their types, and all problems at once."""

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from survey_site.settings.env import (
    Environment,
    as_bool,
    as_list,
    as_mailer,
    as_time_zone,
    stored_secret,
)


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


@pytest.mark.parametrize(
    "address",
    [
        "smtp+tls://name:pa/ssword@mail.example.vn:587",
        "smtp+tls://name:pa[ssword@mail.example.vn:587",
        "smtp+tls://name:pa\u2100ssword@mail.example.vn:587",
        "smtp+tls://name:password@mail.example.vn:99999",
        "smtp://name:password@mail.example.vn:25",
    ],
)
def test_error_of_a_mail_address_tells_no_piece_of_the_password(address: str) -> None:
    env = Environment({"SURVEY_EMAIL_URL": address})
    assert env.read("SURVEY_EMAIL_URL", as_mailer) is None
    with pytest.raises(ImproperlyConfigured) as error:
        env.check()
    words = str(error.value).replace("a password", "")
    assert "SURVEY_EMAIL_URL" in words
    assert not any(part in words for part in ("pa/", "'pa", "ssword", "pa["))


@pytest.mark.parametrize(
    "address", ["smtp://name:pw@localhost:25", "smtp://name:pw@[::1]:25", "smtp://mail.example.vn:25"]
)
def test_mail_without_encryption_is_for_this_machine_or_without_a_password(address: str) -> None:
    assert as_mailer(address)["OPTIONS"]["port"] == 25
