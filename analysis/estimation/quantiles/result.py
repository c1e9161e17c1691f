"""What quantile estimators return: values with intervals that need not be symmetric."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray, IntArray
from analysis.estimation.results.estimate import FEW_DEGREES_OF_FREEDOM
from analysis.estimation.results.intervals import Interval


@dataclass(frozen=True, eq=False)
class QuantileEstimate:
    """Quantiles, one entry per domain, variable and probability.

    Unlike :class:`Estimate`, the interval comes first and the standard error from it; there is no
    covariance, so no contrast can be taken of it by mistake.

    Attributes
    ----------
    names : tuple of str, length k
        Variable of each entry.
    domains : tuple, length k
        Label of the domain of each entry; None where there is only the whole.
    probs : float array, shape (k,)
        Probability of each entry, 0.5 for the median.
    value : float array, shape (k,)
        NaN where nobody in the domain answered.
    low, high : float array, shape (k,)
        Confidence limits at ``level``; NaN where the answers do not bound the quantile on that side.
    standard_error : float array, shape (k,)
        Width of the interval over twice Student's quantile.
    degrees_of_freedom : float array, shape (k,)
    n : int array, shape (k,)
        Number of answers.
    level : float
        Confidence level of the limits.
    rule, interval_type : str
        How the quantile and its interval were made.
    """

    names: tuple[str, ...]
    domains: tuple[Hashable, ...]
    probs: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray
    degrees_of_freedom: FloatArray
    n: IntArray
    level: float
    rule: str
    interval_type: str

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put estimates of the same kind one after the other."""
        names = tuple(name for part in parts for name in part.names)
        domains = tuple(domain for part in parts for domain in part.domains)
        return replace(parts[0], names=names, domains=domains, **_join([part.arrays for part in parts]))

    def __len__(self) -> int:
        return len(self.value)

    def __str__(self) -> str:
        return self.to_frame().to_string(index=False)

    def __repr__(self) -> str:
        return f"<QuantileEstimate of {len(self)} values>\n{self}"

    @property
    def arrays(self) -> dict[str, Any]:
        """The arrays with one entry per quantile, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    @property
    def interval(self) -> Interval:
        """Both confidence limits at the level of the estimate."""
        return Interval(self.low, self.high)

    @property
    def flags(self) -> tuple[tuple[str, ...], ...]:
        """What a reader must know of each entry.

        ``no_answers``, ``no_df``, ``few_df`` (fewer than 8 degrees of freedom), ``open_below`` and
        ``open_above`` (the answers do not bound the quantile on that side).
        """
        answered = self.n > 0
        marks = {
            "no_answers": ~answered,
            "no_df": answered & (self.degrees_of_freedom <= 0),
            "few_df": (self.degrees_of_freedom > 0) & (self.degrees_of_freedom < FEW_DEGREES_OF_FREEDOM),
            "open_below": answered & np.isnan(self.low),
            "open_above": answered & np.isnan(self.high),
        }
        return tuple(
            tuple(name for name, mark in marks.items() if mark[position]) for position in range(len(self))
        )

    def select(self, positions: Sequence[int]) -> Self:
        """Return some entries, in the order given."""
        index = np.asarray(positions, dtype=np.int64)
        return replace(
            self,
            names=tuple(self.names[position] for position in index),
            domains=tuple(self.domains[position] for position in index),
            **{name: array[index] for name, array in self.arrays.items()},
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per entry: probability, value, standard error, interval, df, n, flags."""
        columns = {
            "domain": list(self.domains),
            "name": list(self.names),
            "prob": self.probs,
            "value": self.value,
            "standard_error": self.standard_error,
            "low": self.low,
            "high": self.high,
            "df": self.degrees_of_freedom,
            "n": self.n,
            "flags": [" ".join(flags) for flags in self.flags],
        }
        frame = pd.DataFrame(columns)
        return frame.drop(columns="domain") if all(domain is None for domain in self.domains) else frame


def _join(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
