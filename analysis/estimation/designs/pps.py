r"""Variances of samples drawn with unequal probabilities and without replacement.

Each function returns the matrix :math:`\check\Delta_{ij} = (\pi_{ij} - \pi_i \pi_j) / \pi_{ij}` or an
approximation of it that needs no joint probabilities, so that with weighted scores
:math:`z_i = u_i / \pi_i` the variance of a total is :math:`\sum_{ij} \check\Delta_{ij} z_i z_j`. Units of
different strata are drawn independently. Brewer's estimator is no such matrix but a
:class:`~analysis.estimation.designs.stage.Stage` with the units' own inclusion probabilities as fractions.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray
from analysis.estimation.errors import DesignError

_DIGITS = 1e-9
_MATRIX = 2


@dataclass(frozen=True)
class Brewer:
    """Brewer's (2002, p. 158) variance from inclusion probabilities alone, at every stage that has them."""


@dataclass(frozen=True)
class Overton:
    """Overton's (1985) approximation of joint probabilities."""


@dataclass(frozen=True)
class HartleyRao:
    r"""Hartley and Rao's (1962) approximation of joint probabilities for randomised systematic PPS.

    Attributes
    ----------
    sum_of_squares : float, optional
        :math:`\sum_U p_i^2 / n` over the population; the sample's mean inclusion probability if not given.
    """

    sum_of_squares: float | None = None


@dataclass(frozen=True, eq=False)
class JointProbabilities:
    """Known joint inclusion probabilities of the sampled units.

    Attributes
    ----------
    probabilities : float array, shape (n_units, n_units)
        Inclusion probabilities in the diagonal, units in the order in which they first come.
    estimator : str
        ``horvitz_thompson`` or ``yates_grundy`` (for samples of fixed size; steadier).
    """

    probabilities: FloatArray
    estimator: str = "horvitz_thompson"


type PpsMethod = Brewer | Overton | HartleyRao | JointProbabilities


def overton_matrix(probability: FloatArray, stratum: IntArray) -> FloatArray:
    r"""Overton: :math:`\check\Delta_{ij} = 1 - (n - \bar\pi_{ij}) / (n - 1)`, the mean of both probabilities.

    Parameters
    ----------
    probability : float array, shape (n_units,)
    stratum : int array, shape (n_units,)

    Examples
    --------
    >>> overton_matrix(np.array([0.5, 0.5]), np.array([0, 0])).tolist()
    [[0.5, -0.5], [-0.5, 0.5]]
    """
    mean = (probability[:, None] + probability) / 2
    n = np.bincount(stratum)[stratum][:, None]
    return _finish(1 - (n - mean) / np.maximum(n - 1, 1), probability, stratum)


def hartley_rao_matrix(
    probability: FloatArray, stratum: IntArray, sum_of_squares: float | None = None
) -> FloatArray:
    r"""Hartley and Rao: :math:`\check\Delta_{ij} = 1 - (n - \pi_i - \pi_j + \sum_U p^2 / n) / (n - 1)`.

    Parameters
    ----------
    probability : float array, shape (n_units,)
    stratum : int array, shape (n_units,)
    sum_of_squares : float, optional
        The last term; the mean probability of the stratum's sample if not given.

    Examples
    --------
    >>> hartley_rao_matrix(np.array([0.5, 0.5]), np.array([0, 0]))[0].tolist()
    [0.5, -0.5]
    """
    sizes = np.bincount(stratum)
    means = np.bincount(stratum, weights=probability) / np.maximum(sizes, 1)
    last = means[stratum] if sum_of_squares is None else np.full(len(stratum), sum_of_squares)
    n = sizes[stratum][:, None]
    both = probability[:, None] + probability
    return _finish(1 - (n - both + last[:, None]) / np.maximum(n - 1, 1), probability, stratum)


def joint_matrix(joint: JointProbabilities) -> FloatArray:
    r"""Exact :math:`\check\Delta`; for Yates and Grundy (1953) with rows that add up to 0.

    :math:`-\frac12 \sum_{ij} \check\Delta_{ij} (z_i - z_j)^2` is the quadratic form of
    :math:`\check\Delta - \mathrm{diag}(\check\Delta 1)`.

    Raises
    ------
    DesignError
        If the matrix is not square and symmetric with entries in (0, 1], or the estimator is unknown.
    """
    pi = np.asarray(joint.probabilities, dtype=float)
    _check_joint(pi)
    delta = (pi - np.outer(np.diag(pi), np.diag(pi))) / pi
    if joint.estimator not in JOINT_ESTIMATORS:
        raise DesignError(
            expected=f"an estimator among {', '.join(JOINT_ESTIMATORS)}",
            got=repr(joint.estimator),
            hint="Use 'yates_grundy' for samples of fixed size.",
        )
    return JOINT_ESTIMATORS[joint.estimator](delta)


JOINT_ESTIMATORS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "horvitz_thompson": lambda delta: delta,
    "yates_grundy": lambda delta: delta - np.diag(delta.sum(axis=1)),
}


def _check_joint(pi: FloatArray) -> None:
    if pi.ndim != _MATRIX or pi.shape[0] != pi.shape[1]:
        raise DesignError(
            expected="a square matrix of joint probabilities",
            got=f"shape {pi.shape}",
            hint="One row and one column per sampled unit.",
        )
    if not (np.isfinite(pi).all() and (pi > 0).all() and (pi <= 1).all()):
        raise DesignError(
            expected="joint probabilities above 0 and at most 1",
            got=f"{pi.min():g} to {pi.max():g}",
            hint="Where a pair can never be drawn together, no unbiased variance exists: use Brewer().",
        )
    if not np.allclose(pi, pi.T, rtol=_DIGITS, atol=0):
        raise DesignError(
            expected="a symmetric matrix of joint probabilities",
            got="another one",
            hint="Check the order of rows and columns.",
        )


def _finish(matrix: FloatArray, probability: FloatArray, stratum: IntArray) -> FloatArray:
    """Set pairs of different strata and of certain units to 0, and the diagonal to its known value."""
    is_certain = probability >= 1
    independent = (stratum[:, None] != stratum) | (is_certain[:, None] & is_certain)
    finished = np.where(independent, 0.0, matrix)
    np.fill_diagonal(finished, 1 - probability)
    return finished
