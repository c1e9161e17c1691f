"""Reading microdata: every format that the site exports, codes kept as text."""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from analysis.shell.errors import InputError
from analysis.shell.written_numbers import read_column

SEPARATORS = (";", "\t", ",")

type Reader = Callable[[Path], pd.DataFrame]


def _read_text(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig") as file:
        heading = file.readline()
    separator = max(SEPARATORS, key=heading.count)
    return pd.read_csv(
        path, sep=separator, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_values=[""]
    )


def _read_parquet(path: Path) -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return frame


def _read_workbook(path: Path) -> pd.DataFrame:
    return pd.read_excel(path, dtype=str, engine="openpyxl")


def _read_spss(path: Path) -> pd.DataFrame:
    return pyreadstat.read_sav(path)[0]


def _read_stata(path: Path) -> pd.DataFrame:
    return pyreadstat.read_dta(path)[0]


READERS: dict[str, Reader] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".parquet": _read_parquet,
    ".xlsx": _read_workbook,
    ".sav": _read_spss,
    ".dta": _read_stata,
}


def read_microdata(path: Path) -> pd.DataFrame:
    """Read a file of microdata by its ending.

    Parameters
    ----------
    path : Path
        CSV (comma, semicolon or tab, decimal point or comma), Parquet, XLSX, SPSS or Stata.

    Returns
    -------
    DataFrame
        As written; text files and workbooks hold text only, see :func:`as_numbers`.

    Raises
    ------
    InputError
        If there is no such file, the format is unknown, or the file is damaged or empty.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            expected=f"a file ending in {', '.join(READERS)}",
            got=path.name,
            hint="Export the data in one of these formats.",
        )
    if not path.is_file():
        raise InputError(expected=f"the file {path}", got="none there", hint="Check the path.")
    try:
        frame = reader(path)
    except (ValueError, OSError, KeyError, pa.ArrowException, pyreadstat.ReadstatError) as error:
        raise InputError(
            expected=f"{path.name} to be a readable {path.suffix} file",
            got=str(error),
            hint="Export it again; UTF-8 for text files.",
        ) from error
    if frame.empty:
        raise InputError(expected="rows of data", got=f"none in {path.name}", hint="Check the export.")
    return frame


def require_columns(frame: pd.DataFrame, names: Collection[str], source: str) -> None:
    """Refuse data without the columns that a settings file names."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise InputError(
            expected=f"columns {', '.join(missing)}, which {source} names",
            got=f"columns {', '.join(map(str, frame.columns))}",
            hint="Correct the name in the settings, capitals included, or export the column.",
        )


def as_numbers(column: pd.Series) -> pd.Series:
    """Turn a column into numbers, whether written 83.94 or 83,94; what is empty is missing.

    Raises
    ------
    InputError
        If a value is no number, infinite, or may mean two numbers, see
        :func:`analysis.shell.written_numbers.read_column`; it says which, and in which row.
    """
    numbers = column.astype(float) if pd.api.types.is_numeric_dtype(column) else read_column(column)
    is_infinite = np.isinf(numbers.to_numpy())
    if is_infinite.any():
        raise InputError(
            expected=f"finite numbers in column {column.name}",
            got=f"an infinite one in row {int(is_infinite.argmax()) + 1}",
            hint="Leave it empty where nothing is known.",
        )
    return numbers


def as_codes(column: pd.Series) -> pd.Series:
    """Turn a column into labels; an empty cell is missing."""
    labels = column.where(column.notna() & (column.astype("string") != ""), None)
    if isinstance(labels.dtype, pd.CategoricalDtype) and "" in labels.cat.categories:
        return labels.cat.remove_categories("")
    return labels
