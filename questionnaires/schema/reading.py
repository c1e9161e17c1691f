"""Reading a questionnaire from its JSON document.

Reading goes to the end and reports every problem, each with its JSON path, what was expected, what stood
there and what to do.
"""

import re
from collections.abc import Mapping
from typing import Any

from questionnaires.schema.conditions import (
    COMBINATIONS,
    COMPARISONS,
    COUNT_OPERATORS,
    DATE_OPERATORS,
    LIST_OPERATORS,
    NUMBER_OPERATORS,
    REFERRING_OPERATORS,
    TEXT_OPERATORS,
    Combination,
    Comparison,
    Condition,
    Reference,
    Subject,
)
from questionnaires.schema.days import is_day
from questionnaires.schema.model import (
    CHOICE_KINDS,
    SPECIAL_VALUES,
    TODAY,
    YES_NO_OPTIONS,
    Attribute,
    Consent,
    ConsentPoint,
    ConsentStatement,
    Kind,
    Option,
    Question,
    Questionnaire,
    Rule,
    RuleSeverity,
    Scale,
    Section,
)
from questionnaires.schema.nodes import Node, SchemaError, SchemaProblem, read_whole
from questionnaires.schema.texts import EMPTY, LocalizedText, normalize
from questionnaires.schema.writing import SCHEMA_VERSION

__all__ = ["SchemaError", "SchemaProblem", "parse"]

MEDIA = re.compile(r"(?!.*\.\.)[^\s/\\:][^\s\\:]*")
"""Name of a stored file below the media folder: no address, no way out of the folder."""
_EXAMPLE = '{"question": "Q8.4", "equals": 1}'


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
    questionnaire = read_whole(Node(document, "$", problems), _questionnaire)
    if problems:
        raise SchemaError(tuple(problems))
    return questionnaire


def _questionnaire(node: Node) -> Questionnaire:
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
        rules=node.nodes("rules", _rule),
        not_applicable_audio=_media(node, "not_applicable_audio"),
        no_answer_audio=_media(node, "no_answer_audio"),
    )


def _section(node: Node, scales: Mapping[str, Scale]) -> Section:
    """Read one section."""
    return Section(
        code=node.code(),
        title=node.text("title", is_required=True),
        questions=node.nodes("questions", lambda part: _question(part, scales), is_required=True),
        heading=node.text("heading"),
        intro=node.text("intro"),
        visible_when=_optional_condition(node),
        rules=node.nodes("rules", _rule),
        audio=_media(node, "audio"),
    )


def _rule(node: Node) -> Rule:
    """Read one rule between answers."""
    must = node.node("must", _condition)
    if must is None:
        node.report("must", "condition", node.rest, "example", example=_EXAMPLE)
    severity = node.take("severity", str, RuleSeverity.SOFT.value)
    if severity not in set(RuleSeverity):
        node.report("severity", "kind", severity, "correct", choices=", ".join(RuleSeverity))
        severity = RuleSeverity.SOFT
    return Rule(
        code=node.code(),
        must=must or Combination("all", ()),
        message=node.text("message", is_required=True),
        severity=RuleSeverity(severity),
    )


def _question(node: Node, scales: Mapping[str, Scale]) -> Question:
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
        n_ranks=node.take("n_ranks", int, plain.n_ranks),
        earliest=_day(node, "earliest"),
        latest=_day(node, "latest", TODAY),
        audio=_media(node, "audio"),
        picture=_media(node, "picture"),
        picture_alt=node.text("picture_alt"),
        help_audio=_media(node, "help_audio"),
    )


def _day(node: Node, key: str, *words: str) -> str:
    """Read a limit of a date: a day, or one of the words that stand for one."""
    value = str(node.take(key, str, ""))
    if value and value not in words and not is_day(value):
        node.report(key, "day", value, "correct")
    return value


def _media(node: Node, key: str) -> LocalizedText:
    """Read the names of stored files by language."""
    names = node.text(key)
    for language, name in names.items():
        if not MEDIA.fullmatch(name):
            node.report(f"{key}.{language}", "media", name, "media")
    return names


def _kind(node: Node) -> Kind | None:
    """Read the kind of a question; None, reported, where there is no such kind."""
    value = node.require("kind", str)
    if value in set(Kind):
        return Kind(value)
    if value:
        node.report("kind", "kind", value, "choose_kind", choices=", ".join(Kind))
    return None


def _options(node: Node, kind: Kind | None, scales: Mapping[str, Scale]) -> tuple[str, tuple[Option, ...]]:
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


def _scale(node: Node) -> Scale:
    """Read one scale."""
    return Scale(node.code(), node.nodes("options", _option, is_required=True))


def _option(node: Node) -> Option:
    """Read one option."""
    node.known.append("value")
    value = node.rest.pop("value", None)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        node.report("value", "whole_number_or_text", value, "short_code")
        value = 0
    if value in SPECIAL_VALUES:
        node.report("value", "own_code", value, "special_value")
    return Option(
        _composed(value),
        node.text("label", is_required=True),
        node.take("is_exclusive", bool, default=False),
        _media(node, "audio"),
        _media(node, "picture"),
        node.text("picture_alt"),
    )


def _attribute(node: Node) -> Attribute:
    """Read one attribute of the sample."""
    return Attribute(node.code(), node.text("label", is_required=True))


def _remark(node: Node) -> LocalizedText:
    """Read one remark for methodologists."""
    return node.text("text", is_required=True)


def _consent(node: Node) -> Consent:
    """Read the consent."""
    return Consent(
        version=node.require("version", str),
        title=node.text("title", is_required=True),
        points=node.nodes("points", _consent_point),
        statements=node.nodes("statements", _consent_statement),
        is_placeholder=node.take("is_placeholder", bool, default=False),
        audio=_media(node, "audio"),
    )


def _consent_point(node: Node) -> ConsentPoint:
    """Read one thing a citizen is told."""
    return ConsentPoint(
        node.text("heading", is_required=True), node.text("text", is_required=True), _media(node, "audio")
    )


def _consent_statement(node: Node) -> ConsentStatement:
    """Read one box to tick."""
    return ConsentStatement(
        code=node.code(),
        text=node.text("text", is_required=True),
        help=node.text("help"),
        is_required=node.take("is_required", bool, default=False),
        audio=_media(node, "audio"),
    )


def _optional_condition(node: Node) -> Condition | None:
    """Read the condition of a section or question."""
    return node.node("visible_when", _condition)


def _condition(node: Node) -> Condition:
    """Read a condition: a combination of conditions, or one comparison."""
    for operator in COMBINATIONS:
        if operator in node.rest:
            return _combination(node, operator)
    return _comparison(node)


def _combination(node: Node, operator: str) -> Combination:
    """Read conditions joined by all, any or not; "not" may hold a single one."""
    if isinstance(node.rest[operator], Mapping):
        part = node.node(operator, _condition)
        return Combination(operator, () if part is None else (part,))
    conditions = node.nodes(operator, _condition)
    if not conditions:
        node.report(operator, "condition", [], "add_condition")
    return Combination(operator, conditions)


def _comparison(node: Node) -> Comparison:
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


def _operand(node: Node, operator: str, value: Any) -> Any:
    """Return the value a comparison compares with, immutable; report one of the wrong type."""
    if operator in REFERRING_OPERATORS and isinstance(value, Mapping):
        return read_whole(Node(value, f"{node.path}.{operator}", node.problems), _reference)
    if operator in LIST_OPERATORS:
        if isinstance(value, list) and value and all(isinstance(item, int | float | str) for item in value):
            return tuple(_composed(item) for item in value)
        node.report(operator, "values", value, "brackets")
        return ()
    types, name = _OPERANDS.get(operator, ((int, float, str), "number_or_text"))
    is_wrong = not isinstance(value, types) or (isinstance(value, bool) and bool not in types)
    if is_wrong or (operator in DATE_OPERATORS and not is_day(value)):
        node.report(operator, name, value, "correct")
    return _composed(value)


def _reference(node: Node) -> Reference:
    """Read what stands for another answer or attribute in the place of a value."""
    subjects = [subject for subject in Subject if subject in node.rest]
    if len(subjects) != 1:
        node.report("", "reference", node.rest, "example", example='{"question": "Q8.4"}')
        node.rest.clear()
        return Reference(Subject.QUESTION, "")
    return Reference(subjects[0], node.code(subjects[0]))


def _composed(value: Any) -> Any:
    """Return a text in the form in which answers are stored, and anything else as it is."""
    return normalize(value) if isinstance(value, str) else value


_OPERANDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "answered": ((bool,), "flag"),
    **dict.fromkeys(NUMBER_OPERATORS, ((int, float), "number")),
    **dict.fromkeys(DATE_OPERATORS, ((str,), "day")),
    **dict.fromkeys(COUNT_OPERATORS, ((int,), "whole_number")),
    **dict.fromkeys(TEXT_OPERATORS, ((str,), "text")),
}
"""What an operator compares with, and the code of its name."""
