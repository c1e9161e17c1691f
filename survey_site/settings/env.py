"""Typed reading of SURVEY_* variables; every problem is reported at once."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
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
            got = f"{len(text)} characters" if parse is as_secret else repr(text)
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
