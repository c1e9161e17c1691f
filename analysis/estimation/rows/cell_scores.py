"""Linearised totals of cells: the scores of many estimates at once, stored where they are not zero."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by


@dataclass(frozen=True, eq=False)
class CellScores:
    """Scores of ``n_domains * k`` estimates, by cell; an estimate is a domain and a column.

    Attributes
    ----------
    unit, domain : int array, shape (n_cells,)
    n_domains : int
    scores : float array, shape (n_cells, k)
        Totals of the linearised variables; 0 in every cell that is not listed.
    is_present : bool array, shape (n_cells, k)
        Whether anybody in the cell takes part in the estimate.
    """

    unit: IntArray
    domain: IntArray
    n_domains: int
    scores: FloatArray
    is_present: BoolArray

    @classmethod
    def dense(cls, scores: FloatArray, is_present: BoolArray | None = None) -> Self:
        """Take a matrix of all units as one domain of many columns; present everywhere unless said.

        Parameters
        ----------
        scores : float array, shape (n_units, k)
        is_present : bool array, shape (n_units, k), optional
        """
        n_units = len(scores)
        present = np.ones(scores.shape, dtype=bool) if is_present is None else is_present
        return cls(np.arange(n_units), np.zeros(n_units, dtype=np.int64), 1, scores, present)

    @property
    def n_columns(self) -> int:
        """Columns of each domain."""
        return int(self.scores.shape[1])

    def __len__(self) -> int:
        """Return the number of estimates."""
        return self.n_domains * self.n_columns

    def lift(self, unit_above: IntArray | None) -> Self:
        """Sum the cells of the units of a stage into those of a stage above (None: the same stage)."""
        if unit_above is None:
            return self
        keys = unit_above[self.unit] * self.n_domains + self.domain
        pairs, codes = np.unique(keys, return_inverse=True)
        return replace(
            self,
            unit=pairs // self.n_domains,
            domain=pairs % self.n_domains,
            scores=sum_by(codes, len(pairs), self.scores),
            is_present=sum_by(codes, len(pairs), self.is_present) > 0,
        )

    def complete(self, n_units: int, minus: FloatArray | float = 0.0) -> Self:
        """Return every unit in every domain, minus something, shape (n_units * n_domains, k)."""
        n_cells = n_units * self.n_domains
        place = self.unit * self.n_domains + self.domain
        scores = np.zeros((n_cells, self.n_columns))
        present = np.zeros(scores.shape, dtype=bool)
        scores[place], present[place] = self.scores, self.is_present
        unit, domain = np.divmod(np.arange(n_cells), self.n_domains)
        return replace(self, unit=unit, domain=domain, scores=scores - minus, is_present=present)

    def everywhere(self, n_units: int) -> Self:
        """Return every unit in every domain, present in each: no domain is seen any more."""
        complete = self.complete(n_units)
        return replace(complete, is_present=np.ones_like(complete.is_present))

    def select(self, positions: IntArray) -> Self:
        """Keep the columns and domains of some estimates; see :meth:`positions_of`."""
        domains, columns = np.unique(positions // self.n_columns), np.unique(positions % self.n_columns)
        new_domain = np.full(self.n_domains, -1)
        new_domain[domains] = np.arange(len(domains))
        keep = new_domain[self.domain] >= 0
        return replace(
            self,
            unit=self.unit[keep],
            domain=new_domain[self.domain[keep]],
            n_domains=len(domains),
            scores=self.scores[np.ix_(keep, columns)],
            is_present=self.is_present[np.ix_(keep, columns)],
        )

    def positions_after(self, positions: IntArray) -> IntArray:
        """Where estimates lie among those that :meth:`select` keeps for them."""
        domains, columns = np.unique(positions // self.n_columns), np.unique(positions % self.n_columns)
        return np.asarray(
            np.searchsorted(domains, positions // self.n_columns) * len(columns)
            + np.searchsorted(columns, positions % self.n_columns)
        )

    def matrix(self, n_units: int) -> FloatArray:
        """Return the scores with zeros, shape (n_units, n_domains * k)."""
        dense = np.zeros((n_units, self.n_domains, self.n_columns))
        dense[self.unit, self.domain] = self.scores
        return dense.reshape(n_units, -1)
