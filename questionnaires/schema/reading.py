"""Reading a questionnaire from its JSON document.

Reading goes to the end and reports every problem, each with its JSON path, what was expected, what stood
there and what to do.
"""

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from questionnaires.schema.conditions import (
    COMBINATIONS,
    COMPARISONS,
    LIST_OPERATORS,
    NUMBER_OPERATORS,
    Combination,
    Comparison,
    Condition,
    Subject,
)
from questionnaires.schema.model import (
    CHOICE_KINDS,
    SPECIAL_VALUES,
    YES_NO_OPTIONS,
    Attribute,
    Consent,
    ConsentPoint,
    ConsentStatement,
    Kind,
    Option,
    Question,
    Questionnaire,
    Scale,
    Section,
)
from questionnaires.schema.texts import EMPTY, LocalizedText, normalize
from questionnaires.schema.wording import EXPECTED, HINTS, NOTHING
from questionnaires.schema.writing import SCHEMA_VERSION

CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-._][A-Za-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_MAX_SHOWN = 60
_EXAMPLE = '{"question": "Q8.4", "equals": 1}'
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


class _Node:
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

    def nodes[T](self, key: str, read: Callable[["_Node"], T], *, is_required: bool = False) -> tuple[T, ...]:
        """Return a list of objects, each read by a function and checked for keys nobody knows."""
        values = self.require(key, list) if is_required else self.take(key, list, [])
        return tuple(
            _read(_Node(value, f"{self.path}.{key}[{position}]", self.problems), read)
            for position, value in enumerate(values)
        )

    def node[T](self, key: str, read: Callable[["_Node"], T]) -> T | None:
        """Return an optional object."""
        value = self.take(key, dict)
        return None if value is None else _read(_Node(value, f"{self.path}.{key}", self.problems), read)

    def close(self) -> None:
        """Report keys that mean nothing here."""
        for key in self.rest:
            near = difflib.get_close_matches(key, self.known, n=1)
            hint = "did_you_mean" if near else "remove"
            self.report(str(key), "no_key", self.rest[key], hint, near="".join(near))


def _read[T](node: _Node, read: Callable[[_Node], T]) -> T:
    """Read an object completely."""
    value = read(node)
    node.close()
    return value


def _shown(value: Any) -> str:
    """Return a value as it may stand in a message."""
    text = value if value == NOTHING else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def parse(document: Mapping[str, Any]) -> Questionnaire:
    """Read a questionnaire from its JSON document.

    Parameters
    ----------
    document : mapping
        The decoded JSON.

    Returns
    -------
    Questionnaire
        The same questionnaire as an immutable value, texts in NFC.

    Raises
    ------
    SchemaError
        With every problem found: JSON path, expected, got, hint. What can be read may still be linted wrong.

    Examples
    --------
    >>> parse({"schema": 1, "code": "x", "title": {"vi": "Phiếu"}, "languages": ["vi"], "sections": []}).code
    'x'
    """
    problems: list[SchemaProblem] = []
    questionnaire = _read(_Node(document, "$", problems), _questionnaire)
    if problems:
        raise SchemaError(tuple(problems))
    return questionnaire


def _questionnaire(node: _Node) -> Questionnaire:
    """Read the whole document."""
    version = node.require("schema", int)
    if version != SCHEMA_VERSION:
        node.report("schema", "format_version", version, "other_version", version=str(SCHEMA_VERSION))
    scales = node.nodes("scales", _scale)
    by_code = {scale.code: scale for scale in scales}
    return Questionnaire(
        code=node.code(),
        title=node.text("title", is_required=True),
        languages=node.codes("languages", is_required=True),
        sections=node.nodes("sections", lambda part: _section(part, by_code), is_required=True),
        scales=scales,
        attributes=node.nodes("attributes", _attribute),
        consent=node.node("consent", _consent),
        method=node.take("method", str, ""),
        is_provisional=node.take("is_provisional", bool, default=False),
        provisional_reason=node.text("provisional_reason"),
        source=node.text("source"),
        remarks=node.nodes("remarks", _remark),
    )


def _section(node: _Node, scales: Mapping[str, Scale]) -> Section:
    """Read one section."""
    return Section(
        code=node.code(),
        title=node.text("title", is_required=True),
        questions=node.nodes("questions", lambda part: _question(part, scales), is_required=True),
        heading=node.text("heading"),
        intro=node.text("intro"),
        visible_when=_optional_condition(node),
    )


def _question(node: _Node, scales: Mapping[str, Scale]) -> Question:
    """Read one question."""
    kind = _kind(node)
    scale, options = _options(node, kind, scales)
    plain = Question(code="", kind=kind or Kind.NOTE, text=EMPTY)
    return Question(
        code=node.code(),
        kind=plain.kind,
        text=node.text("text", is_required=True),
        help=node.text("help"),
        options=options,
        scale=scale,
        shows=node.codes("shows"),
        allows_not_applicable=node.take("allows_not_applicable", bool, default=False),
        allows_no_answer=node.take("allows_no_answer", bool, default=False),
        is_required=node.take("is_required", bool, default=False),
        is_sensitive=node.take("is_sensitive", bool, default=False),
        visible_when=_optional_condition(node),
        minimum=node.number("minimum"),
        maximum=node.number("maximum"),
        is_integer=node.take("is_integer", bool, default=plain.is_integer),
        unit=node.text("unit"),
        max_length=node.take("max_length", int, plain.max_length),
        is_multiline=node.take("is_multiline", bool, default=False),
    )


def _kind(node: _Node) -> Kind | None:
    """Read the kind of a question; None, reported, where there is no such kind."""
    value = node.require("kind", str)
    if value in set(Kind):
        return Kind(value)
    if value:
        node.report("kind", "kind", value, "choose_kind", choices=", ".join(Kind))
    return None


def _options(node: _Node, kind: Kind | None, scales: Mapping[str, Scale]) -> tuple[str, tuple[Option, ...]]:
    """Read the options of a question, its own or those of a scale."""
    scale = node.take("scale", str, "")
    options = node.nodes("options", _option)
    if scale and options:
        node.report("options", "scale_or_options", scale, "remove_one")
    if scale and scale not in scales:
        node.report("scale", "scale", scale, "add_scale", choices=", ".join(scales) or "–")
    if (scale or options) and kind is not None and kind not in CHOICE_KINDS:
        node.report("kind", "kind_with_options", kind.value, "scale_or_kind")
    if scale in scales:
        return scale, scales[scale].options
    return "", options or (YES_NO_OPTIONS if kind is Kind.YES_NO else ())


def _scale(node: _Node) -> Scale:
    """Read one scale."""
    return Scale(node.code(), node.nodes("options", _option, is_required=True))


def _option(node: _Node) -> Option:
    """Read one option."""
    node.known.append("value")
    value = node.rest.pop("value", None)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        node.report("value", "whole_number_or_text", value, "short_code")
        value = 0
    if value in SPECIAL_VALUES:
        node.report("value", "own_code", value, "special_value")
    return Option(
        _composed(value), node.text("label", is_required=True), node.take("is_exclusive", bool, default=False)
    )


def _attribute(node: _Node) -> Attribute:
    """Read one attribute of the sample."""
    return Attribute(node.code(), node.text("label", is_required=True))


def _remark(node: _Node) -> LocalizedText:
    """Read one remark for methodologists."""
    return node.text("text", is_required=True)


def _consent(node: _Node) -> Consent:
    """Read the consent."""
    return Consent(
        version=node.require("version", str),
        title=node.text("title", is_required=True),
        points=node.nodes("points", _consent_point),
        statements=node.nodes("statements", _consent_statement),
        is_placeholder=node.take("is_placeholder", bool, default=False),
    )


def _consent_point(node: _Node) -> ConsentPoint:
    """Read one thing a citizen is told."""
    return ConsentPoint(node.text("heading", is_required=True), node.text("text", is_required=True))


def _consent_statement(node: _Node) -> ConsentStatement:
    """Read one box to tick."""
    return ConsentStatement(
        code=node.code(),
        text=node.text("text", is_required=True),
        help=node.text("help"),
        is_required=node.take("is_required", bool, default=False),
    )


def _optional_condition(node: _Node) -> Condition | None:
    """Read the condition of a section or question."""
    return node.node("visible_when", _condition)


def _condition(node: _Node) -> Condition:
    """Read a condition: a combination of conditions, or one comparison."""
    for operator in COMBINATIONS:
        if operator in node.rest:
            return _combination(node, operator)
    return _comparison(node)


def _combination(node: _Node, operator: str) -> Combination:
    """Read conditions joined by all, any or not; "not" may hold a single one."""
    if isinstance(node.rest[operator], Mapping):
        part = node.node(operator, _condition)
        return Combination(operator, () if part is None else (part,))
    conditions = node.nodes(operator, _condition)
    if not conditions:
        node.report(operator, "condition", [], "add_condition")
    return Combination(operator, conditions)


def _comparison(node: _Node) -> Comparison:
    """Read one operator on one question or attribute."""
    node.known += [*Subject, *COMPARISONS]
    subjects = [subject for subject in Subject if subject in node.rest]
    operators = [operator for operator in COMPARISONS if operator in node.rest]
    if len(subjects) != 1 or len(operators) != 1:
        words = {"subjects": ", ".join(Subject), "choices": ", ".join(COMPARISONS), "example": _EXAMPLE}
        node.report("", "comparison", node.rest, "example", **words)
        node.rest.clear()
        return Comparison(Subject.QUESTION, "", "equals", None)
    code = node.code(subjects[0])
    value = node.rest.pop(operators[0])
    return Comparison(subjects[0], code, operators[0], _operand(node, operators[0], value))


def _operand(node: _Node, operator: str, value: Any) -> Any:
    """Return the value a comparison compares with, immutable; report one of the wrong type."""
    if operator in LIST_OPERATORS:
        if isinstance(value, list) and value and all(isinstance(item, int | float | str) for item in value):
            return tuple(_composed(item) for item in value)
        node.report(operator, "values", value, "brackets")
        return ()
    types, name = _operand_types(operator)
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        node.report(operator, name, value, "correct")
    return _composed(value)


def _composed(value: Any) -> Any:
    """Return a text in the form in which answers are stored, and anything else as it is."""
    return normalize(value) if isinstance(value, str) else value


def _operand_types(operator: str) -> tuple[tuple[type, ...], str]:
    """Return the types an operator compares with, and the code of their name."""
    if operator == "answered":
        return (bool,), "flag"
    if operator in NUMBER_OPERATORS:
        return (int, float), "number"
    return (int, float, str), "number_or_text"
