"""What is exported: rows with columns that know their kind and their labels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

type ValueLabels = Mapping[str, str] | Mapping[int, str]


class Kind(StrEnum):
    """What a column holds, which decides how every format writes it."""

    CODE = "code"
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a name lawful in SPSS and Stata, a label, and labels of its values in the same language.

    A code is text and keeps its leading zeros; a flag is written as 1 and 0.
    """

    name: str
    label: str
    kind: Kind = Kind.CODE
    value_labels: ValueLabels = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ExportTable:
    """A table in one language, ready for any format.

    `marks` are sentences about the whole table, such as that its figures are a demonstration. The formats
    that can carry them beside the rows do, and the rows have them as columns too.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    marks: tuple[str, ...] = ()

    @classmethod
    def build(
        cls, name: str, title: str, columns: Iterable[Column], rows: pd.DataFrame, marks: Iterable[str] = ()
    ) -> "ExportTable":
        """Arrange the rows by the columns and give every column the type of its kind."""
        listed = tuple(columns)
        typed = {column.name: _typed(rows[column.name], column.kind) for column in listed}
        frame = pd.DataFrame(typed, index=rows.index)
        return cls(name=name, title=title, columns=listed, rows=frame, marks=tuple(marks))

    @property
    def code_columns(self) -> tuple[str, ...]:
        """Names of the columns that hold text."""
        return tuple(column.name for column in self.columns if column.kind is Kind.CODE)


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    return _CONVERSIONS[kind](values)


def _as_codes(values: pd.Series) -> pd.Series:
    return values.map(str, na_action="ignore").astype("str")


def _as_numbers(values: pd.Series) -> pd.Series:
    numbers = values.astype(float)
    is_whole = numbers.dropna().mod(1).eq(0).all()
    return numbers.astype("Int64") if is_whole else numbers.astype(float)


def _as_flags(values: pd.Series) -> pd.Series:
    return values.astype("boolean").astype("Int64")


_CONVERSIONS = {Kind.CODE: _as_codes, Kind.NUMBER: _as_numbers, Kind.FLAG: _as_flags}
