"""One writer per format, in a table; each takes an export table and returns the bytes of a file."""

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from analysis.exports.tables import Column, ExportTable, Kind
from sampling.spreadsheets import neutralise
from sampling.vietnamese import shorten_at_word

BYTE_ORDER_MARK = "utf-8-sig"
"""Spreadsheets on Windows read UTF-8 only where a file starts with the mark."""

SHEET_TITLE_LENGTH = 31
NOTE_BYTES = 80
"""Longest line of a note in an SPSS file."""
PLAIN_FORMAT, COUNT_FORMAT, SHARE_FORMAT, PROBABILITY_FORMAT = "0", "#,##0", "#,##0.00", "0.0000"
MARK_SEPARATOR = " · "
_LABEL_METADATA = b"label"
_NUMBER_KINDS = (Kind.NUMBER, Kind.FLAG)


class ExportError(ValueError):
    """A table cannot be written in the format asked for."""


@dataclass(frozen=True, slots=True)
class LabelLimits:
    """How long labels may be, measured with pyreadstat 1.3 and texts with Vietnamese letters.

    SPSS files are cut in silence after 256 bytes of a variable label and 120 bytes of a value label; Stata
    files refuse a variable label or title of more than 80 characters and any label on a text value.
    """

    variable: int
    value: int
    title: int
    unit: str
    labels_text_values: bool


SPSS_LIMITS = LabelLimits(variable=256, value=120, title=64, unit="bytes", labels_text_values=True)
STATA_LIMITS = LabelLimits(variable=80, value=320, title=80, unit="characters", labels_text_values=False)


def write_csv(table: ExportTable) -> bytes:
    """Comma-separated values with decimal points."""
    return _separated(table, separator=",", decimal=".")


def write_semicolon_csv(table: ExportTable) -> bytes:
    """Semicolon-separated values with decimal commas, as a spreadsheet set to Vietnamese reads them."""
    return _separated(table, separator=";", decimal=",")


def write_xlsx(table: ExportTable) -> bytes:
    """Excel workbook: names, then labels, codes as text, the marks at the head of every printed page."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.name[:SHEET_TITLE_LENGTH])
    sheet.freeze_panes = "A3"
    sheet.oddHeader.center.text = book.properties.description = _one_line(table.marks)
    sheet.print_title_rows = "1:2"
    for texts in ([column.name for column in table.columns], [column.label for column in table.columns]):
        sheet.append([_bold(sheet, neutralise(text)) for text in texts])
    cells = [_number_cell(sheet, column, table.rows) for column in table.columns]
    for row in _with_none(_harmless(table)).itertuples(index=False, name=None):
        sheet.append([_filled(cell, value) for cell, value in zip(cells, row, strict=True)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def write_parquet(table: ExportTable) -> bytes:
    """Parquet with the full labels as field metadata."""
    arrow = pa.Table.from_pandas(table.rows, preserve_index=False, schema=_arrow_schema(table))
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer, compression="zstd")
    return buffer.getvalue()


def write_spss(table: ExportTable) -> bytes:
    """SPSS system file."""
    labels = _fitted_labels(table, SPSS_LIMITS)
    measures = {column.name: "nominal" if column.kind is Kind.CODE else "scale" for column in table.columns}
    return _through_file(
        ".sav",
        lambda path: pyreadstat.write_sav(
            _plain(table),
            path,
            **labels,
            variable_measure=measures,
            row_compress=True,
            note=[line for mark in table.marks for line in note_lines(mark)],
        ),
    )


def note_lines(text: str) -> list[str]:
    """Break a sentence into lines that a note of SPSS can hold, counted in bytes.

    Examples
    --------
    >>> [len(line.encode()) for line in note_lines("câu " * 30)]
    [79, 69]
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer.encode()) <= NOTE_BYTES:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write_stata(table: ExportTable) -> bytes:
    """Stata data file, version 15."""
    labels = _fitted_labels(replace(table, title=_one_line((*table.marks, table.title))), STATA_LIMITS)
    return _through_file(".dta", lambda path: pyreadstat.write_dta(_plain(table), path, **labels, version=15))


def write_json(table: ExportTable) -> bytes:
    """JSON with the columns' labels and one object per row; a missing value is null."""
    document = {
        "name": table.name,
        "title": table.title,
        "marks": list(table.marks),
        "columns": [
            {"name": column.name, "label": column.label, "kind": column.kind} for column in table.columns
        ],
        "rows": _with_none(table.rows).to_dict(orient="records"),
    }
    return json.dumps(document, ensure_ascii=False, default=_native).encode()


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A file format: its short name, the end of its file names, its media type and its writer."""

    code: str
    extension: str
    content_type: str
    write: Callable[[ExportTable], bytes]

    def file_name(self, stem: str) -> str:
        """Return the name of a file; two formats with one extension do not share a name."""
        variant = self.code.removeprefix(self.extension.removeprefix("."))
        return f"{stem}{variant}{self.extension}"


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Mapping[str, ExportFormat] = {
    entry.code: entry
    for entry in (
        ExportFormat("csv", ".csv", "text/csv; charset=utf-8", write_csv),
        ExportFormat("csv-semicolon", ".csv", "text/csv; charset=utf-8", write_semicolon_csv),
        ExportFormat("xlsx", ".xlsx", _XLSX, write_xlsx),
        ExportFormat("json", ".json", "application/json", write_json),
        ExportFormat("parquet", ".parquet", "application/vnd.apache.parquet", write_parquet),
        ExportFormat("sav", ".sav", "application/x-spss-sav", write_spss),
        ExportFormat("dta", ".dta", "application/x-stata-dta", write_stata),
    )
}
"""Every format by its code."""


def write_table(table: ExportTable, file_format: str) -> bytes:
    """Write a table in the format of a code.

    Raises
    ------
    ExportError
        If there is no such format.
    """
    if file_format not in FORMATS:
        raise ExportError(
            _("Expected one of the formats %(known)s, got %(format)s. Choose one of them.")
            % {"known": ", ".join(FORMATS), "format": file_format}
        )
    return FORMATS[file_format].write(table)


def _separated(table: ExportTable, *, separator: str, decimal: str) -> bytes:
    text = _harmless(table).to_csv(index=False, sep=separator, decimal=decimal, lineterminator="\r\n")
    return text.encode(BYTE_ORDER_MARK)


def _harmless(table: ExportTable) -> pd.DataFrame:
    """Return the rows with every text that looks like a formula put behind an apostrophe."""
    shielded = {name: table.rows[name].map(neutralise, na_action="ignore") for name in table.code_columns}
    return table.rows.assign(**shielded)


def _with_none(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as plain Python values, None for what is missing."""
    return rows.astype(object).where(rows.notna(), None)


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _number_cell(sheet: Any, column: Column, rows: pd.DataFrame) -> Any:
    """Return the cell in which a column of numbers is written row after row; none for a code."""
    if column.kind is Kind.CODE:
        return None
    cell = WriteOnlyCell(sheet)
    cell.number_format = _number_format(column, rows[column.name])
    return cell


def _number_format(column: Column, values: pd.Series) -> str:
    """Return how a spreadsheet shows a column: counts with grouped digits, percentages with two decimals."""
    if column.kind is Kind.FLAG or column.value_labels:
        return PLAIN_FORMAT
    if values.dtype != float:
        return COUNT_FORMAT
    largest = values.abs().max()
    return SHARE_FORMAT if largest > 1 else PROBABILITY_FORMAT


def _filled(cell: Any, value: Any) -> Any:
    """Put a value into the cell of its column; the sheet has written the row before by then."""
    if cell is None:
        return value
    cell.value = value
    return cell


def _one_line(marks: Iterable[str]) -> str:
    return MARK_SEPARATOR.join(marks)


def _arrow_schema(table: ExportTable) -> pa.Schema:
    return pa.schema(
        [
            pa.field(
                column.name,
                _arrow_type(column, table.rows),
                metadata={_LABEL_METADATA: column.label.encode()},
            )
            for column in table.columns
        ],
        metadata={b"title": table.title.encode(), b"marks": _one_line(table.marks).encode()},
    )


def _arrow_type(column: Column, rows: pd.DataFrame) -> pa.DataType:
    if column.kind is Kind.CODE:
        return pa.string()
    return pa.float64() if rows[column.name].dtype == float else pa.int64()


def _fitted_labels(table: ExportTable, limits: LabelLimits) -> dict[str, Any]:
    """Return the label arguments of pyreadstat, each short enough for the format."""

    def fit(text: str, limit: int) -> str:
        return shorten_at_word(" ".join(text.split()), limit, unit=limits.unit)

    labelled = [
        column
        for column in table.columns
        if column.value_labels and (column.kind in _NUMBER_KINDS or limits.labels_text_values)
    ]
    return {
        "file_label": fit(table.title, limits.title),
        "column_labels": {column.name: fit(column.label, limits.variable) for column in table.columns},
        "variable_value_labels": {
            column.name: {value: fit(label, limits.value) for value, label in column.value_labels.items()}
            for column in labelled
        },
    }


def _plain(table: ExportTable) -> pd.DataFrame:
    """Return the rows as pyreadstat wants them: floats with NaN, and empty text for no text."""
    return pd.DataFrame(
        {
            column.name: table.rows[column.name].fillna("").astype(object)
            if column.kind is Kind.CODE
            else table.rows[column.name].astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
            for column in table.columns
        }
    )


def _through_file(suffix: str, write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        write(path)
        return path.read_bytes()


def _native(value: Any) -> Any:
    """Turn NumPy scalars into plain numbers."""
    return value.item()
