"""Counters of attempts: none is lost when several count at once, and no more are let through than may be."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.filebased import FileBasedCache
from django.test import RequestFactory
from django.utils import timezone

from questionnaires import attempts

AT_ONCE, TIMES = 8, 10


@pytest.fixture(autouse=True)
def shared_cache(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileBasedCache:
    """Files, as in production: reading and writing one takes two steps."""
    cache = FileBasedCache(str(tmp_path / "cache"), {})
    monkeypatch.setattr(attempts, "cache", cache)
    settings.ATTEMPT_LOCK = tmp_path / "attempts.lock"
    return cache


def at_once(call: Any) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _number: call(), range(AT_ONCE * TIMES)))


def test_no_failure_is_lost_when_several_are_counted_at_once(shared_cache: FileBasedCache):
    at_once(lambda: attempts.count_failure(["name", "network"]))
    assert [shared_cache.get(name)[0] for name in ("name", "network")] == [AT_ONCE * TIMES] * 2


def test_no_more_are_let_through_at_once_than_there_are_turns():
    answers = at_once(lambda: attempts.take_turn({"network": 7}))
    assert answers.count(None) == 7


def test_a_turn_that_one_counter_refuses_is_counted_on_none(shared_cache: FileBasedCache):
    assert attempts.take_turn({"session": 1, "network": 9}) is None
    assert attempts.take_turn({"session": 1, "network": 9}) is not None
    assert shared_cache.get("network")[0] == 1


def test_turns_come_back_when_the_window_is_over(settings: Any, monkeypatch: pytest.MonkeyPatch):
    attempts.take_turn({"network": 1})
    later = timezone.now() + datetime.timedelta(seconds=settings.ATTEMPT_WINDOW_SECONDS + 1)
    monkeypatch.setattr(attempts.timezone, "now", lambda: later)
    assert attempts.take_turn({"network": 1}) is None


@pytest.mark.parametrize(
    ("sender", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:5050", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:5050", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
        ("999.1.1.1:80", "999.1.1.1:80"),
    ],
)
def test_network_of_a_sender_is_the_same_however_a_proxy_writes_it(sender: str, network: str):
    assert attempts.network_of(RequestFactory().get("/", REMOTE_ADDR=sender)) == network
