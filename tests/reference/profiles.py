"""How R reads a limit from a profile likelihood: a spline through a few steps, then straight lines.

The library solves for the limit instead. The two differ by up to some 1e-4 of the limit, more with few
degrees of freedom: the expected values hold R's interpolation and are checked through this copy of it.
"""

import numpy as np
from scipy import stats
from scipy.special import expit, log_expit, logit

MAX_STEPS = 10
POINTS_PER_STEP = 3


BEYOND_R = 8.0
"""R turns a quantile into a level and back: above this one, 1 minus the level is lost in rounding."""


def r_limits(share: float, error: float, n: float, df: float, level: float) -> tuple[float, float] | None:
    """Limits of `svyciprop(method="likelihood")` by the steps of `profile.glm` and `confint.profile.glm`."""
    slope = share * (1 - share)
    deff = error**2 * n / slope
    cutoff = stats.t.ppf((1 + level) / 2, df) * np.sqrt(deff)
    if cutoff > BEYOND_R:
        return None
    furthest = np.sqrt(stats.f.isf(stats.norm.sf(cutoff) / 2, 1, n - 1))
    step = furthest / 5 * error / slope
    centre = logit(share)
    points = [(centre, 0.0)]
    for sign in (-1, 1):
        for number in range(1, MAX_STEPS):
            at = centre + sign * number * step
            points.append((at, sign * deviance_root(share, at, n)))
            if abs(points[-1][1]) >= furthest:
                break
    x, y = np.array(sorted(points)).T
    fine = np.linspace(x[0], x[-1], POINTS_PER_STEP * len(x))
    low, high = np.interp([-cutoff, cutoff], forsythe_spline(x, y, fine), fine, left=np.nan, right=np.nan)
    return float(expit(low)), float(expit(high))


def deviance_root(share: float, at: float, n: float) -> float:
    """Signless root of the deviance at another logit, whose share may round to 0 or 1."""
    deviance = share * (np.log(share) - log_expit(at)) + (1 - share) * (np.log1p(-share) - log_expit(-at))
    return float(np.sqrt(max(2 * (n - 1) * deviance, 0.0)))


def forsythe_spline(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Cubic spline whose third derivative at each end is that of the cubic through the four points there."""
    gaps, slopes = np.diff(x), np.diff(y) / np.diff(x)
    n = len(x)
    matrix, right = np.zeros((n, n)), np.zeros(n)
    for i in range(1, n - 1):
        matrix[i, i - 1 : i + 2] = gaps[i - 1], 2 * (gaps[i - 1] + gaps[i]), gaps[i]
        right[i] = slopes[i] - slopes[i - 1]
    matrix[0, :2], matrix[-1, -2:] = (-gaps[0], gaps[0]), (gaps[-1], -gaps[-1])
    third = np.diff(np.diff(slopes) / (x[2:] - x[:-2])) / (x[3:] - x[:-3])
    right[0], right[-1] = third[0] * gaps[0] ** 2, -third[-1] * gaps[-1] ** 2
    curvature = np.linalg.solve(matrix, right)
    piece = np.clip(np.searchsorted(x, at, side="right") - 1, 0, n - 2)
    offset, gap = at - x[piece], gaps[piece]
    first = slopes[piece] - gap * (curvature[piece + 1] + 2 * curvature[piece])
    cubic = (curvature[piece + 1] - curvature[piece]) / gap
    return y[piece] + offset * (first + offset * (3 * curvature[piece] + offset * cubic))
