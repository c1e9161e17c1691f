"""Files made to break their reader."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sampling.services import FrameFileError, read_frame_file

SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY e SYSTEM "file:///etc/passwd">]>'
CELL = b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;&b;</t></is></c></row></sheetData>'
WORKSHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + CELL + b"</worksheet>"
)


def changed_workbook(change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook whose sheet was changed by hand."""
    workbook, plain, made = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    workbook.active.append(["code"])
    workbook.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == SHEET else content)
    return made.getvalue()


@pytest.mark.parametrize(
    "change", [lambda _sheet: ENTITIES + WORKSHEET, lambda sheet: sheet[: len(sheet) // 2]]
)
def test_made_up_workbook_is_refused_in_words(tmp_path: Path, change: Callable[[bytes], bytes]):
    path = tmp_path / "frame.xlsx"
    path.write_bytes(changed_workbook(change))
    with pytest.raises(FrameFileError, match="XLSX"):
        read_frame_file(path)


def test_endless_cell_is_refused_in_words(tmp_path: Path):
    path = tmp_path / "frame.csv"
    path.write_text('code,name\n1,"' + "x" * 200_000)
    with pytest.raises(FrameFileError, match=r"frame\.csv"):
        read_frame_file(path)
