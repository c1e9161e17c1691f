"""Ratios and totals, with everything an estimate carries, from the sums of cells alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray, combine, sum_by
from analysis.estimation.designs.variance import VarianceStructure, keep_precision
from analysis.estimation.domains import DomainLabels
from analysis.estimation.results.estimate import Estimate
from analysis.estimation.results.precision import NEGLIGIBLE
from analysis.estimation.rows.cell_scores import CellScores
from analysis.estimation.rows.cells import CellSums
from analysis.estimation.rows.scores import spread_of_sample

type Explained = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Combination:
    """Linear combinations of the ratios of each domain, as an index takes them.

    Attributes
    ----------
    weights : float array, shape (m, k)
    find_moments : callable
        Given ratios and totals, shape (n_domains, k), the moments of the linearised rows of each
        combination, as :func:`analysis.estimation.rows.scores.row_moments` returns them.
    """

    weights: FloatArray
    find_moments: Callable[[FloatArray, FloatArray], FloatArray]

    def of_values(self, columns: FloatArray) -> FloatArray:
        """Combine the last axis; an undefined ratio spoils only what gives it a weight."""
        flat = columns.reshape(-1, columns.shape[-1])
        return combine(self.weights, flat.T).T.reshape(*columns.shape[:-1], len(self.weights))

    def of_cells(self, cells: CellScores) -> CellScores:
        """Combine the columns of every domain."""
        takes_part = cells.is_present.astype(float) @ (self.weights != 0).T.astype(float) > 0
        scores = self.of_values(cells.scores)
        return CellScores(cells.unit, cells.domain, cells.n_domains, scores, takes_part)

    def of_magnitudes(self, columns: FloatArray) -> FloatArray:
        """Combine the last axis without letting anything cancel."""
        return replace(self, weights=np.abs(self.weights)).of_values(columns)


@dataclass(frozen=True, eq=False)
class _Ratios:
    """Cells of the domains with what is estimated of them, shape (n_domains, k)."""

    cells: CellSums
    totals: CellSums
    ratio: FloatArray
    below: FloatArray

    def srs_variance(self) -> FloatArray:
        """Variance that a simple random sample of the same size would have given."""
        totals = self.totals
        first = (totals.y - self.ratio * totals.x) / self.below
        second = (totals.yy - 2 * self.ratio * totals.xy + self.ratio**2 * totals.xx) / self.below**2
        return spread_of_sample(totals.n.astype(float), totals.weight, first, second)

    def magnitude(self) -> FloatArray:
        r"""Root of the sum of squared scores if nothing cancelled, shape (n_domains, k).

        A cell counts with :math:`\sqrt{\sum w \sum w y^2}`, which is no less than :math:`\sum w |y|`.
        """
        cells, n_domains = self.cells, len(self.ratio)
        weight, above, below = (np.sqrt(np.abs(sums)) for sums in (cells.weight, cells.yy, cells.xx))
        scores = weight * (above + np.abs(self.ratio)[cells.domain] * below)
        return np.sqrt(sum_by(cells.domain, n_domains, scores**2)) / np.abs(self.below)


@dataclass(frozen=True, eq=False)
class SumEstimator:
    """Turns sums of cells into estimates under a design; the rows are not needed any more.

    Attributes
    ----------
    structure : VarianceStructure
    labels : DomainLabels
        Labels of the domains that the cells number from 0.
    explained : callable, optional
        Given ratios and totals, shape (n_domains, k), the part of the scores that calibration explains,
        shape (n_units, n_domains, k).

    Examples
    --------
    >>> from analysis.estimation import SurveyDesign
    >>> from analysis.estimation.rows.cells import read_cells
    >>> design = SurveyDesign.from_arrays([2.0, 2.0], clusters=["a", "b"])  # one row per cell
    >>> sums = read_cells(
    ...     design.unit, np.zeros(2, dtype=int), {"n": [[1], [1]], "weight": [[2], [2]], "y": [[2], [0]]}
    ... )
    >>> SumEstimator(design.structure, DomainLabels((None,))).ratio(sums, ("share",)).value.tolist()
    [0.5]
    """

    structure: VarianceStructure
    labels: DomainLabels
    explained: Explained | None = None

    def find_ratios(self, sums: CellSums) -> tuple[FloatArray, FloatArray]:
        """Return the ratios of every domain and the totals in their denominators, shape (n_domains, k)."""
        return _divide(sums.arranged(has_overall=self.labels.has_overall).by_domain(len(self.labels)))

    def ratio(
        self,
        sums: CellSums,
        names: tuple[str, ...],
        *,
        bounds: tuple[float, float] | None = None,
        combination: Combination | None = None,
    ) -> Estimate:
        r"""Ratio :math:`\hat R = \sum w y / \sum w x` with scores :math:`(y - \hat R x) / \sum w x`.

        Parameters
        ----------
        sums : CellSums
        names : tuple of str, length k, or m for combinations
        bounds : pair of floats, optional
        combination : Combination, optional
            Of the ratios, instead of each of them.
        """
        cells = sums.arranged(has_overall=self.labels.has_overall)
        totals = cells.by_domain(len(self.labels))
        found = _Ratios(cells, totals, *_divide(totals))
        scores = (cells.y - found.ratio[cells.domain] * cells.x) / found.below[cells.domain]
        scored = self._residuals(found, scores)
        magnitude = found.magnitude()
        if combination is None:
            srs_variance = found.srs_variance()
            return self._finish(scored, names, found.ratio, totals.n, srs_variance, magnitude, bounds)
        n, *moments = combination.find_moments(found.ratio, found.below)
        srs_variance = spread_of_sample(n, *moments)
        value, combined = combination.of_values(found.ratio), combination.of_cells(scored)
        magnitude = combination.of_magnitudes(magnitude)
        return self._finish(combined, names, value, n.astype(np.int64), srs_variance, magnitude, bounds)

    def total(self, sums: CellSums, names: tuple[str, ...]) -> Estimate:
        r"""Total :math:`\sum w y`; the score of a row is its value.

        Parameters
        ----------
        sums : CellSums
        names : tuple of str, length k
        """
        cells = sums.arranged(has_overall=self.labels.has_overall)
        totals = cells.by_domain(len(self.labels))
        found = _Ratios(cells, totals, np.zeros_like(totals.y), np.ones_like(totals.y))
        scored = self._residuals(found, cells.y)
        return self._finish(scored, names, totals.y, totals.n, found.srs_variance(), found.magnitude())

    def _residuals(self, found: _Ratios, scores: FloatArray) -> CellScores:
        """Take out what calibration explains, which leaves no cell empty."""
        cells, n_domains = found.cells, len(self.labels)
        scored = CellScores(cells.unit, cells.domain, n_domains, scores, cells.n > 0)
        if self.explained is None:
            return scored
        explained = self.explained(found.ratio, found.below)
        return scored.complete(len(explained), minus=explained.reshape(-1, scores.shape[1]))

    def _finish(
        self,
        scored: CellScores,
        names: tuple[str, ...],
        value: FloatArray,
        n: IntArray,
        srs_variance: FloatArray,
        magnitude: FloatArray,
        bounds: tuple[float, float] | None = None,
    ) -> Estimate:
        labels = self.labels.all_labels
        has_spread = srs_variance > (NEGLIGIBLE * magnitude) ** 2
        precision = keep_precision(self.structure, scored, magnitude.ravel())
        return Estimate(
            names=names * len(labels),
            domains=tuple(label for label in labels for _ in names),
            value=np.where(n > 0, value, np.nan).ravel(),
            covariance=precision.deferred(),
            degrees_of_freedom=self.structure.degrees_of_freedom(scored, precision.variance),
            n=n.ravel(),
            deff=precision.variance / np.where(has_spread, srs_variance, np.nan).ravel(),
            bounds=bounds,
        )


def _divide(totals: CellSums) -> tuple[FloatArray, FloatArray]:
    """Return ratios and what they were divided by, NaN where that is 0."""
    below = np.where(totals.x == 0, np.nan, totals.x)
    return totals.y / below, below
