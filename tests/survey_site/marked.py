"""What carries the marks of demonstrations and provisional methods, and how each kind of file is read."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pyreadstat
from django.utils.translation import gettext_lazy

DEMO = "Dữ liệu minh họa – không phải kết quả thật"
PROVISIONAL = "Phương pháp chưa chính thức"
TAG = 'class="mark-provisional"'
REHEARSED = gettext_lazy("Sample drawn without a public commitment")
FLAGS = ("is_provisional", "is_demo", "is_rehearsed")

LISTED = (
    "sample",
    "samplingtemplate",
    "release",
    "publishedestimate",
    "scorecard",
    "indexmethod",
    "criteriaset",
)
FIGURES = frozenset(
    {
        *(f"admin/{name}/" for name in LISTED),
        *(f"admin/{name}/inspect/<int:pk>/" for name in (*LISTED, "surveyround")),
        "phieu-giay/<int:version_id>/",
    }
)
"""Pages that show figures, samples or wording behind which there is a method without an official text."""

WITHOUT_FIGURES: Mapping[str, str] = {
    "admin/surveyround/": "rounds by name, their states, and forms that change them",
    "admin/letters/": "forms that make letters",
    "admin/openround/": "forms that anybody may answer; their counts say that they are no sample",
    "admin/messages/": "texts of messages, and counts of those sent",
    "admin/objection/": "keyed hashes of people who must not be contacted",
    "admin/samplingtemplate/import/": "the form that loads a template; its page carries the mark",
    "admin/planner/": "expected margins of plans; templates carry their mark: test_planner.py",
    "admin/territorymember/": "who works for which province",
    "admin/workloads/": "villages by enumerator",
    "admin/approvals/": "counts of forms by village",
    "admin/rights/": "requests of persons about their data",
    "admin/sample/": "the order of the lists before the draw",
    "admin/samplingframe/": "lists of real units with their sizes",
    "admin/frameunit/": "lists of real units with their sizes",
    "admin/administrativeunit/": "lists of real units",
    "admin/snapshot/": "files with their hashes",
    "admin/populationmargin/": "population counts with their source",
    "admin/release/publish/": "the form that publishes",
    "admin/working-estimates/": "a form; the figures it gives carry their marks: test_desk.py",
    "admin/weighting-bridge/": "a form; the figures it gives carry their marks: test_desk.py",
    "admin/questionnaireversion/": "versions by number; the printed form carries its own mark",
    "admin/roundquestionnaire/": "which version a round asks",
    "admin/questionnaires/": "the publication of a version, its wording as files and in other languages",
    "admin/snippets/questionnaires/": "drafts of questionnaires",
    "admin/assignment/": "who works where",
    "thuc-dia/": "cases of the fieldwork",
    "nhap-phieu/": "keying of forms",
}
"""Our other pages, by the beginning of their address, and what they show instead."""


def is_unlisted(route: str) -> bool:
    """Tell whether nobody said yet if a page shows figures."""
    return route not in FIGURES and not route.startswith(tuple(WITHOUT_FIGURES))


def faults_of_page(route: str, page: str) -> list[str]:
    """Marks that a whole page lacks."""
    missing = [] if DEMO in page else [f"{route}: no demonstration mark"]
    needs_mark = route in FIGURES and TAG not in page
    return [*missing, f"{route}: no provisional mark"] if needs_mark else missing


def charts(page: str) -> Iterable[str]:
    """Every drawing of a page, from its first tag to its last, as somebody would take it out."""
    for start in range(len(page)):
        if page.startswith("<svg", start) and 'role="img"' in page[start : page.index(">", start)]:
            depth, end = 1, start + 1
            while depth:
                opening, closing = page.find("<svg", end), page.index("</svg>", end)
                is_nested = -1 < opening < closing
                depth += 1 if is_nested else -1
                end = (opening if is_nested else closing) + 1
            yield page[start:end]


@dataclass(frozen=True)
class FileContent:
    """The rows of a file, and what it says beside them."""

    rows: list[dict[str, Any]]
    beside: str


def read_csv(content: bytes, delimiter: str = ",") -> FileContent:
    text = content.decode("utf-8-sig")
    return FileContent(list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)), "")


def read_xlsx(content: bytes) -> FileContent:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    names, _labels, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return FileContent(found, sheet.oddHeader.center.text or "")


def read_json(content: bytes) -> FileContent:
    document = json.loads(content)
    return FileContent(document["rows"], " · ".join(document["marks"]))


def read_parquet(content: bytes) -> FileContent:
    table = pq.read_table(io.BytesIO(content))
    return FileContent(table.to_pylist(), table.schema.metadata[b"marks"].decode())


def read_statistics(
    suffix: str, read: Callable[..., Any], beside: Callable[[Any], str]
) -> Callable[..., Any]:
    def read_file(content: bytes) -> FileContent:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"table{suffix}"
            path.write_bytes(content)
            rows, described = read(path)
        return FileContent(rows.to_dict(orient="records"), beside(described))

    return read_file


READERS: Mapping[str, Callable[[bytes], FileContent]] = {
    "csv": read_csv,
    "csv-semicolon": lambda content: read_csv(content, ";"),
    "xlsx": read_xlsx,
    "json": read_json,
    "parquet": read_parquet,
    "sav": read_statistics(".sav", pyreadstat.read_sav, lambda found: " · ".join(found.notes)),
    "dta": read_statistics(".dta", pyreadstat.read_dta, lambda found: found.file_label),
}
"""How each format is read."""

ROWS_ONLY = frozenset({"csv", "csv-semicolon"})
"""Formats that have nothing but rows."""

SHORT_TITLE = frozenset({"dta"})
"""Formats whose title has no room for a third sentence; there the column says it."""


def faults_of_file(file_format: str, content: bytes) -> list[str]:
    """Marks that a file lacks: the columns in every row, the sentences where the format has room for them."""
    found = READERS[file_format](content)
    faults = [] if found.rows else [f"{file_format}: no rows"]
    faults += [
        f"{file_format}: {flag} missing"
        for flag in FLAGS
        if any(str(row.get(flag)) not in {"1", "1.0", "True"} for row in found.rows)
    ]
    if file_format not in ROWS_ONLY:
        marks = (DEMO, PROVISIONAL) if file_format in SHORT_TITLE else (DEMO, PROVISIONAL, str(REHEARSED))
        faults += [f"{file_format}: no “{mark}”" for mark in marks if mark not in found.beside]
    return faults
