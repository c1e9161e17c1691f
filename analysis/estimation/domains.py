"""Domains: parts of the population that are estimated by masking, never by dropping rows."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray, IntArray, sum_by
from analysis.estimation.errors import DomainError

type Labels = Sequence[Hashable] | pd.Series | pd.DataFrame | np.ndarray

OVERALL = "overall"
_OUTSIDE = -1


@dataclass(frozen=True, eq=False)
class Domains:
    """Disjoint domains of the rows of a design, with or without the whole in front.

    Attributes
    ----------
    codes : int array, shape (n_rows,)
        Domain of each row; -1 lies in none of them (and in the whole only).
    labels : tuple
        One label per domain; a tuple of labels where several variables were crossed.
    has_overall : bool
        Whether the whole comes first, so that it shares a covariance with its parts.
    overall_label : hashable
        Label of the whole.
    """

    codes: IntArray
    labels: tuple[Hashable, ...]
    has_overall: bool = False
    overall_label: Hashable = OVERALL

    @classmethod
    def whole(cls, n_rows: int) -> Self:
        """All rows as one domain, which needs no label."""
        return cls(codes=np.zeros(n_rows, dtype=np.int64), labels=(None,))

    @classmethod
    def from_labels(
        cls, by: Labels, *, n_rows: int, has_overall: bool = False, overall_label: Hashable = OVERALL
    ) -> Self:
        """Domains from one label per row; a data frame crosses its columns, a missing label is outside.

        Raises
        ------
        DomainError
            If the number of labels is not the number of rows, or every label is missing.

        Examples
        --------
        >>> Domains.from_labels(["b", "a", None], n_rows=3).labels
        ('a', 'b')
        """
        if len(by) != n_rows:
            raise DomainError(
                expected=f"{n_rows} domain labels, one per row of the design",
                got=f"{len(by)}",
                hint="Label the rows outside every domain with None instead of leaving them out.",
            )
        codes, labels = _encode(by)
        if not labels:
            raise DomainError(
                expected="a domain with at least one row",
                got="missing labels only",
                hint="Check that the domain variable belongs to this round.",
            )
        return cls(codes=codes, labels=labels, has_overall=has_overall, overall_label=overall_label)

    @property
    def all_labels(self) -> tuple[Hashable, ...]:
        """Labels in the order of the results, the whole first if there is one."""
        return (self.overall_label, *self.labels) if self.has_overall else self.labels

    def views(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield (rows, position of their domain in the results) for every set of disjoint domains."""
        if self.has_overall:
            yield np.arange(len(self.codes)), np.zeros(len(self.codes), dtype=np.int64)
        rows = np.flatnonzero(self.codes != _OUTSIDE)
        yield rows, self.codes[rows] + int(self.has_overall)

    def totals_by(self, groups: IntArray, n_groups: int, columns: FloatArray) -> FloatArray:
        """Sum columns by group and domain in one pass.

        Parameters
        ----------
        groups : int array, shape (n_rows,)
            For example the PSU of each row.
        n_groups : int
        columns : float array, shape (n_rows, n_columns)

        Returns
        -------
        float array, shape (n_groups, n_domains, n_columns)
        """
        n_bins = len(self.labels) + 1
        bins = np.where(self.codes == _OUTSIDE, len(self.labels), self.codes)
        sums = sum_by(groups * n_bins + bins, n_groups * n_bins, columns)
        cube = sums.reshape(n_groups, n_bins, columns.shape[1])
        parts = cube[:, :-1]
        if not self.has_overall:
            return parts
        return np.concatenate([cube.sum(axis=1, keepdims=True), parts], axis=1)


def _encode(by: Labels) -> tuple[IntArray, tuple[Hashable, ...]]:
    if isinstance(by, pd.DataFrame):
        grouped = by.groupby(list(by.columns), sort=True, observed=True, dropna=True)
        codes = grouped.ngroup().to_numpy(dtype=float)
        labels = tuple(grouped.size().index)
        return np.nan_to_num(codes, nan=_OUTSIDE).astype(np.int64), labels
    series = by if isinstance(by, pd.Series) else pd.Series(np.asarray(by))
    codes, uniques = pd.factorize(series, sort=True)
    return np.asarray(codes, dtype=np.int64), tuple(uniques.tolist())
