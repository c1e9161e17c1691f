from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from sampling.models import SamplingFrame
from tests.sampling.makers import commune_rows, make_round, make_units

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def frame_file(tmp_path: Path):
    make_units()
    make_round()

    def write(rows: Any) -> Path:
        path = tmp_path / "frame.csv"
        lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
        path.write_text("\n".join(lines), encoding="utf-8-sig")
        return path

    return write


def run(path: Path, **options: Any):
    values = {"source": "Công an tỉnh", "reference_date": "01/03/2026"} | options
    call_command("load_frame", "demo-2026", "commune", str(path), **values)


def test_good_file_is_loaded_and_counted(frame_file: Any, capsys: pytest.CaptureFixture[str]):
    rows = commune_rows()
    rows[0]["measure_of_size"] = "0"
    run(frame_file(rows))
    assert SamplingFrame.objects.get().n_units == 12
    out = capsys.readouterr().out
    assert "12 units loaded" in out
    assert "Excluded: Xã 1 (72001)" in out


def test_iso_dates_are_understood_too(frame_file: Any):
    run(frame_file(commune_rows()), reference_date="2026-03-01")
    assert SamplingFrame.objects.exists()


def test_refused_file_is_reported_as_a_table(frame_file: Any, capsys: pytest.CaptureFixture[str]):
    rows = commune_rows()
    rows[1]["measure_of_size"] = "-2"
    rows[3]["code"] = "99999"
    with pytest.raises(CommandError, match="Nothing was written"):
        run(frame_file(rows))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["row", "column", "expected", "got", "what", "to", "do"]
    assert lines[1].startswith("3    measure_of_size  0 or more")
    assert lines[2].startswith("5    code")
    assert not SamplingFrame.objects.exists()


@pytest.mark.parametrize("day", ["31/02/2026", "2026", "tomorrow", "2026-13-01"])
def test_wrong_day_is_refused(frame_file: Any, day: str):
    with pytest.raises(CommandError, match="Expected a day"):
        run(frame_file(commune_rows()), reference_date=day)


def test_day_before_the_tables_is_refused(frame_file: Any):
    with pytest.raises(CommandError, match="01/01/2025"):
        run(frame_file(commune_rows()), reference_date="31/12/2024")


def test_unknown_round_is_named(frame_file: Any):
    path = frame_file(commune_rows())
    with pytest.raises(CommandError, match="other"):
        call_command("load_frame", "other", "commune", str(path), source="x", reference_date="2026-03-01")


def test_unreadable_file_is_refused(frame_file: Any, tmp_path: Path):
    frame_file(commune_rows())
    with pytest.raises(CommandError, match=r"\.csv"):
        run(tmp_path / "frame.doc")


def test_file_of_an_office_is_loaded_and_what_was_left_out_is_printed(
    frame_file: Any, capsys: pytest.CaptureFixture[str]
):
    path = frame_file(commune_rows())
    titles = "Mã xã;Tên xã;Mã tỉnh;Số người"
    table = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    path.write_text(
        "\n".join(["UBND TỈNH TÂY NINH", "", titles, *table, "", "Người lập biểu"]), encoding="utf-16"
    )
    run(path)
    assert SamplingFrame.objects.get().n_units == 12
    out = capsys.readouterr().out
    assert "UBND TỈNH TÂY NINH" in out
    assert "Người lập biểu" in out
    assert "UTF-16" in out
