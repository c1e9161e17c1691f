"""Web server and worker start and stop together."""

import socket
import sys
import time

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from survey_site.core.server import HOST, PortTakenError, commands, ensure_port_is_free, run_until_stopped


def taken_port() -> socket.socket:
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen()
    return listener


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
