"""Typed reading of SURVEY_* variables; every problem is reported at once."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

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
            self.problems.append(f"{name}: got {text!r}; {error}")
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


def stored_secret(path: Path, generate: Callable[[], str]) -> str:
    """Return the secret kept in `path`, made on first use and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(generate())
    return path.read_text()
