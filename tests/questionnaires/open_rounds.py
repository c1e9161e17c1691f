"""Small makers of open rounds and of forms sent to them."""

import datetime
from typing import Any

from django.utils import timezone

from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus, QuestionnaireVersion
from questionnaires.services import freeze_version, import_form
from questionnaires.services.open_responses import start_open_response, submit_open_response
from tests.questionnaires.rounds import small_document

ANSWERS = {"SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": "na", "AGE": 40, "CHANNELS": [2]}


def make_version(**changes: Any) -> QuestionnaireVersion:
    document = small_document(code="counter") | changes
    asked = {key: value for key, value in document.items() if value is not None}
    return freeze_version(questionnaire=import_form(asked))


def make_open_round(code: str = "quay1", **changes: Any) -> OpenRound:
    now = timezone.now()
    values: dict[str, Any] = {
        "code": code,
        "name_vi": "Góp ý tại quầy",
        "name_en": "Opinions at the counter",
        "version": changes.pop("version", None) or make_version(),
        "agency_vi": "Ủy ban nhân dân xã Minh Họa",
        "agency_en": "People’s Committee of Minh Hoa",
        "decision": "12/QĐ-UBND",
        "contact_phone": "1900 0000",
        "opens_at": now - datetime.timedelta(days=1),
        "closes_at": now + datetime.timedelta(days=20),
        "status": OpenRoundStatus.OPEN,
    }
    return OpenRound.objects.create(**(values | changes))


def make_sent(open_round: OpenRound, *flags: OpenResponse.Flag, **answers: Any) -> str:
    """Send a form; its receipt number."""
    response = start_open_response(round=open_round, language="vi")
    response.answers = ANSWERS | answers
    response.save()
    return submit_open_response(response=response, flags=flags)
