"""Run a command with SURVEY_DATABASE_URL pointing at a throw-away PostgreSQL server."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ACCESS = ("-U", "survey", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=''",
    "max_connections=60",
    "autovacuum=off",
)


def binaries() -> Path:
    """Return the directory with initdb and pg_ctl."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not candidates:
        sys.exit("PostgreSQL is missing. On Debian and Ubuntu: apt-get install postgresql")
    return candidates[-1].parent


def owner() -> dict[str, Any]:
    """Return whom to run the server as: PostgreSQL refuses root, so the system's postgres user there."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def main(command: list[str]) -> int:
    """Start the server, run the command, stop the server."""
    if os.environ.get("SURVEY_TEST_DATABASE_URL"):
        os.environ["SURVEY_DATABASE_URL"] = os.environ["SURVEY_TEST_DATABASE_URL"]
        return subprocess.call(command)
    folder = Path(tempfile.mkdtemp(prefix="survey-pg-"))
    account = owner()
    if account:
        os.chown(folder, account["user"], account["group"])

    def run(*words: str | Path) -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)

    control = (binaries() / "pg_ctl", "-D", folder / "cluster", "-w", "-l", folder / "log")
    run(binaries() / "initdb", "-D", folder / "cluster", *ACCESS)
    run(*control, "-o", " ".join(f"-c {setting}" for setting in SETTINGS) + f" -k {folder}", "start")
    os.environ["PGHOST"] = str(folder)
    os.environ["SURVEY_DATABASE_URL"] = "postgres://survey@/postgres"
    try:
        return subprocess.call(command)
    finally:
        run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
