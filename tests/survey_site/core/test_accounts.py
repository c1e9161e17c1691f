import datetime
import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from questionnaires.wizard.session import ANSWERING, RECEIPT
from survey_site.core.roles import ROLES, SET_ROLE, ensure_roles

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"
LOGIN = "/admin/login/"
ADMIN = "/admin/"


def make_member(role: str = "", name: str = "dtv-014") -> AbstractUser:
    user = get_user_model().objects.create_user(username=name, password=PASSWORD)
    if role:
        user.groups.add(ensure_roles()[role])
    return user


def sign_in(client: Client, name: str = "dtv-014", password: str = PASSWORD, **fields: str) -> Any:
    return client.post(LOGIN, {"username": name, "password": password, **fields})


def actions() -> list[str]:
    entries = ModelLogEntry.objects.filter(action__startswith="accounts.").exclude(action=SET_ROLE)
    return list(entries.values_list("action", flat=True))


def test_login_of_the_admin_is_ours() -> None:
    assert reverse("wagtailadmin_login") == LOGIN
    assert Client().get(LOGIN).resolver_match.func.__module__ == "survey_site.core.accounts"


HOMES = {
    "enumerator": "/thuc-dia/",
    "clerk": "/nhap-phieu/",
    **dict.fromkeys(set(ROLES) - {"enumerator", "clerk"}, ADMIN),
}


@pytest.mark.parametrize("role", ROLES)
def test_everybody_goes_where_their_work_is(client: Client, role: str) -> None:
    make_member(role)
    page = sign_in(client, next=ADMIN)
    assert page.url == HOMES[role]
    assert client.get(page.url).status_code == 200
    assert client.get(LOGIN).url == HOMES[role]


def test_somebody_without_a_role_is_sent_to_the_public_site(client: Client) -> None:
    make_member()
    assert sign_in(client).url == "/"
    assert client.get(LOGIN).status_code == 200


@pytest.mark.parametrize(
    ("role", "wished", "address"),
    [
        ("clerk", "/nhap-phieu/?number=1", "/nhap-phieu/?number=1"),
        ("clerk", "/admin/pages/", "/nhap-phieu/"),
        ("clerk", "http://testserver/admin/pages/", "/nhap-phieu/"),
        ("editor", "/admin/pages/", "/admin/pages/"),
        ("editor", "https://elsewhere.example/", ADMIN),
        ("editor", "//elsewhere.example/", ADMIN),
    ],
)
def test_address_asked_for_is_kept_if_it_is_open(
    client: Client, role: str, wished: str, address: str
) -> None:
    make_member(role)
    assert sign_in(client, next=wished).url == address


def test_enumerator_who_wanders_into_the_admin_is_led_home(client: Client) -> None:
    client.force_login(make_member("enumerator"))
    page = client.get("/admin/pages/", follow=True)
    assert page.redirect_chain[-1][0] == "/thuc-dia/"
    assert page.status_code == 200


def test_too_many_failures_close_the_door_for_a_while(client: Client, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 3
    make_member("clerk")
    assert [sign_in(client, password="wrong").status_code for _ in range(3)] == [200, 200, 200]
    refused = sign_in(client)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= settings.ATTEMPT_WINDOW_SECONDS
    until = timezone.localtime() + datetime.timedelta(seconds=int(refused.headers["Retry-After"]))
    assert f"{until:%H:}" in refused.content.decode()
    assert "_auth_user_id" not in client.session


def test_spelling_of_the_name_does_not_open_the_door(client: Client, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 2
    make_member("clerk")
    for name in ("DTV-014", " dtv-014 "):
        sign_in(client, name, "wrong")
    assert sign_in(client).status_code == 429


def test_other_names_and_other_networks_are_not_held_up(client: Client, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 1
    make_member("clerk")
    make_member("clerk", "ntl-002")
    sign_in(client, password="wrong")
    assert sign_in(client).status_code == 429
    assert sign_in(Client(), "ntl-002").status_code == 302
    assert sign_in(Client(REMOTE_ADDR="2001:db8::1")).status_code == 302


def test_invented_names_close_the_door_for_their_network(client: Client, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS_PER_NETWORK = 3
    make_member("enumerator")
    for number in range(3):
        assert sign_in(client, name=f"invented-{number}", password="wrong").status_code == 200
    assert sign_in(client).status_code == 429


def test_success_clears_what_was_counted(client: Client, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 2
    make_member("clerk")
    for _round in range(3):
        assert sign_in(client, password="wrong").status_code == 200
        assert sign_in(client).status_code == 302


def test_door_opens_again_after_the_window(client: Client, settings: Any, monkeypatch: Any) -> None:
    settings.LOGIN_ATTEMPTS = 1
    make_member("clerk")
    sign_in(client, password="wrong")
    later = timezone.now() + datetime.timedelta(seconds=settings.ATTEMPT_WINDOW_SECONDS + 1)
    monkeypatch.setattr("questionnaires.attempts.timezone.now", lambda: later)
    assert sign_in(client).status_code == 302


def test_empty_form_is_no_attempt(client: Client, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS = 1
    make_member("clerk")
    assert sign_in(client, password="").status_code == 200
    assert sign_in(client).status_code == 302


def test_coming_failing_and_going_are_on_record(client: Client) -> None:
    user = make_member("clerk")
    sign_in(client, password="wrong")
    sign_in(client)
    assert client.post("/admin/logout/").url == LOGIN
    assert sorted(actions()) == ["accounts.fail_log_in", "accounts.log_in", "accounts.log_out"]
    entries = ModelLogEntry.objects.filter(object_id=user.pk, action__startswith="accounts.")
    assert [entry.user for entry in entries.order_by("timestamp")] == [None, user, user]
    assert "wrong" not in str(list(entries.values()))
    assert client.get("/nhap-phieu/").status_code == 302


def test_what_was_typed_as_an_unknown_name_is_not_written_down(client: Client, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING):
        sign_in(client, "my-secret-password", "x")
    assert [record.name for record in caplog.records] == ["survey_site.core.accounts"]
    assert "my-secret-password" not in caplog.text
    assert actions() == []


def test_there_is_one_way_to_sign_in(client: Client) -> None:
    for address in ("/_util/login/", "/en/_util/login/"):
        assert client.get(address, {"next": "/x/"}).url == f"{LOGIN}?next=%2Fx%2F"
        assert client.post(address, {"username": "a", "password": "b"}).url == LOGIN


def test_log_in_ends_what_a_citizen_was_answering_on_the_device(client: Client) -> None:
    make_member("clerk")
    session = client.session
    session[ANSWERING] = {"case_id": 1, "mode": "web", "seen_at": 0.0}
    session[RECEIPT] = {"number": "BN 23456 789AB"}
    session.save()
    sign_in(client, password="wrong")
    assert ANSWERING in client.session
    sign_in(client)
    assert "_auth_user_id" in client.session
    assert not {ANSWERING, RECEIPT} & set(client.session.keys())
