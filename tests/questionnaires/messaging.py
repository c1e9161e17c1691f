"""Small makers for messages: a village whose people can be reached, templates, and a provider on a script."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from questionnaires.messages.adapters import Outcome, Outgoing, Result
from questionnaires.models import MessageTemplate
from questionnaires.services.messages import channels
from sampling.models import SampledUnit
from sampling.services.contacts import NewContact, add_contacts
from sampling.services.issuing import scope_of
from tests.questionnaires.rounds import make_cases, make_round, make_village

RIGHTS = (
    "questionnaires.send_message",
    "questionnaires.view_message",
    "questionnaires.change_messagetemplate",
)
SMS = "{agency} ({decision}) moi Ong/Ba tra loi: {link} truoc {closes}. Hoi: {telephone}"


def make_people(count: int = 3, **changes: Any) -> SampledUnit:
    """A village of an open round; everybody has a telephone, the first also an e-mail address."""
    values = {"agency_vi": "Bộ Nội vụ", "agency_en": "Ministry of Home Affairs", "decision": "12/QĐ-BNV"}
    village = make_village(make_round(**(values | changes)))
    rows = [
        NewContact(
            case.number,
            f"Nguyễn Văn {place}",
            "Số 1",
            f"091200000{place}",
            "" if place else "An.Nguyen@example.com",
        )
        for place, case in enumerate(make_cases(village, count))
    ]
    add_contacts(sample=village.sample, rows=rows)
    return village


def make_template(village: SampledUnit, **changes: Any) -> MessageTemplate:
    values = {"purpose": "reminder", "channel": "sms", "language": "vi", "body": SMS, "is_unaccented": True}
    return MessageTemplate.objects.create(round=village.sample.round, **(values | changes))


def everybody(village: SampledUnit) -> Any:
    return scope_of(village.sample)


class Provider:
    """A provider that answers as told and keeps what it was handed."""

    def __init__(self) -> None:
        self.got: list[Outgoing] = []
        self.answer: Callable[[Outgoing], Result] = lambda message: Result(
            message.number, Outcome.SENT, provider_number=f"p-{message.number}"
        )

    def send(self, batch: Sequence[Outgoing]) -> Iterator[Result]:
        for message in batch:
            result = self.answer(message)
            self.got.append(message)
            yield result

    def says(self, outcome: Outcome, reason: str = "") -> None:
        self.answer = lambda message: Result(message.number, outcome, reason)

    def fails_with(self, error: BaseException) -> None:
        def fail(_message: Outgoing) -> Result:
            raise error

        self.answer = fail


def plug_in(monkeypatch: pytest.MonkeyPatch, provider: Any) -> None:
    """Let every channel send by a provider."""
    monkeypatch.setattr(channels, "ADAPTERS", dict.fromkeys(("email", "sms", "zalo"), lambda: provider))
