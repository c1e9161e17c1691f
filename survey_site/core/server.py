"""The site on one machine: web server and task worker, started and stopped together."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment] # its absence is asked for where it is used

LOGGER = logging.getLogger(__name__)
HOST = "127.0.0.1"
THREADS = 3
"""Pages that each process works on at a time; a fourth makes all of them slower, as they take turns."""
_GRACE_SECONDS = 8.0
_POLL_SECONDS = 0.3


class PortTakenError(RuntimeError):
    """Raised when another program already listens on the port."""


@contextmanager
def hold_port(port: int) -> Iterator[None]:
    """Keep a port for one start of the site, or refuse it and name it.

    The web server shares its port with whoever else asks to share it, and needs a moment before it listens.
    A lock on a file tells a second start at once. It ends with the process that holds it, however that ends.
    """
    folder: Path = settings.VAR_DIR
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"port-{port}.lock").open("a") as file:
        try:
            _lock(file)
            _bind_once(port)
        except OSError as error:
            raise PortTakenError(
                _(
                    "Port %(port)s on %(host)s is taken by another program. "
                    "Stop it, or choose another one: PORT=%(next)s"
                )
                % {"port": port, "host": HOST, "next": port + 1}
            ) from error
        yield


def ensure_port_is_free(port: int) -> None:
    """Refuse a port that somebody else listens on or is about to, naming it."""
    with hold_port(port):
        pass


def _lock(file: IO[str]) -> None:
    """Lock a file until it is closed; systems without such locks do not share ports either."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _bind_once(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))


def web_command(port: int, *, n_workers: int = 1) -> list[str]:
    """Return the command line of the web server."""
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    web += ["--workers", str(n_workers), "--blocking-threads", str(THREADS)]
    return [*web, "--no-ws", "--log-level", "warning", "survey_site.wsgi:application"]


def commands(port: int) -> list[list[str]]:
    """Return the command lines of the web server and of the task worker.

    On SQLite, which takes one writer at a time, one process answers; elsewhere one a core.
    """
    n_workers = 1 if connection.vendor == "sqlite" else os.cpu_count() or 1
    worker = [sys.executable, "manage.py", "db_worker", "--backend", "worker", "--no-reload"]
    return [web_command(port, n_workers=n_workers), worker]


def run_until_stopped(
    command_lines: Sequence[Sequence[str]],
    *,
    port: int | None = None,
    on_listening: Callable[[], None] | None = None,
) -> int:
    """Run the programs side by side; when one ends or Ctrl-C comes, stop all of them.

    `on_listening` is called once, when the port takes connections.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    programs = [subprocess.Popen(line, start_new_session=True) for line in command_lines]  # noqa: S603 - our own commands
    try:
        _wait_for_port(programs, port, on_listening)
        return _wait_for_first(programs)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(programs)


def _wait_for_port(
    programs: Sequence["subprocess.Popen[bytes]"], port: int | None, on_listening: Callable[[], None] | None
) -> None:
    """Wait until the port takes connections, or a program has ended before it did."""
    if port is None or on_listening is None:
        return
    while all(program.poll() is None for program in programs):
        if _is_listening(port):
            on_listening()
            return
        time.sleep(_POLL_SECONDS)


def _is_listening(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((HOST, port)) == 0


def _wait_for_first(programs: Sequence["subprocess.Popen[bytes]"]) -> int:
    while all(program.poll() is None for program in programs):
        time.sleep(_POLL_SECONDS)
    ended = next(program for program in programs if program.returncode is not None)
    LOGGER.warning("%s ended by itself with code %s; stopping the rest.", ended.args, ended.returncode)
    return ended.returncode


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(programs: Sequence["subprocess.Popen[bytes]"]) -> None:
    for program in programs:
        if program.poll() is None:
            program.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for program in programs:
        try:
            program.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
