from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from sampling.models import FrameImport, SamplingFrame
from sampling.services.import_folders import frame_root
from tests.sampling.lists import row, rows, write_csv
from tests.sampling.makers import make_round, make_units

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ready(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.FRAME_ROOT = tmp_path / "frames"
    make_units()
    make_round()
    with translation.override("en"):
        yield


def run(*files: Path, **options: Any) -> None:
    values = {"source": "Cổng dịch vụ công", "date": "31/12/2026"}
    call_command("import_dossiers", "demo-2026", *map(str, files), **values | options)


def kept() -> list[str]:
    return [path.name for path in frame_root().rglob("*") if path.is_file()]


def test_a_good_list_is_counted_and_not_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(write_csv(tmp_path / "a.csv", rows(3)))
    assert "Dossiers: 3; agencies: 1; persons with a number: 1." in capsys.readouterr().out
    assert kept() == []
    assert not SamplingFrame.objects.exists()


def test_a_confirmed_list_is_the_frame(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_csv(tmp_path / "a.csv", rows(3))
    run(file, confirm=True)
    assert "The list is the frame now" in capsys.readouterr().out
    assert SamplingFrame.objects.get().n_units == 3
    assert file.exists()


def test_a_bad_list_is_refused_with_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "found.csv"
    file = write_csv(tmp_path / "a.csv", [*rows(2), row(id="x", size="1,5")])
    with pytest.raises(CommandError, match="refused"):
        run(file, confirm=True, report=report)
    assert "1,5" in capsys.readouterr().out
    assert "a.csv,4,size" in report.read_text(encoding="utf-8-sig")
    assert kept() == []


def test_columns_and_agencies_are_taken(tmp_path: Path) -> None:
    agencies = tmp_path / "agencies.csv"
    agencies.write_text("code,name\nH80.01,Sở Tư pháp tỉnh\n")
    file = write_csv(tmp_path / "a.csv", rows(2), names={"id": "Số phiếu"})
    run(file, column=[("id", "Số phiếu")], agencies=agencies, confirm=True)
    assert SamplingFrame.objects.get().units.get().name == "Sở Tư pháp tỉnh"


@pytest.mark.parametrize("wrong", ["id", "id="])
def test_a_column_needs_two_names(wrong: str) -> None:
    with pytest.raises(CommandError, match="column=name"):
        call_command(
            "import_dossiers", "demo-2026", "a.csv", "--source=x", "--date=31/12/2026", f"--column={wrong}"
        )


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.csv"):
        run(tmp_path / "nothing.csv")
    assert not FrameImport.objects.exists()
    assert kept() == []
