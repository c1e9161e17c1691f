"""Pieces of portable query text: numbers, sums and checks that DuckDB and Apache Spark read alike."""

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.estimation.errors import AnalysisError, DesignError, EstimandError

TABLE = "microdata"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INFINITY = "CAST('Infinity' AS DOUBLE)"


def check_names(names: Iterable[str]) -> None:
    """Refuse names that would need quotes, which engines write differently.

    Raises
    ------
    EstimandError
        If a name has other characters than letters, digits and underscores.
    """
    odd = [name for name in names if not _NAME.fullmatch(name)]
    if odd:
        raise EstimandError(
            expected="column names of letters, digits and underscores",
            got=", ".join(map(repr, odd)),
            hint="Rename the columns in a view.",
        )


def number(column: str) -> str:
    """Return the column as a number whose NaN is missing too."""
    value = f"CAST({column} AS DOUBLE)"
    return f"CASE WHEN {is_finite(column)} OR ABS({value}) = {_INFINITY} THEN {value} END"


def literal(value: float) -> str:
    """Return a number with all its digits, as one that no engine takes for a decimal.

    Examples
    --------
    >>> float(literal(0.1)) == 0.1
    True
    """
    return f"{value:.17e}"


def times(*factors: str) -> str:
    """Return a product, leaving out factors of "1"."""
    return " * ".join(factor for factor in factors if factor != "1") or "1"


def sum_where(condition: str, value: str) -> str:
    """Return the sum of a value over the rows where a condition holds, 0 where it holds nowhere."""
    return f"SUM(CASE WHEN {condition} THEN {value} ELSE 0 END)"


def count_unless(condition: str) -> str:
    """Count the rows where a condition does not hold or cannot be known."""
    return f"SUM(CASE WHEN {condition} THEN 0 ELSE 1 END)"


def is_weight(column: str) -> str:
    """Say that a column is neither NULL, NaN (which engines sort above all), negative nor infinite."""
    return f"{is_finite(column)} AND CAST({column} AS DOUBLE) >= 0"


def is_finite(column: str) -> str:
    """Say that a column is a number, which neither NULL, NaN nor an infinite one is.

    A difference, because comparisons with a limit, and even ``isnan``, are decided by the statistics of a
    Parquet file before any row is read where an engine trusts them, and NaN is not in these.
    """
    return f"CAST({column} AS DOUBLE) - CAST({column} AS DOUBLE) = 0"


def is_infinite(column: str) -> str:
    """Say that a column is infinite; unknown where it is missing."""
    return f"ABS(CAST({column} AS DOUBLE)) = {_INFINITY}"


def select(columns: Mapping[str, str], source: str, *, first: str = "") -> str:
    """Return the query for expressions by name.

    Parameters
    ----------
    columns : mapping of name to expression
    source : str
        A table, or several joined.
    first : str
        Columns before them, for example ``*``.
    """
    listed = [f"  {expression} AS {name}" for name, expression in columns.items()]
    return f"SELECT {',\n'.join([first, *listed] if first else listed).lstrip()}\nFROM {source}"


def select_sums(keys: Iterable[str], sums: Mapping[str, str], source: str = TABLE) -> str:
    """Return the query for sums, by name, of the rows that share some keys.

    Examples
    --------
    >>> print(select_sums(["commune"], {"n": "COUNT(*)"}))
    SELECT commune,
      COUNT(*) AS n
    FROM microdata
    GROUP BY commune
    """
    listed = ", ".join(dict.fromkeys(keys))
    text = select(sums, source, first=listed)
    return f"{text}\nGROUP BY {listed}" if listed else text


def with_steps(steps: Mapping[str, str]) -> str:
    """Return a WITH clause of named queries, each of which may read those before it."""
    return "WITH " + ",\n".join(f"{name} AS (\n{text}\n)" for name, text in steps.items())


def name_group(answer: pd.DataFrame, place: int, keys: Iterable[str]) -> str:
    """Name a group of rows by what its rows share: the rows themselves have no place in an answer.

    Examples
    --------
    >>> name_group(pd.DataFrame({"province": ["01", "04"], "commune": [7, 8]}), 1, ["province", "commune"])
    'province 04, commune 8'
    """
    group = answer.iloc[place]
    return ", ".join(f"{key} {'missing' if pd.isna(group[key]) else group[key]}" for key in keys)


def refuse_wrong(
    answer: pd.DataFrame,
    column: str,
    expected: str,
    *,
    what: str,
    hint: str,
    keys: Iterable[str] = (),
    error: type[AnalysisError] = DesignError,
) -> None:
    """Refuse an answer that counted wrong rows, which its sums would hide.

    Parameters
    ----------
    answer : DataFrame
    column : str
        Holds the number of wrong rows of each group.
    expected, what, hint : str
        What rows should have, what the wrong ones have, and what to do.
    keys : iterable of str
        Columns that name the first group with such rows.
    error : type
        To raise.

    Raises
    ------
    AnalysisError
        Of the type given, if the column counts any.
    """
    counts = answer[column].to_numpy(dtype=float)
    n_wrong = int(counts.sum())
    if not n_wrong:
        return
    where = name_group(answer, int((counts > 0).argmax()), keys)
    got = f"{n_wrong} {'row' if n_wrong == 1 else 'rows'} with {what}" + (
        f", first in {where}" if where else ""
    )
    raise error(expected=expected, got=got, hint=hint)


def joined(columns: Mapping[str, Iterable[str]], on: str) -> str:
    """Return, in brackets, the query for columns of several tables whose rows share a key.

    Parameters
    ----------
    columns : mapping of table to names
        Each name in one table only.
    on : str
        Column of all tables, one row for each of its values.

    Examples
    --------
    >>> print(joined({"answers": ["q1"], "weights": ["w"]}, on="id"))
    (SELECT answers.q1, weights.w FROM answers JOIN weights ON answers.id = weights.id)
    """
    listed = ", ".join(f"{table}.{name}" for table, names in columns.items() for name in names)
    first, *others = columns
    source = " ".join([first, *(f"JOIN {other} ON {first}.{on} = {other}.{on}" for other in others)])
    return f"({select({}, source, first=listed).replace(chr(10), ' ')})"
