"""Variance of sums of PSU scores in a stratified sample of PSUs."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.single_psu import SinglePsuStrata, find_policy


@dataclass(frozen=True, eq=False)
class FirstStage:
    """All that the variance needs to know of the design: its strata and their PSUs.

    Attributes
    ----------
    psu_stratum : int array, shape (n_psu,)
        Stratum of each PSU, numbered from 0.
    stratum_labels : tuple, length n_strata
    sampling_fraction : float array, shape (n_strata,)
        0 without a finite population correction.
    single_psu : str
        Policy for strata with one PSU.
    single_in_domain : bool
        Whether a stratum with one PSU in the domain but more in the design also counts as single.
    """

    psu_stratum: IntArray
    stratum_labels: tuple[Hashable, ...]
    sampling_fraction: FloatArray
    single_psu: str = "fail"
    single_in_domain: bool = False

    @property
    def n_psu(self) -> IntArray:
        """Number of PSUs of each stratum."""
        return np.bincount(self.psu_stratum, minlength=len(self.stratum_labels))

    def count_present(self, is_present: BoolArray) -> IntArray:
        """Count the PSUs of each stratum where a domain has members, shape (n_strata, k)."""
        return sum_by(self.psu_stratum, len(self.stratum_labels), is_present.astype(float)).astype(np.int64)

    def single_strata(self, is_present: BoolArray | None = None) -> SinglePsuStrata:
        """Find the strata with one PSU that is not all of their population.

        Parameters
        ----------
        is_present : bool array, shape (n_psu, k), optional
            Whether the domain of each estimate has members in the PSU.
        """
        n_psu = self.n_psu[:, None]
        n_present = n_psu if is_present is None else self.count_present(is_present)
        counted = n_present if self.single_in_domain else n_psu
        is_single = (counted == 1) & (self.sampling_fraction < 1)[:, None]
        return SinglePsuStrata(is_single, n_present > 0, self.stratum_labels)

    def deviations(self, scores: FloatArray, is_present: BoolArray | None = None) -> FloatArray:
        r"""Scaled deviations :math:`d_j` of PSU scores, such that :math:`\hat V = \sum_j d_j d_j^\top`.

        :math:`\hat V = \sum_h (1 - f_h) \frac{n_h}{n_h - 1}
        \sum_{j \in h} (z_j - \bar z_h)(z_j - \bar z_h)^\top`
        (Särndal, Swensson and Wretman 1992, sections 2.9 and 4.5).

        Parameters
        ----------
        scores : float array, shape (n_psu, k)
        is_present : bool array, shape (n_psu, k), optional
            Where the domain of each estimate has members; only some policies look at it.

        Returns
        -------
        float array, shape (n_psu, k)

        Raises
        ------
        SinglePsuError
            If a stratum has one PSU and the policy is ``fail``.

        Examples
        --------
        >>> stage = FirstStage(np.array([0, 0]), ("h",), np.array([0.0]))
        >>> d = stage.deviations(np.array([[1.0], [3.0]]))
        >>> round((d.T @ d).item(), 6)
        4.0
        """
        n_psu = self.n_psu
        means = sum_by(self.psu_stratum, len(n_psu), scores) / n_psu[:, None]
        correction = (1 - self.sampling_fraction) * n_psu / np.maximum(n_psu - 1, 1)
        scale = np.sqrt(correction)[self.psu_stratum][:, None]
        strata = self.single_strata(is_present)
        if not strata.is_single.any():
            return scale * (scores - means[self.psu_stratum])
        treatment = find_policy(self.single_psu)(strata, scores)
        if treatment.centre is not None:
            means = np.where(strata.is_single, treatment.centre, means)
        deviations = scale * (scores - means[self.psu_stratum]) * np.sqrt(treatment.factor)
        if treatment.centre is None:
            deviations = np.where(strata.is_single[self.psu_stratum], 0.0, deviations)
        return deviations
