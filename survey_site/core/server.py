"""The site on one machine: web server and task worker, started and stopped together."""

import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from django.utils.translation import gettext as _

LOGGER = logging.getLogger(__name__)
HOST = "127.0.0.1"
_GRACE_SECONDS = 8.0
_POLL_SECONDS = 0.3


class PortTakenError(RuntimeError):
    """Raised when another program already listens on the port."""


def ensure_port_is_free(port: int) -> None:
    """Refuse a port that somebody else listens on, naming it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(
                _(
                    "Port %(port)s on %(host)s is taken by another program. "
                    "Stop it, or choose another one: PORT=%(next)s"
                )
                % {"port": port, "host": HOST, "next": port + 1}
            ) from error


def commands(port: int) -> list[list[str]]:
    """Return the command lines of the web server and of the task worker."""
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    web += ["--blocking-threads", "4", "--no-ws", "--log-level", "warning", "survey_site.wsgi:application"]
    return [web, [sys.executable, "manage.py", "db_worker", "--backend", "worker", "--no-reload"]]


def run_until_stopped(command_lines: Sequence[Sequence[str]]) -> int:
    """Run the programs side by side; when one ends or Ctrl-C comes, stop all of them."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    programs = [subprocess.Popen(line, start_new_session=True) for line in command_lines]  # noqa: S603 - our own commands
    try:
        return _wait_for_first(programs)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(programs)


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
