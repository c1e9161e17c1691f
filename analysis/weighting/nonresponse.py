"""Nonresponse adjustment: respondents of a class also speak for those of the class who did not answer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, FloatArray, IntArray
from analysis.estimation.arrays import as_floats, as_truth, sum_by
from analysis.estimation.labels import Labels
from analysis.weighting.cells import Cell, CellMerge, CellMinimum, Parents, merge_thin_cells
from analysis.weighting.errors import WeightingError


@dataclass(frozen=True, eq=False)
class NonresponseAdjustment:
    """Factors of the respondents, and how the classes came about.

    Attributes
    ----------
    factor : float array, shape (n_respondents,)
    class_factors : mapping of class to factor
    merges : tuple of CellMerge
    """

    factor: FloatArray
    class_factors: Mapping[str, float]
    merges: tuple[CellMerge, ...]


def adjust_nonresponse(
    weights: FloatArray,
    responded: BoolArray,
    classes: Labels,
    *,
    psu: Labels,
    parents: Parents | None = None,
    minimum: CellMinimum | None = None,
) -> NonresponseAdjustment:
    r"""Divide by the weighted response rate of the class, :math:`\sum_s w / \sum_r w`.

    Parameters
    ----------
    weights : float array, shape (n_sampled,)
        Design weights of everybody in the sample.
    responded : bool array, shape (n_sampled,)
    classes : array-like of labels, shape (n_sampled,)
    psu : array-like of labels, shape (n_sampled,)
    parents : mapping of class to parent, or several from near to wide, optional
        Where thin classes are merged first, see :mod:`analysis.weighting.cells`.
    minimum : CellMinimum, optional

    Returns
    -------
    NonresponseAdjustment

    Raises
    ------
    WeightingError
        If lengths differ, a class or response is missing, a weight is not above 0, or too few people
        answered in all.

    References
    ----------
    Särndal, Swensson and Wretman (1992), section 15.6 (response homogeneity groups).

    Examples
    --------
    >>> adjustment = adjust_nonresponse(
    ...     np.array([10.0, 10.0, 20.0]),
    ...     np.array([True, False, True]),
    ...     ["a", "a", "a"],
    ...     psu=[1, 1, 2],
    ...     minimum=CellMinimum(answers=1),
    ... )
    >>> adjustment.factor.round(4).tolist()
    [1.3333, 1.3333]
    """
    base = as_floats(weights, "design weights", WeightingError)
    answered = as_truth(responded, "responses", WeightingError)
    labels = pd.Series(np.asarray(classes, dtype=object))
    _check_sample(base, answered, labels, len(psu))
    cells = count_cells(labels, pd.Series(np.asarray(psu, dtype=object)), answered)
    merging = merge_thin_cells(cells, parents, minimum)
    codes, names = pd.factorize(labels.astype(str).map(merging.names), sort=True)
    group: IntArray = np.asarray(codes, dtype=np.int64)
    sums = sum_by(group, len(names), np.column_stack([base, base * answered]))
    factors = sums[:, 0] / sums[:, 1]
    class_factors = dict(zip(names.tolist(), factors.tolist(), strict=True))
    return NonresponseAdjustment(factors[group[answered]], class_factors, merging.merges)


def count_cells(labels: pd.Series, psu: pd.Series, answered: BoolArray) -> list[Cell]:
    """Count answers and PSUs with answers in every cell, cells without any answer included."""
    frame = pd.DataFrame({"label": labels.astype(str), "psu": psu, "answered": answered})
    groups = {name: part["psu"] for name, part in frame[frame["answered"]].groupby("label")}
    none = frame["psu"].iloc[:0]
    return [
        Cell((label,), len(groups.get(label, none)), frozenset(groups.get(label, none)))
        for label in sorted(frame["label"].unique())
    ]


def _check_sample(weights: FloatArray, responded: BoolArray, labels: pd.Series, n_psu: int) -> None:
    lengths = {len(weights), len(responded), len(labels), n_psu}
    if len(lengths) > 1:
        raise WeightingError(
            expected="weights, responses, classes and PSUs of the same people",
            got=f"lengths {', '.join(map(str, sorted(lengths)))}",
            hint="Take all from the rows of the sample.",
        )
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise WeightingError(
            expected="finite design weights above 0",
            got=f"{int((~(np.isfinite(weights) & (weights > 0))).sum())} others",
            hint="Check the draw: a weight is one over the inclusion probability.",
        )
    if labels.isna().any():
        raise WeightingError(
            expected="a nonresponse class for everybody in the sample",
            got=f"{int(labels.isna().sum())} without",
            hint="Classes must be known for nonrespondents too: use what the frame knows.",
        )
