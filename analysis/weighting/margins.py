"""What is known of the population: totals by category, and totals of a number that people have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, FloatArray, IntArray
from analysis.estimation.arrays import Values, as_floats
from analysis.estimation.labels import name_unknown
from analysis.weighting.cells import CellMerge, CellMinimum, Parents, merge_thin_cells
from analysis.weighting.errors import MarginError, WeightingError
from analysis.weighting.nonresponse import count_cells

SEPARATOR = "/"
_TOTALS_AGREE = 1e-9
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Margin:
    """Known population totals of one variable.

    Attributes
    ----------
    name : str
    labels : array of str, shape (n_rows,)
        Category of each row.
    totals : mapping of category to population total, or Series with the categories as its index
    source, reference_date : str
        Where the totals come from and which day they describe.
    parents : mapping of category to parent, or several from near to wide, optional
        Where thin categories are merged first.
    """

    name: str
    labels: Sequence[str] | np.ndarray | pd.Series
    totals: Mapping[str, float]
    source: str = ""
    reference_date: str = ""
    parents: Parents | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", dict(self.totals))

    def __repr__(self) -> str:
        return f"<Margin {self.name}: {len(self.totals)} categories, total {self.total:,.0f}>"

    @property
    def total(self) -> float:
        """Population total over all categories."""
        return float(sum(self.totals.values()))

    def subset(self, rows: BoolArray) -> Self:
        """Keep some rows."""
        return replace(self, labels=np.asarray(self.labels, dtype=object)[rows])

    def merged(
        self, psu: Sequence[object] | np.ndarray, minimum: CellMinimum | None = None
    ) -> tuple[Self, tuple[CellMerge, ...]]:
        """Merge thin categories, adding up their totals, and report the merges."""
        labels = pd.Series(np.asarray(self.labels, dtype=object)).astype(str)
        empty = sorted(set(self.totals) - set(labels))
        cells = count_cells(
            pd.concat([labels, pd.Series(empty, dtype=object)], ignore_index=True),
            pd.Series([*np.asarray(psu, dtype=object), *empty], dtype=object),
            np.concatenate([np.ones(len(labels), dtype=bool), np.zeros(len(empty), dtype=bool)]),
        )
        _refuse_unknown(self, labels[~labels.isin(list(self.totals))])
        merging = merge_thin_cells(cells, self.parents, minimum)
        totals: dict[str, float] = {}
        for label, total in self.totals.items():
            totals[merging.names[label]] = totals.get(merging.names[label], 0.0) + total
        return replace(
            self, labels=labels.map(merging.names).to_numpy(), totals=totals, parents=None
        ), merging.merges


@dataclass(frozen=True, eq=False)
class KnownTotal:
    """Known population total of a number, for example of income, or of 1 for the population itself.

    Attributes
    ----------
    name : str
    values : float array, shape (n_rows,)
        The number of each row, none missing.
    total : float
        Of the population.
    source, reference_date : str
        Where the total comes from and which day it describes.
    """

    name: str
    values: Values
    total: float
    source: str = ""
    reference_date: str = ""

    def __repr__(self) -> str:
        return f"<KnownTotal {self.name}: {self.total:,.0f}>"

    def subset(self, rows: BoolArray) -> Self:
        """Keep some rows."""
        return replace(self, values=np.asarray(self.values, dtype=float)[rows])


type Auxiliary = Margin | KnownTotal
"""Population totals that weights are brought to."""


def cross_labels(labels: pd.DataFrame) -> np.ndarray:
    """Join the labels of several variables into those of one crossed margin; missing if one is.

    Examples
    --------
    >>> cross_labels(pd.DataFrame({"sex": ["f", "m"], "area": ["urban", None]})).tolist()
    ['f/urban', None]
    """
    joined = np.array([SEPARATOR.join(map(str, row)) for row in labels.itertuples(index=False)], dtype=object)
    joined[labels.isna().any(axis=1).to_numpy()] = None
    return joined


def encode_margin(margin: Margin, weights: FloatArray) -> tuple[IntArray, FloatArray]:
    """Give every row the number of its category, for a margin that fits the answers.

    Parameters
    ----------
    margin : Margin
    weights : float array, shape (n_rows,)
        A row with a weight of 0, as in a replicate, is no answer.

    Returns
    -------
    codes : int array, shape (n_rows,)
    totals : float array, shape (n_categories,)

    Raises
    ------
    MarginError
        If a category lacks a total or answers, a total is not above 0, or the rows do not fit.

    Examples
    --------
    >>> codes, totals = encode_margin(Margin("sex", ["m", "f"], {"f": 6.0, "m": 4.0}), np.ones(2))
    >>> codes.tolist(), totals.tolist()
    ([1, 0], [6.0, 4.0])
    """
    categories = {label: position for position, label in enumerate(margin.totals)}
    labels = pd.Series(np.asarray(margin.labels, dtype=object))
    codes = labels.map(categories)
    n_rows = len(weights)
    _refuse(margin, "one label per row", f"{len(labels)} for {n_rows} rows", is_wrong=len(labels) != n_rows)
    _refuse_unknown(margin, labels[codes.isna()])
    positions: IntArray = np.asarray(codes, dtype=np.int64)
    sums = np.bincount(positions, weights=weights, minlength=len(categories))
    empty = [str(label) for label, position in categories.items() if sums[position] <= 0]
    _refuse(margin, "answers in every category", f"none in {', '.join(empty)}", is_wrong=bool(empty))
    totals = np.array(list(margin.totals.values()), dtype=float)
    wrong = ~(np.isfinite(totals) & (totals > 0))
    _refuse(margin, "totals above 0", f"{totals[wrong]}", is_wrong=bool(wrong.any()))
    return positions, totals


def known_values(auxiliary: KnownTotal, n_rows: int) -> FloatArray:
    """Return the numbers of the rows behind a known total.

    Raises
    ------
    MarginError
        If a number is missing or infinite, the rows do not fit, or the total is not finite.

    Examples
    --------
    >>> known_values(KnownTotal("income", [1, 2], 30.0), 2).tolist()
    [1.0, 2.0]
    """
    values = np.asarray(auxiliary.values, dtype=float)
    fits = values.shape == (n_rows,)
    _refuse(auxiliary, "one number per row", f"shape {values.shape} for {n_rows} rows", is_wrong=not fits)
    wrong = int((~np.isfinite(values)).sum())
    _refuse(auxiliary, "a finite number in every row", f"{wrong} others", is_wrong=wrong > 0)
    is_finite = bool(np.isfinite(auxiliary.total))
    _refuse(auxiliary, "a finite total", f"{auxiliary.total}", is_wrong=not is_finite)
    return values


def check_totals(margins: Sequence[Margin]) -> None:
    """Refuse margins that describe populations of different size.

    Totals may differ by a relative 1e-9, the rounding of shares; :func:`scale_totals` then makes them equal.

    Raises
    ------
    MarginError
        If two margins add up to different totals, or the first to none.

    Examples
    --------
    >>> check_totals([Margin("sex", ["f"], {"f": 10.0}), Margin("area", ["urban"], {"urban": 10.0})])
    """
    for margin in margins[:1]:
        _refuse(margin, "totals above 0", f"a sum of {margin.total:g}", is_wrong=not margin.total > 0)
    for margin in margins[1:]:
        first = margins[0]
        if abs(margin.total / first.total - 1) > _TOTALS_AGREE:
            raise MarginError(
                expected=f"margin {margin.name} to add up to {first.total:.15g}, as {first.name} does",
                got=f"{margin.total:.15g}",
                hint="Take all margins from one source and day, or scale them to a common total.",
            )


def scale_totals(totals: FloatArray, total: float) -> FloatArray:
    """Bring totals that differ from those of the first margin in their last digits to its sum.

    Examples
    --------
    >>> scale_totals(np.array([1.0, 3.0]), 4.0).tolist()
    [1.0, 3.0]
    """
    ratio = total / float(totals.sum())
    return totals * ratio if abs(ratio - 1) > _ROUNDING else totals


def check_weights(weights: Values) -> FloatArray:
    """Return weights as numbers, if they can be adjusted.

    Raises
    ------
    WeightingError
        If one is no number, missing, infinite or below 0, or none is above.

    Examples
    --------
    >>> check_weights([1.5]).tolist()
    [1.5]
    """
    base = as_floats(weights, "weights", WeightingError)
    wrong = int((~(np.isfinite(base) & (base >= 0))).sum())
    if wrong or not np.any(base > 0):
        raise WeightingError(
            expected="finite weights, none below 0 and some above",
            got=f"{wrong} others among {len(base)}" if wrong else "none above 0",
            hint="Pass the weights of the respondents after the step before.",
        )
    return base


def _refuse_unknown(margin: Margin, unknown: pd.Series) -> None:
    names = sorted({"a missing label" if pd.isna(label) else label for label in unknown}, key=str)
    got = f"none for {name_unknown(names, margin.totals)}"
    _refuse(margin, "a total for every category", got, is_wrong=bool(names))


def _refuse(auxiliary: Auxiliary, expected: str, got: str, *, is_wrong: bool) -> None:
    if not is_wrong:
        return
    is_margin = isinstance(auxiliary, Margin)
    raise MarginError(
        expected=f"{expected} in {'margin' if is_margin else 'known total'} {auxiliary.name}",
        got=got,
        hint="Correct the margin, or merge the category with a similar one."
        if is_margin
        else "Correct the total, or impute the missing numbers first.",
    )
