"""The wizard's storage: answers go to the draft of the response, nothing stays in the session."""

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest
from formtools.wizard.storage.base import BaseStorage

from questionnaires.models import Response
from questionnaires.selectors import schema_by_digest
from questionnaires.services import save_draft
from questionnaires.wizard import wordings


class AnsweringRequest(HttpRequest):
    """A request of somebody who answers, with the response under way."""

    draft: Response


class ResponseStorage(BaseStorage):
    """Keeps the answers on the row, so that another device can continue; the step is in the address."""

    def __init__(self, prefix: str, request: HttpRequest | None = None, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.draft = cast("AnsweringRequest", request).draft
        self.init_data()

    def set_step_data(self, step: str, cleaned_data: Mapping[str, Any]) -> None:
        """Keep the answers and note that the section was gone through."""
        self.keep(cleaned_data, passed_section=step)

    def keep(self, answers: Mapping[str, Any], *, passed_section: str = "") -> None:
        """Keep the answers on the draft."""
        save_draft(
            response=self.draft,
            answers=answers,
            passed_section=passed_section,
            language=wordings.chosen(self.request, schema_by_digest(self.draft.version.digest)),
        )
