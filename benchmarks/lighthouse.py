"""What Lighthouse says of the citizens' pages, on a simulated phone.

Starts a PostgreSQL of its own and the site behind Granian, as `benchmarks.interview` does, leads two
respondents to their pages, lets the command `lighthouse` look at each, and prints one line of JSON: by
page the scores of performance, accessibility and best practices (0 to 100; medians over the runs), and
what took points.

Needs `lighthouse` (npm install --global lighthouse) and Chromium; neither is part of the project.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.interview import HOST, ROOT, STARTED, Browser, environment, served
from benchmarks.interview_client import ENTER, Interview
from benchmarks.interview_form import N_SECTIONS

PREPARE = "import django; django.setup(); from benchmarks.lighthouse_site import main; main()"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
CATEGORIES = ("performance", "accessibility", "best-practices")
CHROME_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-features=CrossOriginOpenerPolicy"
"""A page with that policy gets a process of its own, in which some versions of Lighthouse lose the trace."""

PERCENT = 100
PAGES = ("code", "first_question", "review", "open_round")


def pages_to_look_at(port: int, prepared: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Lead respondents to their pages; return path and cookies by name of the page."""
    first, last = prepared["codes"]
    path, cookies = _stand_at(port, first, n_sections=0)
    review_path, review_cookies = _stand_at(port, last, n_sections=N_SECTIONS)
    return {
        "code": (ENTER, ""),
        "first_question": (path, cookies),
        "review": (review_path, review_cookies),
        "open_round": (prepared["open_round"], ""),
    }


def _stand_at(port: int, code: str, *, n_sections: int) -> tuple[str, str]:
    """Answer some sections; return the page that comes then, and the cookies of the session."""
    browser = Browser(port)
    interview = Interview(browser.send, code)
    interview.enter()
    for _section in range(n_sections):
        interview.answer_section()
    return interview.path, "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def look(program: str, url: str, cookies: str) -> dict[str, Any]:
    """Run Lighthouse once on one page and return its report."""
    headers = {"X-Forwarded-Proto": "https"} | ({"Cookie": cookies} if cookies else {})
    command = [
        program, url, "--quiet", "--output=json", "--output-path=stdout", f"--chrome-flags={CHROME_FLAGS}",
        f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={json.dumps(headers)}",
    ]  # fmt: skip
    environ = {"CHROME_PATH": _first_of(PROGRAMS), **os.environ}
    run = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if run.returncode:
        sys.exit(f"Expected a report on {url}, got status {run.returncode}:\n{run.stderr}")
    report: dict[str, Any] = json.loads(run.stdout)
    return report


def _first_of(names: tuple[str, ...]) -> str:
    """Return the first program that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit(f"Expected one of {', '.join(names)} on PATH, found none. Install Chromium.")


def summary(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of each score, and the audits that were wanting in any run."""
    scores = {
        name: statistics.median(round(report["categories"][name]["score"] * PERCENT) for report in reports)
        for name in CATEGORIES
    }
    return {name.replace("-", "_"): score for name, score in scores.items()} | {
        "wanting": sorted({audit for report in reports for audit in _wanting(report)})
    }


def _wanting(report: Mapping[str, Any]) -> set[str]:
    """Return the audits that took points."""
    weighed = {
        entry["id"]
        for name in CATEGORIES
        for entry in report["categories"][name]["auditRefs"]
        if entry["weight"]
    }
    return {
        audit for audit in weighed if (report["audits"][audit]["score"] or 0) < 1 and _counts(report, audit)
    }


def _counts(report: Mapping[str, Any], audit: str) -> bool:
    """Tell whether an audit gave a score."""
    return report["audits"][audit]["scoreDisplayMode"] in {"binary", "numeric", "metricSavings"}


def measure(program: str, names: list[str], n_runs: int) -> dict[str, Any]:
    """Prepare the site, serve it, and look at each page."""
    with tempfile.TemporaryDirectory() as folder:
        environ = environment(Path(folder))
        made = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", PREPARE], env=environ, cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
        with served(environ) as port:
            pages = pages_to_look_at(port, json.loads(made.stdout))
            return {name: _looks(program, port, pages[name], n_runs) for name in names}


def _looks(program: str, port: int, page: tuple[str, str], n_runs: int) -> dict[str, Any]:
    """Look at one page several times."""
    path, cookies = page
    return summary([look(program, f"http://{HOST}:{port}{path}", cookies) for _run in range(n_runs)])


def main() -> None:
    """Start PostgreSQL around this program, then measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--lighthouse", default="lighthouse", metavar="COMMAND", help="the command or its path"
    )
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES), help="only these")
    parser.add_argument("--runs", type=int, default=1, help="looks at each page")
    chosen = parser.parse_args()
    program = shutil.which(chosen.lighthouse)
    if program is None:
        sys.exit(
            f"Expected the command {chosen.lighthouse!r}, found none. "
            "Install it (npm install --global lighthouse) or name it with --lighthouse."
        )
    if STARTED not in os.environ:
        again = [sys.executable, "-m", "benchmarks.lighthouse", *sys.argv[1:]]
        wrapped = [sys.executable, str(ROOT / ".ci" / "with_postgres.py"), *again]
        sys.exit(subprocess.call(wrapped, env=os.environ | {STARTED: "1"}, cwd=ROOT))  # noqa: S603 - our own command
    sys.stdout.write(json.dumps(measure(program, chosen.pages, chosen.runs)) + "\n")


if __name__ == "__main__":
    main()
