"""Domains: parts of the population that are estimated by masking, never by dropping rows."""

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.errors import DomainError, refuse_name
from analysis.estimation.labels import Labels, categories_without_rows, number_labels, renumber

__all__ = ["OVERALL", "DomainLabels", "Domains", "Labels"]

OVERALL = "overall"
_OUTSIDE = -1
_NAMED_CATEGORIES = 5


@dataclass(frozen=True)
class DomainLabels:
    """Labels of disjoint domains in the order of the results.

    Attributes
    ----------
    labels : tuple
        One label per domain; a tuple of labels where several variables were crossed.
    has_overall : bool
        Whether the whole comes first.
    overall_label : hashable
    """

    labels: tuple[Hashable, ...]
    has_overall: bool = False
    overall_label: Hashable = OVERALL

    @property
    def all_labels(self) -> tuple[Hashable, ...]:
        """Labels in the order of the results, the whole first if there is one."""
        return (self.overall_label, *self.labels) if self.has_overall else self.labels

    def __len__(self) -> int:
        return len(self.labels) + int(self.has_overall)


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

        Every category that a ``Categorical`` declares must have a row. Combinations of several columns are
        domains where they occur: that no row has both of two labels is nothing unusual and no error.

        Raises
        ------
        DomainError
            If the number of labels is not the number of rows, every label is missing, a declared category has
            no row, a domain has the label of the whole, or the name of a column is given instead of the
            column.

        Examples
        --------
        >>> Domains.from_labels(["b", "a", None], n_rows=3).labels
        ('a', 'b')
        """
        domains = cls.from_observed(by, n_rows=n_rows, has_overall=has_overall, overall_label=overall_label)
        _refuse_categories_without_rows(by)
        return domains

    @classmethod
    def from_observed(
        cls, by: Labels, *, n_rows: int, has_overall: bool = False, overall_label: Hashable = OVERALL
    ) -> Self:
        """Like :meth:`from_labels`, but of the labels that occur only, whatever a ``Categorical`` declares.

        For variables and margins, where a category that nobody chose is no mistake.

        Examples
        --------
        >>> Domains.from_observed(pd.Categorical(["a"], categories=["a", "b"]), n_rows=1).labels
        ('a',)
        """
        refuse_name(by, "labels", DomainError)
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
        if has_overall and overall_label in labels:
            raise DomainError(
                expected=f"no domain called {overall_label!r}, which names the whole",
                got=f"{int((codes == labels.index(overall_label)).sum())} rows with that label",
                hint="Give the domain another label, or leave out overall=True.",
            )
        return cls(codes=codes, labels=labels, has_overall=has_overall, overall_label=overall_label)

    @property
    def all_labels(self) -> tuple[Hashable, ...]:
        """Labels in the order of the results, the whole first if there is one."""
        return self.names.all_labels

    @property
    def names(self) -> DomainLabels:
        """The labels without the rows."""
        return DomainLabels(self.labels, self.has_overall, self.overall_label)

    def views(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield (rows, position of their domain in the results) for every set of disjoint domains."""
        if self.has_overall:
            yield np.arange(len(self.codes)), np.zeros(len(self.codes), dtype=np.int64)
        rows = np.flatnonzero(self.codes != _OUTSIDE)
        yield rows, self.codes[rows] + int(self.has_overall)

    def masked(self, keep: BoolArray) -> Self:
        """Put the other rows outside every domain."""
        return replace(self, codes=np.where(keep, self.codes, _OUTSIDE))

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


def _refuse_categories_without_rows(by: Labels) -> None:
    for column in _columns(by):
        empty = categories_without_rows(column)
        if empty:
            name = getattr(column, "name", None)
            raise DomainError(
                expected="a row in every declared category of the domains" + (f" ({name})" if name else ""),
                got=f"none in {_listed(empty)}",
                hint="Leave unwanted categories out (in pandas: .cat.remove_unused_categories()), or check "
                "which rows were filtered away.",
            )


def _listed(labels: list[Hashable]) -> str:
    named = ", ".join(repr(label) for label in labels[:_NAMED_CATEGORIES])
    return named + (f" and {len(labels) - _NAMED_CATEGORIES} more" if len(labels) > _NAMED_CATEGORIES else "")


def _columns(by: Labels) -> list[Labels]:
    if isinstance(by, pd.DataFrame):
        return [by.iloc[:, position] for position in range(by.shape[1])]
    return [by]


def _encode(by: Labels) -> tuple[IntArray, tuple[Hashable, ...]]:
    parts = [number_labels(column) for column in _columns(by)]
    return parts[0] if len(parts) == 1 else _cross(parts)


def _cross(parts: list[tuple[IntArray, tuple[Hashable, ...]]]) -> tuple[IntArray, tuple[Hashable, ...]]:
    """Cross several labels into the combinations that occur; missing in one is missing."""
    codes, is_missing = np.zeros(len(parts[0][0]), dtype=np.int64), np.zeros(len(parts[0][0]), dtype=bool)
    for part, labels in parts:
        codes = codes * max(len(labels), 1) + part
        is_missing |= part < 0
    n_possible = math.prod(max(len(labels), 1) for _, labels in parts)
    codes = np.where(is_missing, 0, codes + 1)
    found, observed = renumber(codes, n_possible + 1)
    if is_missing.any():
        found, observed = found - 1, observed[1:]
    observed = observed - 1
    columns: list[tuple[Hashable, ...]] = []
    for _, labels in reversed(parts):
        observed, place = np.divmod(observed, max(len(labels), 1))
        columns.insert(0, tuple(labels[position] for position in place))
    return np.asarray(found, dtype=np.int64), tuple(zip(*columns, strict=True))
