import re

import pytest
from django.test import Client

from tests.questionnaires.rounds import make_round
from tests.survey_site import makers

pytestmark = pytest.mark.django_db

CODE = "1234567890123452"


def preview(page: str) -> dict[str, str]:
    """What a messenger shows of a link."""
    return dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page))


@pytest.mark.parametrize("address", ["/", "/tham-gia/", f"/tham-gia/{CODE}/"])
def test_preview_names_the_agency_and_the_decision(client: Client, address: str) -> None:
    makers.make_home()
    make_round(agency_vi="Sở Nội vụ tỉnh An Giang", decision="12/QĐ-SNV", status="open")
    shown = preview(client.get(address, follow=True).content.decode())
    assert shown["site_name"] == "Sở Nội vụ tỉnh An Giang"
    assert "Sở Nội vụ tỉnh An Giang" in shown["description"]
    assert "12/QĐ-SNV" in shown["description"]
    assert shown["image"].startswith("http://testserver/static/img/mark-512")


def test_preview_stands_without_a_round(client: Client) -> None:
    shown = preview(client.get("/tham-gia/").content.decode())
    assert shown["title"]
    assert shown["site_name"]


def test_page_of_a_code_is_kept_out_of_search_engines(client: Client) -> None:
    mark = '<meta name="robots" content="noindex">'
    assert mark not in client.get("/tham-gia/").content.decode()
    led = client.get(f"/tham-gia/{CODE}/", follow=True)
    assert mark in led.content.decode()
    assert client.get(f"/tham-gia/{CODE}/").headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("address", ["/tham-gia/", f"/tham-gia/{CODE}/"])
def test_entry_opens_in_the_same_window_and_downloads_nothing(client: Client, address: str) -> None:
    page = client.get(address, follow=True).content.decode()
    assert "target=" not in page
    assert " download" not in page
    assert CODE not in preview(page).values()
