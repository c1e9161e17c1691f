"""The sample design: built once, it turns values into estimates that know their precision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, Unpack

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray, Values
from analysis.estimation.designs.building import DesignOptions, DesignSpec
from analysis.estimation.designs.calibration import Calibration, refuse_second
from analysis.estimation.designs.ratios import Combination, SumEstimator
from analysis.estimation.designs.residuals import explain_ratios
from analysis.estimation.designs.row_design import RowDesign
from analysis.estimation.domains import Domains, Labels
from analysis.estimation.errors import DesignError, EstimandError
from analysis.estimation.results.estimate import Estimate
from analysis.estimation.rows.columns import Variables, split_columns
from analysis.estimation.rows.scores import RowScores, row_moments

SHARE_BOUNDS = (0.0, 1.0)


@dataclass(frozen=True, eq=False, repr=False)
class SurveyDesign(RowDesign):
    """A stratified sample of clusters of one or more stages.

    Build it with :meth:`from_arrays` or :meth:`from_frame`. With replacement at the first stage, further
    stages need no mention: the variation between PSU totals already holds them (ultimate clusters).
    Attributes as in :class:`~analysis.estimation.designs.row_design.RowDesign`.

    See Also
    --------
    analysis.estimation.quantile : Medians and other quantiles.
    analysis.estimation.regress : Linear, logistic and Poisson regression.
    analysis.estimation.change : The mean of one round minus that of another.
    analysis.estimation.association_test : Rao and Scott's tests of two categorical variables.

    Notes
    -----
    Means, totals, shares and ratios are methods; whatever is built upon them is a function that takes the
    design first, so that the design need not know its own users.
    """

    @classmethod
    def from_arrays(
        cls,
        weights: Values | None = None,
        *,
        strata: Labels | None = None,
        clusters: Labels | None = None,
        fpc: Values | None = None,
        certainty: Values | None = None,
        systematic_order: Values | None = None,
        **options: Unpack[DesignOptions],
    ) -> Self:
        """Build a design from one entry per row.

        Parameters
        ----------
        weights : array-like of float, shape (n_rows,)
            Finite and not negative. May be left out if ``fpc`` holds the fractions of every stage.
        strata : array-like, shape (n_rows,), optional
            Labels without missing ones; a single stratum by default. A data frame with one column per stage
            if later stages were stratified too.
        clusters : array-like, shape (n_rows,), or data frame with one column per stage, optional
            Labels of PSUs and of the clusters inside them, which may start again in every cluster above;
            every row is its own PSU by default.
        fpc : array-like of float, shape (n_rows,), or data frame with one column per stage, optional
            Population counts of the units of the stage in the stratum, or sampling fractions if none exceeds
            1; only for stages drawn with equal probabilities, unless ``pps`` says otherwise. A stage without
            one counts as taken whole; without any, only the first stage counts, as with replacement.
        certainty : array-like of bool, shape (n_rows,), optional
            PSUs that were certain to be drawn but themselves subsampled: each becomes a stratum of its own
            with its second-stage clusters as PSUs.
        systematic_order : array-like of float, shape (n_rows,), optional
            Place of the PSU in a systematic draw; neighbours are then compared (successive differences).
        single_psu : str
            Policy for strata with one unit: ``fail`` (default), ``remove``, ``certainty``, ``adjust`` or
            ``average``.
        single_in_domain : bool
            Whether ``adjust`` and ``average`` also meet strata with one PSU in the domain but more in the
            design.
        single_scope : str
            ``domain`` (default): ``adjust`` and ``average`` leave out strata where the domain has nobody.
            ``design``: they see all strata, as they always do once the weights are calibrated.
        nest : bool
            Whether PSU labels may start again in every stratum, so that a PSU is (stratum, label).
        pps : Brewer, Overton, HartleyRao or JointProbabilities, optional
            Variance of a sample drawn with unequal probabilities and without replacement; ``fpc`` then holds
            the inclusion probabilities.
        degrees : str
            Degrees of freedom of an estimate: ``counted`` (default), PSUs minus strata as R's ``degf``, or
            ``effective``, no more than what the shares of the strata in the variance leave.

        Returns
        -------
        SurveyDesign

        Raises
        ------
        DesignError
            If weights, strata, clusters or corrections cannot be used; says which row.
        SinglePsuError
            If a stratum has one unit and the policy is ``fail``.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([2.0, 2.0, 3.0, 3.0], strata=["a", "a", "b", "b"])
        >>> design.n_psu, design.degrees_of_freedom
        (4, 2)
        """
        built = DesignSpec(
            weights=weights,
            strata=strata,
            clusters=clusters,
            fpc=fpc,
            certainty=certainty,
            systematic_order=systematic_order,
            **options,
        ).build()
        return cls(weights=built.weights, unit=built.unit, psu=built.psu, structure=built.structure)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        weight: str | None = None,
        strata: str | Sequence[str] | None = None,
        clusters: str | Sequence[str] | None = None,
        fpc: str | Sequence[str] | None = None,
        certainty: str | None = None,
        systematic_order: str | None = None,
        **options: Unpack[DesignOptions],
    ) -> Self:
        """Build a design from columns of a data frame, several names for several stages.

        See :meth:`from_arrays`.

        Raises
        ------
        DesignError
            If the frame has no such column, and as :meth:`from_arrays`.

        Examples
        --------
        >>> frame = pd.DataFrame({"w": [1.0, 1.0], "commune": ["x", "y"]})
        >>> SurveyDesign.from_frame(frame, weight="w", clusters="commune").n_psu
        2
        """
        return cls.from_arrays(
            _columns(frame, weight),
            strata=_columns(frame, strata),
            clusters=_columns(frame, clusters),
            fpc=_columns(frame, fpc),
            certainty=_columns(frame, certainty),
            systematic_order=_columns(frame, systematic_order),
            **options,
        )

    def with_calibration(
        self,
        base_weights: FloatArray,
        margins: Sequence[Labels],
        *,
        numbers: Values | None = None,
        n_sweeps: int | None = None,
    ) -> Self:
        """Return the design knowing that its weights were calibrated to margins.

        Parameters
        ----------
        base_weights : float array, shape (n_rows,)
            Weights before calibration.
        margins : sequence of array-like of labels, shape (n_rows,)
            Category of each row in each margin; crossed post-strata are one margin.
        numbers : array-like of float, shape (n_rows,) or (n_rows, n_numbers), optional
            Auxiliary variables whose totals the weights meet.
        n_sweeps : int, optional
            Fit by so many sweeps over the margins instead of exactly, as R's ``rake`` does (10).

        Raises
        ------
        DesignError
            If a label is missing, a base weight is below 0, or the weights are calibrated already.

        Examples
        --------
        >>> design = SurveyDesign.from_arrays([3.0, 3.0, 2.0, 2.0])
        >>> calibrated = design.with_calibration(np.ones(4), [["f", "f", "m", "m"]])
        >>> calibrated.total([1.0, 1.0, 0.0, 0.0]).standard_error.round(9).tolist()
        [0.0]
        """
        refuse_second(self.calibration)
        calibration = Calibration.from_labels(
            base_weights, margins, n_rows=self.n_rows, numbers=numbers, n_sweeps=n_sweeps
        )
        return replace(self, calibration=calibration)

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
        variables = self._variables(values, "mean")
        return self._ratio(variables, self._domains(by, overall=overall))

    def total(self, values: Values, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        r"""Weighted total :math:`\sum w y` over those who answered; parameters as in :meth:`mean`.

        Examples
        --------
        >>> SurveyDesign.from_arrays([1.0, 2.0]).total([10.0, 20.0]).value.tolist()
        [50.0]
        """
        variables = self._variables(values, "total")
        domains = self._domains(by, overall=overall)
        return self._estimator(variables, domains, is_total=True).total(
            self.sum_cells(variables, domains), variables.names
        )

    def proportion(
        self,
        values: Values,
        *,
        by: Labels | None = None,
        overall: bool = False,
        at_least: float | None = None,
    ) -> Estimate:
        """Share of rows whose value is 1 (or True) rather than 0, over those who answered.

        An estimate that knows its bounds, so that ``logit`` and other intervals for shares are open to it.

        Parameters
        ----------
        values, by, overall
            As in :meth:`mean`.
        at_least : float, optional
            Share of the answers that are at least as high, for example 4 on a scale of 5.

        Raises
        ------
        EstimandError
            If a value is neither 0, 1 nor missing, and ``at_least`` is not given.

        Examples
        --------
        >>> SurveyDesign.from_arrays([1.0, 3.0]).proportion([True, False]).value.tolist()
        [0.25]
        >>> SurveyDesign.from_arrays([1.0, 3.0]).proportion([5, 2], at_least=4).value.tolist()
        [0.25]
        """
        variables = replace(self._variables(values, "proportion"), is_share=True, at_least=at_least)
        return self._ratio(variables, self._domains(by, overall=overall), bounds=SHARE_BOUNDS)

    def proportions(self, values: Labels, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        """Share of every category of a variable, over those who have one; named by category.

        Examples
        --------
        >>> SurveyDesign.from_arrays([1.0, 3.0]).proportions(["rural", "urban"]).names
        ('rural', 'urban')
        """
        categories = Domains.from_observed(values, n_rows=self.n_rows)
        variables = Variables.of_categories(categories)
        return self._ratio(variables, self._domains(by, overall=overall), bounds=SHARE_BOUNDS)

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

    def combine_ratios(self, rows: RowScores, domains: Domains, names: tuple[str, ...]) -> Estimate:
        """Estimate linear combinations of ratios of totals, as an index takes them.

        Parameters
        ----------
        rows : RowScores
            Numerators and denominators of the rows, and the weights of the combinations.
        domains : Domains
        names : tuple of str, one per combination

        Returns
        -------
        Estimate
        """
        variables = rows.variables()
        sums = self.sum_cells(variables, domains)
        combination = Combination(
            np.eye(len(variables)) if rows.combination is None else rows.combination,
            lambda ratio, total: row_moments(domains, self.weights, rows, ratio, total),
        )
        return self._estimator(variables, domains).ratio(sums, names, combination=combination)

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
        estimator = self._estimator(variables, domains)
        return estimator.ratio(self.sum_cells(variables, domains), variables.names, bounds=bounds)

    def _estimator(self, variables: Variables, domains: Domains, *, is_total: bool = False) -> SumEstimator:
        if self.calibration is None:
            return SumEstimator(self.structure, domains.names)
        explained = explain_ratios(
            self.calibration, variables, domains, self.unit, self.weights, is_total=is_total
        )
        return SumEstimator(self.score_structure, domains.names, explained)


def _columns(frame: pd.DataFrame, names: str | Sequence[str] | None) -> pd.Series | pd.DataFrame | None:
    if names is None:
        return None
    for name in [names] if isinstance(names, str) else names:
        if name not in frame.columns:
            raise DesignError(
                expected=f"a column {name!r} of the design",
                got=f"columns {', '.join(map(str, frame.columns))}",
                hint="Check the name, capitals included.",
            )
    return frame[names] if isinstance(names, str) else frame[list(names)]
