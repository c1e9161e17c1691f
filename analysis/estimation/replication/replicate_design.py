"""Estimation with replicate weights: the same verbs as ``SurveyDesign``, for any function of weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from analysis.estimation.arrays import FloatArray, Values
from analysis.estimation.designs.survey_design import SHARE_BOUNDS, SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DesignError, EstimandError
from analysis.estimation.labels import Labels
from analysis.estimation.quantiles.estimating import quantile
from analysis.estimation.quantiles.result import QuantileEstimate
from analysis.estimation.replication.factors import DEFAULT_REPLICATES, ReplicationOptions
from analysis.estimation.replication.quantiles import replicate_quantile
from analysis.estimation.replication.replicate_set import ReplicateSet
from analysis.estimation.replication.sample import read_sample
from analysis.estimation.replication.variance import (
    DegreesOfFreedom,
    PsuDegrees,
    RankDegrees,
    deviations,
    keep_spread,
    spread_of_ratio,
)
from analysis.estimation.replication.weights import make_replicates
from analysis.estimation.results.estimate import Estimate
from analysis.estimation.rows.cells import CellSums
from analysis.estimation.rows.columns import Variables, split_columns


@dataclass(frozen=True, eq=False)
class ReplicateDesign:
    r"""A sample with replicate weights; build it with :meth:`from_design` or :meth:`from_weights`.

    Attributes
    ----------
    replicates : ReplicateSet
        Weights of the full sample and of the replicates, with their scales.
    degrees : DegreesOfFreedom
        How degrees of freedom are counted.
    mse : bool
        Whether deviations are from the estimate of the full sample, instead of the replicates' mean.

    Notes
    -----
    :math:`\hat V = scale \sum_r rscales_r (\hat\theta_r - c)(\hat\theta_r - c)^\top` with c the full
    sample's estimate if ``mse``, else the mean of the replicates. A replicate in which an estimate is not
    defined is left out for that estimate. Wolter (2007), chapters 3 to 5.
    """

    replicates: ReplicateSet
    degrees: DegreesOfFreedom
    mse: bool = False

    @classmethod
    def from_design(
        cls,
        design: SurveyDesign,
        method: str = "jkn",
        *,
        mse: bool = False,
        rho: float = 0.0,
        n_replicates: int = DEFAULT_REPLICATES,
        seed: int | None = None,
    ) -> Self:
        """Make replicate weights from a design.

        Parameters
        ----------
        design : SurveyDesign
            Before calibration; :meth:`reweighted` calibrates every replicate.
        method : str
            ``jk1``, ``jkn``, ``brr``, ``fay``, ``rao_wu`` or ``rwyb``.
        mse : bool
            Whether deviations are from the estimate of the full sample.
        rho : float
            For ``fay``, in [0, 1).
        n_replicates, seed : int
            For the bootstraps; the same seed gives the same weights on every machine.

        Returns
        -------
        ReplicateDesign
            Its degrees of freedom are PSUs minus strata, at most the replicates minus 1.

        Raises
        ------
        DesignError
            If the design does not suit the method, or is calibrated.
        SinglePsuError
            If a stratum has one PSU and the method or the policy refuses it.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([2.0, 2.0, 3.0, 3.0], strata=["a", "a", "b", "b"])
        >>> replicates = ReplicateDesign.from_design(design, "jkn")
        >>> values = [1.0, 2.0, 3.0, 5.0]
        >>> jackknife, linear = replicates.total(values), design.total(values)
        >>> bool(np.isclose(jackknife.standard_error, linear.standard_error).all())
        True
        """
        if design.calibration is not None:
            raise DesignError(
                expected="a design from before calibration",
                got="calibrated weights",
                hint="Make the replicates first, then reweighted() to calibrate each of them.",
            )
        sample = read_sample(design.structure)
        made = make_replicates(sample, method, ReplicationOptions(rho, n_replicates, seed))
        unit = design.unit if made.is_of_units else design.psu
        replicates = ReplicateSet.from_factors(design.weights, unit, made)
        psu_of_unit = np.zeros(len(made.factors), dtype=np.int64)
        psu_of_unit[unit] = design.psu
        return cls(replicates, PsuDegrees(psu_of_unit, sample.stratum, len(replicates)), mse)

    @classmethod
    def from_weights(
        cls,
        weights: Values,
        replicates: Values,
        *,
        scale: float,
        rscales: Sequence[float] | None = None,
        is_combined: bool = True,
        mse: bool = False,
    ) -> Self:
        """Take replicate weights that are given.

        Parameters
        ----------
        weights : array-like, shape (n_rows,)
            Of the full sample, finite and not negative.
        replicates : array-like, shape (n_rows, n_replicates)
            Finite; negative ones are taken as they come.
        scale : float
        rscales : sequence of float, length n_replicates, optional
            1 by default.
        is_combined : bool
            Whether the replicates hold the weights, instead of factors on them.
        mse : bool
            Whether deviations are from the estimate of the full sample.

        Returns
        -------
        ReplicateDesign
            Its degrees of freedom are the rank of the replicate weights minus 1, as in R.

        Raises
        ------
        DesignError
            If rows, columns or scales do not fit, or a weight is not finite.

        Examples
        --------
        >>> halves = [[2.0, 0.0], [0.0, 2.0]]
        >>> design = ReplicateDesign.from_weights([1.0, 1.0], halves, scale=0.5)
        >>> design.total([1.0, 3.0]).standard_error.tolist()
        [2.0]
        """
        given = ReplicateSet.given(weights, replicates, scale=scale, rscales=rscales, is_combined=is_combined)
        return cls(given, RankDegrees(given.factors), mse)

    def reweighted(self, reweight: Callable[[FloatArray], FloatArray]) -> Self:
        """Repeat a weighting step in the full sample and in every replicate.

        Parameters
        ----------
        reweight : callable
            Takes weights, shape (n_rows,), and returns the weights after nonresponse adjustment, raking or
            calibration. It must not look at anything else that the weights determine.

        Returns
        -------
        ReplicateDesign
            With one row of replicate weights per row; degrees of freedom as before.

        Raises
        ------
        DesignError
            If the step returns weights that are not finite, or not one per row.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([1.0, 1.0, 1.0])
        >>> replicates = ReplicateDesign.from_design(design, "jk1")
        >>> scaled = replicates.reweighted(lambda weights: 30 * weights / weights.sum())
        >>> scaled.total([1.0, 1.0, 1.0]).standard_error.round(9).tolist()
        [0.0]
        """
        replicates = self.replicates.reweighted(reweight)
        return replace(self, replicates=replicates, degrees=self.degrees.of_rows(self.replicates))

    def __repr__(self) -> str:
        return f"<ReplicateDesign: {self.n_rows} rows, {self.n_replicates} replicates>"

    @property
    def weights(self) -> FloatArray:
        """Weights of the full sample, shape (n_rows,)."""
        return self.replicates.weights

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.replicates.n_rows

    @property
    def n_replicates(self) -> int:
        """Number of replicates."""
        return len(self.replicates)

    @cached_property
    def degrees_of_freedom(self) -> int:
        """Degrees of freedom of the whole design."""
        return int(self.degrees.count(self._everybody, 1)[0, 0])

    @cached_property
    def _everybody(self) -> CellSums:
        variables = self._variables(np.ones(self.n_rows), "everybody")
        return self.replicates.sum_cells(variables, Domains.whole(self.n_rows))

    def mean(self, values: Values, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        """Weighted mean over those who answered; parameters as in :meth:`SurveyDesign.mean`.

        Examples
        --------
        >>> design = ReplicateDesign.from_weights([1.0, 1.0], [[2.0, 0.0], [0.0, 2.0]], scale=0.5)
        >>> design.mean([1.0, 3.0]).value.tolist()
        [2.0]
        """
        return self._ratio(self._variables(values, "mean"), self._domains(by, overall=overall))

    def total(self, values: Values, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        """Weighted total over those who answered; parameters as in :meth:`SurveyDesign.mean`.

        Examples
        --------
        >>> design = ReplicateDesign.from_weights([1.0, 1.0], [[2.0, 0.0], [0.0, 2.0]], scale=0.5)
        >>> design.total([1.0, 3.0]).value.tolist()
        [4.0]
        """
        variables, domains = self._variables(values, "total"), self._domains(by, overall=overall)
        sums = self.replicates.sum_cells(variables, domains)
        whole = sums.by_domain(len(domains.names))
        replicates = self.replicates.totals(sums, sums.y, len(domains.names))
        thetas = np.concatenate([whole.y[None], replicates])
        srs = spread_of_ratio(whole, np.zeros_like(whole.y), np.ones_like(whole.y))
        return self._finish(thetas, variables.names, domains, sums, srs)

    def proportion(
        self,
        values: Values,
        *,
        by: Labels | None = None,
        overall: bool = False,
        at_least: float | None = None,
    ) -> Estimate:
        """Share of rows whose value is 1; parameters as in :meth:`SurveyDesign.proportion`.

        Raises
        ------
        EstimandError
            If a value is neither 0, 1 nor missing.

        Examples
        --------
        >>> design = ReplicateDesign.from_weights([1.0, 1.0], [[2.0, 0.0], [0.0, 2.0]], scale=0.5)
        >>> design.proportion([True, False]).value.tolist()
        [0.5]
        """
        variables = replace(self._variables(values, "proportion"), is_share=True, at_least=at_least)
        return self._ratio(variables, self._domains(by, overall=overall), bounds=SHARE_BOUNDS)

    def proportions(self, values: Labels, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        """Share of every category of a variable, over those who have one; named by category.

        Examples
        --------
        >>> design = ReplicateDesign.from_weights([1.0, 1.0], [[2.0, 0.0], [0.0, 2.0]], scale=0.5)
        >>> design.proportions(["rural", "urban"]).names
        ('rural', 'urban')
        """
        variables = Variables.of_categories(Domains.from_observed(values, n_rows=self.n_rows))
        return self._ratio(variables, self._domains(by, overall=overall), bounds=SHARE_BOUNDS)

    def ratio(
        self, numerator: Values, denominator: Values, *, by: Labels | None = None, overall: bool = False
    ) -> Estimate:
        """Ratio of two weighted totals; parameters as in :meth:`SurveyDesign.ratio`.

        Examples
        --------
        >>> design = ReplicateDesign.from_weights([1.0, 1.0], [[2.0, 0.0], [0.0, 2.0]], scale=0.5)
        >>> design.ratio([1.0, 3.0], [2.0, 2.0]).value.tolist()
        [1.0]
        """
        above, below = self._variables(numerator, "numerator"), self._variables(denominator, "denominator")
        if len(above) != len(below):
            raise EstimandError(
                expected=f"{len(above)} denominators, one per numerator",
                got=f"{len(below)}",
                hint="Repeat a denominator that several numerators share.",
            )
        names = tuple(f"{top}/{bottom}" for top, bottom in zip(above.names, below.names, strict=True))
        variables = replace(above, names=names, denominators=below.values)
        return self._ratio(variables, self._domains(by, overall=overall))

    def quantile(
        self,
        values: Values,
        probs: Sequence[float],
        *,
        by: Labels | None = None,
        overall: bool = False,
        rule: str = "math",
        interval: str = "quantile",
        level: float = 0.95,
    ) -> QuantileEstimate:
        """Quantiles by domain; parameters as in :func:`quantile`.

        Parameters
        ----------
        interval : str
            ``quantile``, symmetric with the variance of the replicates' quantiles; or one of
            :func:`quantile`, from the precision of the distribution function. The jackknife is not
            consistent for quantiles: use ``mean`` with it.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays(np.ones(50))
        >>> replicates = ReplicateDesign.from_design(design, "rao_wu", n_replicates=40, seed=1)
        >>> replicates.quantile(np.arange(50.0), [0.5]).value.tolist()
        [24.0]
        """
        solve = replicate_quantile if interval == "quantile" else quantile
        return solve(self, values, probs, by=by, overall=overall, rule=rule, interval=interval, level=level)

    def estimate(
        self, function: Callable[[FloatArray], Values | float], *, names: Sequence[str] | None = None
    ) -> Estimate:
        """Estimate any function of the weights, jointly for all that it returns.

        Parameters
        ----------
        function : callable
            Takes weights, shape (n_rows,), and returns a number or k numbers.
        names : sequence of str, length k, optional

        Returns
        -------
        Estimate
            Without design effect; n and degrees of freedom are those of the whole sample.

        Raises
        ------
        EstimandError
            If there is not one name per number.

        Examples
        --------
        >>> design = ReplicateDesign.from_weights([1.0, 1.0], [[2.0, 0.0], [0.0, 2.0]], scale=0.5)
        >>> values = np.array([1.0, 3.0])
        >>> design.estimate(lambda weights: weights @ values).standard_error.tolist()
        [2.0]
        """
        full = np.atleast_1d(np.asarray(function(self.weights), dtype=float))
        rows = [np.atleast_1d(np.asarray(function(w), dtype=float)) for w in self.replicates]
        labels = tuple(names) if names else tuple(f"estimate{place + 1}" for place in range(len(full)))
        if full.shape != (len(labels),):
            raise EstimandError(
                expected=f"{len(labels)} numbers, one per name",
                got=f"shape {full.shape}",
                hint="Let the function return a flat sequence and name every number.",
            )
        thetas = np.vstack([full, *rows])[:, None, :]
        everybody = self._everybody
        return self._finish(
            thetas, labels, Domains.whole(self.n_rows), everybody, np.full(full.shape, np.nan)
        )

    def _domains(self, by: Labels | None, *, overall: bool) -> Domains:
        if by is None:
            return Domains.whole(self.n_rows)
        return Domains.from_labels(by, n_rows=self.n_rows, has_overall=overall)

    def _variables(self, values: Values, name: str) -> Variables:
        columns, names = split_columns(values, name)
        return Variables(columns, names, self.n_rows)

    def _ratio(
        self, variables: Variables, domains: Domains, *, bounds: tuple[float, float] | None = None
    ) -> Estimate:
        sums = self.replicates.sum_cells(variables, domains)
        whole = sums.by_domain(len(domains.names))
        replicates = self.replicates.totals(sums, np.hstack([sums.y, sums.x]), len(domains.names))
        totals = np.concatenate([np.hstack([whole.y, whole.x])[None], replicates])
        top, bottom = np.split(totals, 2, axis=2)
        thetas = top / np.where(bottom == 0, np.nan, bottom)
        srs = spread_of_ratio(whole, thetas[0], bottom[0])
        return replace(self._finish(thetas, variables.names, domains, sums, srs), bounds=bounds)

    def _finish(
        self,
        thetas: FloatArray,
        names: Sequence[str],
        domains: Domains,
        sums: CellSums,
        srs_variance: FloatArray,
    ) -> Estimate:
        """Turn estimates of the full sample and the replicates, by domain and column, into a result."""
        labels, shape = domains.all_labels, thetas.shape[1:]
        spread = deviations(thetas.reshape(len(thetas), -1), self.replicates.scales, mse=self.mse)
        magnitude = np.sqrt(self.replicates.scales @ np.nan_to_num(thetas[1:]).reshape(len(spread), -1) ** 2)
        precision = keep_spread(spread).without_rounding(magnitude)
        n = np.broadcast_to(sums.by_domain(len(labels)).n, shape).ravel()
        df = np.broadcast_to(self.degrees.count(sums, len(labels)), shape).ravel()
        return Estimate(
            names=tuple(names) * len(labels),
            domains=tuple(label for label in labels for _ in names),
            value=np.where(n > 0, thetas[0].ravel(), np.nan),
            covariance=precision.deferred(),
            degrees_of_freedom=df.astype(float),
            n=n,
            deff=precision.variance / np.where(srs_variance > 0, srs_variance, np.nan).ravel(),
        )
