"""Pages about one draft in one language: its texts, its recordings."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from questionnaires.languages import Language
from questionnaires.models import Questionnaire
from questionnaires.services import draft_to_document, latest_draft


class DraftLanguageMixin(PermissionRequiredMixin):
    """A page about the texts of one draft; its address names the draft, and often a language."""

    languages: Mapping[str, Language]
    """Languages that an address may name, by their codes."""
    raise_exception = True
    kwargs: dict[str, Any]
    request: HttpRequest

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """Return the draft of the address."""
        return get_object_or_404(Questionnaire, pk=self.kwargs["pk"])

    @cached_property
    def language(self) -> Language:
        """Return the language of the address."""
        try:
            return self.languages[self.kwargs["language"]]
        except KeyError:
            raise Http404 from None

    @cached_property
    def document(self) -> dict[str, Any]:
        """Return the draft as it was last edited."""
        return draft_to_document(latest_draft(self.questionnaire))
