"""A frame whose import is killed in the middle: nothing is left, and it can be loaded once more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PREPARE = """
from tests.sampling.makers import make_round, make_units
make_units()
make_round()
"""
LOAD = """
import os, signal, sys
from tests.sampling.makers import REFERENCE_DATE, commune_rows
from sampling.models import FrameUnit, SamplingFrame, SurveyRound
from sampling.services import load_frame

print(SamplingFrame.objects.count(), FrameUnit.objects.count())
if "kill" in sys.argv:
    write = FrameUnit.objects.bulk_create
    def write_and_die(*arguments, **options):
        write(*arguments, **options)
        print("written", FrameUnit.objects.count(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    FrameUnit.objects.bulk_create = write_and_die
survey_round = SurveyRound.objects.get()
rows, day = commune_rows(), REFERENCE_DATE
load_frame(round=survey_round, stage="commune", rows=rows, source="x", reference_date=day)
print(SamplingFrame.objects.count(), FrameUnit.objects.count())
"""
SET_UP = "import django\ndjango.setup()\n"


def run(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "SURVEY_DATABASE_URL": f"sqlite:///{folder / 'killed.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "survey_site.settings.test",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", SET_UP + code, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_killed_import_leaves_nothing_behind_and_can_be_started_again(tmp_path: Path):
    migrate = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
    assert run(tmp_path, migrate + PREPARE).returncode == 0
    killed = run(tmp_path, LOAD, "kill")
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.splitlines() == ["0 0", "written 12"]
    again = run(tmp_path, LOAD)
    assert again.stdout.splitlines() == ["0 0", "1 12"], again.stderr
