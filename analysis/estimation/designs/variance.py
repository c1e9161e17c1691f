"""From scores of cells to variances: stages of clusters, or quadratic forms of joint probabilities."""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray, sum_by
from analysis.estimation.designs.single_psu import FAIL, SEE_DOMAINS, find_policy, refuse_single
from analysis.estimation.designs.stage import Stage
from analysis.estimation.errors import DesignError
from analysis.estimation.results.precision import Precision
from analysis.estimation.results.reach import Reach
from analysis.estimation.rows.cell_scores import CellScores

SCOPES = ("domain", "design")
COUNTED, EFFECTIVE = "counted", "effective"
DEGREE_RULES = (COUNTED, EFFECTIVE)
_CHI_SQUARED = 2
"""A variance with d degrees of freedom has the square (1 + 2 / d) times its own in the mean."""
_DECIMALS = 6


class VarianceStructure(Protocol):
    """All that variances need to know of a design; rows are not part of it."""

    @property
    def first_stage(self) -> Stage:
        """Strata and PSUs, for degrees of freedom."""

    def degrees_of_freedom(self, cells: CellScores, variance: FloatArray, /) -> FloatArray:
        """Degrees of freedom of all estimates, shape (n_domains * k,); a variance of 0 has no parts."""

    @property
    def n_units(self) -> int:
        """Number of variance units: the clusters of the last stage that counts."""

    def psu_of_unit(self) -> IntArray | None:
        """PSU of each variance unit; None where the units are the PSUs."""

    def variance(self, cells: CellScores) -> FloatArray:
        """Variances of all estimates, shape (n_domains * k,)."""

    def covariance(self, cells: CellScores) -> FloatArray:
        """Covariance matrix of all estimates."""

    def for_residuals(self) -> Self:
        """Return the structure for residuals of calibrated weights, which no stratum is without."""


@dataclass(frozen=True, eq=False)
class Stages:
    """One or more stages of clusters, in the manner of R's ``svyrecvar``.

    Attributes
    ----------
    stages : tuple of Stage
        The first stage first.
    units_above : tuple, one entry per stage
        Unit of the stage for each variance unit; None where it is the variance unit itself.
    single_scope : str
        ``domain``: policies for single units leave out strata where the domain has nobody, as R does for
        ``subset(design, ...)`` with weights that are not calibrated; ``design``: they see all strata, as R's
        ``svyby(covmat=TRUE)`` and ``subset`` of a calibrated design do.
    degrees : str
        ``counted``: PSUs minus strata, as R's ``degf``; ``effective``: no more than
        :func:`effective_degrees`.
    """

    stages: tuple[Stage, ...]
    units_above: tuple[IntArray | None, ...]
    single_scope: str = "domain"
    degrees: str = COUNTED

    def __post_init__(self) -> None:
        """Refuse an unknown scope or way to count, and single units at once if that is the policy."""
        if self.degrees not in DEGREE_RULES:
            raise DesignError(
                expected=f"degrees among {', '.join(DEGREE_RULES)}",
                got=repr(self.degrees),
                hint="counted is what R does: primary units minus strata.",
            )
        if self.single_scope not in SCOPES:
            raise DesignError(
                expected=f"single_scope among {', '.join(SCOPES)}",
                got=repr(self.single_scope),
                hint="domain is what R does for subsets of a design.",
            )
        for number, stage in enumerate(self.stages, start=1):
            find_policy(stage.single_psu)
            if stage.single_psu == FAIL:
                refuse_single(stage.single_names, number)

    @property
    def first_stage(self) -> Stage:
        """Strata and PSUs."""
        return self.stages[0]

    @property
    def n_units(self) -> int:
        """Number of clusters of the last stage."""
        return len(self.stages[-1].unit_stratum)

    def psu_of_unit(self) -> IntArray | None:
        """PSU of each variance unit; None where the units are the PSUs."""
        return self.units_above[0]

    def degrees_of_freedom(self, cells: CellScores, variance: FloatArray, /) -> FloatArray:
        """Degrees of freedom of all estimates, shape (n_domains * k,); a variance of 0 has no parts."""
        counted = domain_degrees_of_freedom(self, cells).astype(float)
        if self.degrees == COUNTED:
            return counted
        psus = self._seen(cells).lift(self.units_above[0])
        effective = np.minimum(counted, effective_degrees(self.first_stage, psus))
        return np.where(variance > 0, effective, counted)

    def variance(self, cells: CellScores) -> FloatArray:
        """Variances of all estimates, shape (n_domains * k,)."""
        seen = self._seen(cells)
        parts = [stage.variance(seen.lift(above)) for stage, above in self._pairs()]
        return np.asarray(sum(parts)).ravel()

    def covariance(self, cells: CellScores) -> FloatArray:
        """Covariance matrix of all estimates."""
        seen = self._seen(cells)
        return np.asarray(sum(stage.gram(seen.lift(above)) for stage, above in self._pairs()))

    def for_residuals(self) -> Self:
        """Let policies for single units see all strata: residuals are not 0 where a domain has nobody."""
        return replace(self, single_scope="design")

    def _pairs(self) -> list[tuple[Stage, IntArray | None]]:
        return list(zip(self.stages, self.units_above, strict=True))

    def _seen(self, cells: CellScores) -> CellScores:
        is_asked = self.first_stage.single_psu in SEE_DOMAINS and self.single_scope != "domain"
        return cells.everywhere(self.n_units) if is_asked else cells


@dataclass(frozen=True, eq=False)
class QuadraticForm:
    r"""Variance :math:`\sum_{ij} q_{ij} z_i z_j` of one stage with known joint probabilities.

    Attributes
    ----------
    stage : Stage
        Strata and units, for degrees of freedom.
    matrix : float array, shape (n_units, n_units)
        From :mod:`analysis.estimation.designs.pps`.
    """

    stage: Stage
    matrix: FloatArray

    @property
    def first_stage(self) -> Stage:
        """Strata and PSUs."""
        return self.stage

    @property
    def n_units(self) -> int:
        """Number of PSUs."""
        return len(self.stage.unit_stratum)

    def psu_of_unit(self) -> IntArray | None:
        """Return None: the units are the PSUs."""
        return None

    def degrees_of_freedom(self, cells: CellScores, _variance: FloatArray, /) -> FloatArray:
        """Count PSUs minus strata: the form does not fall into parts of strata."""
        return domain_degrees_of_freedom(self, cells).astype(float)

    def variance(self, cells: CellScores) -> FloatArray:
        """Variances of all estimates, shape (n_domains * k,)."""
        scores = cells.matrix(self.n_units)
        return np.asarray(np.einsum("ij,ij->j", scores, self.matrix @ scores))

    def covariance(self, cells: CellScores) -> FloatArray:
        """Covariance matrix of all estimates."""
        scores = cells.matrix(self.n_units)
        return np.asarray(scores.T @ self.matrix @ scores)

    def for_residuals(self) -> Self:
        """Return the form itself, which knows no policies for single units."""
        return self


def domain_degrees_of_freedom(structure: VarianceStructure, cells: CellScores) -> IntArray:
    """PSUs minus strata where the domain of each estimate has members, shape (n_domains * k,)."""
    psus = cells.lift(structure.psu_of_unit())
    keys = structure.first_stage.unit_stratum[psus.unit] * psus.n_domains + psus.domain
    pairs, codes = np.unique(keys, return_inverse=True)
    has_members = sum_by(codes, len(pairs), psus.is_present) > 0
    n_psu = sum_by(psus.domain, psus.n_domains, psus.is_present)
    n_strata = sum_by(pairs % psus.n_domains, psus.n_domains, has_members)
    return (n_psu - n_strata).astype(np.int64).ravel()


def effective_degrees(stage: Stage, cells: CellScores) -> FloatArray:
    r"""Degrees of freedom that carry the variances: strata that add little to them count little.

    Parameters
    ----------
    stage : Stage
        The first stage.
    cells : CellScores
        Of its units.

    Returns
    -------
    float array, shape (n_domains * k,)
        Whole numbers, rounded down; infinite where no stratum adds anything.

    Notes
    -----
    Welch's form of Satterthwaite's approximation, for variances :math:`V_h` that are estimated with
    :math:`d_h` degrees of freedom each, :math:`(\sum V_h)^2 / \sum (V_h^2 / (d_h + 2)) - 2`: numerator and
    denominator are unbiased, and one stratum alone has its own :math:`d_h`. Those are the units with members
    of the domain less one, or all units less one where a single unit has members.

    References
    ----------
    Satterthwaite (1946). Biometrics Bulletin 2. Welch (1947). Biometrika 34.

    Examples
    --------
    >>> from analysis.estimation import SurveyDesign
    >>> values = [0.0, 9.0, 1.0, 8.0, 2.0, 7.0, 5.0, 5.1, 5.0, 5.1]
    >>> strata = ["six"] * 6 + ["alike"] * 4
    >>> counted, effective = (
    ...     SurveyDesign.from_arrays(np.ones(10), strata=strata, degrees=degrees).mean(values)
    ...     for degrees in DEGREE_RULES
    ... )
    >>> counted.degrees_of_freedom.tolist(), effective.degrees_of_freedom.tolist()
    ([8.0], [5.0])
    """
    parts = stage.by_stratum(cells)
    n_units = np.where(parts.n_present > 1, parts.n_present, stage.n_units[parts.stratum][:, None])
    variance = np.where(n_units > 1, parts.variance, 0.0)
    total = sum_by(parts.domain, cells.n_domains, variance).ravel()
    squares = variance**2 / (n_units - 1 + _CHI_SQUARED)
    below = sum_by(parts.domain, cells.n_domains, squares).ravel()
    degrees = total**2 / np.where(below > 0, below, np.nan) - _CHI_SQUARED
    return np.where(below > 0, np.floor(np.round(degrees, _DECIMALS)), np.inf)


def keep_precision(structure: VarianceStructure, cells: CellScores, magnitude: FloatArray) -> Precision:
    """Compute the variances of all estimates, and keep their scores for the covariances.

    Parameters
    ----------
    structure : VarianceStructure
    cells : CellScores
    magnitude : float array, shape (n_domains * k,)
        As in :meth:`.Precision.without_rounding`.
    """

    def find(positions: IntArray) -> FloatArray:
        after = cells.positions_after(positions)
        covariance = structure.covariance(cells.select(positions))
        return covariance[np.ix_(after, after)]

    def reach(positions: IntArray) -> Reach:
        after = cells.positions_after(positions)
        return find_reach(structure, cells.select(positions)).select(after)

    precision = Precision(structure.variance(cells), find, np.arange(len(cells)), reach)
    return precision.without_rounding(magnitude)


def find_reach(structure: VarianceStructure, cells: CellScores) -> Reach:
    """Find the PSUs and strata where each estimate has members."""
    psus = cells.lift(structure.psu_of_unit())
    cell, column = np.nonzero(psus.is_present)
    entry = psus.domain[cell] * psus.n_columns + column
    return Reach.of_members(entry, psus.unit[cell], structure.first_stage.unit_stratum, len(psus))
