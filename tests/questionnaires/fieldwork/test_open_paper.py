"""Forms of open rounds that were filled in on paper, keyed by a clerk."""

import re

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from questionnaires.fieldwork import sheets
from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus
from questionnaires.selectors import open_counts
from questionnaires.services import find_counted
from sampling.models import TerritoryMember
from tests.questionnaires.open_rounds import make_open_round
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village, publish

pytestmark = pytest.mark.django_db

KEYED = {"SEX": "2", "USED": "2", "B1": "4", "B2": "0", "AGE": "52", "CHANNELS": "13", "has_consent": "on"}
ANSWERS = {"SEX": 2, "USED": 0, "B1": 4, "B2": "na", "AGE": 52, "CHANNELS": [1, 3]}


def address(number: str) -> str:
    return f"{reverse('questionnaires:key_form')}?number={number}"


def once_of(page: str) -> dict[str, str]:
    [once] = re.findall(r'name="_once" value="(\w+)"', page)
    return {"_once": once}


def clerk(client: Client) -> None:
    client.force_login(make_user("clerk", "questionnaires.key_paper_form"))


def test_form_of_a_counter_is_keyed_and_marked(client: Client) -> None:
    open_round = make_open_round()
    clerk(client)
    url = address("quay1/ban-2")
    page = client.get(url).content.decode()
    done = client.post(url, KEYED | once_of(page), follow=True)
    form = OpenResponse.objects.get()
    assert form.answers == ANSWERS
    assert (form.place, form.flags, form.round) == ("ban-2", ["paper"], open_round)
    assert done.redirect_chain[-1][0] == f"{reverse('questionnaires:key_form')}?number=quay1%2Fban-2"
    [number] = re.findall(r"BN \w{5} \w{5}", done.content.decode())
    assert find_counted(number)
    with translation.override("en"):
        assert ("filled in on paper, keyed by staff", 1) in open_counts(open_round).flags


def test_second_press_takes_no_second_form(client: Client) -> None:
    make_open_round()
    clerk(client)
    keyed = KEYED | once_of(client.get(address("quay1")).content.decode())
    client.post(address("quay1"), keyed, follow=True)
    again = client.post(address("quay1"), keyed, follow=True).content.decode()
    assert OpenResponse.objects.count() == 1
    assert "BN " not in again
    client.post(address("quay1"), KEYED | once_of(again))
    assert OpenResponse.objects.count() == 2


def test_form_that_could_not_be_stored_is_sent_with_the_next_press(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_open_round()
    clerk(client)
    keyed = KEYED | once_of(client.get(address("quay1")).content.decode())

    def broken(**_values: object) -> str:
        raise OperationalError("the database restarts")

    with monkeypatch.context() as patch:
        patch.setattr(sheets, "key_open_response", broken)
        with pytest.raises(OperationalError):
            client.post(address("quay1"), keyed)
    client.post(address("quay1"), keyed)
    assert OpenResponse.objects.get().answers == ANSWERS


def test_round_that_closes_meanwhile_keeps_what_was_keyed(client: Client) -> None:
    open_round = make_open_round()
    clerk(client)
    keyed = KEYED | once_of(client.get(address("quay1")).content.decode())
    OpenRound.objects.update(status=OpenRoundStatus.CLOSED)
    page = client.post(address("quay1"), keyed).content.decode()
    assert f"{timezone.localtime(open_round.closes_at):%d/%m/%Y %H:%M}" in page
    assert 'name="AGE" value="52"' in page
    assert once_of(page) == {"_once": keyed["_once"]}
    assert not OpenResponse.objects.exists()
    OpenRound.objects.update(status=OpenRoundStatus.OPEN)
    client.post(address("quay1"), keyed)
    assert OpenResponse.objects.get().answers == ANSWERS


@pytest.mark.parametrize("status", [OpenRoundStatus.PREPARING, OpenRoundStatus.CLOSED])
def test_round_that_takes_no_answers_is_refused_before_keying(client: Client, status: str) -> None:
    open_round = make_open_round(status=status)
    clerk(client)
    page = client.get(address("quay1")).content.decode()
    assert f"{timezone.localtime(open_round.opens_at):%d/%m/%Y %H:%M}" in page
    assert 'name="SEX"' not in page


def test_errors_keep_the_page_and_what_was_keyed(client: Client) -> None:
    make_open_round()
    clerk(client)
    once = once_of(client.get(address("quay1")).content.decode())
    page = client.post(address("quay1"), KEYED | once | {"AGE": "7"}).content.decode()
    assert once_of(page) == once
    assert page.count("field--error") == 1
    assert not OpenResponse.objects.exists()


def test_rounds_of_cases_are_asked_beside_open_ones(client: Client) -> None:
    make_open_round()
    for code in ("one", "two"):
        survey_round = make_round(code)
        publish(survey_round)
        make_cases(make_village(survey_round))
    clerk(client)
    assert 'name="SEX"' in client.get(address("quay1")).content.decode()
    assert 'name="SEX"' not in client.get(address("no-such")).content.decode()


@pytest.mark.parametrize("changes", [{"needs_token": True}, {"status": OpenRoundStatus.CLOSED}])
def test_round_that_takes_no_paper_is_not_found(client: Client, changes: dict) -> None:
    OpenRound.objects.filter(pk=make_open_round().pk).update(**changes)
    clerk(client)
    page = client.get(address("quay1")).content.decode()
    assert "error-message" in page
    assert 'name="SEX"' not in page


def test_clerk_of_a_province_keys_no_round_of_another(client: Client) -> None:
    village = make_village(make_round())
    make_open_round()
    user = make_user("clerk", "questionnaires.key_paper_form")
    TerritoryMember.objects.create(user=user, province=village.province)
    client.force_login(user)
    assert 'name="SEX"' not in client.get(address("quay1")).content.decode()
    OpenRound.objects.update(territory=village.province)
    assert 'name="SEX"' in client.get(address("quay1")).content.decode()
