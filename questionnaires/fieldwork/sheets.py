"""Paper forms about to be keyed: that of a case, or one of an open round, which has no case."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from questionnaires.attempts import counter, counting
from questionnaires.models import Mode, OpenRound, QuestionnaireVersion
from questionnaires.schema import Questionnaire
from questionnaires.selectors import case_attributes, schema_by_digest, version_for_round
from questionnaires.services import DuplicateSubmissionError, Submission, submit_single
from questionnaires.services.open_responses import key_open_response
from questionnaires.wizard import access, open_access
from sampling.models import Case

KEPT_SECONDS = 24 * 60 * 60
"""How long the page of a form that was keyed is remembered, so that a second press changes nothing."""


class CaseSheet:
    """The form of somebody drawn into a sample; a second one of the same case is refused."""

    is_open_round = False

    def __init__(self, case: Case) -> None:
        self.case = case
        self.number = case.number
        self.round = case.sample.round

    @cached_property
    def version(self) -> QuestionnaireVersion:
        """The version that the round asks."""
        return version_for_round(self.round)

    @cached_property
    def attributes(self) -> Mapping[str, Any]:
        """What the sample knows."""
        return case_attributes(self.case)

    def send(self, answers: Mapping[str, Any], user: AbstractBaseUser, _once: str) -> str:
        """Send the form through the same service as every other answer."""
        consent = schema_of(self).consent
        submission = Submission(
            case_id=self.case.pk,
            answers=answers,
            mode=Mode.PAPER,
            consent_version=consent.version if consent else "",
            recorded_by_id=user.pk,
        )
        return submit_single(round=self.round, submission=submission, user=user)

    def refused(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Return the page that says why nothing can be keyed."""
        return access.kind_page(request, error, self.round)


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A form laid out at a counter: nobody knows whose; only the page it was keyed on is told apart."""

    round: OpenRound
    place: str = ""
    is_open_round = True

    @property
    def number(self) -> str:
        """The end of the address of the open round, as it is printed on the poster."""
        return f"{self.round.code}/{self.place}" if self.place else self.round.code

    @property
    def version(self) -> QuestionnaireVersion:
        """The version that the round asks."""
        return self.round.version

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Nothing is known of whoever stands at a counter."""
        return {}

    def send(self, answers: Mapping[str, Any], user: AbstractBaseUser, once: str) -> str:
        """Send the form once for each page it was keyed on, marked as keyed by staff.

        What could not be stored was not sent: the page may send it again.
        """
        name = counter("keyed-open", once)
        with counting():
            is_first = cache.add(name, value=True, timeout=KEPT_SECONDS)
        if once and not is_first:
            raise DuplicateSubmissionError(_("This form was sent before."))
        try:
            return key_open_response(round=self.round, answers=answers, place=self.place, user=user)
        except Exception:
            cache.delete(name)
            raise

    def refused(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Return the page that says why nothing can be keyed."""
        return open_access.kind_page(request, open_access.page_for(error, self.round), self.round)


type Sheet = CaseSheet | OpenSheet
"""A paper form: what is on it, what the sample knows of whoever filled it in, and where it goes."""


def schema_of(sheet: Sheet) -> Questionnaire:
    """Return the questionnaire that a form asks."""
    return schema_by_digest(sheet.version.digest)
