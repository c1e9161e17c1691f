import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from analysis.exports import FORMATS, Column, ExportError, ExportTable, Kind, codebook_table, write_table
from tests.analysis.exports.tables import LONG, make_table


def read_csv(content: bytes, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_back(tmp_path: Path, file_format: str) -> tuple[Any, Any]:
    path = tmp_path / f"t.{file_format}"
    path.write_bytes(write_table(make_table(), file_format))
    return getattr(pyreadstat, f"read_{file_format}")(path)


@pytest.mark.parametrize(
    ("file_format", "delimiter", "weight"), [("csv", ",", "1.5"), ("csv-semicolon", ";", "1,5")]
)
def test_csv_has_the_mark_leading_zeros_and_no_formulas(
    file_format: str, delimiter: str, weight: str
) -> None:
    content = write_table(make_table(), file_format)
    rows = read_csv(content, delimiter)
    assert content.startswith(b"\xef\xbb\xbf")
    assert [row["province"] for row in rows] == ["01", "04", "", "00004"]
    assert [row["remark"] for row in rows] == ["'=HYPERLINK(1)", "'+1", "'@a", "'-x"]
    assert [row["rating"] for row in rows] == ["1", "5", "", "4"]
    assert rows[0]["weight"] == weight
    assert rows[1]["weight"].startswith("-2")
    assert [row["is_demo"] for row in rows] == ["1", "0", "", "1"]


def test_xlsx_keeps_codes_as_text_numbers_as_numbers_and_no_formulas() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_table(make_table(), "xlsx"))).active
    names, labels, *rows = sheet.iter_rows(values_only=True)
    assert names == ("province", "remark", "rating", "weight", "is_demo")
    assert labels[0] == "Tỉnh, thành phố"
    assert [row[0] for row in rows] == ["01", "04", None, "00004"]
    assert [row[1] for row in rows] == ["'=HYPERLINK(1)", "'+1", "'@a", "'-x"]
    assert [row[3] for row in rows] == [1.5, -2.25, 3, None]
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_parquet_keeps_types_missing_values_and_full_labels() -> None:
    table = pq.read_table(io.BytesIO(write_table(make_table(), "parquet")))
    assert table["province"].to_pylist() == ["01", "04", None, "00004"]
    assert table["rating"].to_pylist() == [1, 5, None, 4]
    assert table["remark"].to_pylist()[0] == "=HYPERLINK(1)"
    assert table.schema.field("rating").metadata[b"label"].decode() == LONG


def test_json_has_columns_and_nulls() -> None:
    document = json.loads(write_table(make_table(), "json"))
    assert document["columns"][0] == {"name": "province", "label": "Tỉnh, thành phố", "kind": "code"}
    assert document["rows"][2] == {
        "province": None,
        "remark": "@a",
        "rating": None,
        "weight": 3.0,
        "is_demo": None,
    }


def test_spss_labels_are_cut_at_a_word_within_the_bytes_of_the_format(tmp_path: Path) -> None:
    frame, meta = read_back(tmp_path, "sav")
    label, value_label = meta.column_names_to_labels["rating"], meta.variable_value_labels["rating"][1]
    assert frame["province"].tolist()[3] == "00004"
    assert frame["rating"].tolist()[1] == 5
    assert frame["weight"].isna().tolist() == [False, False, False, True]
    assert label.endswith("…")
    assert len(label.encode()) <= 256
    assert value_label.endswith("…")
    assert len(value_label.encode()) <= 120
    assert label[:-1].split() == LONG.split()[: len(label[:-1].split())]
    assert meta.variable_value_labels["province"]["04"] == "Cao Bằng"


def test_stata_labels_are_cut_at_a_word_within_80_characters(tmp_path: Path) -> None:
    frame, meta = read_back(tmp_path, "dta")
    label = meta.column_names_to_labels["rating"]
    assert frame["province"].tolist()[:2] == ["01", "04"]
    assert label.endswith("…")
    assert len(label) <= 80
    assert label[:-1].split() == LONG.split()[: len(label[:-1].split())]
    assert meta.variable_value_labels["is_demo"] == {0: "Không", 1: "Có"}
    assert "province" not in meta.variable_value_labels


def test_codebook_has_the_full_texts_and_the_marks() -> None:
    marks = [(Column("is_provisional", "x", Kind.FLAG), True)]
    book = codebook_table(make_table(), ("a", "b", "c", "d", "e"), marks)
    rows = read_csv(write_table(book, "csv"), ",")
    assert {row["label"] for row in rows if row["variable"] == "rating"} == {LONG}
    assert [row["value_label"] for row in rows if row["variable"] == "rating"] == ["", LONG, "Rất hài lòng"]
    assert {row["is_provisional"] for row in rows} == {"1"}


@pytest.mark.parametrize("file_format", list(FORMATS))
def test_every_format_writes_a_table_without_rows(file_format: str) -> None:
    full = make_table()
    empty = ExportTable.build("trong", "Trống", full.columns, full.rows.iloc[:0])
    assert write_table(empty, file_format)


def test_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ExportError, match="csv, csv-semicolon, xlsx"):
        write_table(make_table(), "pdf")


def test_spreadsheet_groups_counts_and_rounds_shares() -> None:
    rows = pd.DataFrame({"n": [20088], "share": [83.4297], "p": [0.00123], "is_demo": [True], "rating": [4]})
    columns = [
        Column("n", "n", Kind.NUMBER),
        Column("share", "share", Kind.NUMBER),
        Column("p", "p", Kind.NUMBER),
        Column("is_demo", "is_demo", Kind.FLAG),
        Column("rating", "rating", Kind.NUMBER, {4: "x"}),
    ]
    content = FORMATS["xlsx"].write(ExportTable.build("t", "t", columns, rows, ["Demonstration"]))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.number_format for cell in sheet[3]] == ["#,##0", "#,##0.00", "0.0000", "0", "0"]
    assert [cell.value for cell in sheet[3]] == [20088, 83.4297, 0.00123, 1, 4]
    assert sheet.oddHeader.center.text == "Demonstration"


def test_files_of_two_formats_never_share_a_name() -> None:
    names = [file_format.file_name("sipas-R1") for file_format in FORMATS.values()]
    assert len(set(names)) == len(FORMATS)
    assert {"sipas-R1.csv", "sipas-R1-semicolon.csv"} <= set(names)
