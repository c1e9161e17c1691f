import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils.translation import override

from sampling.services import FrameFileError, read_frame_file
from sampling.services.frame_files import MEGABYTE, refuse_large_file

HEADER = "code;name;parent_code;measure_of_size"
ROW = {"code": "00004", "name": "Ba Đình", "parent_code": "01", "measure_of_size": "21000"}


def write(folder: Path, content: Any, name: str = "frame.csv", encoding: str = "utf-8"):
    path = folder / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_is_read_as_text(tmp_path: Path, encoding: str, delimiter: str, line_end: str):
    content = line_end.join([HEADER, "00004;Ba Đình;01;21000", ""]).replace(";", delimiter)
    assert read_frame_file(write(tmp_path, content, encoding=encoding)) == [ROW]


def test_quoted_names_keep_their_delimiters(tmp_path: Path):
    path = write(tmp_path, 'code,name,parent_code,measure_of_size\n00004,"Ba Đình, Hà Nội",01,21000\n')
    assert read_frame_file(path)[0]["name"] == "Ba Đình, Hà Nội"


def test_empty_rows_are_left_out_and_extra_cells_kept(tmp_path: Path):
    path = write(tmp_path, f"{HEADER}\n;;;\n00004;Ba Đình;01;21000;x\n")
    assert read_frame_file(path) == [ROW | {"+": "x"}]


def test_empty_file_has_no_rows(tmp_path: Path):
    assert read_frame_file(write(tmp_path, "")) == []


def workbook(*lines: Any):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_xlsx_is_read_as_text(tmp_path: Path):
    content = workbook(HEADER.split(";"), ["00004", "Ba Đình", "01", 21000], ["00008", "Ngọc Hà", "01", 1.5])
    rows = read_frame_file(write(tmp_path, content, "frame.xlsx"))
    assert rows[0] == ROW
    assert rows[1]["measure_of_size"] == "1.5"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (f"{HEADER}\n00004;Ba Đình;01;21000\n".encode("cp1258", "replace") + b"\xd0\xff", "frame.csv", "2"),
        (b"no workbook", "frame.xlsx", "XLSX"),
        (b"", "frame.ods", ".csv"),
    ],
)
def test_unreadable_files_say_what_to_do(tmp_path: Path, content: Any, name: str, message: str):
    with pytest.raises(FrameFileError, match=message):
        read_frame_file(write(tmp_path, content, name))


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(FrameFileError, match="absent"):
        read_frame_file(tmp_path / "absent.csv")


def test_large_files_are_refused_with_the_limit(settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 2
    refuse_large_file(2 * MEGABYTE)
    with override("en"), pytest.raises(FrameFileError, match="at most 2 MB, got 3 MB"):
        refuse_large_file(2 * MEGABYTE + 1)


def test_workbook_that_unpacks_to_too_much_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.MAX_UPLOAD_MB = 1
    path = tmp_path / "frame.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(11 * MEGABYTE))
    assert path.stat().st_size < MEGABYTE
    with override("en"), pytest.raises(FrameFileError, match="at most 10 MB, got 11 MB"):
        read_frame_file(path)
