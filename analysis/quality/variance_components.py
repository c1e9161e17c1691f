"""Where the spread of answers comes from: communes, villages or people; the next plan needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimation import FloatArray
from analysis.quality.errors import ComponentsError


@dataclass(frozen=True, eq=False)
class VarianceComponents:
    """One variance per stage.

    Attributes
    ----------
    value : float array, shape (S,)
        From the first stage to the last, whose units are the people; estimates below 0 are set to 0.
    raw : float array, shape (S,)
        As estimated: a value below 0 says that there is no sign of a spread at that stage.
    n_units : int array, shape (S,)
        Units of each stage with an answer.
    mean : float
        Weighted mean of the answers.
    """

    value: FloatArray
    raw: FloatArray
    n_units: np.ndarray
    mean: float

    @property
    def total(self) -> float:
        """Variance among people."""
        return float(self.value.sum())

    @property
    def correlations(self) -> FloatArray:
        """Share of the variance at each stage but the last; 0 where nothing spreads."""
        shares: FloatArray = self.value[:-1] / self.total if self.total else np.zeros(len(self.value) - 1)
        return shares


def variance_components(
    answers: ArrayLike,
    clusters: Sequence[ArrayLike],
    *,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> VarianceComponents:
    r"""Estimate the variance at each stage of a sample by analysis of variance.

    Parameters
    ----------
    answers : float array, shape (n,)
        For example 1 for satisfied and 0 for not, or an index; missing ones take no part.
    clusters : sequence of array, each of shape (n,)
        Units of the stages before the people, from the first: commune, then village. Codes may repeat in
        other units of the stage above.
    strata : array, shape (n,), optional
        Differences between strata take no part in the spread between communes.
    weights : float array, shape (n,), optional
        Above 0; equal by default.

    Returns
    -------
    VarianceComponents

    Raises
    ------
    ComponentsError
        If lengths differ, a weight is not above 0, or a stage has a single unit in every unit above, so that
        its spread cannot be told from that of the stage after it.

    Notes
    -----
    With levels 0 (stratum), 1 (commune), … S (person), :math:`W_g` the sum of weights in a unit and

    .. math:: Q_l = \sum_{g \in l} W_g \bar y_g^2,

    the expectation of :math:`Q_l - Q_{l-1}` under random effects is :math:`\sum_s \sigma_s^2 (c_{ls} -
    c_{l-1,s})`, with :math:`c_{ls} = \sum_{g \in l} \sum_{h \in s, h \subset g} W_h^2 / W_g` for stages below
    l and :math:`\sum W` else. These S equations are triangular and are solved from the last to the first:
    Henderson's first method with weights, unbiased for given weights and for any number of units.

    References
    ----------
    Searle, Casella and McCulloch (1992), Variance Components, chapter 5. Henderson (1953), Biometrics 9.

    Examples
    --------
    >>> commune, village = [1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 2, 2, 1, 1, 2, 2]
    >>> parts = variance_components([1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0], [commune, village])
    >>> parts.value.tolist(), parts.mean
    ([28.0, 7.0, 2.0], 8.0)
    """
    values = np.asarray(answers, dtype=float)
    columns = [np.asarray(column) for column in clusters]
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    above = np.zeros(len(values), dtype=int) if strata is None else np.asarray(strata)
    _check(values, [above, *columns, weight], weight)
    known = np.isfinite(values)
    levels = _levels([above, *columns], known)
    mean = float(np.average(values[known], weights=weight[known]))
    sums, matrix = _equations(values[known] - mean, weight[known], levels)
    raw = _solved(matrix, sums)
    return VarianceComponents(
        value=np.maximum(raw, 0.0),
        raw=raw,
        n_units=np.array([len(np.unique(level)) for level in levels[1:]]),
        mean=mean,
    )


def _check(values: FloatArray, columns: Sequence[np.ndarray], weight: FloatArray) -> None:
    if any(len(column) != len(values) for column in columns):
        raise ComponentsError(
            expected=f"columns of {len(values)} rows",
            got=", ".join(str(len(column)) for column in columns),
            hint="Take all of them from one table.",
        )
    if not np.isfinite(values).any() or not (np.isfinite(weight) & (weight > 0)).all():
        raise ComponentsError(
            expected="at least one answer, and weights above 0",
            got=f"{np.isfinite(values).sum()} answers and a least weight of {weight.min(initial=np.inf)}",
            hint="Leave out the rows of people who were not asked.",
        )


def _levels(columns: Sequence[np.ndarray], known: np.ndarray) -> list[np.ndarray]:
    """Give every unit a number inside the unit above, level by level; the last level is the people."""
    numbered = [pd.factorize(columns[0][known])[0]]
    for column in columns[1:]:
        codes = pd.factorize(column[known])[0]
        pairs = numbered[-1].astype(np.int64) * (codes.max(initial=0) + 1) + codes
        numbered.append(pd.factorize(pairs)[0])
    return [*numbered, np.arange(int(known.sum()))]


def _equations(
    values: FloatArray, weight: FloatArray, levels: Sequence[np.ndarray]
) -> tuple[FloatArray, FloatArray]:
    """Return the differences of the sums of squares and the coefficients of their expectations."""
    totals = [np.bincount(level, weight) for level in levels]
    squares = [
        float((np.bincount(level, weight * values) ** 2 / total).sum())
        for level, total in zip(levels, totals, strict=True)
    ]
    n_stages = len(levels) - 1
    matrix = np.empty((len(levels), n_stages))
    for place, (level, total) in enumerate(zip(levels, totals, strict=True)):
        for stage in range(1, len(levels)):
            inner = np.maximum(place, stage)
            first = np.unique(levels[inner], return_index=True)[1]
            shares = totals[inner] ** 2 / total[level[first]]
            matrix[place, stage - 1] = shares.sum()
    return np.diff(np.array(squares)), np.diff(matrix, axis=0)


def _solved(matrix: FloatArray, sums: FloatArray) -> FloatArray:
    """Solve the triangular equations from the last stage to the first."""
    n_stages = len(sums)
    scale = np.abs(matrix).max(initial=0.0)
    found = np.zeros(n_stages)
    for stage in range(n_stages - 1, -1, -1):
        if not matrix[stage, stage] > np.finfo(float).eps * scale * n_stages:
            raise ComponentsError(
                expected=f"units of stage {stage + 1} of which some unit above has two or more",
                got="one in every unit above",
                hint="Leave the stage out, or take strata with more than one primary unit.",
            )
        known = matrix[stage, stage + 1 :] @ found[stage + 1 :]
        found[stage] = (sums[stage] - known) / matrix[stage, stage]
    return found
