"""What an estimator returns: values that carry their precision."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, combine
from analysis.estimation.errors import EstimandError
from analysis.estimation.results.combined_limits import combine_limits
from analysis.estimation.results.intervals import (
    Interval,
    Moments,
    check_level,
    find_method,
    is_at_bound,
    share_interval,
)
from analysis.estimation.results.precision import NEGLIGIBLE, Precision

FEW_DEGREES_OF_FREEDOM = 8
ROUNDING = 1e-10
_DIGITS = 16 * np.finfo(float).eps


class _Covariance:
    """The covariance matrix of an estimate: given at once, or computed the first time somebody asks."""

    def __get__(self, instance: "Estimate", owner: type[object]) -> FloatArray:
        return instance.precision.covariance

    def __set__(self, instance: "Estimate", value: FloatArray | Precision) -> None:
        precision = value if isinstance(value, Precision) else Precision.known(value)
        object.__setattr__(instance, "precision", precision)


def _compute[T](name: str, descriptor: object) -> Callable[[type[T]], type[T]]:
    """Compute a field of a dataclass, which for the dataclass itself is one like the others."""

    def decorate(cls: type[T]) -> type[T]:
        setattr(cls, name, descriptor)
        return cls

    return decorate


@dataclass(frozen=True, eq=False)
class Parts:
    """What combinations were made of, for those whose own variance does not tell how sure they are.

    Attributes
    ----------
    estimate : Estimate
        k parts.
    weights : float array, shape (n_combinations, k)
    """

    estimate: "Estimate"
    weights: FloatArray

    def scaled(self, factor: float) -> Self:
        """Return the parts of the same combinations in another unit."""
        return replace(self, weights=factor * self.weights)

    def select(self, index: IntArray) -> Self:
        """Return the parts of some of the combinations."""
        return replace(self, weights=self.weights[index])

    def interval(self, place: int, level: float, method: str) -> Interval:
        """Return limits of one combination from those of its parts, each with its own degrees of freedom.

        The limits of a part of zero variance are known if it lies between bounds, or has known parts itself.
        """
        used = np.flatnonzero(self.weights[place])
        parts = self.estimate.select(used)
        limits = parts.interval(level, method)
        is_unknown = ~(limits.low < limits.high)
        known = Interval(*(np.where(is_unknown, np.nan, limit) for limit in limits))
        return combine_limits(parts.value, known, parts.covariance, self.weights[place, used])


@_compute("covariance", _Covariance())
@dataclass(frozen=True, eq=False)
class Estimate:
    """Estimates with their joint covariance, one entry per domain and variable.

    Attributes
    ----------
    names : tuple of str, length k
        What each entry estimates.
    domains : tuple, length k
        Label of the domain of each entry; None where there is only the whole.
    value : float array, shape (k,)
        NaN where nobody in the domain answered.
    covariance : float array, shape (k, k)
        Computed when first asked for; the standard errors need its diagonal only.
    degrees_of_freedom : float array, shape (k,)
        PSUs minus strata among the rows of the domain that answered, as R's ``degf(subset(design, ...))``;
        fewer where the design asks for effective ones.
    n : int array, shape (k,)
        Number of answers.
    deff : float array, shape (k,)
        Variance over that of a simple random sample without replacement of the same size, as R's
        ``deff=TRUE``; NaN where that is not defined.
    bounds : pair of floats, optional
        Least and greatest possible value of the estimand, (0, 1) for a share.
    inherited : tuple of tuples of str, optional
        Of combinations: flags of their parts that say that the variance of a part is not to be relied on.
    parts : Parts, optional
        Of combinations of which some inherit such flags.
    precision : Precision
        The variances, and the way to the covariances.
    """

    names: tuple[str, ...]
    domains: tuple[Hashable, ...]
    value: FloatArray
    covariance: FloatArray
    degrees_of_freedom: FloatArray
    n: IntArray
    deff: FloatArray
    bounds: tuple[float, float] | None = None
    inherited: tuple[tuple[str, ...], ...] | None = None
    parts: Parts | None = None
    precision: Precision = field(init=False)

    def __len__(self) -> int:
        return len(self.value)

    def __str__(self) -> str:
        return self.to_frame().to_string(index=False)

    def __repr__(self) -> str:
        return f"<Estimate of {len(self)} values>\n{self}"

    @property
    def standard_error(self) -> FloatArray:
        """Square roots of the variances; NaN where joint probabilities give a negative one."""
        return np.sqrt(np.where(self.precision.variance >= 0, self.precision.variance, np.nan))

    @property
    def cv(self) -> FloatArray:
        """Coefficient of variation: the standard error over the value; NaN where the value is 0."""
        return self.standard_error / np.where(self.value == 0, np.nan, np.abs(self.value))

    @property
    def effective_n(self) -> FloatArray:
        """Size of the simple random sample that would be as precise: answers over the design effect."""
        return self.n / np.where(self.deff > 0, self.deff, np.nan)

    @property
    def flags(self) -> tuple[tuple[str, ...], ...]:
        """What a reader must know of each entry.

        ``no_answers``, ``few_df`` (fewer than 8 degrees of freedom), ``no_df``, ``at_bound`` (a share of 0 or
        1: its interval is one-sided), ``zero_variance`` and ``no_variance`` (it cannot be estimated).
        A combination has ``at_bound`` and ``zero_variance`` of its parts too.
        """
        marks = {
            "no_answers": self.n == 0,
            "no_df": (self.n > 0) & (self.degrees_of_freedom <= 0),
            "few_df": (self.degrees_of_freedom > 0) & (self.degrees_of_freedom < FEW_DEGREES_OF_FREEDOM),
            **self._weak_marks(),
            "no_variance": (self.n > 0) & np.isnan(self.standard_error),
        }
        return _collect(marks)

    @property
    def is_testable(self) -> BoolArray:
        """Whether tests may rely on the variance, shape (k,): see :attr:`is_weak`."""
        return (self.standard_error > 0) & (self.degrees_of_freedom > 0) & ~self.is_weak

    @property
    def is_weak(self) -> BoolArray:
        """Whether the variance, or that of a part, is 0 because all PSUs happened to be alike, shape (k,)."""
        return np.asarray(np.any(list(self._weak_marks().values()), axis=0))

    def interval(
        self, level: float = 0.95, method: str = "t", *, degrees_of_freedom: float | FloatArray | None = None
    ) -> Interval:
        """Confidence limits of every entry.

        Parameters
        ----------
        level : float
            Confidence level.
        method : str
            ``t`` (symmetric, Student), ``wald`` (symmetric, normal), and for bounded estimands ``logit``,
            ``arcsine``, ``wilson`` (with the effective n) or ``korn_graubard``, all with Student's quantile.
        degrees_of_freedom : float or float array, optional
            Instead of the domain's own, for example those of the whole design.

        Returns
        -------
        Interval
            ``low`` and ``high``. A bounded estimand never gets an interval of zero width. A combination
            without bounds whose own variance, or that of a part, is 0 has limits from those of its parts (see
            :func:`analysis.estimation.results.combined_limits.combine_limits`), NaN where these are
            not known.

        Raises
        ------
        IntervalError
            If the method is unknown or made for bounded estimands only, or the level is not between 0 and 1.

        Examples
        --------
        >>> share = Estimate(
        ...     ("a",),
        ...     (None,),
        ...     np.array([0.5]),
        ...     np.array([[0.0025]]),
        ...     np.array([60.0]),
        ...     np.array([100]),
        ...     np.array([1.0]),
        ...     bounds=(0.0, 1.0),
        ... )
        >>> [round(limit.item(), 3) for limit in share.interval(method="logit")]
        [0.401, 0.599]
        """
        check_level(level)
        function = find_method(method, is_bounded=self.bounds is not None)
        df = (
            self.degrees_of_freedom
            if degrees_of_freedom is None
            else np.broadcast_to(degrees_of_freedom, len(self))
        )
        low, span = (0.0, 1.0) if self.bounds is None else (self.bounds[0], self.bounds[1] - self.bounds[0])
        moments = Moments(
            (self.value - low) / span, self.standard_error / span, df, self.n.astype(float), level
        )
        limits = function(moments) if self.bounds is None else share_interval(function, moments)
        if self.bounds is None and self.inherited is not None:
            return self._from_parts(limits, level, method)
        return Interval(low + span * limits.low, low + span * limits.high)

    def contrast(self, matrix: FloatArray | Sequence[Sequence[float]], names: Sequence[str]) -> Self:
        r"""Linear combinations :math:`M \hat\theta` with covariance :math:`M \hat V M^\top`.

        Parameters
        ----------
        matrix : array-like, shape (n_contrasts, k)
        names : sequence of str, length n_contrasts

        Returns
        -------
        Estimate
            Its degrees of freedom and n are the smallest among the entries involved, which is
            conservative; its design effect is not defined.

        Raises
        ------
        EstimandError
            If the matrix does not have k columns, or not one name per row.

        Examples
        --------
        >>> both = Estimate(
        ...     ("a", "b"),
        ...     (None, None),
        ...     np.array([3.0, 1.0]),
        ...     np.diag([4.0, 5.0]),
        ...     np.array([9.0, 8.0]),
        ...     np.array([20, 30]),
        ...     np.array([1.0, 1.0]),
        ... )
        >>> difference = both.contrast([[1, -1]], ["a minus b"])
        >>> difference.value.item(), difference.standard_error.item(), difference.degrees_of_freedom.item()
        (2.0, 3.0, 8.0)
        """
        weights = np.atleast_2d(np.asarray(matrix, dtype=float))
        if weights.shape != (len(names), len(self)):
            raise EstimandError(
                expected=f"a matrix of {len(names)} rows (names) and {len(self)} columns (entries)",
                got=f"shape {weights.shape}",
                hint="Give every entry of the estimate a weight, 0 where it takes no part.",
            )
        involved = weights != 0
        used = np.flatnonzero(involved.any(axis=0))
        covariance = self.precision.select(used).covariance
        combined = combine(weights[:, used], combine(weights[:, used], covariance).T)
        certain = _without_rounding(combined, weights[:, used], np.diag(covariance))
        contrast = replace(
            self,
            names=tuple(names),
            domains=(None,) * len(names),
            value=combine(weights, self.value[:, None])[:, 0],
            covariance=self.precision.combined(certain, involved.astype(float)).deferred(),
            degrees_of_freedom=np.where(involved, self.degrees_of_freedom, np.inf).min(axis=1),
            n=np.where(involved, self.n, self.n.max()).min(axis=1),
            deff=np.full(len(names), np.nan),
            bounds=None,
            inherited=self._inherit(involved),
            parts=None,
        )
        if not contrast.is_weak.any():
            return contrast
        parts = Parts(self.select(used), weights[:, used])
        return replace(contrast, parts=parts, covariance=contrast.precision.deferred())

    def scaled(self, factor: float, *, bounds: tuple[float, float] | None = None) -> Self:
        """Return the estimates in another unit, for example shares in per cent.

        Examples
        --------
        >>> share = Estimate(
        ...     ("a",), (None,), np.array([0.5]), np.array([[0.01]]), np.ones(1), np.ones(1), np.ones(1)
        ... )
        >>> share.scaled(100, bounds=(0, 100)).standard_error.tolist()
        [10.0]
        """
        covariance = self.precision.scaled(factor).deferred()
        parts = None if self.parts is None else self.parts.scaled(factor)
        return replace(self, value=factor * self.value, covariance=covariance, bounds=bounds, parts=parts)

    def select(self, positions: Sequence[int] | IntArray) -> Self:
        """Return some entries, in the order given, with their covariance."""
        index = np.asarray(positions, dtype=np.int64)
        return replace(
            self,
            names=tuple(self.names[position] for position in index),
            domains=tuple(self.domains[position] for position in index),
            value=self.value[index],
            covariance=self.precision.select(index).deferred(),
            degrees_of_freedom=self.degrees_of_freedom[index],
            n=self.n[index],
            deff=self.deff[index],
            inherited=None if self.inherited is None else tuple(self.inherited[place] for place in index),
            parts=None if self.parts is None else self.parts.select(index),
        )

    def inheriting(self, is_part: BoolArray) -> Self:
        """Return the estimates with the flags that they have from their parts among them.

        Parameters
        ----------
        is_part : bool array, shape (m, m)
            Whether the column is a part of the row, for the m names that every domain repeats.

        Examples
        --------
        >>> both = Estimate(
        ...     ("all", "part"),
        ...     (None, None),
        ...     np.array([0.8, 1.0]),
        ...     np.diag([0.01, 0.0]),
        ...     np.full(2, 60.0),
        ...     np.full(2, 100),
        ...     np.ones(2),
        ...     bounds=(0.0, 1.0),
        ... )
        >>> both.inheriting(np.array([[False, True], [False, False]])).flags[0]
        ('at_bound', 'zero_variance')
        """
        marks = {
            name: (mark.reshape(-1, len(is_part)) @ is_part.T).ravel()
            for name, mark in self._weak_marks().items()
        }
        return replace(self, inherited=_collect(marks), covariance=self.precision.deferred())

    def to_frame(self, level: float = 0.95, method: str = "t") -> pd.DataFrame:
        """Return one row per entry: value, standard error, interval, df, deff, effective n, cv, n, flags."""
        limits = self.interval(level, method)
        columns = {
            "domain": list(self.domains),
            "name": list(self.names),
            "value": self.value,
            "standard_error": self.standard_error,
            "low": limits.low,
            "high": limits.high,
            "df": self.degrees_of_freedom,
            "deff": self.deff,
            "effective_n": self.effective_n,
            "cv": self.cv,
            "n": self.n,
            "flags": [" ".join(flags) for flags in self.flags],
        }
        frame = pd.DataFrame(columns)
        return frame.drop(columns="domain") if all(domain is None for domain in self.domains) else frame

    def _from_parts(self, limits: Interval, level: float, method: str) -> Interval:
        """Replace the limits of combinations that have a part without variance, or none themselves."""
        low, high = limits.low.copy(), limits.high.copy()
        for place in np.flatnonzero(self.is_weak & ~np.isnan(self.value)).tolist():
            low[place], high[place] = (
                (np.nan, np.nan) if self.parts is None else self.parts.interval(place, level, method)
            )
        return Interval(low, high)

    def _weak_marks(self) -> dict[str, BoolArray]:
        """Mark the entries whose variance says nothing, or that have a part of this kind."""
        share = self._share()
        span = 0.0 if self.bounds is None else self.bounds[1] - self.bounds[0]
        marks = {
            "at_bound": np.zeros(len(self), dtype=bool) if share is None else is_at_bound(share),
            "zero_variance": (self.n > 0) & (self.standard_error <= NEGLIGIBLE * span),
        }
        if self.inherited is None:
            return marks
        return {
            name: mark | np.array([name in flags for flags in self.inherited], dtype=bool)
            for name, mark in marks.items()
        }

    def _inherit(self, involved: BoolArray) -> tuple[tuple[str, ...], ...]:
        marks = {name: involved @ mark for name, mark in self._weak_marks().items()}
        return _collect(marks)

    def _share(self) -> FloatArray | None:
        if self.bounds is None:
            return None
        low, high = self.bounds
        return (self.value - low) / (high - low)


def _collect(marks: Mapping[str, BoolArray]) -> tuple[tuple[str, ...], ...]:
    """List the names that mark each entry."""
    size = len(next(iter(marks.values())))
    return tuple(tuple(name for name, mark in marks.items() if mark[place]) for place in range(size))


def _without_rounding(covariance: FloatArray, weights: FloatArray, variance: FloatArray) -> FloatArray:
    """Set variances of combinations to 0 that only rounding keeps from it, or has made negative."""
    diagonal, size = np.diag(covariance), weights**2 @ np.abs(variance)
    noise = _DIGITS * (np.abs(weights) @ np.sqrt(np.abs(variance))) ** 2
    is_rounding = (diagonal > -ROUNDING * size) & (diagonal <= noise)
    return np.where(np.diag(is_rounding), 0.0, covariance)
