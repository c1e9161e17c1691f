"""Small estimates and area data."""

from collections.abc import Sequence

import numpy as np

from analysis.estimation import Estimate, FloatArray


def make_estimate(
    value: Sequence[float],
    standard_error: float | Sequence[float] = 1.0,
    *,
    df: float | Sequence[float] = np.inf,
    covariance: FloatArray | None = None,
    n: int | Sequence[int] = 100,
    deff: float = 1.0,
    bounds: tuple[float, float] | None = None,
) -> Estimate:
    """One entry per domain a, b, c, …; independent unless a covariance is given."""
    k = len(value)
    variance = np.broadcast_to(np.square(standard_error), k).astype(float)
    return Estimate(
        names=("index",) * k,
        domains=tuple("abcdefghijklmnopqrstuvwxyz"[:k]),
        value=np.array(value, dtype=float),
        covariance=np.diag(variance) if covariance is None else covariance,
        degrees_of_freedom=np.broadcast_to(df, k).astype(float),
        n=np.broadcast_to(n, k).astype(np.int64),
        deff=np.full(k, deff),
        bounds=bounds,
    )


def make_areas(
    n_areas: int, *, spread: float, seed: int = 1, n_auxiliaries: int = 1
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Direct estimates, sampling variances and auxiliaries of areas that differ by a given variance."""
    generator = np.random.default_rng(seed)
    auxiliaries = generator.normal(size=(n_areas, n_auxiliaries))
    variance = generator.uniform(1, 6, n_areas)
    noise = generator.normal(size=n_areas) * np.sqrt(variance + spread)
    return 80 + auxiliaries.sum(axis=1) + noise, variance, auxiliaries
