"""From a formula and a data frame to the numbers of a model: response, columns, names, participants."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray, FloatArray
from analysis.estimation.comparisons.participation import Mask, find_participants
from analysis.estimation.errors import EstimandError
from analysis.estimation.regression.formulas import Formula, Term
from analysis.estimation.regression.variables import Variable, as_numbers

INTERCEPT = "(Intercept)"
_TWO_LEVELS = 2


@dataclass(frozen=True, eq=False)
class ModelMatrix:
    """What a regression is fitted to; rows that take no part hold zeros.

    Attributes
    ----------
    response : float array, shape (n_rows,)
    columns : float array, shape (n_rows, k)
    names : tuple of str, length k
        As R names them: ``(Intercept)``, ``age``, ``areaurban``, ``areaurban:sexM``.
    terms : dict of str to tuple of int
        Positions of the columns of each term.
    participates : bool array, shape (n_rows,)
    """

    response: FloatArray
    columns: FloatArray
    names: tuple[str, ...]
    terms: dict[str, tuple[int, ...]]
    participates: BoolArray


@dataclass(frozen=True, eq=False)
class _Block:
    """Columns of one variable: the numbers themselves, or an indicator of each level."""

    columns: FloatArray
    names: tuple[str, ...]
    is_factor: bool = False

    def without_first_level(self) -> "_Block":
        return _Block(self.columns[:, 1:], self.names[1:], is_factor=True)

    def times(self, other: "_Block") -> "_Block":
        """Multiply every column by every column of another, this one's varying fastest."""
        product = other.columns[:, :, None] * self.columns[:, None, :]
        names = tuple(f"{mine}:{theirs}" for theirs in other.names for mine in self.names)
        return _Block(product.reshape(len(product), -1), names)


def build_model_matrix(frame: pd.DataFrame, formula: Formula, within: Mask | None = None) -> ModelMatrix:
    """Code a formula with treatment contrasts, the first level in sorted order being the reference.

    Text, categorical and logical columns are factors, others are numbers; ``factor()`` makes a number one.
    The levels are those that occur among the participants. In an interaction a factor keeps all its levels
    if the term without it is not in the model, as in R.

    Parameters
    ----------
    frame : data frame
        One row per row of the design.
    formula : Formula
    within : array-like of bool, optional
        Domain of the model.

    Returns
    -------
    ModelMatrix
        Rows with a missing variable, or outside the domain, do not participate and are not dropped.

    Raises
    ------
    EstimandError
        If a column is missing or not a number where one is needed, a transformation is not finite,
        or a factor has one level only.
    DomainError
        If no row participates.

    Examples
    --------
    >>> from analysis.estimation.regression.formulas import parse_formula
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, None], "area": ["rural", "urban", "urban"]})
    >>> matrix = build_model_matrix(frame, parse_formula("y ~ area"))
    >>> matrix.names, matrix.columns.tolist()
    (('(Intercept)', 'areaurban'), [[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    """
    raw = {variable: _read_column(frame, variable.column) for variable in formula.variables}
    complete = np.logical_and.reduce([series.notna().to_numpy() for series in raw.values()])
    participates = find_participants(complete, within)
    answers = formula.response.evaluate(raw[formula.response][participates])
    response = _spread(as_numbers(answers, formula.response.column), participates)
    blocks = {
        variable: _make_block(variable, raw[variable], participates)
        for variable in dict.fromkeys(variable for term in formula.terms for variable in term.variables)
    }
    parts = [(INTERCEPT, _Block(participates[:, None].astype(float), (INTERCEPT,)))] * formula.has_intercept
    present: set[frozenset[Variable]] = {term.key for term in formula.terms} | (
        {frozenset()} if formula.has_intercept else set()
    )
    for term in formula.terms:
        parts.append((term.label, _code_term(term, blocks, present)))
        if len(term.variables) == 1 and blocks[term.variables[0]].is_factor:
            present.add(frozenset())  # all its levels span the intercept, if that was taken out
    return _join(parts, response, participates)


def _join(parts: list[tuple[str, _Block]], response: FloatArray, participates: BoolArray) -> ModelMatrix:
    if not parts:
        raise EstimandError(
            expected="at least an intercept or a term",
            got="neither",
            hint="Leave the intercept in, or name a term.",
        )
    ends = np.cumsum([len(block.names) for _, block in parts]).tolist()
    starts = [0, *ends[:-1]]
    return ModelMatrix(
        response=response,
        columns=np.hstack([block.columns for _, block in parts]),
        names=tuple(name for _, block in parts for name in block.names),
        terms={
            label: tuple(range(start, end))
            for (label, _), start, end in zip(parts, starts, ends, strict=True)
        },
        participates=participates,
    )


def _code_term(term: Term, blocks: dict[Variable, _Block], present: set[frozenset[Variable]]) -> _Block:
    """Multiply the blocks of a term, each with the contrasts that the margins in the model leave to it."""
    product: _Block | None = None
    for variable in term.variables:
        block = blocks[variable]
        if block.is_factor and term.key - {variable} in present:
            block = block.without_first_level()
        product = block if product is None else product.times(block)
    if product is None:
        raise EstimandError(expected="a term with a variable", got="none", hint="Name a column.")
    return product


def _read_column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise EstimandError(
            expected=f"a column {name!r} for the formula",
            got=f"columns {', '.join(map(str, frame.columns))}",
            hint="Check the name, capitals included.",
        )
    return frame[name]


def _make_block(variable: Variable, series: pd.Series, participates: BoolArray) -> _Block:
    answers = variable.evaluate(series[participates])
    is_number = pd.api.types.is_numeric_dtype(answers) and not pd.api.types.is_bool_dtype(answers)
    if variable.is_factor or not is_number:
        return _factor_block(variable, answers, participates)
    return _Block(_spread(as_numbers(answers, variable.column), participates)[:, None], (variable.label,))


def _spread(values: FloatArray, participates: BoolArray) -> FloatArray:
    """Put the values of the participants into their rows, and 0 into the others."""
    spread = np.zeros(len(participates))
    spread[participates] = values
    return spread


def _factor_block(variable: Variable, answers: pd.Series, participates: BoolArray) -> _Block:
    codes = np.full(len(participates), -1)
    codes[participates], levels = pd.factorize(answers, sort=True)
    if len(levels) < _TWO_LEVELS:
        raise EstimandError(
            expected=f"at least two levels of {variable.label} among the rows of the model",
            got=f"only {levels[0]!r}",
            hint="Take the term out: it is constant here.",
        )
    indicators = (codes[:, None] == np.arange(len(levels))).astype(float)
    return _Block(
        indicators, tuple(f"{variable.label}{_name_level(level)}" for level in levels), is_factor=True
    )


def _name_level(level: object) -> str:
    if isinstance(level, bool | np.bool_):
        return str(level).upper()
    if isinstance(level, float) and math.isfinite(level):
        return f"{level:.15g}"
    return str(level)
