"""What calibrated weights take out of the variance: the part of a variable that the margins explain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray
from analysis.estimation.domains import Domains, Labels
from analysis.estimation.errors import DesignError


@dataclass(frozen=True, eq=False)
class Calibration:
    r"""Margins that the weights meet, and the weights before they did.

    The score of a row is replaced by its residual from the regression on the margins, fitted with
    the weights before calibration and summed with those after it (Deville and Särndal 1992), as R's
    ``calibrate`` does. Raking has asymptotically the variance of this regression estimator.

    Attributes
    ----------
    base_weights : float array, shape (n_rows,)
    codes : tuple of int arrays, shape (n_rows,)
        Category of each row in each margin.
    n_categories : tuple of int
    """

    base_weights: FloatArray
    codes: tuple[IntArray, ...]
    n_categories: tuple[int, ...]

    @classmethod
    def from_labels(cls, base_weights: FloatArray, margins: Sequence[Labels], *, n_rows: int) -> Self:
        """Encode one label per row and margin.

        Raises
        ------
        DesignError
            If the weights are not one per row and above 0, or a label is missing.
        DomainError
            If a margin does not have one label per row.
        """
        weights = np.asarray(base_weights, dtype=float)
        encoded = [Domains.from_labels(labels, n_rows=n_rows) for labels in margins]
        if weights.shape != (n_rows,) or not (weights > 0).all():
            raise DesignError(
                expected=f"{n_rows} weights above 0 from before the calibration",
                got=f"shape {weights.shape}",
                hint="Pass the weights that went into raking.",
            )
        if any((margin.codes < 0).any() for margin in encoded):
            raise DesignError(
                expected="a category in every margin for every row",
                got="a missing one",
                hint="Calibration needs the margins of all respondents; impute the missing ones first.",
            )
        return cls(weights, tuple(m.codes for m in encoded), tuple(len(m.labels) for m in encoded))

    @cached_property
    def _inverse(self) -> FloatArray:
        """Pseudo-inverse of the normal equations: margins share their total, so these are singular.

        The directions that rounding alone keeps from being null must stay out, hence the tolerance.
        """
        gram = np.block(
            [
                [self._crossed(first, second) for second in range(len(self.codes))]
                for first in range(len(self.codes))
            ]
        )
        tolerance = len(gram) * np.finfo(float).eps
        return np.asarray(np.linalg.pinv(gram, rtol=tolerance, hermitian=True))

    def _crossed(self, first: int, second: int) -> FloatArray:
        """Sum the weights before calibration by the categories of two margins."""
        shape = (self.n_categories[first], self.n_categories[second])
        cells = self.codes[first] * shape[1] + self.codes[second]
        return np.bincount(cells, weights=self.base_weights, minlength=shape[0] * shape[1]).reshape(shape)

    def totals_by(self, domains: Domains, columns: FloatArray) -> FloatArray:
        """Sum columns by category of every margin and domain with the weights before calibration.

        Parameters
        ----------
        domains : Domains
        columns : float array, shape (n_rows, n_columns)

        Returns
        -------
        float array, shape (n_categories_of_all_margins, n_domains, n_columns)
        """
        weighted = columns * self.base_weights[:, None]
        return np.concatenate(
            [
                domains.totals_by(codes, n_categories, weighted)
                for codes, n_categories in zip(self.codes, self.n_categories, strict=True)
            ]
        )

    def explained(self, scores: FloatArray, psu: IntArray, n_psu: int, weights: FloatArray) -> FloatArray:
        """Return the PSU totals of what the margins explain.

        Parameters
        ----------
        scores : float array, shape (n_categories_of_all_margins, ...)
            Linearised totals by category, from :meth:`totals_by`.
        psu : int array, shape (n_rows,)
        n_psu : int
        weights : float array, shape (n_rows,)
            After calibration.

        Returns
        -------
        float array, shape (n_psu, ...)
        """
        by_category = np.hstack(
            [
                np.bincount(
                    psu * n_categories + codes, weights=weights, minlength=n_psu * n_categories
                ).reshape(n_psu, -1)
                for codes, n_categories in zip(self.codes, self.n_categories, strict=True)
            ]
        )
        coefficients = self._inverse @ scores.reshape(len(scores), -1)
        return np.asarray(by_category @ coefficients).reshape(n_psu, *scores.shape[1:])
