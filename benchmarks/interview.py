"""How fast the questionnaire answers, and how much it weighs.

Starts a PostgreSQL of its own (as an ordinary user) and the site behind Granian with the settings of
production, drives real interviews from the code page to the receipt at several clients on the same machine,
and prints one line of JSON:

    sections_per_second   sections (POST, redirect, next page) a second over all clients; the
                          time counts the ways in and out as well
    p50_ms, p99_ms        time of one section
    errors                interviews that did not come to their receipt
    sql_per_post          statements on tables in the POST of a section
    first_page_bytes, first_page_requests   the first question page with everything it loads, cold
    interview_bytes, interview_requests     from the code page to the receipt, cold at the start, warm after

Bytes are headers and bodies as sent. Stops everything at the end.
"""

import argparse
import gzip
import http.client
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import brotli

from benchmarks.interview_client import Interview, PageError
from benchmarks.interview_form import N_SECTIONS, section_code
from survey_site.core.server import web_command

ROOT = Path(__file__).resolve().parents[1]
STARTED = "SURVEY_BENCHMARK_STARTED"
HOST = "127.0.0.1"
N_CLIENTS, N_INTERVIEWS = 8, 160
START_SECONDS, PAUSE = 60, 0.1
SINGLE = 2
"""Interviews that are weighed and counted, one each."""

SECRET_BYTES = 48
PREPARE = "import django; django.setup(); from benchmarks.interview_site import main; main()"
MILLISECONDS = 1_000
FIRST_PAGE = f"/phieu/{section_code(1)}/"
LOADED = re.compile(r'<(?:link|script|img|source|audio)\b[^>]*?\b(?:href|src)="([^"#]+)"[^>]*>')
SKIPPED_LINKS = re.compile(r'rel="(?:alternate|canonical)"')
PERCENTILES = 100
FORM = "application/x-www-form-urlencoded"
ENCODINGS = "gzip, deflate, br"


class Browser:
    """One connection with its cookies and cache; counts every byte that comes."""

    def __init__(self, port: int, *, loads_files: bool = False) -> None:
        self.connection = http.client.HTTPConnection(HOST, port)
        self.referer = f"https://{HOST}:{port}/"
        self.cookies: dict[str, str] = {}
        self.loads_files = loads_files
        self.cache: set[str] = set()
        self.n_bytes = self.n_requests = 0
        self.weights: list[tuple[str, int]] = []
        self.loaded: dict[str, set[str]] = {}

    def send(self, path: str, fields: dict[str, str] | None) -> tuple[int, str, str]:
        """Send one request; see `benchmarks.interview_client.Send`."""
        status, headers, body = self._exchange(path, fields)
        if self.loads_files and status == http.HTTPStatus.OK:
            self._load(path, body)
        location = urlsplit(headers.get("location", ""))
        return status, location.path + (f"?{location.query}" if location.query else ""), body

    def _exchange(self, path: str, fields: Mapping[str, str] | None) -> tuple[int, dict[str, str], str]:
        """Send one request and count the answer."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Forwarded-Proto": "https",
            "Referer": self.referer,
            "Accept-Encoding": ENCODINGS,
        }
        if fields is None:
            self.connection.request("GET", path, headers=headers)
        else:
            self.connection.request("POST", path, urlencode(fields), {**headers, "Content-Type": FORM})
        answer = self.connection.getresponse()
        body = answer.read()
        self._count(path, answer, body)
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        received = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, received, _text(body, received.get("content-encoding", ""))

    def _count(self, path: str, answer: http.client.HTTPResponse, body: bytes) -> None:
        """Add the headers and the body as they came over the wire."""
        head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in answer.getheaders())
        n_bytes = len(head.encode("latin-1")) + len(body)
        self.n_bytes += n_bytes
        self.n_requests += 1
        self.weights.append((path, n_bytes))

    def _load(self, path: str, page: str) -> None:
        """Fetch what the page names and the cache has not."""
        tags = [tag for tag in LOADED.finditer(page) if not SKIPPED_LINKS.search(tag[0])]
        addresses = dict.fromkeys(tag[1] for tag in tags if not tag[1].startswith("data:"))
        self.loaded[path] = set(addresses)
        for address in addresses:
            if address.startswith(("http:", "https:", "//")):
                raise PageError(f"Expected nothing from another origin, got {address}.")
            if address not in self.cache:
                self.cache.add(address)
                self._exchange(address, None)


def _text(body: bytes, encoding: str) -> str:
    """Return a body as text."""
    if encoding == "gzip":
        body = gzip.decompress(body)
    elif encoding == "br":
        body = brotli.decompress(body)
    return body.decode()


def weigh(port: int, code: str) -> dict[str, int]:
    """Walk one interview as a browser with an empty cache, and weigh it and its first question page."""
    browser = Browser(port, loads_files=True)
    walk(Interview(browser.send, code))
    interview = {"interview_bytes": browser.n_bytes, "interview_requests": browser.n_requests}
    return first_page(browser) | interview


def first_page(browser: Browser) -> dict[str, int]:
    """Add up the first question page and everything it loads where nothing is in the cache."""
    page = next(weight for path, weight in browser.weights if path == FIRST_PAGE)
    files = [weight for path, weight in browser.weights if path in browser.loaded[FIRST_PAGE]]
    return {"first_page_bytes": page + sum(files), "first_page_requests": 1 + len(files)}


def walk(interview: Interview, times: list[float] | None = None) -> None:
    """Answer everything and send it; note how long each section takes."""
    interview.enter()
    for _section in range(N_SECTIONS):
        started = time.perf_counter()
        interview.answer_section()
        if times is not None:
            times.append(time.perf_counter() - started)
    interview.send_all()


class Client(threading.Thread):
    """One of the clients: takes code after code until none is left."""

    def __init__(self, port: int, codes: Iterator[str]) -> None:
        super().__init__()
        self.port, self.codes = port, codes
        self.times: list[float] = []
        self.errors: list[str] = []

    def run(self) -> None:
        """Walk interviews."""
        for code in self.codes:
            try:
                walk(Interview(Browser(self.port).send, code), self.times)
            except (PageError, OSError, http.client.HTTPException) as error:
                self.errors.append(str(error))


class Shared(Iterator[str]):
    """An iterator that several threads may draw on."""

    def __init__(self, values: list[str]) -> None:
        self.values, self.lock = values, threading.Lock()

    def __next__(self) -> str:
        """Return the next value."""
        with self.lock:
            if not self.values:
                raise StopIteration
            return self.values.pop()


def load(port: int, codes: list[str], n_clients: int) -> dict[str, Any]:
    """Drive the interviews and time them."""
    shared = Shared(codes)
    clients = [Client(port, shared) for _number in range(n_clients)]
    started = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - started
    times = sorted(duration for client in clients for duration in client.times)
    errors = [error for client in clients for error in client.errors]
    for error in sorted(set(errors)):
        sys.stderr.write(f"{error}\n")
    cuts = statistics.quantiles(times, n=PERCENTILES)
    return {
        "sections_per_second": round(len(times) / seconds, 1),
        "p50_ms": round(statistics.median(times) * MILLISECONDS, 1),
        "p99_ms": round(cuts[-1] * MILLISECONDS, 1),
        "errors": len(errors),
    }


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of the site: production, with secrets for this run only."""
    keys = ("SECRET", "ACCESS_CODE", "COORDINATION", "PERSON", "CONTACT_FILE", "RECEIPT")
    return (
        os.environ
        | {f"SURVEY_{key}_KEY": secrets.token_urlsafe(SECRET_BYTES) for key in keys}
        | {
            "DJANGO_SETTINGS_MODULE": "survey_site.settings.production",
            "SURVEY_ALLOWED_HOSTS": HOST,
            "SURVEY_BASE_URL": f"https://{HOST}",
            "SURVEY_VAR_DIR": str(folder),
        }
    )


@contextmanager
def served(environ: Mapping[str, str]) -> Iterator[int]:
    """Start Granian on a free port and stop it at the end."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = web_command(port, n_workers=os.cpu_count() or 1)
    with subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL) as server:  # noqa: S603 - our own command
        try:
            _wait_until_open(port)
            yield port
        finally:
            server.terminate()


def _wait_until_open(port: int) -> None:
    """Wait until the server takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(PAUSE)
    sys.exit("The web server did not start.")


def measure(n_interviews: int, n_clients: int) -> dict[str, Any]:
    """Prepare the site, serve it, walk and time."""
    with tempfile.TemporaryDirectory() as name:
        environ = environment(Path(name))
        n_codes = n_interviews + n_clients + SINGLE
        made = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", PREPARE, str(n_codes)],
            env=environ, cwd=ROOT, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        prepared = json.loads(made.stdout)
        codes = prepared["codes"]
        with served(environ) as port:
            weights = weigh(port, codes.pop())
            load(port, codes[:n_clients], n_clients)
            timed = load(port, codes[n_clients:], n_clients)
    return timed | {"sql_per_post": prepared["sql_per_post"]} | weights


def main() -> None:
    """Start PostgreSQL around this program, then measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--interviews", type=int, default=N_INTERVIEWS, help="interviews that are timed")
    parser.add_argument("--clients", type=int, default=N_CLIENTS, help="respondents at a time")
    chosen = parser.parse_args()
    if STARTED not in os.environ:
        again = [sys.executable, "-m", "benchmarks.interview", *sys.argv[1:]]
        wrapped = [sys.executable, str(ROOT / ".ci" / "with_postgres.py"), *again]
        sys.exit(subprocess.call(wrapped, env=os.environ | {STARTED: "1"}, cwd=ROOT))  # noqa: S603 - our own command
    sys.stdout.write(json.dumps(measure(chosen.interviews, chosen.clients)) + "\n")


if __name__ == "__main__":
    main()
