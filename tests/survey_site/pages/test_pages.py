"""Landing page, pages of text, methods and error pages."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from survey_site.pages.models import MethodologyPage, StandardPage
from tests.survey_site import makers

pytestmark = pytest.mark.django_db


def body(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return str(response.content, "utf-8")


def test_landing_asks_the_question_of_the_round_and_takes_a_code(client: Client) -> None:
    makers.make_home()
    page = body(client, "/")
    assert re.search(r"<h1>Cơ quan nhà nước phục vụ Ông/Bà tốt đến đâu\?</h1>", page)
    assert re.search(r'<form[^>]+method="post"', page)
    assert 'inputmode="numeric"' in page
    assert 'name="code"' in page


def test_landing_makes_four_promises_and_links_to_the_results(client: Client) -> None:
    home = makers.make_home()
    url = makers.make_results_page(home, makers.make_release()).get_url()
    page = body(client, "/")
    assert page.split('class="promises"')[1].count("<li>") >= 4
    assert f'href="{url}"' in page


def test_landing_names_the_dates_day_first(client: Client) -> None:
    makers.make_home()
    makers.make_round()
    assert "01/10/2026" in body(client, "/")


def test_a_page_of_text_shows_every_block(client: Client) -> None:
    page = StandardPage(
        title="Trợ giúp",
        slug="tro-giup",
        show_in_menus=True,
        body=[
            ("heading", "Câu hỏi thường gặp"),
            ("paragraph", "<p>Đoạn văn</p>"),
            ("notice", "Điều cần biết"),
            ("question", {"question": "Ai xem được?", "answer": "<p>Nhóm thống kê</p>"}),
        ],
    )
    makers.make_home().add_child(instance=page)
    text = body(client, page.get_url())
    for part in ("Câu hỏi thường gặp", "Đoạn văn", "Điều cần biết", "Ai xem được?", "Nhóm thống kê"):
        assert part in text
    assert f'<a href="{page.get_url()}">Trợ giúp</a>' in text


def test_methods_are_listed_with_what_is_known(client: Client) -> None:
    page = MethodologyPage(title="Phương pháp", slug="phuong-phap")
    makers.make_home().add_child(instance=page)
    makers.make_method(
        makers.IndexMethod,
        "M2023",
        {"valid_from_year": 2023, "valid_to_year": 2026, "sources": ["Công báo"], "confidence": "derived"},
        is_provisional=True,
    )
    text = body(client, page.get_url())
    for part in ("M2023", "2023–2026", "Công báo", "Phụ lục chưa được công bố.", "mark-provisional"):
        assert part in text


@pytest.mark.parametrize("home", ["/", "/en/"])
def test_name_of_the_site_leads_to_its_first_page(client: Client, home: str) -> None:
    makers.make_home()
    page = body(client, f"{home}bien-nhan/kiem-tra/")
    assert re.search(rf'<strong><a href="{home}">[^<]+</a></strong>', page)


def test_an_unknown_address_is_answered_kindly(client: Client) -> None:
    makers.make_home()
    assert "<h1>" in body(client, "/khong-co-trang-nay/", 404)


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]
)
def test_error_pages_render_without_a_request(name: str) -> None:
    page = render_to_string(name)
    assert page.count("<h1>") == 1
    assert 'href="/' in page


def test_the_fault_page_speaks_both_languages() -> None:
    page = render_to_string("500.html")
    assert "Hệ thống đang gặp lỗi" in page
    assert "The system has a fault" in page


def test_the_log_in_page_calls_no_other_host(client: Client) -> None:
    page = body(client, "/admin/login/")
    assert not re.findall(r'(?:src|action)="(?:https?:)?//|<link[^>]+href="(?:https?:)?//', page)
    assert "img/mark.svg" in page
