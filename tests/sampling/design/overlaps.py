"""How many units coordinated rounds share over many keys, compared with what is expected."""

from fractions import Fraction

import numpy as np

from sampling.design.coordination import expected_overlap, plan_round, select_coordinated
from tests.sampling.design.frequencies import N_DRAWN, UNITS

CASES = [
    (method, first, second, n_second)
    for method in ("simple_random", "bernoulli", "poisson")
    for first, second, n_second in (("0", "0", 4), ("0", "1/4", 3), ("9/10", "1/3", 5), ("1/2", "2/5", 7))
]
"""Method, the starting points of two rounds, and the size of the second; the first has four units."""


def overlap_deviation(method: str, first: str, second: str, n_second: int, *, n_keys: int) -> float:
    """Mean number of common units minus the expected one, in standard errors; 0 if it never varies."""
    starts, sizes = (Fraction(first), Fraction(second)), (N_DRAWN, n_second)
    common = np.empty(n_keys)
    for number in range(n_keys):
        samples = [
            {
                one.index
                for one in select_coordinated(method, UNITS, n, f"key {number}", stage="village", start=start)
            }
            for n, start in zip(sizes, starts, strict=True)
        ]
        common[number] = len(samples[0] & samples[1])
    rounds = [
        plan_round(method, UNITS, n, "key", stage="village", start=start)
        for n, start in zip(sizes, starts, strict=True)
    ]
    overlap = expected_overlap(*rounds)
    assert overlap.is_exact
    deviation = float(common.mean() - overlap.expected)
    error = float(common.std(ddof=1)) / n_keys**0.5
    return deviation / error if error else deviation * n_keys
