"""The small language of `derive` and `where` in reference cases; an unknown statement is an error."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

type Cases = Mapping[str, dict[str, Any]]
type Statement = Callable[[pd.DataFrame, re.Match[str], Cases], pd.DataFrame]


def as_list(value: Any) -> list[Any]:
    """A one-element list may be written as a bare value, an empty one as null."""
    return value if isinstance(value, list) else [] if value is None else [value]


def literal(text: str) -> Any:
    return text[1:-1] if text.startswith("'") else float(text)


def _indicator(frame: pd.DataFrame, match: re.Match[str], _cases: Cases) -> pd.DataFrame:
    name, column, operator, value = match.groups()
    values, wanted = frame[column], literal(value)
    truth = values >= wanted if operator == ">=" else values == wanted
    return frame.assign(**{name: truth.astype(float).where(values.notna())})


def _paste(frame: pd.DataFrame, match: re.Match[str], _cases: Cases) -> pd.DataFrame:
    name, first, second = match.groups()
    return frame.assign(**{name: frame[first].astype(str) + " " + frame[second].astype(str)})


def _number(frame: pd.DataFrame, match: re.Match[str], _cases: Cases) -> pd.DataFrame:
    return frame.assign(**{match[1]: float(match[2])})


def _class_factor(frame: pd.DataFrame, match: re.Match[str], cases: Cases) -> pd.DataFrame:
    name, column, case_id = match.groups()
    case = cases[case_id]
    factors = {row["class"]: row["factor"] for row in case["rows"]}
    classes = frame[as_list(case["args"]["classes"])].astype(str).agg(" ".join, axis=1)
    return frame.assign(**{name: frame[column] * classes.map(factors)})


def _keep_value(frame: pd.DataFrame, match: re.Match[str], _cases: Cases) -> pd.DataFrame:
    wanted: Any = match[2].strip("'")
    column = frame[match[1]]
    return frame[column == (float(wanted) if pd.api.types.is_numeric_dtype(column) else wanted)]


def _keep_first(frame: pd.DataFrame, match: re.Match[str], _cases: Cases) -> pd.DataFrame:
    return frame[frame[match[1]].isin(sorted(frame[match[1]].dropna().unique())[: int(match[2])])]


STATEMENTS: list[tuple[str, Statement]] = [
    (r"(\w+) = as\.integer\((\w+) (>=|==) ('[^']*'|[-\d.]+)\)", _indicator),
    (r"(\w+) = paste\((\w+), (\w+)\)", _paste),
    (r"(\w+) = (-?[\d.]+)", _number),
    (r"(\w+) = (\w+) \* factor of case (\S+)", _class_factor),
    (r"keep (\w+)==(.+)", _keep_value),
    (r"keep (\w+) in first (\d+)", _keep_first),
]


def read_frame(frame: pd.DataFrame, derive: str | None, cases: Cases) -> pd.DataFrame:
    for statement in (derive or "").split("; ") if derive else []:
        frame = _apply(frame, statement, cases)
    return frame.reset_index(drop=True)


def _apply(frame: pd.DataFrame, statement: str, cases: Cases) -> pd.DataFrame:
    for pattern, function in STATEMENTS:
        match = re.fullmatch(pattern, statement)
        if match:
            return function(frame, match, cases)
    raise KeyError(f"statement {statement!r} is not known")


def keep_listed(frame: pd.DataFrame, where: str) -> np.ndarray:
    """Rows that a `where` names: COLUMN=='VALUE' joined with `and`."""
    inside = np.ones(len(frame), dtype=bool)
    for condition in where.split(" and "):
        match = re.fullmatch(r"(\w+)==('[^']*'|[-\d.]+)", condition)
        if match is None:
            raise KeyError(f"condition {condition!r} is not known")
        inside &= (frame[match[1]] == literal(match[2])).to_numpy()
    return inside
