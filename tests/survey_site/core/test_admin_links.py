"""Pages of the admin lead to no outside host: on a closed network such links are dead."""

import difflib
import re
from pathlib import Path

import pytest
import wagtail
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests.survey_site.makers import make_home

FRAME = Path("wagtailadmin/skeleton.html")
OURS = Path(settings.BASE_DIR) / "survey_site" / "templates" / FRAME
WAGTAILS = Path(wagtail.__file__).parent / "admin" / "templates" / FRAME
OUTSIDE = re.compile(
    r"""(?:href|src|action)=["'](?:https?:)?//[^"']*|guide\.wagtail\.org|enable-javascript"""
)
OWN_HOSTS = ("http://127.0.0.1", "http://localhost", "http://testserver")
ADDRESSES = (
    "wagtailadmin_home",
    "wagtailadmin_account",
    "wagtailadmin_explore_root",
    "wagtailadmin_reports:site_history",
    "wagtailimages:index",
    "wagtailusers_users:index",
    "surveyround:index",
    "release:index",
)


def outside_links(page: str) -> list[str]:
    """Return the links of a page that lead to somebody else's host."""
    return [link for link in OUTSIDE.findall(page) if not any(host in link for host in OWN_HOSTS)]


@pytest.fixture
def administrator(client: Client) -> Client:
    """Somebody who sees every menu."""
    client.force_login(get_user_model().objects.create_superuser("administrator"))
    return client


@pytest.mark.django_db
def test_no_admin_page_leads_outside(administrator: Client) -> None:
    home = make_home()
    addresses = [reverse(name) for name in ADDRESSES]
    addresses += [reverse("wagtailadmin_pages:edit", args=[home.pk])]
    for address in addresses:
        response = administrator.get(address)
        assert response.status_code == 200, address
        assert outside_links(response.content.decode()) == [], address


@pytest.mark.django_db
def test_sign_in_page_leads_nowhere_else(client: Client) -> None:
    assert outside_links(client.get(reverse("wagtailadmin_login")).content.decode()) == []


def test_an_outside_link_would_be_noticed() -> None:
    assert outside_links('<a href="https://example.org/">x</a>') == ['href="https://example.org/']
    assert outside_links('<a href="/admin/">x</a>') == []


def test_our_page_frame_is_wagtails_but_for_the_words_without_javascript() -> None:
    theirs, ours = (
        path.read_text(encoding="utf-8").replace("'", '"').splitlines() for path in (WAGTAILS, OURS)
    )
    changes = [line for line in difflib.ndiff(theirs, ours) if line[0] in "+-"]
    added = [line for line in changes if line[0] == "+"]
    removed = [line for line in changes if line[0] == "-"]
    assert len(added) == 2, added
    assert all(re.search("blocktrans|JavaScript", line) for line in removed), removed
