"""The tutorial works as it stands: its commands run in order and answer what it says they answer."""

import re
import shlex
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from analysis.models import PublishedEstimate, Release
from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus

ROOT = Path(__file__).resolve().parents[1]
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(sh refused|sh|text|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
START = ["python", "manage.py"]


@dataclass
class Step:
    """The commands of one block, and what the tutorial says they answer."""

    commands: list[list[str]]
    is_refused: bool
    answers: list[str]


def steps() -> Iterator[Step]:
    """Blocks of commands, each with the block of answers that follows."""
    found: list[Step] = []
    for kind, text in BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if kind == "text":
            found[-1].answers += text.splitlines()
        elif kind.startswith("sh"):
            lines = text.replace("\\\n", " ").splitlines()
            found.append(Step([shlex.split(line) for line in lines], kind == "sh refused", []))
    yield from found


def run(step: Step, folder: Path) -> str:
    """Run the commands of a block, and return all they print."""
    out = StringIO()
    for command in step.commands:
        arguments = [word.replace("var/tutorial", str(folder)) for word in command[len(START) :]]
        expectation = pytest.raises(CommandError) if step.is_refused else nullcontext()
        with expectation as caught:
            call_command(*arguments, stdout=out, stderr=out)
        out.write(f"{caught.value}\n" if step.is_refused else "")
    return out.getvalue()


def squeezed(text: str) -> list[str]:
    """Lines with single spaces: how wide a column is does not matter."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_every_command_of_the_tutorial_is_one_of_ours() -> None:
    commands = [command for step in steps() for command in step.commands]
    assert len(commands) > 15
    assert [command for command in commands if command[: len(START)] != START] == []


def test_files_of_the_tutorial_are_small_and_marked() -> None:
    files = list((ROOT / "docs" / "tutorial").glob("*.csv"))
    text = (ROOT / "docs" / "tutorial" / "README.md").read_text(encoding="utf-8")
    assert files
    assert [file.name for file in files if f"`{file.name}`" not in text] == []
    assert sum(file.stat().st_size for file in files) < 250_000


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.django_db
def test_tutorial_leads_from_an_empty_database_to_a_published_index(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SNAPSHOT_ROOT = tmp_path / "snapshots"
    monkeypatch.chdir(ROOT)
    assert not SurveyRound.objects.exists()
    with translation.override("en"):
        for step in steps():
            printed = squeezed(run(step, tmp_path))
            missing = [line for line in squeezed("\n".join(step.answers)) if line not in printed]
            assert missing == [], printed
    release = Release.objects.get()
    assert release.snapshot.round.status == RoundStatus.FROZEN
    assert release.is_demo
    assert release.is_provisional
    provinces = release.estimates.filter(domain_level=PublishedEstimate.DomainLevel.PROVINCE)
    assert set(provinces.values_list("domain_code", flat=True)) == {"04", "46"}
    assert {path.name for path in tmp_path.glob("*.csv")} >= {"drawn-list.csv", "drawn-communes.csv"}
