"""What a design does with scores: every estimand ends here, whatever it estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.designs.calibration import Calibration
from analysis.estimation.designs.stage import Stage
from analysis.estimation.designs.variance import VarianceStructure, domain_degrees_of_freedom, keep_precision
from analysis.estimation.domains import Domains
from analysis.estimation.results.estimate import Estimate
from analysis.estimation.rows.cell_scores import CellScores
from analysis.estimation.rows.cells import Cells, CellSums, scan
from analysis.estimation.rows.columns import Variables


@dataclass(frozen=True, eq=False, repr=False)
class RowDesign:
    """Rows with weights and variance units: sums, variances and degrees of freedom of scores.

    Attributes
    ----------
    weights : float array, shape (n_rows,)
        Final weights, finite; below 0 only where a linear calibration made them so. Rows with a weight of 0
        count in no estimate.
    unit : int array, shape (n_rows,)
        Variance unit of each row, numbered from 0: the cluster of the last stage that has a finite
        population correction. With one stage, the PSU.
    psu : int array, shape (n_rows,)
        PSU of each row, numbered from 0.
    structure : VarianceStructure
        What the variance needs to know of strata, stages and probabilities.
    calibration : Calibration, optional
        Margins that the weights meet; the variance is then that of residuals.
    """

    weights: FloatArray
    unit: IntArray
    psu: IntArray
    structure: VarianceStructure
    calibration: Calibration | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.n_rows} rows, {self.n_psu} PSUs, {self.n_strata} strata>"

    @property
    def first_stage(self) -> Stage:
        """Strata and PSUs."""
        return self.structure.first_stage

    @cached_property
    def score_structure(self) -> VarianceStructure:
        """The structure as scores meet it: those of calibrated weights are residuals, in every stratum."""
        return self.structure if self.calibration is None else self.structure.for_residuals()

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.weights)

    @property
    def n_units(self) -> int:
        """Number of variance units."""
        return self.structure.n_units

    @property
    def n_psu(self) -> int:
        """Number of PSUs."""
        return len(self.first_stage.unit_stratum)

    @property
    def n_strata(self) -> int:
        """Number of strata."""
        return len(self.first_stage.stratum_labels)

    @cached_property
    def degrees_of_freedom(self) -> int:
        """PSUs minus strata of the whole design, counting only those with weights other than 0."""
        is_present = np.zeros(self.n_psu, dtype=bool)
        is_present[self.psu[self.weights != 0]] = True
        return int(self.domain_degrees_of_freedom(is_present))

    def sum_cells(self, variables: Variables, domains: Domains) -> CellSums:
        """Sum variables by variance unit and domain: the one pass over the rows.

        Parameters
        ----------
        variables : Variables
        domains : Domains

        Returns
        -------
        CellSums
        """
        return scan(variables, Cells.of(self.unit, self.n_units, domains, self.weights), self.weights)

    def sum_scores(self, rows: FloatArray) -> FloatArray:
        r"""Totals :math:`\sum w u` of a linearised variable by variance unit; of residuals if calibrated.

        The way in for every estimand whose error is that of a total: linearise it, sum the scores, ask
        for their :meth:`covariance`.

        Parameters
        ----------
        rows : float array, shape (n_rows, k)
            Unweighted linearised variable, 0 for rows that take no part.

        Returns
        -------
        float array, shape (n_units, k)
            The units are the PSUs, but for designs with corrections at later stages.

        Examples
        --------
        >>> from analysis.estimation import SurveyDesign
        >>> design = SurveyDesign.from_arrays([2.0, 2.0, 3.0])
        >>> design.sum_scores(np.array([[1.0], [0.0], [1.0]])).ravel().tolist()
        [2.0, 0.0, 3.0]
        """
        scores = sum_by(self.unit, self.n_units, rows * self.weights[:, None])
        if self.calibration is None:
            return scores
        by_auxiliary = self.calibration.totals_by(Domains.whole(self.n_rows), rows)
        explained = self.calibration.explained(by_auxiliary, self.unit, self.n_units, self.weights)
        return scores - explained[:, 0]

    def covariance(self, scores: FloatArray, is_present: BoolArray | None = None) -> FloatArray:
        """Covariance matrix of sums of scores.

        Parameters
        ----------
        scores : float array, shape (n_units, k)
            Linearised totals, from :meth:`sum_scores`.
        is_present : bool array, shape (n_units, k) or (n_psu, k), optional
            Where the domain of each estimate has members, for single-PSU policies that ask.

        Returns
        -------
        float array, shape (k, k)
        """
        return self.score_structure.covariance(CellScores.dense(scores, self._of_units(is_present)))

    def variance(self, scores: FloatArray, is_present: BoolArray | None = None) -> FloatArray:
        """Diagonal of :meth:`covariance` without the rest, for many scores at once."""
        return self.score_structure.variance(CellScores.dense(scores, self._of_units(is_present)))

    def domain_degrees_of_freedom(self, is_present: BoolArray) -> IntArray:
        """PSUs minus strata among those where a domain has members.

        Parameters
        ----------
        is_present : bool array, shape (n_units, ...) or (n_psu, ...)
            Whether the unit has a member of the domain.

        Returns
        -------
        int array, shape (...)
        """
        present = np.asarray(self._of_units(is_present.reshape(len(is_present), -1)))
        cells = CellScores.dense(np.zeros(present.shape), present)
        return domain_degrees_of_freedom(self.structure, cells).reshape(is_present.shape[1:])

    def estimate(
        self,
        value: FloatArray,
        scores: FloatArray,
        *,
        names: Sequence[str],
        domains: Domains,
        valid: BoolArray,
        srs_variance: FloatArray,
        bounds: tuple[float, float] | None = None,
    ) -> Estimate:
        """Turn the value and scores of any estimand into an estimate.

        Parameters
        ----------
        value : float array, shape (n_domains, k)
        scores : float array, shape (n_units, n_domains, k)
            Totals of the linearised variable by variance unit.
        names : sequence of str, length k
        domains : Domains
        valid : bool array, shape (n_rows, k)
            Whether the row takes part, for n and the degrees of freedom.
        srs_variance : float array, shape (n_domains, k)
            Denominator of the design effect; NaN where it has none.
        bounds : pair of floats, optional
            Least and greatest possible value.

        Returns
        -------
        Estimate
            One entry per domain and name, the names of a domain together.
        """
        labels = domains.all_labels
        counts = self._count(valid, domains)
        cells = CellScores.dense(scores.reshape(self.n_units, -1), counts > 0)
        precision = keep_precision(self.score_structure, cells, np.abs(value).ravel())
        n = counts.sum(axis=0).astype(np.int64)
        return Estimate(
            names=tuple(names) * len(labels),
            domains=tuple(label for label in labels for _ in names),
            value=np.where(n > 0, value.ravel(), np.nan),
            covariance=precision.deferred(),
            degrees_of_freedom=self.score_structure.degrees_of_freedom(cells, precision.variance),
            n=n,
            deff=precision.variance / np.where(srs_variance > 0, srs_variance, np.nan).ravel(),
            bounds=bounds,
        )

    def _count(self, valid: BoolArray, domains: Domains) -> FloatArray:
        """Count who takes part by unit, domain and column, shape (n_units, n_domains * k)."""
        takes_part = valid & (self.weights != 0)[:, None]
        counts = [
            domains.totals_by(self.unit, self.n_units, column[:, None].astype(float))
            for column in takes_part.T
        ]
        return np.concatenate(counts, axis=2).reshape(self.n_units, -1)

    def _of_units(self, is_present: BoolArray | None) -> BoolArray | None:
        """Spread what is known of PSUs over their units."""
        psu_of_unit = self.structure.psu_of_unit()
        if is_present is None or psu_of_unit is None or len(is_present) == self.n_units:
            return is_present
        return np.asarray(is_present[psu_of_unit])
