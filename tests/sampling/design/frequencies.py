"""How often units and pairs are drawn, compared with what a method promises."""

import numpy as np
from scipy import stats

from sampling.design.joint_probabilities import joint_probabilities
from sampling.design.schemes import METHODS, Unit, joint_probabilities_of, select, target_probabilities
from sampling.design.schemes.order_probabilities import ORDERS, order_probabilities

SIZES = (400, 250, 150, 100, 60, 40, 90, 30, 75, 1_200)
UNITS = [Unit(f"{place:02}", size, (size // 10 + 7 * place % 11, place)) for place, size in enumerate(SIZES)]
N_DRAWN = 4
LEVEL = 0.01
N_PAIRS = len(UNITS) * (len(UNITS) - 1) // 2
N_COMPARISONS = len(METHODS) * (len(UNITS) + N_PAIRS)
NEARLY = 0.03
"""How far approximate joint probabilities may be from frequencies in this small frame."""


def indicators(method: str, n_draws: int, label: str) -> np.ndarray:
    """One row per draw, one column per unit: 1 if drawn."""
    drawn = np.zeros((n_draws, len(UNITS)))
    for row in range(n_draws):
        drawn[row, [one.index for one in select(method, UNITS, N_DRAWN, label, str(row))]] = 1
    return drawn


def p_values(counts: np.ndarray, n_draws: int, probabilities: np.ndarray) -> np.ndarray:
    """Two-sided binomial p-values; probabilities that are 0 or 1 but for rounding must be met exactly."""
    p = np.where(np.isclose(probabilities, 0, atol=1e-12), 0, np.minimum(probabilities, 1))
    p = np.where(np.isclose(p, 1, atol=1e-12), 1, p)
    lower, upper = stats.binom.cdf(counts, n_draws, p), stats.binom.sf(counts - 1, n_draws, p)
    return np.minimum(1, 2 * np.minimum(lower, upper))


def true_probabilities(method: str) -> np.ndarray:
    """What a method really does: its targets, or what follows from its ranking values."""
    sizes = [unit.size for unit in METHODS[method].sized(UNITS)]
    targets = np.array([float(target) for target in target_probabilities(sizes, N_DRAWN)])
    if method in ORDERS:
        chance = targets < 1
        targets[chance] = order_probabilities(targets[chance], method)
    return targets


def smallest_p_value(method: str, n_draws: int, label: str = "frequencies") -> float:
    """The smallest p-value over all units and, where the joint probabilities are exact, all pairs."""
    counts = (drawn := indicators(method, n_draws, label)).T @ drawn
    expected = true_probabilities(method)
    smallest = p_values(np.diag(counts), n_draws, expected).min()
    known = METHODS[method]
    if known.joint is None:
        return float(smallest)
    upper = np.triu_indices(len(UNITS), k=1)
    if known.is_joint_exact:
        joint = joint_probabilities_of(method, UNITS, N_DRAWN)
        return float(min(smallest, p_values(counts[upper], n_draws, joint[upper]).min()))
    joint = joint_probabilities(expected, known.joint)
    assert np.abs(counts[upper] / n_draws - joint[upper]).max() < NEARLY
    return float(smallest)
