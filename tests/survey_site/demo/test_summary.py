"""What the demonstration tells of its steps."""

import re
from pathlib import Path

from django.conf import settings
from django.utils.translation import override

from survey_site.demo.summary import STEP_NAMES, Timings

COMMAND = Path(settings.BASE_DIR) / "survey_site" / "demo" / "management" / "commands" / "demo.py"


def test_every_step_has_a_line_of_its_own_with_its_seconds() -> None:
    timings = Timings({"migrate": 1.25, "draw": 12.0})
    with override("en"):
        lines = timings.lines()
    assert lines == {"Database": "1.2 seconds", "Sample of the finished round": "12.0 seconds"}


def test_steps_are_told_in_the_active_language() -> None:
    with override("vi"):
        assert Timings({"draw": 1.5}).lines() != {"Sample of the finished round": "1.5 seconds"}


def test_every_step_of_the_command_has_a_name() -> None:
    steps = re.findall(r'timings\.step\("(\w+)"\)', COMMAND.read_text(encoding="utf-8"))
    assert set(steps) == set(STEP_NAMES)
    with override("en"):
        assert len({str(name) for name in STEP_NAMES.values()}) == len(STEP_NAMES)
