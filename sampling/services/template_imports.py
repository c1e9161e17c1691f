"""Taking in a sampling template that a person made, such as the plan of the planner."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.design.stage_plans import DesignError, StagePlan
from sampling.methods import (
    LIST_FORMAT,
    LoadedTemplate,
    TemplateError,
    document_digest,
    load_templates,
    parse_template,
)
from sampling.models import AdministrativeUnit, SamplingFrame, SamplingTemplate
from sampling.selectors.templates import TERRITORY, newest_version
from sampling.services.audit import User, record
from sampling.services.methods import stored_values
from sampling.services.template_words import described
from sampling.services.territories import territory_for

ADD_ROUND = "sampling.add_surveyround"
"""Whoever may plan a round may bring the template for it."""

CODE = re.compile("[a-z0-9][a-z0-9-]*")
OFFICIAL = "official"
NUL = "\\u0000"
"""How JSON writes a character that no database keeps."""


class TemplateRefusedError(ValueError):
    """Raised when a template cannot be taken in; its text names the field."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The stored template, and whether it is new: the same document twice is one template."""

    template: SamplingTemplate
    is_new: bool


@transaction.atomic
def import_sampling_template(
    *, document: Mapping[str, Any], code: str = "", version: int | None = None, user: User = None
) -> TakenIn:
    """Check and store the document of a template, once and for all.

    `code` and `version` take the place of what the document says. Whoever works for a province makes
    templates of that province. Only provisional ones come in so: a decided method is part of the software.
    """
    if user is not None and not cast("AbstractUser", user).has_perm(ADD_ROUND):
        raise PermissionDenied
    loaded = _loaded(_with_wishes(document, code, version, user))
    _refuse_decided(loaded)
    template = loaded.parsed
    stored = SamplingTemplate.objects.filter(code=template.code, version=template.version).first()
    if stored is not None and stored.digest == loaded.digest:
        return TakenIn(stored, is_new=False)
    _refuse_taken(loaded, stored)
    made = SamplingTemplate(code=template.code, version=template.version, **stored_values(loaded))
    _check_lengths(made)
    made.save(force_insert=True)
    details = {"sha256": made.digest, "territory": template.territory or ""}
    record(made, "sampling.import_template", user=user, details=details)
    return TakenIn(made, is_new=True)


def _with_wishes(document: Mapping[str, Any], code: str, version: int | None, user: User) -> dict[str, Any]:
    """Return the document with another code or version, and with the province whose template it is."""
    found = dict(document)
    found |= {"code": code} if code else {}
    found |= {"version": version} if version else {}
    asked = _province(found.get(TERRITORY))
    territory = territory_for(user, asked)
    if territory is not None and asked is None:
        found[TERRITORY] = AdministrativeUnit.objects.get(pk=territory).code
    return found


def _province(code: object) -> int | None:
    """Return the province that a document names as its own, or say that there is none of that code."""
    if code is None:
        return None
    provinces = AdministrativeUnit.objects.valid_on(timezone.localdate()).provinces().filter(code=str(code))
    found: int | None = provinces.values_list("pk", flat=True).first()
    if found is None:
        raise TemplateRefusedError(
            _("Field “%(path)s”: expected the code of a province of today, got %(got)s.")
            % {"path": TERRITORY, "got": code}
        )
    return found


def _loaded(document: Mapping[str, Any]) -> LoadedTemplate:
    """Parse a document and try whether a round can be drawn by it."""
    try:
        if NUL in json.dumps(document) or not json.dumps(document, ensure_ascii=False).encode():
            raise TemplateRefusedError(_("The file has characters that cannot be kept. Write it again."))
        parsed = parse_template(document)
        if document["format"] != LIST_FORMAT:
            _refuse_unknown_stages(StagePlan.from_document(document))
    except TemplateError as error:
        raise TemplateRefusedError(described(error)) from error
    except DesignError as error:
        problem = TemplateError("wrong_plan", "{problem}", problem=error.said)
        raise TemplateRefusedError(described(problem)) from error
    except UnicodeEncodeError as error:
        raise TemplateRefusedError(
            _("The file has characters that cannot be kept. Write it again.")
        ) from error
    return LoadedTemplate(document, parsed, document_digest(document))


def _refuse_unknown_stages(plan: StagePlan) -> None:
    """Refuse stages that no round knows."""
    known = [stage.value for stage in SamplingFrame.Stage]
    unknown = [code for code in plan.codes if code not in known]
    if unknown:
        raise TemplateRefusedError(
            _("Field “stages”: expected stages out of %(known)s, got %(got)s.")
            % {"known": ", ".join(known), "got": ", ".join(unknown)}
        )


def _refuse_decided(loaded: LoadedTemplate) -> None:
    """Refuse a template that says it is official, or takes the name of one of the software."""
    template = loaded.parsed
    if not template.is_provisional:
        raise TemplateRefusedError(
            _(
                "Field “is_provisional”: expected true. A template that a decision has adopted becomes part "
                "of the software; what is loaded here carries the mark of a provisional method."
            )
        )
    if template.confidence == OFFICIAL:
        raise TemplateRefusedError(
            _("Field “confidence”: expected another grade than “official”, such as “assumed”.")
        )
    if not CODE.fullmatch(template.code):
        raise TemplateRefusedError(
            _("Field “code”: expected small letters, digits and hyphens, got %(got)s.")
            % {"got": template.code}
        )
    if template.code in {code for code, _version in load_templates()}:
        raise TemplateRefusedError(
            _("Field “code”: %(code)s belongs to a template of the software. Choose another code.")
            % {"code": template.code}
        )


def _refuse_taken(loaded: LoadedTemplate, stored: SamplingTemplate | None) -> None:
    """Refuse a version below one, or one that was given to another document."""
    code, version = loaded.parsed.code, loaded.parsed.version
    if version < 1:
        raise TemplateRefusedError(_("Field “version”: expected 1 or more, got %(got)s.") % {"got": version})
    if stored is not None:
        raise TemplateRefusedError(
            _(
                "Field “version”: version %(version)s of %(code)s is stored with another content, and a "
                "stored template never changes. Load this one as version %(next)s, or under another code."
            )
            % {"version": version, "code": code, "next": newest_version(code) + 1}
        )


def _check_lengths(template: SamplingTemplate) -> None:
    """Refuse texts and numbers that the database has no room for."""
    try:
        template.full_clean()
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise TemplateRefusedError(
            _("Field “%(path)s”: %(problem)s") % {"path": field, "problem": " ".join(problems)}
        ) from error
