"""Families of generalised linear models with their canonical links."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.estimation.arrays import FloatArray
from analysis.estimation.errors import EstimandError

type Function = Callable[[FloatArray], FloatArray]
type PairFunction = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Family:
    """A family with its canonical link: the score of a row is then x (y - mean).

    Attributes
    ----------
    name : str
    link, mean, variance : callable
        Link function, its inverse, and the variance as a function of the mean.
    deviance : callable
        Of a response and a mean, per unit of weight (McCullagh and Nelder 1989, section 2.3).
    start : callable
        First means, from the response and the weights (of mean 1).
    bounds : pair of floats
        Between which responses lie; the mean of all must lie strictly between them.
    """

    name: str
    link: Function
    mean: Function
    variance: Function
    deviance: PairFunction
    start: PairFunction
    bounds: tuple[float, float]


def _linear_deviance(y: FloatArray, mean: FloatArray) -> FloatArray:
    return (y - mean) ** 2


def _logistic_deviance(y: FloatArray, mean: FloatArray) -> FloatArray:
    below = special.xlogy(1 - y, 1 - y) - special.xlogy(1 - y, 1 - mean)
    return np.asarray(2 * (special.xlogy(y, y) - special.xlogy(y, mean) + below))


def _poisson_deviance(y: FloatArray, mean: FloatArray) -> FloatArray:
    return np.asarray(2 * (special.xlogy(y, y) - special.xlogy(y, mean) - (y - mean)))


LINEAR = Family(
    name="linear",
    link=np.positive,
    mean=np.positive,
    variance=np.ones_like,
    deviance=_linear_deviance,
    start=lambda y, _weights: y,
    bounds=(-np.inf, np.inf),
)
LOGISTIC = Family(
    name="logistic",
    link=special.logit,
    mean=special.expit,
    variance=lambda mean: mean * (1 - mean),
    deviance=_logistic_deviance,
    start=lambda y, weights: (weights * y + 0.5) / (weights + 1),
    bounds=(0.0, 1.0),
)
POISSON = Family(
    name="Poisson",
    link=np.log,
    mean=np.exp,
    variance=np.positive,
    deviance=_poisson_deviance,
    start=lambda y, _weights: y + 0.1,
    bounds=(0.0, np.inf),
)
FAMILIES: dict[str, Family] = {
    "gaussian": LINEAR,
    "binomial": LOGISTIC,
    "quasibinomial": LOGISTIC,
    "poisson": POISSON,
    "quasipoisson": POISSON,
    "linear": LINEAR,
    "logistic": LOGISTIC,
}


def find_family(name: str) -> Family:
    """Return the family of a name, R's or a plain one.

    Raises
    ------
    EstimandError
        If there is none.

    Examples
    --------
    >>> find_family("quasibinomial").name
    'logistic'
    """
    if name not in FAMILIES:
        raise EstimandError(
            expected=f"a family among {', '.join(FAMILIES)}",
            got=repr(name),
            hint="Use logistic for a share and linear for a score.",
        )
    return FAMILIES[name]
