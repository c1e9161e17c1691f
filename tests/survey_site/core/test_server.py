"""Web server and worker start and stop together."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from survey_site.core.server import (
    HOST,
    PortTakenError,
    commands,
    ensure_port_is_free,
    hold_port,
    run_until_stopped,
)

KEEP = """
import sys, django
django.setup()
from survey_site.core.server import hold_port
with hold_port(int(sys.argv[1])):
    print("held", flush=True)
    input()
"""
"""A start of the site that does not listen yet."""


def taken_port() -> socket.socket:
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen()
    return listener


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of tests lie in a folder of their own, also in programs that they start."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setenv("SURVEY_VAR_DIR", str(tmp_path))


def test_an_occupied_port_is_named() -> None:
    with taken_port() as listener:
        port = listener.getsockname()[1]
        with override("en"), pytest.raises(PortTakenError, match=f"Port {port} .* PORT={port + 1}"):
            ensure_port_is_free(port)
        with pytest.raises(CommandError, match=str(port)):
            call_command("serve", port=port)


def test_a_free_port_is_accepted() -> None:
    with taken_port() as listener:
        port = listener.getsockname()[1]
    ensure_port_is_free(port)


def free_port() -> int:
    with taken_port() as listener:
        return int(listener.getsockname()[1])


def test_a_second_start_is_refused_before_the_first_one_listens() -> None:
    port = free_port()
    line = [sys.executable, "-c", KEEP, str(port)]
    first = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with override("en"), pytest.raises(PortTakenError, match=f"Port {port} .* PORT={port + 1}"):
            ensure_port_is_free(port)
        with pytest.raises(CommandError, match=str(port)):
            call_command("serve", port=port)
    finally:
        first.communicate("\n", timeout=60)
    ensure_port_is_free(port)


def test_a_port_is_free_again_after_an_error() -> None:
    port = free_port()
    with pytest.raises(KeyError), hold_port(port):
        raise KeyError
    with hold_port(port), pytest.raises(PortTakenError), hold_port(port):
        raise AssertionError
    ensure_port_is_free(port)


def test_web_server_and_worker_are_started() -> None:
    web, worker = commands(8123)
    assert "granian" in web
    assert "8123" in web
    assert "db_worker" in worker


def test_when_one_program_ends_the_other_is_stopped() -> None:
    started = time.monotonic()
    code = run_until_stopped(
        [[sys.executable, "-c", "raise SystemExit(3)"], [sys.executable, "-c", "input()"]]
    )
    assert code in {1, 3}
    assert time.monotonic() - started < 60


def test_address_is_told_only_when_the_port_takes_connections() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    listen = (
        "import socket, time; time.sleep(0.6); "
        f"server = socket.create_server(('{HOST}', {port})); server.accept(); time.sleep(0.6)"
    )
    heard: list[float] = []
    started = time.monotonic()
    run_until_stopped(
        [[sys.executable, "-c", listen]],
        port=port,
        on_listening=lambda: heard.append(time.monotonic() - started),
    )
    assert len(heard) == 1
    assert heard[0] >= 0.6


def test_address_is_not_told_when_the_server_fails() -> None:
    heard: list[bool] = []
    code = run_until_stopped(
        [[sys.executable, "-c", "raise SystemExit(3)"]], port=1, on_listening=lambda: heard.append(True)
    )
    assert (code, heard) == (3, [])
