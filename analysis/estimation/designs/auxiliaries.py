"""The regression on auxiliary variables that calibration implies, from sums of products alone."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.estimation.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class AuxiliaryRegression:
    r"""Coefficients :math:`(\sum d x x^\top)^{-} \sum d x u` of scores on auxiliary variables.

    Attributes
    ----------
    products : float array, shape (k, k)
        :math:`\sum d x x^\top` with the weights before calibration: first the categories of every margin,
        then the numbers.
    n_categories : tuple of int
        Of every margin.
    n_sweeps : int, optional
        Fit by so many sweeps over the margins instead of exactly, as R's ``rake`` does.

    Examples
    --------
    >>> AuxiliaryRegression(np.diag([2.0, 4.0]), (2,)).coefficients(np.array([[1.0], [1.0]])).round(
    ...     9
    ... ).tolist()
    [[0.5], [0.25]]
    """

    products: FloatArray
    n_categories: tuple[int, ...]
    n_sweeps: int | None = None

    @cached_property
    def _inverse(self) -> FloatArray:
        """Pseudo-inverse of the normal equations: margins share their total, so these are singular.

        Variables are brought to one size first; directions that rounding alone keeps from being null must
        stay out, hence the tolerance.
        """
        size = np.sqrt(np.diag(self.products))
        size = np.where(size > 0, size, 1.0)
        scaled = self.products / np.outer(size, size)
        tolerance = len(scaled) * np.finfo(float).eps
        return np.asarray(np.linalg.pinv(scaled, rtol=tolerance, hermitian=True) / np.outer(size, size))

    def coefficients(self, scores: FloatArray) -> FloatArray:
        r"""Return the coefficients of scores, exact or by sweeps over the margins.

        Parameters
        ----------
        scores : float array, shape (k, n)
            :math:`\sum d x u` of every score.

        Returns
        -------
        float array, shape (k, n)
        """
        if self.n_sweeps is None:
            return np.asarray(self._inverse @ scores)
        coefficients = np.zeros_like(scores)
        blocks = np.split(np.arange(len(scores)), np.cumsum(self.n_categories))
        for block in [block for block in blocks if block.size] * self.n_sweeps:
            products = self.products[block]
            residual = scores[block] - products @ coefficients
            coefficients[block] += np.linalg.solve(products[:, block], residual)
        return coefficients
