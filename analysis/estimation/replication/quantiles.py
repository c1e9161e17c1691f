"""Quantiles by replication: the quantile of every replicate, and a symmetric interval."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from analysis.estimation.arrays import FloatArray, Values
from analysis.estimation.labels import Labels
from analysis.estimation.quantiles.estimating import (
    QuantileProblem,
    ShareDesign,
    build_estimate,
    make_problems,
)
from analysis.estimation.quantiles.result import QuantileEstimate
from analysis.estimation.quantiles.rules import OrderedSample, apply_rule, find_rule
from analysis.estimation.replication.replicate_set import ReplicateSet
from analysis.estimation.replication.variance import deviations
from analysis.estimation.results.intervals import Interval


class Replicated(ShareDesign, Protocol):
    """What the quantiles of replicates need of a design."""

    @property
    def replicates(self) -> ReplicateSet:
        """Weights of the full sample and of the replicates."""

    @property
    def mse(self) -> bool:
        """Whether deviations are from the full sample."""


def replicate_quantile(
    design: Replicated,
    values: Values,
    probs: Sequence[float],
    *,
    by: Labels | None,
    overall: bool,
    rule: str,
    interval: str,
    level: float,
) -> QuantileEstimate:
    r"""Quantiles with the variance of the replicates' quantiles.

    Parameters
    ----------
    design : ReplicateDesign
    values, probs, by, overall, rule, interval, level
        As in :func:`quantile`.

    Returns
    -------
    QuantileEstimate
        With the interval :math:`\hat q \pm t \sqrt{\hat V}`, as R's ``interval.type="quantile"``.
    """
    parts = make_problems(design, values, probs, by=by, overall=overall, rule=rule, level=level)
    return QuantileEstimate.joined([_solve(design, part, interval) for part in parts])


def _solve(design: Replicated, problem: QuantileProblem, interval: str) -> QuantileEstimate:
    shares = problem.estimate_shares(problem.value)
    thetas = np.vstack([problem.value.ravel(), *_replicates(design, problem)])
    spread = deviations(thetas, design.replicates.scales, mse=design.mse)
    error = np.sqrt((spread**2).sum(axis=0))
    value, half = problem.value.ravel(), error * problem.moments(shares).t_quantile
    return build_estimate(problem, shares, Interval(value - half, value + half), interval)


def _replicates(design: Replicated, problem: QuantileProblem) -> Iterator[FloatArray]:
    """Quantiles of every replicate, flat; the answers are ordered once."""
    rule = find_rule(problem.rule)
    ordered = [_order(rows, column) for rows in problem.rows_of_domains for column in problem.columns.T]
    for weights in design.replicates:
        yield np.concatenate(
            [apply_rule(rule, sample.reweighted(weights[rows]), problem.probs) for rows, sample in ordered]
        )


def _order(rows: np.ndarray, column: FloatArray) -> tuple[np.ndarray, OrderedSample]:
    answered = rows[~np.isnan(column[rows])]
    sorted_rows = answered[np.argsort(column[answered], kind="stable")]
    return sorted_rows, OrderedSample(column[sorted_rows], np.ones(len(sorted_rows)))
