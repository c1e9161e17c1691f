"""Between the draft that authors edit and the document that the schema reads, without loss either way."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from wagtail.log_actions import log

from questionnaires.exchange.spoken import with_recordings, without_recordings
from questionnaires.exchange.translations import further_texts, with_translations
from questionnaires.languages import FURTHER_LANGUAGES
from questionnaires.models import Questionnaire
from questionnaires.schema import (
    Kind,
    LocalizedText,
    Question,
    RuleSeverity,
    SchemaError,
    parse,
    to_document,
)
from questionnaires.schema.writing import SCHEMA_VERSION
from questionnaires.selectors.recordings import spoken_of
from questionnaires.services.adopted_recordings import adopt_recordings
from questionnaires.services.translations import save_translations, stored_translations

LANGUAGES = ("vi", "en")
FLAGS = ("allows_not_applicable", "allows_no_answer", "is_required", "is_sensitive", "is_multiline")
_DEFAULTS = Question(code="", kind=Kind.NOTE, text=LocalizedText())


def draft_to_document(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the schema document of a draft; one that cannot be read is returned as it is, for linting."""
    document = _without_empty(
        {
            "code": questionnaire.code,
            "title": _text(questionnaire, "title"),
            "languages": list(LANGUAGES if questionnaire.is_bilingual else LANGUAGES[:1]),
            "method": questionnaire.method,
            "is_provisional": questionnaire.is_provisional,
            "provisional_reason": _text(questionnaire, "provisional_reason"),
            "source": _text(questionnaire, "source"),
            "remarks": [{"text": _text(child.value, "text")} for child in questionnaire.remarks],
            "attributes": [_attribute_document(child.value) for child in questionnaire.attributes],
            "scales": [_scale_document(child.value) for child in questionnaire.scales],
            "rules": [_rule_document(child.value) for child in questionnaire.rules],
            "consent": _consent_document(questionnaire),
        }
    )
    document |= {
        "schema": SCHEMA_VERSION,
        "sections": [_section_document(child.value) for child in questionnaire.sections],
    }
    try:
        whole = to_document(parse(document))
    except SchemaError:
        return document
    translations, recordings = stored_translations(questionnaire), spoken_of(questionnaire)
    if not translations and not recordings:
        return whole
    return to_document(parse(with_recordings(with_translations(whole, translations), recordings)))


def fill_draft_from_document(questionnaire: Questionnaire, document: Mapping[str, Any]) -> None:
    """Fill the fields of a draft from a document; nothing is saved."""
    consent = document.get("consent") or {}
    plain = {
        "code": document["code"],
        "is_bilingual": "en" in document["languages"],
        "method": document.get("method", ""),
        "is_provisional": document.get("is_provisional", False),
        "consent_version": consent.get("version", ""),
        "consent_is_placeholder": consent.get("is_placeholder", False),
        **_texts(document, "title"),
        **_texts(document, "provisional_reason"),
        **_texts(document, "source"),
        **{f"consent_{name}": text for name, text in _texts(consent, "title").items()},
    }
    streams = {
        "consent": _stream("point", map(_consent_point_value, consent.get("points", ())))
        + _stream("statement", map(_consent_statement_value, consent.get("statements", ()))),
        "scales": _stream("scale", map(_scale_value, document.get("scales", ()))),
        "attributes": _stream("attribute", map(_attribute_value, document.get("attributes", ()))),
        "remarks": _stream("remark", (_texts(remark, "text") for remark in document.get("remarks", ()))),
        "rules": _stream("rule", map(_rule_value, document.get("rules", ()))),
        "sections": _stream("section", map(_section_value, document["sections"])),
    }
    for name, value in plain.items():
        setattr(questionnaire, name, value)
    for name, stream in streams.items():
        setattr(questionnaire, name, json.dumps(stream, ensure_ascii=False))


@transaction.atomic
def import_form(source: Path | Mapping[str, Any], *, user: AbstractBaseUser | None = None) -> Questionnaire:
    """Read a questionnaire file or document into the draft with its code, as a new revision."""
    content = json.loads(source.read_text(encoding="utf-8")) if isinstance(source, Path) else source
    document = to_document(parse(content))
    questionnaire = Questionnaire.objects.filter(code=document["code"]).first() or Questionnaire()
    fill_draft_from_document(questionnaire, without_recordings(document))
    questionnaire.full_clean()
    questionnaire.save()
    questionnaire.save_revision(user=user, log_action=False)
    for language, texts in further_texts(document, LANGUAGES).items():
        if language in FURTHER_LANGUAGES:
            save_translations(questionnaire=questionnaire, language=language, texts=texts, user=user)
    adopt_recordings(questionnaire, document, user=user)
    log(instance=questionnaire, action="questionnaires.import", user=user)
    return questionnaire


def _text(source: Any, name: str) -> dict[str, str]:
    """Return a text by language from fields of a model or block; languages without text are left out."""
    read = source.get if isinstance(source, Mapping) else lambda key: getattr(source, key)
    texts = {language: read(f"{name}_{language}") for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def _texts(document: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return the fields of a draft that hold a text of a document."""
    texts = document.get(name) or {}
    return {f"{name}_{language}": texts.get(language, "") for language in LANGUAGES}


def _without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what says something."""
    return {
        key: value
        for key, value in document.items()
        if value is not None and value not in ("", [], {}, False)
    }


def _stream(kind: str, values: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the raw form of a stream of blocks of one type."""
    return [{"type": kind, "value": value} for value in values]


def _condition_document(text: str | None) -> Any:
    """Return a written condition as JSON; what is none is passed on, so that linting reports it."""
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError:
        return text


def _condition_value(document: Mapping[str, Any], key: str = "visible_when") -> str:
    """Return a condition as an author reads and writes it."""
    condition = document.get(key)
    return json.dumps(condition, ensure_ascii=False) if condition else ""


def _number(value: float | None) -> int | float | None:
    """Return a whole number as such."""
    return int(value) if value is not None and value == int(value) else value


def _option_document(option: Mapping[str, Any]) -> dict[str, Any]:
    """Return an option; a value written as a plain whole number is one."""
    written = option["value"].strip()
    digits = written.removeprefix("-")
    is_number = digits.isdecimal() and str(int(written)) == written
    document = {
        "label": _text(option, "label"),
        "is_exclusive": bool(option["is_exclusive"]),
        "audio": _text(option, "audio"),
        **_illustration_document(option["picture"]),
    }
    return {"value": int(written) if is_number else written} | _without_empty(document)


def _option_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of an option."""
    return {
        "value": str(document["value"]),
        "is_exclusive": document.get("is_exclusive", False),
        "picture": _illustration_value(document),
        **_texts(document, "label"),
        **_texts(document, "audio"),
    }


def _illustration_document(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a picture by language and its words."""
    further = {item["language"]: item["file"] for item in block["further"] if item["file"]}
    own = {language: block[language] for language in LANGUAGES if block[language]}
    words = {language: block[f"alt_{language}"] for language in LANGUAGES if block[f"alt_{language}"]}
    return {"picture": own | further, "picture_alt": words}


def _illustration_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of a picture."""
    pictures, words = document.get("picture") or {}, document.get("picture_alt") or {}
    further = [
        {"language": language, "file": name}
        for language, name in pictures.items()
        if language in FURTHER_LANGUAGES
    ]
    own = {language: pictures.get(language, "") for language in LANGUAGES}
    return own | {f"alt_{language}": words.get(language, "") for language in LANGUAGES} | {"further": further}


def _rule_document(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule."""
    return {
        "code": rule["code"],
        "must": _condition_document(rule["must"]),
        "message": _text(rule, "message"),
        "severity": rule["severity"],
    }


def _rule_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of a rule."""
    return {
        "code": document["code"],
        "must": _condition_value(document, "must"),
        "severity": document.get("severity", RuleSeverity.SOFT.value),
        **_texts(document, "message"),
    }


def _scale_document(scale: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scale."""
    return {"code": scale["code"], "options": [_option_document(option) for option in scale["options"]]}


def _scale_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of a scale."""
    return {"code": document["code"], "options": [_option_value(option) for option in document["options"]]}


def _attribute_document(attribute: Mapping[str, Any]) -> dict[str, Any]:
    """Return an attribute of the sample."""
    return {"code": attribute["code"], "label": _text(attribute, "label")}


def _attribute_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of an attribute."""
    return {"code": document["code"], **_texts(document, "label")}


def _consent_document(questionnaire: Questionnaire) -> dict[str, Any] | None:
    """Return the consent, or nothing where none was written."""
    parts = list(questionnaire.consent)
    if not questionnaire.consent_version and not parts:
        return None
    return {
        "version": questionnaire.consent_version,
        "title": _text(questionnaire, "consent_title"),
        "is_placeholder": questionnaire.consent_is_placeholder,
        "points": [_consent_point_document(part.value) for part in parts if part.block_type == "point"],
        "statements": [
            _consent_statement_document(part.value) for part in parts if part.block_type == "statement"
        ],
    }


def _consent_point_document(point: Mapping[str, Any]) -> dict[str, Any]:
    """Return one thing a citizen is told."""
    return {"heading": _text(point, "heading"), "text": _text(point, "text")}


def _consent_point_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of one thing a citizen is told."""
    return {**_texts(document, "heading"), **_texts(document, "text")}


def _consent_statement_document(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return one box to tick."""
    return {"code": statement["code"], "text": _text(statement, "text")} | _without_empty(
        {"help": _text(statement, "help"), "is_required": bool(statement["is_required"])}
    )


def _consent_statement_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of one box to tick."""
    return {
        "code": document["code"],
        "is_required": document.get("is_required", False),
        **_texts(document, "text"),
        **_texts(document, "help"),
    }


def _section_document(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section."""
    document = _without_empty(
        {
            "title": _text(section, "title"),
            "heading": _text(section, "heading"),
            "intro": _text(section, "intro"),
            "visible_when": _condition_document(section["visible_when"]),
            "rules": [_rule_document(rule) for rule in section["rules"]],
        }
    )
    questions = [_question_document(question) for question in section["questions"]]
    return {"code": section["code"], "questions": questions} | document


def _section_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of a section."""
    return {
        "code": document["code"],
        "visible_when": _condition_value(document),
        "questions": [_question_item(question) for question in document["questions"]],
        "rules": [_rule_value(rule) for rule in document.get("rules", ())],
        **_texts(document, "title"),
        **_texts(document, "heading"),
        **_texts(document, "intro"),
    }


def _question_document(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question."""
    document = {
        "text": _text(question, "text"),
        "help": _text(question, "help"),
        "scale": question["scale"],
        "options": [_option_document(option) for option in question["options"]],
        "shows": [code.strip() for code in (question["shows"] or "").split(",") if code.strip()],
        "visible_when": _condition_document(question["visible_when"]),
        "earliest": question["earliest"],
        "latest": question["latest"],
        **{name: _text(question, name) for name in ("unit", "audio")},
        **_illustration_document(question["picture"]),
        **{flag: bool(question[flag]) for flag in FLAGS},
    }
    limits = {
        "minimum": _number(question["minimum"]),
        "maximum": _number(question["maximum"]),
        "is_integer": False if question["accepts_decimals"] else None,
        "max_length": question["max_length"],
        "n_ranks": question["n_ranks"],
    }
    stated = {name: value for name, value in limits.items() if value is not None}
    return {"code": question["code"], "kind": question["kind"]} | _without_empty(document) | stated


def _question_item(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question as an item of its list; its identifier stays, so that revisions can be compared."""
    identifier = str(uuid5(NAMESPACE_OID, f"question:{document['code']}"))
    return {"type": "item", "id": identifier, "value": _question_value(document)}


def _question_value(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block of a question."""
    return {
        "code": document["code"],
        "kind": document["kind"],
        "scale": document.get("scale", ""),
        "options": [_option_value(option) for option in document.get("options", ())],
        "shows": ", ".join(document.get("shows", ())),
        "visible_when": _condition_value(document),
        "minimum": document.get("minimum"),
        "maximum": document.get("maximum"),
        "accepts_decimals": not document.get("is_integer", _DEFAULTS.is_integer),
        "max_length": document.get("max_length"),
        "n_ranks": document.get("n_ranks"),
        "earliest": document.get("earliest", ""),
        "latest": document.get("latest", ""),
        **{flag: document.get(flag, False) for flag in FLAGS},
        **_texts(document, "text"),
        **_texts(document, "help"),
        **_texts(document, "unit"),
        **_texts(document, "audio"),
        "picture": _illustration_value(document),
    }
