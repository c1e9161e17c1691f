r"""Calibration as a query sums it: residuals need no rows, only sums of products by group.

The variance of calibrated weights :math:`w` is that of :math:`\sum w (u - x^\top B)` by variance unit, with
:math:`B = (\sum d x x^\top)^{-} \sum d x u` and the weights :math:`d` from before. Where the rows of a group
share a cell of every margin, the margins' part of all these sums follows from :math:`\sum w`, :math:`\sum d`
and :math:`\sum d u` of the groups; auxiliary numbers need their own products beside them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray
from analysis.estimation.designs.auxiliaries import AuxiliaryRegression
from analysis.estimation.designs.query_text import count_unless, is_finite, is_weight, refuse_wrong, times
from analysis.estimation.designs.row_design import RowDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DesignError
from analysis.estimation.rows.scores import linearise_ratio

BASE = "base"
WRONG_BASES = "wrong_base_weights"
WRONG_NUMBERS = "wrong_numbers"


@dataclass(frozen=True)
class QueryCalibration:
    """Columns that say what the weights were brought to.

    Attributes
    ----------
    base_weight : str, optional
        Weight before calibration; 1 for everybody by default, as R's ``rake`` fits.
    margins : tuple of str
        Cell of every row in each margin.
    numbers : tuple of str
        Auxiliary variables whose totals the weights meet. Numbers far from 0 beside their spread, such as
        years of birth, lose digits: let a view subtract a round number.
    n_sweeps : int, optional
        As in :meth:`SurveyDesign.with_calibration`.
    """

    base_weight: str | None = None
    margins: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    n_sweeps: int | None = None

    @property
    def summed(self) -> tuple[str, ...]:
        """Columns that are summed."""
        return (*(() if self.base_weight is None else (self.base_weight,)), *self.numbers)

    @property
    def _base(self) -> str:
        return self.base_weight or "1"

    def factors(self) -> Iterator[tuple[str, str]]:
        """Yield what scores are summed with: the weight before, then its products with the numbers."""
        yield BASE, self._base
        for place, name in enumerate(self.numbers):
            yield f"{BASE}_{place}", times(self._base, name)

    def sums(self, weight: str) -> dict[str, str]:
        """Return the sums of products of the weights and the auxiliary numbers, by name."""
        sums = {BASE: f"SUM({self._base})"}
        sums[WRONG_BASES] = count_unless(is_weight(self._base))
        sums[WRONG_NUMBERS] = count_unless(" AND ".join(map(is_finite, self.numbers)) or "1 = 1")
        for place, name in enumerate(self.numbers):
            sums[f"number_{place}"] = f"SUM({weight} * {name})"
            sums[f"{BASE}_{place}"] = f"SUM({times(self._base, name)})"
        for first, second in self._pairs():
            product = times(self._base, self.numbers[first], self.numbers[second])
            sums[f"{BASE}_{first}_{second}"] = f"SUM({product})"
        return sums

    def _pairs(self) -> Iterator[tuple[int, int]]:
        return combinations_with_replacement(range(len(self.numbers)), 2)

    def read(self, answer: pd.DataFrame, design: RowDesign) -> "GroupedCalibration":
        """Take the sums from an answer, whose rows are the groups of a design.

        Raises
        ------
        DesignError
            If a weight or number is missing or infinite, a weight below 0, or a cell missing.
        """
        hint = "Pass the weights that went into the calibration."
        expected = "weights from before the calibration, none below 0"
        refuse_wrong(answer, WRONG_BASES, expected, what="others", hint=hint)
        hint = "Calibration needs the numbers of all respondents; impute the missing ones first."
        what = "a missing or infinite one"
        refuse_wrong(answer, WRONG_NUMBERS, "finite auxiliary numbers", what=what, hint=hint)
        margins = tuple(Domains.from_labels(answer[name], n_rows=len(answer)) for name in self.margins)
        if any((margin.codes < 0).any() for margin in margins):
            raise DesignError(
                expected="a category in every margin for every row",
                got="a missing one",
                hint="Calibration needs the margins of all respondents; impute the missing ones first.",
            )
        sizes = tuple(len(margin.labels) for margin in margins)
        return GroupedCalibration(
            margins=margins,
            suffixes=tuple(suffix for suffix, _ in self.factors()),
            regression=AuxiliaryRegression(self._products(answer, margins), sizes, self.n_sweeps),
            by_unit=self._by_unit(answer, design, margins),
        )

    def _products(self, answer: pd.DataFrame, margins: Sequence[Domains]) -> FloatArray:
        """Sum the products of all auxiliary variables, shape (k, k)."""
        bases = _columns(answer, [[suffix] for suffix, _ in self.factors()])
        n_cells = sum(len(margin.labels) for margin in margins)
        products = np.zeros((n_cells + len(self.numbers),) * 2)
        for margin, end in zip(margins, np.cumsum([len(margin.labels) for margin in margins]), strict=True):
            products[:, end - len(margin.labels) : end] = totals_by_auxiliary(margins, margin, bases)[:, :, 0]
        products[:n_cells, n_cells:] = products[n_cells:, :n_cells].T
        for first, second in self._pairs():
            total = float(answer[f"{BASE}_{first}_{second}"].sum())
            products[n_cells + first, n_cells + second] = products[n_cells + second, n_cells + first] = total
        return products

    def _by_unit(self, answer: pd.DataFrame, design: RowDesign, margins: Sequence[Domains]) -> FloatArray:
        """Sum the auxiliary variables by variance unit with the weights after, shape (n_units, k)."""
        units = Domains(codes=design.unit, labels=tuple(range(design.n_units)))
        numbers = _columns(answer, [[f"number_{place}"] for place in range(len(self.numbers))])
        final = np.concatenate([design.weights[None, :, None], numbers])
        return np.asarray(totals_by_auxiliary(margins, units, final)[:, :, 0].T)


@dataclass(frozen=True, eq=False)
class GroupedCalibration:
    """What calibration explains of the scores of groups.

    Attributes
    ----------
    margins : tuple of Domains
        Cell of every group in each margin.
    suffixes : tuple of str
        Of the columns with base-weighted sums.
    regression : AuxiliaryRegression
    by_unit : float array, shape (n_units, k)
        Sums of the auxiliary variables with the weights after calibration.
    """

    margins: tuple[Domains, ...]
    suffixes: tuple[str, ...]
    regression: AuxiliaryRegression
    by_unit: FloatArray

    def explain_ratios(
        self, answer: pd.DataFrame, domains: Domains, above: Sequence[str], below: Sequence[str]
    ) -> Callable[[FloatArray, FloatArray], FloatArray]:
        """Sum numerators and denominators by auxiliary variable and domain, as :class:`.SumEstimator` asks.

        Parameters
        ----------
        answer : DataFrame
        domains : Domains
        above, below : sequence of str
            Names of columns before their suffixes; no denominators for totals.

        Returns
        -------
        callable
            From ratios and totals, shape (n_domains, k), to explained scores, shape (n_units, n_domains, k).
        """
        top = self._totals(answer, domains, above)
        bottom = self._totals(answer, domains, below) if below else np.zeros_like(top)

        def explained(ratio: FloatArray, total: FloatArray) -> FloatArray:
            scores = linearise_ratio(top, bottom, ratio, total)
            coefficients = self.regression.coefficients(scores.reshape(len(scores), -1))
            return np.asarray(self.by_unit @ coefficients).reshape(len(self.by_unit), *scores.shape[1:])

        return explained

    def _totals(self, answer: pd.DataFrame, domains: Domains, names: Sequence[str]) -> FloatArray:
        columns = [[f"{name}_{suffix}" for name in names] for suffix in self.suffixes]
        return totals_by_auxiliary(self.margins, domains, _columns(answer, columns))


def totals_by_auxiliary(margins: Sequence[Domains], domains: Domains, sums: FloatArray) -> FloatArray:
    """Add sums of groups up by auxiliary variable and domain.

    Parameters
    ----------
    margins : sequence of Domains
    domains : Domains
    sums : float array, shape (1 + n_numbers, n_groups, k)
        First those that categories need, then those multiplied with each auxiliary number.

    Returns
    -------
    float array, shape (n_categories + n_numbers, n_domains, k)
    """
    plain, *multiplied = sums
    together = np.zeros(len(plain), dtype=np.int64)
    by_category = [domains.totals_by(margin.codes, len(margin.labels), plain) for margin in margins]
    by_number = [domains.totals_by(together, 1, columns) for columns in multiplied]
    return np.concatenate([*by_category, *by_number])


def _columns(answer: pd.DataFrame, names: Sequence[Sequence[str]]) -> FloatArray:
    """Return several sets of columns, shape (n_sets, n_groups, k)."""
    sets = [answer[list(each)].to_numpy(dtype=float) for each in names]
    return np.stack(sets) if sets else np.empty((0, len(answer), 1))
