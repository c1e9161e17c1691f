"""Variables of model formulas: a column, or a named function of a column and a number."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray, FloatArray
from analysis.estimation.errors import EstimandError

FACTOR_FUNCTIONS = frozenset({"factor", "as.factor", "C"})
NUMERIC_FUNCTIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "I": np.positive,
    "as.numeric": np.positive,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "sqrt": np.sqrt,
}
ARITHMETIC: dict[str, Callable[[FloatArray, float], FloatArray]] = {
    "^": np.power,
    "*": np.multiply,
    "/": np.divide,
    "+": np.add,
    "-": np.subtract,
}
COMPARISONS: dict[str, Callable[[FloatArray, float], BoolArray]] = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    "==": np.equal,
    ">": np.greater,
    "<": np.less,
}

_TIGHT = frozenset("^/")
_NAME = r"[^\W\d][\w.]*"
_SYMBOLS = "|".join(re.escape(symbol) for symbol in (*COMPARISONS, *ARITHMETIC))
_CALL = re.compile(
    rf"(?P<function>{_NAME})\(\s*(?P<column>{_NAME})\s*(?:(?P<operator>{_SYMBOLS})\s*(?P<number>[\d.]+)\s*)?\)"
)


@dataclass(frozen=True)
class Variable:
    """A column of the data, as it is or through a function.

    Attributes
    ----------
    column : str
    function : str
        Empty, or one of the factor and numeric functions; ``I`` stands for none.
    operator, number : str
        What is done to the column first, as in ``I(age / 10)`` or ``I(overall >= 4)``; empty if nothing.
    """

    column: str
    function: str = ""
    operator: str = ""
    number: str = ""

    @property
    def label(self) -> str:
        """The variable as R writes it."""
        if not self.function:
            return self.column
        space = "" if self.operator in _TIGHT else " "
        operation = f"{space}{self.operator}{space}{self.number}" if self.operator else ""
        return f"{self.function}({self.column}{operation})"

    @property
    def is_factor(self) -> bool:
        """Whether the formula asks for categories."""
        return self.function in FACTOR_FUNCTIONS

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``age``, ``factor(year)``, ``log(income + 1)``, ``I(age^2)`` or ``I(overall >= 4)``.

        Raises
        ------
        EstimandError
            If it is none of these.

        Examples
        --------
        >>> Variable.read(" factor( year ) ").label, Variable.read("I(age-45)").label
        ('factor(year)', 'I(age - 45)')
        """
        piece = text.strip()
        if re.fullmatch(_NAME, piece):
            return cls(piece)
        match = _CALL.fullmatch(piece)
        known = {*NUMERIC_FUNCTIONS, *FACTOR_FUNCTIONS}
        if match is None or match["function"] not in known or not _is_number(match["number"]):
            raise EstimandError(
                expected=f"a column, or a function ({', '.join(sorted(known))}) of a column and a number",
                got=repr(piece),
                hint="Compute anything else as a column of the data first.",
            )
        return cls(match["column"], match["function"], match["operator"] or "", match["number"] or "")

    def evaluate(self, answers: pd.Series) -> pd.Series:
        """Apply the function to answers without missing ones.

        Raises
        ------
        EstimandError
            If they are not numbers where a function needs them, or the result is not finite.

        Examples
        --------
        >>> Variable.read("I(age / 10)").evaluate(pd.Series([20, 30])).tolist()
        [2.0, 3.0]
        """
        if not self.function or (self.is_factor and not self.operator):
            return answers
        values = as_numbers(answers, self.column)
        if self.operator in COMPARISONS:
            return pd.Series(COMPARISONS[self.operator](values, float(self.number)), answers.index)
        with np.errstate(all="ignore"):
            if self.operator:
                values = ARITHMETIC[self.operator](values, float(self.number))
            values = NUMERIC_FUNCTIONS.get(self.function, np.positive)(values)
        if not np.isfinite(values).all():
            raise EstimandError(
                expected=f"finite values of {self.label}",
                got="an infinite or undefined one",
                hint="Set values that the function does not allow to missing first.",
            )
        return pd.Series(values, answers.index)


def as_numbers(answers: pd.Series, name: str) -> FloatArray:
    """Return answers as floats.

    Raises
    ------
    EstimandError
        If one is not a number, or not finite.

    Examples
    --------
    >>> as_numbers(pd.Series([True, False]), "happy").tolist()
    [1.0, 0.0]
    """
    try:
        values: FloatArray = answers.to_numpy(dtype=float)
    except (TypeError, ValueError):
        values = np.full(1, np.nan)
    if not np.isfinite(values).all():
        raise EstimandError(
            expected=f"finite numbers in {name!r}",
            got=f"{answers.iloc[0]!r}",
            hint="Compare first, as in I(overall >= 4), or make categories of it with factor().",
        )
    return values


def _is_number(text: str | None) -> bool:
    return text is None or re.fullmatch(r"\d+\.?\d*|\.\d+", text) is not None
