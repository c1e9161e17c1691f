"""Raking: weights that add up to known population margins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, FloatArray, IntArray
from analysis.weighting.cells import CellMerge, CellMinimum, Parents, merge_thin_cells
from analysis.weighting.errors import ConvergenceError, MarginError
from analysis.weighting.nonresponse import count_cells

TOLERANCE = 1e-10
MAX_ITERATIONS = 1000
_TOTALS_AGREE = 1e-6


@dataclass(frozen=True, eq=False)
class Margin:
    """Known population totals of one variable.

    Attributes
    ----------
    name : str
    labels : array of str, shape (n_rows,)
        Category of each row.
    totals : mapping of category to population total
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
        unknown = sorted(set(labels) - set(self.totals))
        _refuse(self, "a total for every category", f"none for {', '.join(unknown)}", is_wrong=bool(unknown))
        merging = merge_thin_cells(cells, self.parents, minimum)
        totals: dict[str, float] = {}
        for label, total in self.totals.items():
            totals[merging.names[label]] = totals.get(merging.names[label], 0.0) + total
        return replace(
            self, labels=labels.map(merging.names).to_numpy(), totals=totals, parents=None
        ), merging.merges


@dataclass(frozen=True, eq=False)
class Raking:
    """Factors that bring the weights to the margins.

    Attributes
    ----------
    factor : float array, shape (n_rows,)
    n_iterations : int
    largest_difference : float
        Largest relative difference between a weighted total and its margin.
    """

    factor: FloatArray
    n_iterations: int
    largest_difference: float


def rake(
    weights: FloatArray,
    margins: Sequence[Margin],
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> Raking:
    """Adjust weights to all margins in turn until every one is met (Deming and Stephan 1940).

    Parameters
    ----------
    weights : float array, shape (n_rows,)
    margins : sequence of Margin
        With the same population total.
    tolerance : float
        Largest relative difference allowed at the end.
    max_iterations : int
        Rounds over all margins.

    Returns
    -------
    Raking

    Raises
    ------
    MarginError
        If a category lacks a total or respondents, a total is not above 0, or totals disagree.
    ConvergenceError
        If the margins are not met after the last round.

    Examples
    --------
    >>> margin = Margin("sex", ["f", "m", "m"], {"f": 60.0, "m": 40.0})
    >>> rake(np.ones(3), [margin]).factor.tolist()
    [60.0, 20.0, 20.0]
    """
    encoded = [_encode_margin(margin, len(weights)) for margin in margins]
    _check_totals(margins)
    factor = np.ones(len(weights))
    difference = np.inf
    for iteration in range(1, max_iterations + 1):
        for codes, totals in encoded:
            achieved = np.bincount(codes, weights=weights * factor, minlength=len(totals))
            factor *= (totals / achieved)[codes]
        difference = max(_largest_difference(weights * factor, codes, totals) for codes, totals in encoded)
        if difference <= tolerance:
            return Raking(factor, iteration, difference)
    raise ConvergenceError(
        expected=f"all margins met within {tolerance:g} after {max_iterations} rounds",
        got=f"a relative difference of {difference:.2g}",
        hint="Margins that contradict each other through empty cells never meet: merge thin categories.",
    )


def _largest_difference(weights: FloatArray, codes: IntArray, totals: FloatArray) -> float:
    achieved = np.bincount(codes, weights=weights, minlength=len(totals))
    return float(np.max(np.abs(achieved / totals - 1)))


def _encode_margin(margin: Margin, n_rows: int) -> tuple[IntArray, FloatArray]:
    categories = {label: position for position, label in enumerate(margin.totals)}
    labels = pd.Series(np.asarray(margin.labels, dtype=object))
    codes = labels.map(categories)
    _refuse(margin, "one label per row", f"{len(labels)} for {n_rows} rows", is_wrong=len(labels) != n_rows)
    unknown = sorted(set(labels[codes.isna()].astype(str)))
    _refuse(margin, "a total for every category", f"none for {', '.join(unknown)}", is_wrong=bool(unknown))
    positions: IntArray = np.asarray(codes, dtype=np.int64)
    counts = np.bincount(positions, minlength=len(categories))
    empty = [label for label, position in categories.items() if counts[position] == 0]
    _refuse(margin, "answers in every category", f"none in {', '.join(empty)}", is_wrong=bool(empty))
    totals = np.array(list(margin.totals.values()), dtype=float)
    wrong = ~(np.isfinite(totals) & (totals > 0))
    _refuse(margin, "totals above 0", f"{totals[wrong]}", is_wrong=bool(wrong.any()))
    return positions, totals


def _refuse(margin: Margin, expected: str, got: str, *, is_wrong: bool) -> None:
    if is_wrong:
        raise MarginError(
            expected=f"{expected} in margin {margin.name}",
            got=got,
            hint="Correct the margin, or merge the category with a similar one.",
        )


def _check_totals(margins: Sequence[Margin]) -> None:
    if not margins:
        raise MarginError(
            expected="at least one margin",
            got="none",
            hint="Without margins, stop after the nonresponse adjustment.",
        )
    first = margins[0]
    for margin in margins[1:]:
        if abs(margin.total / first.total - 1) > _TOTALS_AGREE:
            raise MarginError(
                expected=f"margin {margin.name} to add up to {first.total:.15g}, as {first.name} does",
                got=f"{margin.total:.15g}",
                hint="Take all margins from one source and day, or scale them to a common total.",
            )
