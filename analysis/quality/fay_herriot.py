"""Estimates for small areas: direct figures drawn towards what auxiliaries predict (Fay and Herriot 1979)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimation import BoolArray, FloatArray, Interval
from analysis.estimation.results.intervals import check_level
from analysis.quality.area_variance import (
    AreaRegression,
    ModelVariance,
    estimate_model_variance,
    regress,
)
from analysis.quality.errors import SmallAreaError

INTERCEPT = "intercept"
MIN_FREE_AREAS = 2

NEEDS_AUXILIARIES: dict[str, bool] = {"province": False, "commune": True}
"""Levels that may be modelled, and whether only with auxiliaries: few communes have a figure of their own."""


@dataclass(frozen=True, eq=False)
class AreaModel:
    """The fitted model behind small-area estimates.

    Attributes
    ----------
    method : str
        How the model variance was estimated.
    variance : ModelVariance
        Between areas, beyond the auxiliaries.
    names : tuple of str, length p
        The intercept, then the auxiliaries.
    coefficients : float array, shape (p,)
    covariance : float array, shape (p, p)
    log_likelihood : float
        Normal log-likelihood of the direct estimates.
    n_areas : int
        Areas with a direct estimate.
    """

    method: str
    variance: ModelVariance
    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    log_likelihood: float
    n_areas: int

    @property
    def is_variance_zero(self) -> bool:
        """Whether the estimates are purely synthetic, which says more about the data than about the areas."""
        return self.variance.value == 0

    @property
    def aic(self) -> float:
        """Akaike's criterion, counting the model variance as a parameter."""
        return 2 * (len(self.coefficients) + 1) - 2 * self.log_likelihood

    def to_frame(self) -> pd.DataFrame:
        """Return one row per coefficient: name, value, standard error, z and two-sided p-value."""
        error = np.sqrt(np.diag(self.covariance))
        z = self.coefficients / error
        return pd.DataFrame(
            {
                "name": self.names,
                "value": self.coefficients,
                "standard_error": error,
                "z": z,
                "p_value": 2 * stats.norm.sf(np.abs(z)),
            }
        )


@dataclass(frozen=True, eq=False)
class SmallAreaEstimates:
    """Model-based estimates of areas: experimental, and never ranked.

    Attributes
    ----------
    level : str
        Kind of area.
    areas : tuple, length m
    direct, sampling_variance : float array, shape (m,)
        What went in; NaN where an area has no figure of its own.
    value, mse : float array, shape (m,)
        Estimates and their mean squared error.
    synthetic : float array, shape (m,)
        What the auxiliaries alone predict.
    shrinkage : float array, shape (m,)
        Weight of the direct estimate, from 0 (synthetic) to 1 (direct).
    model : AreaModel
    adjustment : float array, shape (m,)
        What benchmarking added to each value; 0 before.
    """

    level: str
    areas: tuple[Hashable, ...]
    direct: FloatArray
    sampling_variance: FloatArray
    value: FloatArray
    mse: FloatArray
    synthetic: FloatArray
    shrinkage: FloatArray
    model: AreaModel
    adjustment: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    @property
    def is_experimental(self) -> bool:
        """Always: a model stands behind these figures, so they are shown apart and not ranked."""
        return True

    @property
    def is_synthetic(self) -> BoolArray:
        """Areas without a direct estimate."""
        return np.isnan(self.direct)

    @property
    def standard_error(self) -> FloatArray:
        """Root of the mean squared error."""
        return np.sqrt(self.mse)

    @property
    def residuals(self) -> FloatArray:
        """Standardised distance of the direct estimates from the model; beyond 3 an area deserves a look."""
        return (self.direct - self.synthetic) / np.sqrt(self.model.variance.value + self.sampling_variance)

    def interval(self, level: float = 0.95) -> Interval:
        """Return normal intervals from the mean squared error."""
        check_level(level)
        half = stats.norm.ppf((1 + level) / 2) * self.standard_error
        return Interval(self.value - half, self.value + half)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row per area, in the order given, each marked as experimental."""
        limits = self.interval(level)
        return pd.DataFrame(
            {
                "area": list(self.areas),
                "value": self.value,
                "standard_error": self.standard_error,
                "low": limits.low,
                "high": limits.high,
                "direct": self.direct,
                "direct_standard_error": np.sqrt(self.sampling_variance),
                "synthetic": self.synthetic,
                "shrinkage": self.shrinkage,
                "adjustment": self.adjustment,
                "residual": self.residuals,
                "is_synthetic": self.is_synthetic,
                "is_experimental": self.is_experimental,
            }
        )


def fit_fay_herriot(
    direct: FloatArray | Sequence[float],
    sampling_variance: FloatArray | Sequence[float],
    auxiliaries: pd.DataFrame | FloatArray | None = None,
    *,
    areas: Sequence[Hashable] | None = None,
    level: str = "province",
    method: str = "reml",
) -> SmallAreaEstimates:
    r"""Empirical best linear unbiased predictors of areas under the Fay–Herriot model.

    Parameters
    ----------
    direct : float array, shape (m,)
        Design-based estimates; NaN for an area without one, which then gets what the auxiliaries predict.
    sampling_variance : float array, shape (m,)
        Their variances, taken as known: smooth them first (:func:`smooth_variances`) where they rest on few
        degrees of freedom.
    auxiliaries : DataFrame or float array, shape (m, k), optional
        Known for every area; an intercept is added.
    areas : sequence, length m, optional
        Labels.
    level : {"province", "commune"}
        Kind of area; communes only with auxiliaries.
    method : {"reml", "ml", "fh"}
        Of the model variance, see :func:`estimate_model_variance`.

    Returns
    -------
    SmallAreaEstimates
        Marked as experimental; functions on ranks refuse it.

    Raises
    ------
    SmallAreaError
        If inputs do not fit each other, or there are too few areas for the auxiliaries.

    Notes
    -----
    :math:`y_i = x_i^\top \beta + u_i + e_i` with :math:`u_i \sim N(0, A)` and :math:`e_i \sim N(0, D_i)`. The
    predictor is :math:`\gamma_i y_i + (1 - \gamma_i) x_i^\top \hat\beta` with
    :math:`\gamma_i = \hat A / (\hat A + D_i)`. Its mean squared error is
    :math:`g_{1i} + g_{2i} + 2 g_{3i} - b\,(1 - \gamma_i)^2`, where :math:`g_{1i} = \hat A (1 - \gamma_i)`,
    :math:`g_{2i} = (1 - \gamma_i)^2 x_i^\top (X^\top V^{-1} X)^{-1} x_i`,
    :math:`g_{3i} = (1 - \gamma_i)^2\, \bar V(\hat A) / (\hat A + D_i)` and b is the bias of :math:`\hat A`,
    as in ``sae::mseFH``. Without a direct estimate these are the limits for :math:`D_i \to \infty`.

    References
    ----------
    Fay and Herriot (1979), JASA 74. Prasad and Rao (1990), JASA 85. Datta and Lahiri (2000), Statistica
    Sinica 10. Rao and Molina (2015), Small Area Estimation, 2nd edition, chapter 6.

    Examples
    --------
    >>> areas = fit_fay_herriot(
    ...     [80.0, 84.0, 90.0, 83.0], [4.0, 1.0, 9.0, 2.0], areas=["01", "04", "08", "10"]
    ... )
    >>> areas.value.round(2).tolist()
    [81.45, 83.96, 86.31, 83.17]
    >>> areas.is_experimental
    True
    """
    y, variance, x, names = _read(direct, sampling_variance, auxiliaries)
    labels = tuple(range(len(y))) if areas is None else tuple(areas)
    _require_level(level, n_auxiliaries=len(names) - 1)
    _require_same_length(len(y), len(labels), "labels in areas")
    known = ~np.isnan(y)
    _require_rank(x[known], names)
    spread = estimate_model_variance(y[known], variance[known], x[known], method=method)
    total = spread.value + np.where(known, variance, np.inf)
    fit = regress(y[known], total[known], x[known])
    synthetic, shrinkage = x @ fit.coefficients, spread.value / total
    return SmallAreaEstimates(
        level=level,
        areas=labels,
        direct=y,
        sampling_variance=np.where(known, variance, np.nan),
        value=np.where(known, shrinkage * np.where(known, y, 0) + (1 - shrinkage) * synthetic, synthetic),
        mse=_mean_squared_error(spread, total, x, fit.covariance),
        synthetic=synthetic,
        shrinkage=shrinkage,
        model=_describe(method, spread, names, fit),
        adjustment=np.zeros(len(y)),
    )


def _describe(method: str, spread: ModelVariance, names: tuple[str, ...], fit: AreaRegression) -> AreaModel:
    return AreaModel(
        method=method,
        variance=spread,
        names=names,
        coefficients=fit.coefficients,
        covariance=fit.covariance,
        log_likelihood=float(stats.norm.logpdf(fit.residuals, scale=fit.precision**-0.5).sum()),
        n_areas=len(fit.residuals),
    )


def _mean_squared_error(
    spread: ModelVariance, total: FloatArray, x: FloatArray, covariance: FloatArray
) -> FloatArray:
    """Sum the parts of Prasad and Rao, as Datta and Lahiri correct them for the bias of the variance."""
    rest = 1 - spread.value / total
    leading = spread.value * rest
    regression = rest**2 * ((x @ covariance) * x).sum(axis=1)
    variance = rest**2 * spread.error_variance / total
    return leading + regression + 2 * variance - spread.bias * rest**2


def _read(
    direct: FloatArray | Sequence[float],
    sampling_variance: FloatArray | Sequence[float],
    auxiliaries: pd.DataFrame | FloatArray | None,
) -> tuple[FloatArray, FloatArray, FloatArray, tuple[str, ...]]:
    """Return checked figures, variances and auxiliaries with their intercept and names."""
    y, variance = np.asarray(direct, dtype=float), np.asarray(sampling_variance, dtype=float)
    _require_same_length(len(y), len(variance), "sampling variances")
    columns = np.empty((len(y), 0)) if auxiliaries is None else np.asarray(auxiliaries, dtype=float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    _require_same_length(len(y), len(columns), "rows of auxiliaries")
    _require_usable(y, variance, columns)
    own = (
        [str(name) for name in auxiliaries.columns]
        if isinstance(auxiliaries, pd.DataFrame)
        else [f"x{position}" for position in range(1, columns.shape[1] + 1)]
    )
    return y, variance, np.column_stack([np.ones(len(y)), columns]), (INTERCEPT, *own)


def _require_level(level: str, *, n_auxiliaries: int) -> None:
    if level not in NEEDS_AUXILIARIES:
        raise SmallAreaError(
            expected=f"a level among {', '.join(NEEDS_AUXILIARIES)}",
            got=repr(level),
            hint="Model provinces first.",
        )
    if NEEDS_AUXILIARIES[level] and n_auxiliaries == 0:
        raise SmallAreaError(
            expected=f"auxiliaries for every {level}",
            got="none",
            hint="Without them every area outside the sample would get the same figure; model provinces.",
        )


def _require_same_length(expected: int, got: int, what: str) -> None:
    if got != expected:
        raise SmallAreaError(
            expected=f"{expected} {what}, one per area",
            got=str(got),
            hint="Pass NaN for what is missing instead of leaving the area out.",
        )


def _require_usable(y: FloatArray, variance: FloatArray, columns: FloatArray) -> None:
    if not np.isfinite(columns).all():
        raise SmallAreaError(
            expected="an auxiliary value for every area",
            got=f"none in area {int(np.flatnonzero(~np.isfinite(columns).all(axis=1))[0])}",
            hint="Complete the auxiliary, leave it out, or leave the area out.",
        )
    bad = ~np.isnan(y) & ~((variance > 0) & np.isfinite(variance) & np.isfinite(y))
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise SmallAreaError(
            expected="a finite estimate with a variance above 0",
            got=f"{y[place]:g} with variance {variance[place]:g} in area {place}",
            hint="Smooth the variances, or set the estimate to NaN so that it counts as missing.",
        )


def _require_rank(x: FloatArray, names: tuple[str, ...]) -> None:
    if len(x) < len(names) + MIN_FREE_AREAS:
        raise SmallAreaError(
            expected=f"at least {len(names) + MIN_FREE_AREAS} areas with a direct estimate",
            got=f"{len(x)} for {len(names)} coefficients",
            hint="Use fewer auxiliaries.",
        )
    if np.linalg.matrix_rank(x / np.abs(x).max(axis=0, initial=1e-300)) < len(names):
        raise SmallAreaError(
            expected="auxiliaries of which none follows from the others",
            got=", ".join(names),
            hint="Leave out a constant or repeated auxiliary.",
        )
