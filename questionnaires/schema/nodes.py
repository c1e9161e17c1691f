"""JSON objects being read: keys are taken one by one, and every problem is noted with its place."""

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from questionnaires.schema.texts import LocalizedText
from questionnaires.schema.wording import EXPECTED, HINTS, NOTHING

CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-._][A-Za-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_MAX_SHOWN = 60
_NAMES = {str: "text", bool: "flag", int: "whole_number", list: "list", dict: "object"}


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One thing in a document that could not be read: codes for the words, and what the words need."""

    path: str
    expected_code: str
    got: str
    hint_code: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> str:
        """What was expected, in English."""
        return EXPECTED[self.expected_code].format_map(self.params)

    @property
    def hint(self) -> str:
        """What to do, in English."""
        return HINTS[self.hint_code].format_map(self.params)

    @property
    def message(self) -> str:
        """The problem in one English sentence."""
        return f"{self.path}: expected {self.expected}, got {self.got}. {self.hint}"


class SchemaError(ValueError):
    """A document that is not a questionnaire; `problems` lists everything found."""

    def __init__(self, problems: tuple[SchemaProblem, ...]) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


class Node:
    """A JSON object being read: keys are taken one by one, and what nobody took is reported."""

    def __init__(self, value: Any, path: str, problems: list[SchemaProblem]) -> None:
        self.path = path
        self.problems = problems
        self.rest: dict[str, Any] = {}
        self.known: list[str] = []
        if isinstance(value, Mapping):
            self.rest = dict(value)
        else:
            self.report("", "object", value, "braces")

    def report(self, key: str, expected: str, got: Any, hint: str, /, **params: str) -> None:
        """Note one problem at a key of this object, or at the object itself."""
        place = f"{self.path}.{key}" if key else self.path
        self.problems.append(SchemaProblem(place, expected, _shown(got), hint, {"key": key, **params}))

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        """Return the value of an optional key, of one JSON type."""
        self.known.append(key)
        if key not in self.rest:
            return default
        value = self.rest.pop(key)
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return value
        self.report(key, _NAMES[kind], value, "correct_or_leave_out")
        return default

    def require(self, key: str, kind: type) -> Any:
        """Return the value of a key that must be there; a neutral value if it is not."""
        if key not in self.rest:
            self.known.append(key)
            self.report(key, _NAMES[kind], NOTHING, "add")
            return kind()
        return self.take(key, kind, kind())

    def code(self, key: str = "code") -> str:
        """Return a code that must be there."""
        code = str(self.require(key, str))
        if code and not CODE.fullmatch(code):
            self.report(key, "code", code, "form_of_code", example="S-1.1")
        return code

    def text(self, key: str, *, is_required: bool = False) -> LocalizedText:
        """Return a text by language."""
        texts = self.require(key, dict) if is_required else self.take(key, dict, {})
        for language, text in texts.items():
            if not LANGUAGE.fullmatch(str(language)):
                self.report(key, "language", language, "lower_case", example="vi")
            if not isinstance(text, str):
                self.report(f"{key}.{language}", "text", text, "quotes")
        return LocalizedText.of({str(language): str(text) for language, text in texts.items()})

    def number(self, key: str) -> int | float | None:
        """Return an optional number."""
        self.known.append(key)
        value = self.rest.pop(key, None)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        self.report(key, "number", value, "no_quotes")
        return None

    def codes(self, key: str, *, is_required: bool = False) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.require(key, list) if is_required else self.take(key, list, [])
        for position, value in enumerate(values):
            if not isinstance(value, str):
                self.report(f"{key}[{position}]", "text", value, "quotes")
        return tuple(str(value) for value in values)

    def nodes[T](self, key: str, read: Callable[["Node"], T], *, is_required: bool = False) -> tuple[T, ...]:
        """Return a list of objects, each read by a function and checked for keys nobody knows."""
        values = self.require(key, list) if is_required else self.take(key, list, [])
        return tuple(
            read_whole(Node(value, f"{self.path}.{key}[{position}]", self.problems), read)
            for position, value in enumerate(values)
        )

    def node[T](self, key: str, read: Callable[["Node"], T]) -> T | None:
        """Return an optional object."""
        value = self.take(key, dict)
        return None if value is None else read_whole(Node(value, f"{self.path}.{key}", self.problems), read)

    def close(self) -> None:
        """Report keys that mean nothing here."""
        for key in self.rest:
            near = difflib.get_close_matches(key, self.known, n=1)
            hint = "did_you_mean" if near else "remove"
            self.report(str(key), "no_key", self.rest[key], hint, near="".join(near))


def read_whole[T](node: Node, read: Callable[[Node], T]) -> T:
    """Read an object completely."""
    value = read(node)
    node.close()
    return value


def _shown(value: Any) -> str:
    """Return a value as it may stand in a message."""
    text = value if value == NOTHING else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"
