import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import make_round

pytestmark = pytest.mark.django_db

ADDRESS = "/co-that-khong/"


def read(client: Client, address: str = ADDRESS) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_page_names_who_asks_by_whose_decision_and_whom_to_call(client: Client) -> None:
    make_round(agency_vi="Sở Nội vụ", agency_en="Home Affairs", decision="12/QĐ-BNV")
    page, english = read(client), read(client, f"/en{ADDRESS}")
    assert "Sở Nội vụ" in page
    assert "Home Affairs" in english
    for found in (page, english):
        assert "12/QĐ-BNV" in found
        assert '<a href="tel:19000000">1900 0000</a>' in found
        assert "VNeID" in found
        assert "OTP" in found


def test_every_open_round_is_named_and_no_other(client: Client) -> None:
    make_round(name_vi="Đợt một")
    make_round("tinh-2026", name_vi="Đợt của tỉnh")
    make_round("sipas-2025", name_vi="Đợt đã xong", status=RoundStatus.CLOSED)
    headings = [part.partition("</h2>")[0] for part in read(client).split("<h2")[1:]]
    assert sum("Đợt một" in heading for heading in headings) == 1
    assert sum("Đợt của tỉnh" in heading for heading in headings) == 1
    assert not any("Đợt đã xong" in heading for heading in headings)


def test_what_nobody_entered_is_left_out(client: Client) -> None:
    make_round(contact_phone="")
    page = read(client, f"/en{ADDRESS}")
    assert "<dt>Takes answers</dt>" in page
    assert "call the number" not in page.casefold()
    for name in ("Agency that asks", "Decision number", "Telephone"):
        assert f"<dt>{name}</dt>" not in page


@pytest.mark.parametrize("is_demo", [True, False])
def test_demonstration_is_never_called_genuine(client: Client, *, is_demo: bool) -> None:
    make_round(is_demo=is_demo)
    page = read(client, f"/en{ADDRESS}")
    assert ("This is a demonstration" in page) == is_demo
    assert ("This survey is genuine" in page) != is_demo


def test_decision_of_the_template_stands_in_for_that_of_the_round(client: Client) -> None:
    survey_round = make_round()
    survey_round.template.document = {"decision": "1383/QĐ-BNV"}
    survey_round.template.save()
    assert "1383/QĐ-BNV" in read(client)


def test_without_an_open_round_nothing_is_to_be_given(client: Client) -> None:
    make_round(status=RoundStatus.CLOSED)
    assert "No survey takes answers now" in read(client, f"/en{ADDRESS}")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_answers_are_called_confidential_and_never_anonymous(client: Client, language: str) -> None:
    with translation.override(language):
        page = read(client, reverse("questionnaires:genuine")).casefold()
    assert "anonym" not in page
    assert "ẩn danh" not in page
    assert "<script" not in page


def test_page_keeps_nothing_about_its_readers(client: Client) -> None:
    read(client)
    assert client.cookies == {}
