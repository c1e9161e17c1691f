"""What calibrated weights take out of the variance: the part of a variable that known totals explain."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray, Values
from analysis.estimation.designs.auxiliaries import AuxiliaryRegression
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DesignError
from analysis.estimation.labels import Labels

_MATRIX = 2


@dataclass(frozen=True, eq=False)
class Calibration:
    r"""Known totals that the weights meet, and the weights before they did.

    The score of a row is replaced by its residual from the regression on the auxiliary variables, fitted
    with the weights before calibration and summed with those after it (Deville and Särndal 1992), as
    R's ``calibrate`` and ``postStratify`` do. Whatever the distance, calibration has asymptotically the
    variance of this regression estimator.

    Attributes
    ----------
    base_weights : float array, shape (n_rows,)
    codes : tuple of int arrays, shape (n_rows,)
        Category of each row in each margin.
    n_categories : tuple of int
    numbers : float array, shape (n_rows, n_numbers)
        Basis of the auxiliary variables that are numbers, orthonormal under the weights.
    n_sweeps : int, optional
        Fit by so many sweeps over the margins instead of exactly, as R's ``rake`` does.
    """

    base_weights: FloatArray
    codes: tuple[IntArray, ...]
    n_categories: tuple[int, ...]
    numbers: FloatArray
    n_sweeps: int | None = None

    @classmethod
    def from_labels(
        cls,
        base_weights: FloatArray,
        margins: Sequence[Labels],
        *,
        n_rows: int,
        numbers: Values | None = None,
        n_sweeps: int | None = None,
    ) -> Self:
        """Encode one label per row and margin, and auxiliary numbers.

        Parameters
        ----------
        base_weights : float array, shape (n_rows,)
            Weights before calibration; all 1 for R's ``rake``, which fits without weights.
        margins : sequence of array-like of labels, shape (n_rows,)
            Crossed post-strata are one margin.
        n_rows : int
        numbers : array-like of float, shape (n_rows,) or (n_rows, n_numbers), optional
            Variables whose totals the weights meet; a column of 1 if that of the population is one of
            them and there is no margin.
        n_sweeps : int, optional
            10 for R's ``rake``.

        Returns
        -------
        Calibration

        Raises
        ------
        DesignError
            If the weights are not one per row, one is below 0, or a label or number is missing.
        DomainError
            If a margin does not have one label per row.

        Examples
        --------
        >>> Calibration.from_labels(np.ones(2), [["f", "m"]], n_rows=2).n_categories
        (2,)
        """
        weights = np.asarray(base_weights, dtype=float)
        encoded = [Domains.from_observed(labels, n_rows=n_rows) for labels in margins]
        wrong = int((~(np.isfinite(weights) & (weights >= 0))).sum())
        if weights.shape != (n_rows,) or wrong or not weights.any():
            raise DesignError(
                expected=f"{n_rows} weights from before the calibration, none below 0 and some above",
                got=f"{wrong} others in shape {weights.shape}",
                hint="Pass the weights that went into the calibration.",
            )
        if any((margin.codes < 0).any() for margin in encoded):
            raise DesignError(
                expected="a category in every margin for every row",
                got="a missing one",
                hint="Calibration needs the margins of all respondents; impute the missing ones first.",
            )
        columns = _number_columns(numbers, n_rows)
        return cls(
            base_weights=weights,
            codes=tuple(margin.codes for margin in encoded),
            n_categories=tuple(len(margin.labels) for margin in encoded),
            numbers=_orthonormal(columns, weights, is_centred=bool(encoded)),
            n_sweeps=n_sweeps,
        )

    @cached_property
    def _regression(self) -> AuxiliaryRegression:
        return AuxiliaryRegression(self._products(), self.n_categories, self.n_sweeps)

    def _products(self) -> FloatArray:
        """Weighted sums of products of all auxiliary variables, shape (k, k)."""
        everybody = Domains.whole(len(self.base_weights))
        columns = [self.totals_by(everybody, self.numbers)[:, 0]]
        for codes, n_categories in zip(self.codes, self.n_categories, strict=True):
            margin = Domains(codes=codes, labels=tuple(range(n_categories)))
            ones = np.ones((len(codes), 1))
            columns.append(self.totals_by(margin, ones)[:, :, 0])
        numbers, *margins = columns
        return np.hstack([*margins, numbers])

    def totals_by(self, domains: Domains, columns: FloatArray) -> FloatArray:
        """Sum products of columns with every auxiliary variable by domain, with the weights before.

        Parameters
        ----------
        domains : Domains
        columns : float array, shape (n_rows, n_columns)

        Returns
        -------
        float array, shape (k, n_domains, n_columns)
            First the categories of every margin, then the numbers.
        """
        weighted = columns * self.base_weights[:, None]
        everybody = np.zeros(len(weighted), dtype=np.int64)
        by_category = [
            domains.totals_by(codes, n_categories, weighted)
            for codes, n_categories in zip(self.codes, self.n_categories, strict=True)
        ]
        by_number = [domains.totals_by(everybody, 1, weighted * number[:, None]) for number in self.numbers.T]
        return np.concatenate([*by_category, *by_number])

    def explained(self, scores: FloatArray, psu: IntArray, n_psu: int, weights: FloatArray) -> FloatArray:
        """Return the PSU totals of what the auxiliary variables explain.

        Parameters
        ----------
        scores : float array, shape (k, ...)
            Linearised totals by auxiliary variable, from :meth:`totals_by`.
        psu : int array, shape (n_rows,)
        n_psu : int
        weights : float array, shape (n_rows,)
            After calibration.

        Returns
        -------
        float array, shape (n_psu, ...)
        """
        by_category = [
            np.bincount(psu * n_categories + codes, weights=weights, minlength=n_psu * n_categories).reshape(
                n_psu, -1
            )
            for codes, n_categories in zip(self.codes, self.n_categories, strict=True)
        ]
        by_number = [
            np.bincount(psu, weights=weights * number, minlength=n_psu)[:, None] for number in self.numbers.T
        ]
        coefficients = self._regression.coefficients(scores.reshape(len(scores), -1))
        totals = np.hstack([*by_category, *by_number])
        return np.asarray(totals @ coefficients).reshape(n_psu, *scores.shape[1:])


def refuse_second(calibration: Calibration | None) -> None:
    """Refuse to calibrate weights again, whose errors would then know the last known totals only.

    Raises
    ------
    DesignError
        If there is a calibration already.
    """
    if calibration is not None:
        raise DesignError(
            expected="a design from before calibration",
            got="one whose weights are calibrated already",
            hint="Calibrate in one step with all totals, starting from the design with its base weights.",
        )


def _number_columns(numbers: Values | None, n_rows: int) -> FloatArray:
    if numbers is None:
        return np.empty((n_rows, 0))
    columns = np.asarray(numbers, dtype=float)
    columns = columns if columns.ndim == _MATRIX else columns.reshape(-1, 1)
    if len(columns) != n_rows or not np.isfinite(columns).all():
        raise DesignError(
            expected=f"finite auxiliary numbers in {n_rows} rows",
            got=f"{len(columns)} rows, {int((~np.isfinite(columns)).sum())} numbers missing or infinite",
            hint="Calibration needs the numbers of all respondents; impute the missing ones first.",
        )
    return columns


def _orthonormal(columns: FloatArray, weights: FloatArray, *, is_centred: bool) -> FloatArray:
    """Find columns that span the same, without those that are combinations of others.

    Residuals do not change with the basis. Margins span the constant, so that numbers may be centred.
    """
    if is_centred and columns.size:
        columns = columns - np.average(columns, axis=0, weights=weights)
    size = np.sqrt(np.sum(weights[:, None] * columns**2, axis=0))
    root = np.sqrt(weights)[:, None]
    left, values, _ = np.linalg.svd(root * columns / np.where(size > 0, size, 1.0), full_matrices=False)
    is_independent = values > len(weights) * np.finfo(float).eps * values.max(initial=0.0)
    return np.asarray(left[:, is_independent] / np.where(root > 0, root, 1.0))
