"""Writing a questionnaire as its JSON document, and the hash of a published version.

What is written and read again is the same questionnaire.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from questionnaires.schema.conditions import Combination, Condition, Reference
from questionnaires.schema.model import (
    YES_NO_OPTIONS,
    Consent,
    Kind,
    Option,
    Question,
    Questionnaire,
    Rule,
    RuleSeverity,
    Scale,
    Section,
)
from questionnaires.schema.texts import EMPTY, LocalizedText

SCHEMA_VERSION = 1


def to_document(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the JSON document of a questionnaire; what has its default value is left out.

    Parameters
    ----------
    questionnaire : Questionnaire
        Any questionnaire.

    Returns
    -------
    dict
        `parse(to_document(q)) == q`.
    """
    head = {
        "schema": SCHEMA_VERSION,
        "code": questionnaire.code,
        "title": dict(questionnaire.title),
        "languages": list(questionnaire.languages),
    }
    return (
        head
        | _without_defaults(
            method=questionnaire.method,
            is_provisional=questionnaire.is_provisional,
            provisional_reason=questionnaire.provisional_reason,
            source=questionnaire.source,
            remarks=tuple({"text": dict(remark)} for remark in questionnaire.remarks),
            attributes=tuple({"code": a.code, "label": dict(a.label)} for a in questionnaire.attributes),
            scales=tuple(_scale_document(scale) for scale in questionnaire.scales),
            consent=questionnaire.consent and _consent_document(questionnaire.consent),
            rules=tuple(_rule_document(rule) for rule in questionnaire.rules),
            not_applicable_audio=questionnaire.not_applicable_audio,
            no_answer_audio=questionnaire.no_answer_audio,
        )
        | {"sections": [_section_document(section) for section in questionnaire.sections]}
    )


def _without_defaults(**values: Any) -> dict[str, Any]:
    """Return what says something, as JSON values: no False, nothing, empty text or empty list."""
    return {
        key: _plain(value)
        for key, value in values.items()
        if value is not None
        and value is not False
        and value not in ("", ())
        and not (isinstance(value, LocalizedText) and not value)
    }


def _plain(value: Any) -> Any:
    """Return a value of the model as a JSON value."""
    if isinstance(value, LocalizedText):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _scale_document(scale: Scale) -> dict[str, Any]:
    """Return a scale as JSON."""
    return {"code": scale.code, "options": _option_documents(scale.options)}


def _option_documents(options: tuple[Option, ...]) -> list[dict[str, Any]]:
    """Return options as JSON."""
    return [
        {"value": option.value, "label": dict(option.label)}
        | _without_defaults(
            is_exclusive=option.is_exclusive,
            audio=option.audio,
            picture=option.picture,
            picture_alt=option.picture_alt,
        )
        for option in options
    ]


def _consent_document(consent: Consent) -> dict[str, Any]:
    """Return the consent as JSON."""
    return {"version": consent.version, "title": dict(consent.title)} | _without_defaults(
        is_placeholder=consent.is_placeholder,
        audio=consent.audio,
        points=tuple(
            {"heading": dict(p.heading), "text": dict(p.text)} | _without_defaults(audio=p.audio)
            for p in consent.points
        ),
        statements=tuple(
            {"code": s.code, "text": dict(s.text)}
            | _without_defaults(help=s.help, is_required=s.is_required, audio=s.audio)
            for s in consent.statements
        ),
    )


def _section_document(section: Section) -> dict[str, Any]:
    """Return a section as JSON."""
    return (
        {"code": section.code, "title": dict(section.title)}
        | _without_defaults(
            heading=section.heading,
            intro=section.intro,
            visible_when=_condition_document(section.visible_when),
            rules=tuple(_rule_document(rule) for rule in section.rules),
            audio=section.audio,
        )
        | {"questions": [_question_document(question) for question in section.questions]}
    )


def _rule_document(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON."""
    is_hard = rule.severity is RuleSeverity.HARD
    severity = {"severity": rule.severity.value} if is_hard else {}
    document = {"code": rule.code, "must": _condition_document(rule.must), "message": dict(rule.message)}
    return document | severity


def _question_document(question: Question) -> dict[str, Any]:
    """Return a question as JSON; options of a scale stay with the scale."""
    is_implied = question.scale or (question.kind is Kind.YES_NO and question.options == YES_NO_OPTIONS)
    plain = Question(code="", kind=question.kind, text=EMPTY)
    document = {"code": question.code, "kind": question.kind.value, "text": dict(question.text)}
    document |= _without_defaults(
        help=question.help,
        scale=question.scale,
        options=() if is_implied else tuple(_option_documents(question.options)),
        shows=question.shows,
        allows_not_applicable=question.allows_not_applicable,
        allows_no_answer=question.allows_no_answer,
        is_required=question.is_required,
        is_sensitive=question.is_sensitive,
        visible_when=_condition_document(question.visible_when),
        unit=question.unit,
        is_multiline=question.is_multiline,
        earliest=question.earliest,
        latest=question.latest,
        audio=question.audio,
        picture=question.picture,
        picture_alt=question.picture_alt,
        help_audio=question.help_audio,
    )
    limits = {"minimum": question.minimum, "maximum": question.maximum}
    limits |= {"is_integer": question.is_integer, "max_length": question.max_length}
    limits |= {"n_ranks": question.n_ranks}
    return document | {key: value for key, value in limits.items() if value != getattr(plain, key)}


def _condition_document(condition: Condition | None) -> dict[str, Any] | None:
    """Return a condition as JSON."""
    if condition is None:
        return None
    if isinstance(condition, Combination):
        parts = [_condition_document(part) for part in condition.conditions]
        is_single = condition.operator == "not" and len(parts) == 1
        return {condition.operator: parts[0] if is_single else parts}
    operand = condition.value
    if isinstance(operand, Reference):
        operand = {operand.subject.value: operand.code}
    return {condition.subject.value: condition.code, condition.operator: _plain(operand)}


def canonical_bytes(document: Mapping[str, Any] | Questionnaire) -> bytes:
    """Return the one byte string for a document: UTF-8, keys sorted, no white space between tokens.

    Parameters
    ----------
    document : mapping or Questionnaire
        A questionnaire stands for its own document; a mapping is taken as it is.

    Returns
    -------
    bytes
        The order of keys and the layout of a file do not matter; the order of lists does.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> canonical_bytes({"b": 1, "a": "ở"}).decode()
    '{"a":"ở","b":1}'
    """
    content = to_document(document) if isinstance(document, Questionnaire) else document
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(document: Mapping[str, Any] | Questionnaire) -> str:
    """Return the hash of a version: SHA-256 of its canonical bytes, in hexadecimal.

    Parameters
    ----------
    document : mapping or Questionnaire
        See :func:`canonical_bytes`.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest({})[:8]
    '44136fa3'
    """
    return hashlib.sha256(canonical_bytes(document)).hexdigest()
