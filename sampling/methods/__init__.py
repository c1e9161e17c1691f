"""Sampling templates as data: read from versioned files and validated; framework-free."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from sampling.design.fingerprints import digest_of_document as document_digest
from sampling.methods.fields import TemplateError, Text
from sampling.methods.template import (
    LIST_FORMAT,
    ListTemplate,
    ReportingDomain,
    SamplingTemplate,
    Stage,
    StageException,
    Strata,
    parse_list_template,
    parse_sampling_template,
)

__all__ = [
    "LIST_FORMAT",
    "ListTemplate",
    "LoadedTemplate",
    "ReportingDomain",
    "SamplingTemplate",
    "Stage",
    "StageException",
    "Strata",
    "TemplateError",
    "Text",
    "collect_templates",
    "document_digest",
    "load_templates",
    "parse_list_template",
    "parse_sampling_template",
    "parse_template",
    "sampling_template",
]


@dataclass(frozen=True, slots=True)
class LoadedTemplate:
    """A template file: the document as read, the values parsed from it, and its fingerprint."""

    document: Mapping[str, object]
    parsed: SamplingTemplate | ListTemplate
    digest: str


def load_templates() -> dict[tuple[str, int], LoadedTemplate]:
    """Read and validate every sampling template, by code and version."""
    folder = files("sampling.methods").joinpath("templates")
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".json")), key=lambda entry: entry.name
    )
    return collect_templates((entry.name, json.loads(entry.read_text(encoding="utf-8"))) for entry in entries)


def parse_template(document: Mapping[str, object]) -> SamplingTemplate | ListTemplate:
    """Read and check a document in either format; raises ``TemplateError``."""
    is_list = document.get("format") == LIST_FORMAT
    return parse_list_template(document) if is_list else parse_sampling_template(document)


def collect_templates(
    documents: Iterable[tuple[str, Mapping[str, object]]],
) -> dict[tuple[str, int], LoadedTemplate]:
    """Parse named documents and refuse two with the same code and version."""
    loaded: dict[tuple[str, int], LoadedTemplate] = {}
    for name, document in documents:
        template = parse_template(document)
        key = (template.code, template.version)
        if key in loaded:
            raise TemplateError(
                "duplicate_template",
                "{name}: {code} version {version} is defined twice. Raise the version of one of them.",
                name=name,
                code=template.code,
                version=template.version,
            )
        loaded[key] = LoadedTemplate(document, template, document_digest(document))
    return loaded


def sampling_template(code: str, version: int | None = None) -> LoadedTemplate:
    """Return one sampling template; without a version, the newest."""
    loaded = load_templates()
    versions = sorted(number for name, number in loaded if name == code)
    wanted = versions[-1] if version is None and versions else version
    if wanted not in versions:
        raise TemplateError(
            "unknown_template",
            "No sampling template {code} in version {version}; there are: {known}.",
            code=code,
            version=wanted or "any",
            known=", ".join(f"{name} v{number}" for name, number in sorted(loaded)),
        )
    return loaded[code, wanted]
