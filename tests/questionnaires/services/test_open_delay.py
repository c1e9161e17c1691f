"""While a round with tokens is open, its forms come to light later and together."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus
from questionnaires.selectors import open_counts, question_counts, sent_forms
from questionnaires.selectors.open_rounds import LEAST_SHOWN
from questionnaires.services.open_exports import export_open_answers
from tests.questionnaires.open_rounds import ANSWERS, make_open_round
from tests.questionnaires.rounds import make_user

pytestmark = pytest.mark.django_db

RIGHTS = (
    "wagtailadmin.access_admin",
    "questionnaires.view_openround",
    "questionnaires.export_openround",
)


def add(open_round: OpenRound, count: int, days_ago: int) -> None:
    day = timezone.localdate() - datetime.timedelta(days=days_ago)
    first = OpenResponse.objects.count()
    OpenResponse.objects.bulk_create(
        OpenResponse(
            round=open_round,
            version=open_round.version,
            answers=ANSWERS,
            status="submitted",
            submitted_on=day,
            receipt_hash=f"{first + place}",
        )
        for place in range(count)
    )


def test_forms_of_today_and_of_few_stay_hidden_while_the_round_is_open() -> None:
    open_round = make_open_round(needs_token=True)
    add(open_round, LEAST_SHOWN, 0)
    add(open_round, LEAST_SHOWN - 1, 3)
    assert (open_counts(open_round).n_sent, open_counts(open_round).is_delayed) == (0, True)
    assert {count.n for count in question_counts(open_round, "vi")} == {0}
    add(open_round, 1, 2)
    add(open_round, 1, 1)
    assert open_counts(open_round).n_sent == LEAST_SHOWN
    assert max(count.n for count in question_counts(open_round, "vi")) == LEAST_SHOWN
    open_round.status = OpenRoundStatus.CLOSED
    assert sent_forms(open_round).count() == 2 * LEAST_SHOWN + 1


def test_round_without_tokens_counts_at_once() -> None:
    open_round = make_open_round()
    add(open_round, 1, 0)
    assert (open_counts(open_round).n_sent, open_counts(open_round).is_delayed) == (1, False)


@pytest.mark.parametrize("needs_token", [True, False])
def test_files_of_rounds_with_tokens_name_no_day(needs_token: Any) -> None:
    open_round = make_open_round(needs_token=needs_token)
    add(open_round, LEAST_SHOWN, 1)
    user = make_user("exporter", *RIGHTS)
    table = export_open_answers(round=open_round, file_format="csv", language="vi", user=user)
    days = {row[table.header.index("submitted_on")] for row in table.rows()}
    worded = {row[0] for row in table.worded_rows()}
    assert (days == {""}, worded == {""}) == (needs_token, needs_token)


def test_pages_say_in_words_that_forms_are_held_back(client: Client) -> None:
    open_round = make_open_round(needs_token=True)
    add(open_round, 3, 1)
    client.force_login(make_user("viewer", *RIGHTS))
    addresses = [reverse(f"openround:{name}", args=[open_round.pk]) for name in ("inspect", "open_results")]
    note = 'class="help-block help-info"'
    held_back = [client.get(address).text.count(note) for address in addresses]
    assert client.get(reverse("openround:count", args=[open_round.pk])).json()["sent"] == 0
    OpenRound.objects.update(status=OpenRoundStatus.CLOSED)
    assert [client.get(address).text.count(note) + 1 for address in addresses] == held_back
    assert client.get(reverse("openround:count", args=[open_round.pk])).json()["sent"] == 3
