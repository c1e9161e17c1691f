"""Typed reading of SURVEY_* variables; every problem is reported at once."""

import contextlib
import datetime
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

LEAST_SECRET_LENGTH = 32
OWNER_ONLY = 0o700
"""Mode of folders that hold secrets, answers and contacts."""

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


def as_bool(text: str) -> bool:
    """Read yes/no."""
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError("expected one of 1, 0, true, false, yes, no, on, off")


def as_list(text: str) -> list[str]:
    """Read a comma-separated list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def as_days(text: str) -> frozenset[datetime.date]:
    """Read days such as 2027-02-08, separated by commas."""
    return frozenset(datetime.date.fromisoformat(part) for part in as_list(text))


def as_time_zone(text: str) -> str:
    """Read a time zone name."""
    ZoneInfo(text)
    return text


def as_one_of(*choices: str) -> Callable[[str], str]:
    """Return a reader of one of a few words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}")
        return text

    return read


MAIL_SCHEMES = {"smtp": {}, "smtp+tls": {"use_tls": True}, "smtp+ssl": {"use_ssl": True}}
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
MAIL_SECONDS = 20
"""How long a mail server is waited for."""


def as_mailer(text: str) -> dict[str, Any]:
    """Read the address of a mail server, such as smtp+tls://name:password@mail.example.vn:587."""
    address, port = _mail_address(text)
    if address.scheme not in MAIL_SCHEMES or not address.hostname:
        raise ValueError(
            "expected an address that begins with smtp://, smtp+tls:// or smtp+ssl:// and names a host"
        )
    if address.password and address.scheme == "smtp" and address.hostname not in LOCAL_HOSTS:
        raise ValueError("expected smtp+tls:// or smtp+ssl://: a password would travel in clear")
    options = {
        "host": address.hostname,
        "port": port,
        "username": unquote(address.username or ""),
        "password": unquote(address.password or ""),
        "timeout": MAIL_SECONDS,
    }
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": options | MAIL_SCHEMES[address.scheme],
    }


def _mail_address(text: str) -> tuple[SplitResult, int]:
    """Return an address and its port; the words of the library would tell a piece of the password."""
    try:
        address = urlsplit(text)
        port = address.port or 25
    except ValueError:
        problem = "expected a port between 1 and 65535; write / in a password as %2F, # as %23 and [ as %5B"
    else:
        return address, port
    raise ValueError(problem)


def as_count(text: str) -> int:
    """Read a whole number of 1 or more."""
    number = int(text)
    if number < 1:
        raise ValueError("expected a whole number of 1 or more")
    return number


def as_secret(text: str) -> str:
    """Read a secret that cannot be found by trying."""
    if len(text) < LEAST_SECRET_LENGTH:
        raise ValueError(f"expected a random text of at least {LEAST_SECRET_LENGTH} characters")
    return text


@dataclass
class Environment:
    """Reads variables and collects what is wrong with them until `check` is called."""

    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)
    problems: list[str] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str], Any] = str, *, default: Any = None) -> Any:
        """Return the parsed value of `name`, or `default` where it is unset."""
        text = self.variables.get(name)
        if text is None:
            return default
        try:
            return parse(text)
        except (ValueError, KeyError, OSError) as error:
            got = f"{len(text)} characters" if parse in (as_secret, as_mailer) else repr(text)
            self.problems.append(f"{name}: got {got}; {error}")
            return default

    def require(self, name: str, parse: Callable[[str], Any] = str) -> Any:
        """Return the parsed value of `name`; a missing one is a problem."""
        if not self.variables.get(name):
            self.problems.append(f"{name}: not set, but needed here")
            return None
        return self.read(name, parse)

    def check(self) -> None:
        """Raise one error that lists every problem found."""
        if self.problems:
            raise ImproperlyConfigured("Settings cannot be read:\n  " + "\n  ".join(self.problems))


def private_folder(path: Path) -> Path:
    """Return a folder that is there and open to its owner only."""
    path.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    path.chmod(OWNER_ONLY)
    return path


def stored_secret(path: Path, generate: Callable[[], str]) -> str:
    """Return the secret kept in `path`, made on first use; file and folder are open to their owner only.

    It appears whole or not at all: of two programs that start together, both get the secret of the first.
    """
    if not path.exists():
        path.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
            file.write(generate())
            file.flush()
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(file.name)
    return path.read_text()
