"""The codebook: one row per variable and value, with the full texts that the formats cut."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.exports.tables import Column, ExportTable

type Row = tuple[Any, ...]

_NAMES = ("variable", "kind", "label", "value", "value_label")


def codebook_table(
    table: ExportTable, headings: Sequence[str], marks: Iterable[tuple[Column, Any]]
) -> ExportTable:
    """Describe a table: first a row for each variable, then one for each of its labelled values.

    Parameters
    ----------
    table : ExportTable
        The table described.
    headings : sequence of str
        Labels of the five columns, in the language of the table.
    marks : iterable of (Column, value)
        Columns with one value for the whole file, such as the provisional mark.
    """
    rows = pd.DataFrame(list(_rows(table.columns)), columns=list(_NAMES))
    columns = [Column(name, heading) for name, heading in zip(_NAMES, headings, strict=True)]
    for column, value in marks:
        rows[column.name] = value
        columns.append(column)
    return ExportTable.build(f"{table.name}-codebook", table.title, columns, rows, table.marks)


def _rows(columns: Iterable[Column]) -> Iterator[Row]:
    for column in columns:
        yield column.name, column.kind, column.label, None, None
        for value, label in column.value_labels.items():
            yield column.name, column.kind, column.label, str(value), label
