"""One stage of selection: its strata, its units, and what they add to the variance."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.designs.single_psu import SEE_DOMAINS, StratumGroups, find_policy
from analysis.estimation.rows.cell_scores import CellScores

SELF_REPRESENTING = 1e-7


class _Centred(NamedTuple):
    """Groups of stratum and domain with what their units are compared with."""

    of_cell: IntArray
    stratum: IntArray
    domain: IntArray
    centre: FloatArray
    factor: FloatArray


class StratumParts(NamedTuple):
    """What every stratum adds to the variances of every domain, and its units with members there."""

    stratum: IntArray
    domain: IntArray
    variance: FloatArray
    n_present: IntArray


@dataclass(frozen=True, eq=False)
class Stage:
    r"""Units drawn in strata, inside the units of the stage above.

    It adds :math:`\sum_h \pi_h \frac{n_h}{n_h - 1} \sum_{j \in h} (1 - f_j)
    (z_j - \bar z_h)(z_j - \bar z_h)^\top` to the variance, where :math:`\pi_h` is the product of the sampling
    fractions of the units above (1 at the first stage; Särndal, Swensson and Wretman 1992, section 4.3)
    and :math:`f_j` the stratum's sampling fraction, or for Brewer's variance the unit's own probability.

    Attributes
    ----------
    unit_stratum : int array, shape (n_units,)
        Stratum of each unit, numbered from 0.
    stratum_labels : tuple, length n_strata
    fraction : float array, shape (n_units,)
        Sampling fraction; 0 where drawn with replacement.
    stratum_parent : int array, shape (n_strata,)
        Unit of the stage above that holds the stratum; 0 at the first stage.
    stratum_weight : float array, shape (n_strata,)
        Product of the sampling fractions above.
    single_psu : str
        Policy for strata with one unit.
    single_in_domain : bool
        Whether a stratum with one unit in the domain but more in the design also counts as single.
    order : float array, shape (n_units,), optional
        Place of each unit in a systematic draw: neighbours are then compared, not each unit with the mean.
    """

    unit_stratum: IntArray
    stratum_labels: tuple[Hashable, ...]
    fraction: FloatArray
    stratum_parent: IntArray
    stratum_weight: FloatArray
    single_psu: str = "fail"
    single_in_domain: bool = False
    order: FloatArray | None = None

    @property
    def psu_stratum(self) -> IntArray:
        """Stratum of each unit; its name at the first stage."""
        return self.unit_stratum

    @cached_property
    def n_units(self) -> IntArray:
        """Number of units of each stratum."""
        return np.bincount(self.unit_stratum, minlength=len(self.stratum_labels))

    @cached_property
    def scale(self) -> FloatArray:
        """What the squared deviation of each unit is multiplied with."""
        n = self.n_units[self.unit_stratum]
        return np.asarray(
            self.stratum_weight[self.unit_stratum] * (1 - self.fraction) * n / np.maximum(n - 1, 1)
        )

    @cached_property
    def sampling_fraction(self) -> FloatArray:
        """Mean sampling fraction of each stratum."""
        sums = np.bincount(self.unit_stratum, weights=self.fraction, minlength=len(self.stratum_labels))
        return np.asarray(sums / np.maximum(self.n_units, 1))

    @cached_property
    def is_single(self) -> BoolArray:
        """Whether a stratum has one unit that is not all of its population."""
        return np.asarray((self.n_units == 1) & self._is_sampled)

    @cached_property
    def _is_sampled(self) -> BoolArray:
        """Whether a stratum was sampled and not taken whole, below units that were."""
        return np.asarray((self.sampling_fraction < 1 - SELF_REPRESENTING) & (self.stratum_weight > 0))

    @property
    def single_names(self) -> list[str]:
        """Labels of the strata with a single unit."""
        return [str(self.stratum_labels[position]) for position in np.flatnonzero(self.is_single)]

    def count_present(self, is_present: BoolArray) -> IntArray:
        """Count the units of each stratum where a domain has members, shape (n_strata, k)."""
        return sum_by(self.unit_stratum, len(self.stratum_labels), is_present).astype(np.int64)

    def variance(self, cells: CellScores) -> FloatArray:
        """Contribution to the variance of every estimate, shape (n_domains, k).

        Units without a cell count with a score of 0, but are never listed.
        """
        parts = self.by_stratum(cells)
        return sum_by(parts.domain, cells.n_domains, parts.variance)

    def by_stratum(self, cells: CellScores) -> StratumParts:
        """Contribution of every stratum to the variances of every domain that has a cell there."""
        groups = self._centre(cells)
        n_present = sum_by(groups.of_cell, len(groups.stratum), cells.is_present).astype(np.int64)
        find = self._squares if self.order is None else self._squares_of_differences
        return StratumParts(groups.stratum, groups.domain, find(groups, cells), n_present)

    def _squares(self, groups: _Centred, cells: CellScores) -> FloatArray:
        """Sum the squared deviations from the mean by stratum and domain."""
        scale = self.scale[cells.unit]
        deviations = cells.scores - groups.centre[groups.of_cell]
        n_groups = len(groups.stratum)
        listed = sum_by(groups.of_cell, n_groups, scale[:, None] * deviations**2)
        all_scale = np.bincount(self.unit_stratum, weights=self.scale, minlength=len(self.stratum_labels))
        absent = all_scale[groups.stratum] - np.bincount(groups.of_cell, weights=scale, minlength=n_groups)
        absent = np.where(absent > SELF_REPRESENTING * all_scale[groups.stratum], absent, 0.0)
        return np.asarray(groups.factor * (listed + absent[:, None] * groups.centre**2))

    def _squares_of_differences(self, groups: _Centred, cells: CellScores) -> FloatArray:
        """Sum the squared differences between neighbours by stratum and domain."""
        deviations = self.deviations(cells)
        keys = self.unit_stratum[deviations.unit] * cells.n_domains + deviations.domain
        of_groups = groups.stratum * cells.n_domains + groups.domain
        return sum_by(np.searchsorted(of_groups, keys), len(of_groups), deviations.scores**2)

    def deviations(self, cells: CellScores) -> CellScores:
        r"""Scaled deviations :math:`d_j` such that the contribution is :math:`\sum_j d_j d_j^\top`.

        Listed for every unit of every stratum where a domain has a cell.
        """
        groups = self._centre(cells)
        unit, group = self._units_of(groups.stratum)
        filled = np.zeros((len(unit), cells.n_columns))
        filled[self._position(groups, cells)] = cells.scores
        if self.order is None:
            filled -= groups.centre[group]
            filled *= np.sqrt(self.scale[unit])[:, None]
        else:
            filled = self._differences(filled, unit, group)
        filled *= np.sqrt(groups.factor)[group]
        return CellScores(unit, groups.domain[group], cells.n_domains, filled, filled != 0)

    def gram(self, cells: CellScores) -> FloatArray:
        """Contribution to the covariance matrix of all estimates."""
        deviations = self.deviations(cells)
        if cells.n_domains == 1:
            return np.asarray(deviations.scores.T @ deviations.scores)
        columns = deviations.domain[:, None] * cells.n_columns + np.arange(cells.n_columns)
        rows = np.broadcast_to(deviations.unit[:, None], columns.shape)
        shape = (len(self.unit_stratum), len(cells))
        matrix = sparse.csr_array((deviations.scores.ravel(), (rows.ravel(), columns.ravel())), shape=shape)
        return np.asarray((matrix.T @ matrix).toarray())

    def _centre(self, cells: CellScores) -> _Centred:
        """Find the groups of stratum and domain, their means, and what a policy makes of them."""
        keys = self.unit_stratum[cells.unit] * cells.n_domains + cells.domain
        pairs, of_cell = np.unique(keys, return_inverse=True)
        stratum, domain = np.divmod(pairs, cells.n_domains)
        totals = sum_by(of_cell, len(pairs), cells.scores)
        centre = totals / self.n_units[stratum][:, None]
        found = _Centred(of_cell, stratum, domain, centre, np.ones((len(pairs), 1)))
        sees_domain = self.single_in_domain and self.single_psu in SEE_DOMAINS
        if not (sees_domain or self.is_single.any()):
            return found
        return self._treat(found, totals, sum_by(of_cell, len(pairs), cells.is_present))

    def _treat(self, found: _Centred, totals: FloatArray, n_present: FloatArray) -> _Centred:
        """Apply the policy for single units to the groups."""
        is_single = self.is_single[found.stratum][:, None] | np.zeros(n_present.shape, dtype=bool)
        if self.single_in_domain and self.single_psu in SEE_DOMAINS:
            is_single = (n_present == 1) & self._is_sampled[found.stratum][:, None]
        parent = self.stratum_parent[found.stratum] * (found.domain.max() + 1) + found.domain
        parents, codes = np.unique(parent, return_inverse=True)
        groups = StratumGroups(
            parent=codes,
            n_parents=len(parents),
            n_units=self.n_units[found.stratum],
            totals=totals,
            is_single=is_single,
            is_present=n_present > 0,
        )
        treatment = find_policy(self.single_psu)(groups)
        factor = np.ones(n_present.shape) if treatment.factor is None else treatment.factor
        if treatment.centre is None:
            return found._replace(factor=~is_single * factor)
        of_single = np.where(groups.is_present, treatment.centre, 0.0)
        return found._replace(centre=np.where(is_single, of_single, found.centre), factor=factor)

    @cached_property
    def _sorted_units(self) -> IntArray:
        """Units by stratum and, in systematic draws, by their place in it."""
        place = np.zeros(len(self.unit_stratum)) if self.order is None else self.order
        return np.lexsort((place, self.unit_stratum))

    @cached_property
    def _first_of(self) -> IntArray:
        return np.concatenate([[0], np.cumsum(self.n_units)[:-1]]).astype(np.int64)

    def _units_of(self, strata: IntArray) -> tuple[IntArray, IntArray]:
        """List all units of some strata, and which of the strata each belongs to."""
        sizes = self.n_units[strata]
        group = np.repeat(np.arange(len(strata)), sizes)
        ends = np.cumsum(sizes)
        place = np.arange(len(group)) - (ends - sizes)[group]
        return self._sorted_units[self._first_of[strata][group] + place], group

    def _position(self, groups: _Centred, cells: CellScores) -> IntArray:
        """Where the cells lie in the list of :meth:`_units_of`."""
        place = np.empty(len(self.unit_stratum), dtype=np.int64)
        place[self._sorted_units] = np.arange(len(place))
        sizes = self.n_units[groups.stratum]
        start = np.cumsum(sizes) - sizes
        within = place[cells.unit] - self._first_of[self.unit_stratum[cells.unit]]
        return np.asarray(start[groups.of_cell] + within)

    def _differences(self, filled: FloatArray, unit: IntArray, group: IntArray) -> FloatArray:
        """Differences between neighbours of a systematic draw, scaled."""
        is_last = np.append(group[1:] != group[:-1], True)
        following = np.vstack([filled[1:], filled[-1:]])
        differences = np.where(is_last[:, None], 0.0, filled - following)
        return np.asarray(differences * np.sqrt(self.scale[unit] / 2)[:, None])
