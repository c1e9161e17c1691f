"""The sample design: built once, it turns values into estimates that know their precision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, Values, as_columns, sum_by
from analysis.estimation.calibration import Calibration
from analysis.estimation.domains import Domains, Labels
from analysis.estimation.encoding import encode_design
from analysis.estimation.errors import EstimandError
from analysis.estimation.estimate import Estimate
from analysis.estimation.scores import (
    RowScores,
    linearise_ratio,
    ratio_scores,
    simple_random_variance,
    total_scores,
)
from analysis.estimation.single_psu import find_policy
from analysis.estimation.variance import FirstStage

SHARE_BOUNDS = (0.0, 1.0)


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """A stratified sample of PSUs, drawn with replacement or with a finite population correction.

    Build it with :meth:`from_arrays` or :meth:`from_frame`. Further stages need no mention: with
    replacement at the first stage, the variation between PSU totals already holds them (ultimate clusters).

    Attributes
    ----------
    weights : float array, shape (n_rows,)
        Final weights, finite and above 0.
    psu : int array, shape (n_rows,)
        PSU of each row, numbered from 0.
    first_stage : FirstStage
        Strata, their PSUs and sampling fractions, and the policy for strata with one PSU.
    calibration : Calibration, optional
        Margins that the weights meet; the variance is then that of residuals.
    """

    weights: FloatArray
    psu: IntArray
    first_stage: FirstStage
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        """Refuse a stratum with a single PSU at once if that is the policy."""
        policy = find_policy(self.first_stage.single_psu)
        strata = self.first_stage.single_strata()
        if strata.is_single.any():
            policy(strata, np.zeros((self.n_psu, 1)))

    @classmethod
    def from_arrays(
        cls,
        weights: Values,
        *,
        strata: Labels | None = None,
        clusters: Labels | None = None,
        fpc: Values | None = None,
        single_psu: str = "fail",
        single_in_domain: bool = False,
        nest: bool = False,
    ) -> Self:
        """Build a design from one entry per row.

        Parameters
        ----------
        weights : array-like of float, shape (n_rows,)
            Finite and above 0.
        strata : array-like, shape (n_rows,), optional
            Labels without missing ones; a single stratum by default.
        clusters : array-like, shape (n_rows,), optional
            PSU labels; every row its own PSU by default.
        fpc : array-like of float, shape (n_rows,), optional
            First-stage population counts of PSUs, or sampling fractions if none exceeds 1;
            constant within a stratum.
        single_psu : str
            Policy for strata with one PSU: ``fail``, ``remove``, ``certainty``, ``adjust`` or ``average``.
        single_in_domain : bool
            Whether the policy also meets strata with one PSU in the domain but more in the design.
        nest : bool
            Whether PSU labels may start again in every stratum, so that a PSU is (stratum, label).

        Returns
        -------
        SurveyDesign

        Raises
        ------
        DesignError
            If weights, strata, clusters or corrections cannot be used; says which row.
        SinglePsuError
            If a stratum has one PSU and the policy is ``fail``.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([2.0, 2.0, 3.0, 3.0], strata=["a", "a", "b", "b"])
        >>> design.n_psu, design.degrees_of_freedom
        (4, 2)
        """
        encoded = encode_design(weights, strata=strata, clusters=clusters, fpc=fpc, nest=nest)
        stage = FirstStage(
            psu_stratum=encoded.psu_stratum,
            stratum_labels=encoded.stratum_labels,
            sampling_fraction=encoded.sampling_fraction,
            single_psu=single_psu,
            single_in_domain=single_in_domain,
        )
        return cls(weights=encoded.weights, psu=encoded.psu, first_stage=stage)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        weight: str,
        strata: str | None = None,
        clusters: str | None = None,
        fpc: str | None = None,
        single_psu: str = "fail",
        single_in_domain: bool = False,
        nest: bool = False,
    ) -> Self:
        """Build a design from columns of a data frame; see :meth:`from_arrays`.

        Examples
        --------
        >>> frame = pd.DataFrame({"w": [1.0, 1.0], "commune": ["x", "y"]})
        >>> SurveyDesign.from_frame(frame, weight="w", clusters="commune").n_psu
        2
        """
        chosen = {
            "strata": None if strata is None else _column(frame, strata),
            "clusters": None if clusters is None else _column(frame, clusters),
        }
        return cls.from_arrays(
            _column(frame, weight),
            fpc=None if fpc is None else _column(frame, fpc),
            single_psu=single_psu,
            single_in_domain=single_in_domain,
            nest=nest,
            **chosen,
        )

    def with_calibration(self, base_weights: FloatArray, margins: Sequence[Labels]) -> Self:
        """Return the design knowing that its weights were calibrated to margins.

        Parameters
        ----------
        base_weights : float array, shape (n_rows,)
            Weights before calibration.
        margins : sequence of array-like of labels, shape (n_rows,)
            Category of each row in each margin; crossed post-strata are one margin.

        Raises
        ------
        DesignError
            If a label is missing or a weight is not above 0.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([3.0, 3.0, 2.0, 2.0])
        >>> calibrated = design.with_calibration(np.ones(4), [["f", "f", "m", "m"]])
        >>> calibrated.total([1.0, 1.0, 0.0, 0.0]).standard_error.round(9).tolist()
        [0.0]
        """
        return replace(self, calibration=Calibration.from_labels(base_weights, margins, n_rows=self.n_rows))

    def __repr__(self) -> str:
        return f"<SurveyDesign: {self.n_rows} rows, {self.n_psu} PSUs, {self.n_strata} strata>"

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.weights)

    @property
    def n_psu(self) -> int:
        """Number of PSUs."""
        return len(self.first_stage.psu_stratum)

    @property
    def n_strata(self) -> int:
        """Number of strata."""
        return len(self.first_stage.stratum_labels)

    @property
    def degrees_of_freedom(self) -> int:
        """PSUs minus strata of the whole design."""
        return self.n_psu - self.n_strata

    def mean(self, values: Values, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        r"""Weighted mean :math:`\sum w y / \sum w` over those who answered.

        Parameters
        ----------
        values : array-like, shape (n_rows,) or (n_rows, k)
            NaN is a missing answer; every column has its own base.
        by : array-like of labels, shape (n_rows,), or data frame of labels, optional
            Domains; rows with a missing label are in none.
        overall : bool
            Whether the whole comes first, with its covariance with the domains.

        Returns
        -------
        Estimate
            One entry per domain and column, the columns of a domain together.

        Raises
        ------
        EstimandError
            If the number of rows differs from the design's.
        DomainError
            If no row is in any domain.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([1.0, 1.0, 2.0])
        >>> design.mean([1.0, float("nan"), 4.0]).value.tolist()
        [3.0]
        """
        columns, names = as_columns(values, n_rows=self.n_rows, name="mean")
        return self._ratio(columns, np.ones_like(columns), names, self._domains(by, overall=overall))

    def total(self, values: Values, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        r"""Weighted total :math:`\sum w y` over those who answered; parameters as in :meth:`mean`.

        Examples
        --------
        >>> SurveyDesign.from_arrays([1.0, 2.0]).total([10.0, 20.0]).value.tolist()
        [50.0]
        """
        columns, names = as_columns(values, n_rows=self.n_rows, name="total")
        valid = ~np.isnan(columns)
        filled = np.where(valid, columns, 0.0)
        domains = self._domains(by, overall=overall)
        value, scores = total_scores(domains.totals_by(self.psu, self.n_psu, filled * self.weights[:, None]))
        if self.calibration is not None:
            scores = scores - self._explained(self.calibration, self.calibration.totals_by(domains, filled))
        rows = RowScores(filled, np.zeros_like(filled), valid)
        srs = simple_random_variance(domains, self.weights, rows, np.zeros_like(value), np.ones_like(value))
        return self.estimate(value, scores, names=names, domains=domains, valid=valid, srs_variance=srs)

    def proportion(self, values: Values, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        """Share of rows whose value is 1 (or True) rather than 0, over those who answered.

        Parameters as in :meth:`mean`; an estimate that knows its bounds, so that ``logit`` and the other
        intervals for shares are open to it.

        Raises
        ------
        EstimandError
            If a value is neither 0, 1 nor missing.

        Examples
        --------
        >>> SurveyDesign.from_arrays([1.0, 3.0]).proportion([True, False]).value.tolist()
        [0.25]
        """
        columns, names = as_columns(values, n_rows=self.n_rows, name="proportion")
        strange = ~np.isin(columns, (0.0, 1.0)) & ~np.isnan(columns)
        if strange.any():
            raise EstimandError(
                expected="0, 1 or missing for a proportion",
                got=f"{columns[strange][0]:g}",
                hint="Compare first, for example values >= 4, or use proportions() for all categories.",
            )
        domains = self._domains(by, overall=overall)
        return self._ratio(columns, np.ones_like(columns), names, domains, bounds=SHARE_BOUNDS)

    def proportions(self, values: Labels, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        """Share of every category of a variable, over those who have one; named by category.

        Examples
        --------
        >>> SurveyDesign.from_arrays([1.0, 3.0]).proportions(["rural", "urban"]).names
        ('rural', 'urban')
        """
        categories = Domains.from_labels(values, n_rows=self.n_rows)
        indicators = (categories.codes[:, None] == np.arange(len(categories.labels))).astype(float)
        indicators[categories.codes < 0] = np.nan
        frame = pd.DataFrame(indicators, columns=[str(label) for label in categories.labels])
        return self.proportion(frame, by=by, overall=overall)

    def ratio(
        self, numerator: Values, denominator: Values, *, by: Labels | None = None, overall: bool = False
    ) -> Estimate:
        r"""Ratio of two weighted totals :math:`\sum w y / \sum w x` over rows that have both.

        Parameters
        ----------
        numerator, denominator : array-like, shape (n_rows,) or (n_rows, k)
            Pairs of columns, as many in the one as in the other.
        by, overall
            As in :meth:`mean`.

        Raises
        ------
        EstimandError
            If the numbers of columns differ.

        Examples
        --------
        >>> SurveyDesign.from_arrays([1.0, 1.0]).ratio([1.0, 2.0], [2.0, 4.0]).value.tolist()
        [0.5]
        """
        top, top_names = as_columns(numerator, n_rows=self.n_rows, name="numerator")
        bottom, bottom_names = as_columns(denominator, n_rows=self.n_rows, name="denominator")
        if top.shape != bottom.shape:
            raise EstimandError(
                expected=f"{top.shape[1]} denominators, one per numerator",
                got=f"{bottom.shape[1]}",
                hint="Repeat a denominator that several numerators share.",
            )
        names = tuple(f"{above}/{below}" for above, below in zip(top_names, bottom_names, strict=True))
        return self._ratio(top, bottom, names, self._domains(by, overall=overall))

    def score_ratios(self, domains: Domains, rows: RowScores) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Estimate ratios of totals with their PSU scores, residual ones if the weights are calibrated.

        Parameters
        ----------
        domains : Domains
        rows : RowScores
            Numerators and denominators of the rows.

        Returns
        -------
        value : float array, shape (n_domains, n_columns)
        scores : float array, shape (n_psu, n_domains, n_columns)
        total : float array, shape (n_domains, n_columns)
            The estimated totals in the denominators.
        """
        stacked = np.hstack([rows.numerator, rows.denominator])
        totals = domains.totals_by(self.psu, self.n_psu, stacked * self.weights[:, None])
        numerator, denominator = np.split(totals, 2, axis=2)
        value, scores = ratio_scores(numerator, denominator)
        total = denominator.sum(axis=0)
        if self.calibration is not None:
            top, bottom = np.split(self.calibration.totals_by(domains, stacked), 2, axis=2)
            by_category = linearise_ratio(top, bottom, value, total)
            scores = scores - self._explained(self.calibration, by_category)
        return value, scores, total

    def sum_scores(self, rows: FloatArray) -> FloatArray:
        r"""PSU totals :math:`\sum w u` of a linearised variable; of its residuals if weights are calibrated.

        The way in for every estimand whose error is that of a total: linearise it, sum the scores, ask
        for their :meth:`covariance`.

        Parameters
        ----------
        rows : float array, shape (n_rows, k)
            Unweighted linearised variable, 0 for rows that take no part.

        Returns
        -------
        float array, shape (n_psu, k)

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([2.0, 2.0, 3.0])
        >>> design.sum_scores(np.array([[1.0], [0.0], [1.0]])).ravel().tolist()
        [2.0, 0.0, 3.0]
        """
        scores = sum_by(self.psu, self.n_psu, rows * self.weights[:, None])
        if self.calibration is None:
            return scores
        explained = self.calibration.totals_by(Domains.whole(self.n_rows), rows)
        return scores - self._explained(self.calibration, explained)[:, 0]

    def covariance(self, scores: FloatArray, is_present: BoolArray | None = None) -> FloatArray:
        """Covariance matrix of sums of PSU scores.

        Parameters
        ----------
        scores : float array, shape (n_psu, k)
            Linearised PSU totals, for example from :func:`analysis.estimation.ratio_scores`.
        is_present : bool array, shape (n_psu, k), optional
            Where the domain of each estimate has members, for single-PSU policies that ask.

        Returns
        -------
        float array, shape (k, k)
        """
        scaled = self.first_stage.deviations(scores, is_present)
        product: FloatArray = scaled.T @ scaled
        return product

    def variance(self, scores: FloatArray, is_present: BoolArray | None = None) -> FloatArray:
        """Diagonal of :meth:`covariance` without the rest, for many scores at once."""
        scaled = self.first_stage.deviations(scores, is_present)
        squares: FloatArray = np.einsum("ij,ij->j", scaled, scaled)
        return squares

    def domain_degrees_of_freedom(self, is_present: BoolArray) -> IntArray:
        """PSUs minus strata among those where a domain has members.

        Parameters
        ----------
        is_present : bool array, shape (n_psu, ...)
            Whether the PSU has a member of the domain.

        Returns
        -------
        int array, shape (...)
        """
        n_present = self.first_stage.count_present(is_present.reshape(self.n_psu, -1))
        df = n_present.sum(axis=0) - (n_present > 0).sum(axis=0)
        return np.asarray(df, dtype=np.int64).reshape(is_present.shape[1:])

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
        """Turn the value and scores of any estimand into an estimate: the path that all estimators share.

        Parameters
        ----------
        value : float array, shape (n_domains, k)
        scores : float array, shape (n_psu, n_domains, k)
            PSU totals of the linearised variable.
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
        counts = domains.totals_by(self.psu, self.n_psu, valid.astype(float)).reshape(self.n_psu, -1)
        covariance = self.covariance(scores.reshape(self.n_psu, -1), counts > 0)
        n = counts.sum(axis=0).astype(np.int64)
        return Estimate(
            names=tuple(names) * len(labels),
            domains=tuple(label for label in labels for _ in names),
            value=np.where(n > 0, value.ravel(), np.nan),
            covariance=covariance,
            degrees_of_freedom=self.domain_degrees_of_freedom(counts > 0).astype(float),
            n=n,
            deff=np.diag(covariance) / np.where(srs_variance > 0, srs_variance, np.nan).ravel(),
            bounds=bounds,
        )

    def _domains(self, by: Labels | None, *, overall: bool) -> Domains:
        if by is None:
            return Domains.whole(self.n_rows)
        return Domains.from_labels(by, n_rows=self.n_rows, has_overall=overall)

    def _ratio(
        self,
        numerator: FloatArray,
        denominator: FloatArray,
        names: Sequence[str],
        domains: Domains,
        *,
        bounds: tuple[float, float] | None = None,
    ) -> Estimate:
        valid = ~(np.isnan(numerator) | np.isnan(denominator))
        rows = RowScores(np.where(valid, numerator, 0.0), np.where(valid, denominator, 0.0), valid)
        value, scores, total = self.score_ratios(domains, rows)
        srs = simple_random_variance(domains, self.weights, rows, value, total)
        return self.estimate(
            value, scores, names=names, domains=domains, valid=valid, srs_variance=srs, bounds=bounds
        )

    def _explained(self, calibration: Calibration, scores: FloatArray) -> FloatArray:
        return calibration.explained(scores, self.psu, self.n_psu, self.weights)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise EstimandError(
            expected=f"a column {name!r} of the design",
            got=f"columns {', '.join(map(str, frame.columns))}",
            hint="Check the name, capitals included.",
        )
    return frame[name]
