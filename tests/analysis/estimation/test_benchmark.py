"""The benchmark measures two ways to the same shares, and reports them in one line."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import estimate as benchmark
from benchmarks.make_microdata import item_names, make_table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    table = make_table(3_000)
    wide = table.set_column(1, "province", table["province"].cast(pa.large_string()))
    pq.write_table(wide, tmp_path / "b.parquet")
    return tmp_path / "b.parquet"


@pytest.mark.parametrize("by", [["province"], ["region", "sex"]])
def test_both_sides_find_the_same_shares(file: Path, by: list[str]):
    microdata = benchmark.Microdata.read(file, 27, by)
    assert microdata.items == item_names()
    assert benchmark.estimate(microdata) == pytest.approx(benchmark.estimate_in_pandas(microdata), rel=1e-6)


def test_a_side_reports_what_it_measured(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.argv", ["estimate", str(file), "--items", "3", "--side", "ours"])
    benchmark.main()
    (line,) = capsys.readouterr().out.splitlines()
    report = json.loads(line)
    assert report["rows"] == 3_000
    assert len(report["seconds"]) == 5
    assert report["peak_rss_mib"] > 0
