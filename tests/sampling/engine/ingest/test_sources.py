"""Files as offices send them."""

import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampling.engine.ingest import IngestError, ReadOptions
from sampling.engine.ingest.columns import map_columns
from tests.sampling.lists import ROW, found, frame_rows, row, rows, run, write_csv

VIETNAMESE = {
    "id": "Mã hồ sơ",
    "agency": "Mã cơ quan",
    "agency_name": "Tên cơ quan",
    "province": "Mã tỉnh",
    "commune": "Mã xã",
    "level": "Cấp",
    "field": "Lĩnh vực",
    "channel": "Hình thức nộp",
    "settled_on": "Ngày trả kết quả",
    "party": "Đối tượng",
    "person_id": "Số CCCD",
    "size": "Quy mô",
    "full_name": "Họ và tên",
    "phone": "Số điện thoại",
    "email": "Email",
    "address": "Địa chỉ",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reads_unicode_with_any_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = write_csv(tmp_path / "a.csv", rows(3), encoding=encoding, delimiter=delimiter, names=VIETNAMESE)
    report = run(tmp_path / "job", file)
    assert report.is_accepted
    assert report.n_units == 3


def test_reads_legacy_letters(tmp_path: Path) -> None:
    lines = [
        line.replace("Nguyễn Văn An", "NguyÔn V¨n An").replace("Sở Tư pháp", "Së T­ ph¸p")
        for line in write_csv(tmp_path / "u.csv", rows(5), leave_out=["channel", "level", "address"])
        .read_text()
        .replace("Cá nhân", "C¸ nh©n")
        .splitlines()
    ]
    file = tmp_path / "tcvn3.csv"
    file.write_bytes("\n".join(lines).encode("cp1252"))
    report = run(tmp_path / "job", file)
    assert report.is_accepted
    assert report.files[0].encoding == "TCVN3 (ABC)"


def test_a_letterhead_above_and_a_signature_below_are_left_out(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", rows(3), names=VIETNAMESE).read_text()
    file = tmp_path / "a.csv"
    empty = "," * (len(ROW) - 1)
    file.write_text(f"UBND TỈNH{empty}\n{empty}\n{table}{empty}\nNgười lập{empty}\n")
    report = run(tmp_path / "job", file)
    assert report.is_accepted
    assert report.n_units == 3
    assert [(each.rule, each.examples[0].row) for each in report.findings] == [("not_a_row", 8)]


def test_lines_with_other_numbers_of_cells_are_named(tmp_path: Path) -> None:
    lines = write_csv(tmp_path / "t.csv", rows(6)).read_text().splitlines()
    lines[2] += ",more"
    lines[4] = "cut,off"
    lines.insert(5, "")
    file = tmp_path / "a.csv"
    file.write_text("\n".join(lines) + "\n" + ",".join(row(id="z", party="?").values()) + "\n")
    report = run(tmp_path / "job", file)
    cells, party = report.findings
    assert [(place.row, place.got) for place in cells.examples] == [(3, "17"), (5, "2")]
    assert [place.row for place in party.examples] == [9]


def test_lines_count_as_in_the_file_where_cells_hold_line_breaks(tmp_path: Path) -> None:
    lines = [row(id="a", address="Số 1\nphố Huế"), row(id="b", party="?")]
    (finding,) = run(tmp_path / "job", write_csv(tmp_path / "a.csv", lines)).findings
    assert [place.row for place in finding.examples] == [4]


def test_a_quote_that_nobody_closes_is_named(tmp_path: Path) -> None:
    lines = write_csv(tmp_path / "t.csv", rows(6)).read_text().splitlines()
    lines[3] = lines[3].replace("Số 1", '"Số 1')
    file = tmp_path / "a.csv"
    file.write_text("\n".join(lines) + "\n")
    report = run(tmp_path / "job", file)
    assert ("broken_line", "") in found(report)
    assert [
        place.row for each in report.findings if each.rule == "broken_line" for place in each.examples
    ] == [4]


def test_bytes_that_are_no_letters_are_named(tmp_path: Path) -> None:
    lines = write_csv(tmp_path / "t.csv", rows(3)).read_bytes().splitlines()
    lines[2] = lines[2].replace("Nguyễn".encode(), b"Nguy\xff\xfen")
    file = tmp_path / "a.csv"
    file.write_bytes(b"\n".join(lines) + b"\n")
    report = run(tmp_path / "job", file, options=ReadOptions(encoding="utf-8"))
    assert [(each.rule, each.examples[0].row) for each in report.findings] == [("unreadable", 3)]


def test_reads_a_workbook_with_a_letterhead(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["UBND TỈNH TÂY NINH"])
    sheet.append([])
    sheet.append(list(VIETNAMESE.values()))
    sheet.append([f"({number})" for number in range(1, len(VIETNAMESE) + 1)])
    for line in [*rows(3), row(id="z", party="?")]:
        sheet.append(list(line.values()))
    book.save(tmp_path / "a.xlsx")
    report = run(tmp_path / "job", tmp_path / "a.xlsx")
    assert found(report) == {("party_unknown", "party"): 1}
    assert report.findings[0].examples[0].row == 8
    assert report.n_rows == 4


def test_reads_parquet_with_dates_and_numbers(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([{**row(), "settled_on": datetime.date(2026, 3, 5), "size": 4}])
    pq.write_table(table, tmp_path / "a.parquet")
    assert run(tmp_path / "job", tmp_path / "a.parquet").is_accepted
    assert frame_rows(tmp_path / "job")[0]["size"] == 4


def test_columns_that_are_not_known_are_left_alone(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", rows(1), names={"channel": "Ghi chú"})
    report = run(tmp_path / "job", file)
    assert report.is_accepted
    assert report.findings[0].examples[0].column == "Ghi chú"


def test_names_of_columns_may_be_given(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", rows(1), names={"id": "Số phiếu"})
    assert run(tmp_path / "job", file, options=ReadOptions(columns={"id": "số phiếu"})).is_accepted
    with pytest.raises(IngestError, match="columns_missing"):
        run(tmp_path / "job", file)
    with pytest.raises(IngestError, match="column_not_found"):
        run(tmp_path / "job", file, options=ReadOptions(columns={"id": "Số"}))


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(IngestError, match="column_twice"):
        map_columns(["Mã hồ sơ", "Số hồ sơ"])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"%PDF", "unknown_format"),
        ("a.parquet", b"PAR1", "not_parquet"),
        ("a.xlsx", b"PK\x03\x04", "workbook"),
        ("a.csv", b"", "no_header"),
        ("b.csv", b"x;y\n1;2\n", "no_header"),
        ("c.csv", b"id,agency\n1\x00,2\n", "unreadable_text"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IngestError) as error:
        run(tmp_path / "job", tmp_path / name)
    assert error.value.code == code


def test_no_file_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="no_file"):
        run(tmp_path / "job")
