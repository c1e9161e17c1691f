import datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from survey_site.core import sessions
from survey_site.core.sessions import SessionStore, name_of

pytestmark = pytest.mark.django_db


def stored(**content: Any) -> SessionStore:
    store = SessionStore()
    store.update(content)
    store.create()
    store.save()
    return store


def test_reader_of_the_table_cannot_sign_in_with_what_stands_there() -> None:
    browser, thief = Client(), Client()
    browser.force_login(get_user_model().objects.create_superuser("chief", password="x"))
    assert browser.get("/admin/").status_code == 200
    [row] = Session.objects.all()
    thief.cookies[settings.SESSION_COOKIE_NAME] = row.session_key
    assert thief.get("/admin/").status_code == 302
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != row.session_key


def test_row_holds_neither_the_key_nor_anything_readable() -> None:
    store = stored(receipt="BN 23456 789AB")
    [row] = Session.objects.all()
    assert row.session_key == name_of(str(store.session_key))
    assert len(row.session_key) == Session._meta.get_field("session_key").max_length
    assert row.get_decoded() == {}
    assert "BN 23456" not in bytes.fromhex(row.session_data).decode("latin-1")
    assert SessionStore(store.session_key)["receipt"] == "BN 23456 789AB"


def test_content_under_another_key_is_nothing() -> None:
    first, second = stored(case=1), stored(case=2)
    row = Session.objects.get(session_key=name_of(str(second.session_key)))
    Session.objects.filter(session_key=name_of(str(first.session_key))).update(session_data=row.session_data)
    assert SessionStore(first.session_key).load() == {}


def test_key_is_found_changed_and_removed() -> None:
    store = stored(case=1)
    before = str(store.session_key)
    assert store.exists(before)
    store.cycle_key()
    assert not store.exists(before)
    assert SessionStore(before).load() == {}
    assert SessionStore(store.session_key)["case"] == 1
    other = stored(case=2)
    store.delete(other.session_key)
    assert not store.exists(str(other.session_key))
    store.flush()
    assert not Session.objects.exists()
    store.delete()


def test_expired_session_is_neither_read_nor_kept() -> None:
    store = stored(case=1)
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(minutes=1))
    assert SessionStore(store.session_key).load() == {}
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_row_tells_no_minute() -> None:
    stored(case=1).set_expiry(600)
    [row] = Session.objects.all()
    assert (row.expire_date.minute, row.expire_date.second, row.expire_date.microsecond) == (0, 0, 0)
    assert row.expire_date > timezone.now()
    moment = datetime.datetime(2026, 5, 1, 9, 59, 59, 7, tzinfo=datetime.UTC)
    assert sessions.end_of_hour(moment) == datetime.datetime(2026, 5, 1, 10, tzinfo=datetime.UTC)


def test_new_password_signs_the_other_browsers_out() -> None:
    user = get_user_model().objects.create_superuser("chief", password="x")
    browser = Client()
    browser.force_login(user)
    user.set_password("another")
    user.save()
    assert browser.get("/admin/").status_code == 302


def test_asynchronous_calls_store_no_key_either() -> None:
    async def walk() -> tuple[str, bool, dict[str, Any]]:
        store = SessionStore()
        await store.aset("case", 1)
        await store.acreate()
        await store.asave()
        key = str(store.session_key)
        found, content = await store.aexists(key), await SessionStore(key).aload()
        return key, found, content

    key, found, content = async_to_sync(walk)()
    assert found
    assert not Session.objects.filter(session_key=key).exists()
    assert content == {"case": 1}
