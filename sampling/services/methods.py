"""Bringing the sampling templates of the project into the database."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sampling.methods import LoadedTemplate, load_templates
from sampling.models import SamplingTemplate
from sampling.services.audit import User, record


class ChangedMethodError(ValueError):
    """Raised when a document differs from the one loaded earlier under the same code and version."""


@transaction.atomic
def load_sampling_templates(*, user: User = None) -> list[SamplingTemplate]:
    """Store every template once and return them all; a changed document needs a new version."""
    return [_store(loaded, user) for loaded in load_templates().values()]


def _store(loaded: LoadedTemplate, user: User) -> SamplingTemplate:
    """Store one template, or check that the stored one is the same."""
    template = loaded.parsed
    stored, is_new = SamplingTemplate.objects.get_or_create(
        code=template.code, version=template.version, defaults=stored_values(loaded)
    )
    if is_new:
        record(stored, "sampling.load_template", user=user, details={"sha256": stored.digest})
    if stored.digest != loaded.digest:
        raise ChangedMethodError(
            _(
                "Template %(template)s is stored with another content. A loaded method never changes: "
                "give the changed document a new version."
            )
            % {"template": stored}
        )
    return stored


def stored_values(loaded: LoadedTemplate) -> dict[str, Any]:
    """Return what is stored of a template beside its code and version."""
    template = loaded.parsed
    reason = template.provisional_reason
    return {
        "title_vi": template.title.vi,
        "title_en": template.title.en,
        "decision": template.decision or "",
        "is_provisional": template.is_provisional,
        "provisional_reason_vi": reason.vi if reason else "",
        "provisional_reason_en": reason.en if reason else "",
        "document": dict(loaded.document),
        "digest": loaded.digest,
    }
