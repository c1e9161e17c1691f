"""Hadamard matrices: orthogonal rows of +1 and -1, which balance half-samples."""

from collections.abc import Callable, Iterator
from math import isqrt

import numpy as np

from analysis.estimation.arrays import IntArray

_FOUR = 4


def make_hadamard(at_least: int) -> IntArray:
    r"""Return the smallest Hadamard matrix that these constructions give of at least an order.

    Parameters
    ----------
    at_least : int
        Least number of rows.

    Returns
    -------
    int array, shape (m, m)
        Entries +1 and -1 with :math:`H H^\top = m I`; the first row is +1 throughout.

    Notes
    -----
    Orders are 1, 2 and multiples of 4, by Paley's two constructions from a prime and by doubling
    (Sylvester). An order that none of these gives, 52 the first of them, is passed over for the next.

    References
    ----------
    Paley (1933), On orthogonal matrices. Wolter (2007), Introduction to variance estimation, appendix A.

    Examples
    --------
    >>> matrix = make_hadamard(9)
    >>> matrix.shape, bool((matrix @ matrix.T == 12 * np.eye(12)).all())
    ((12, 12), True)
    """
    order, matrix = at_least, _construct(at_least)
    while matrix is None:
        order += 1
        matrix = _construct(order)
    return np.asarray(matrix * matrix[0])


def _construct(order: int) -> IntArray | None:
    if order == 1:
        return np.ones((1, 1), dtype=np.int64)
    if order % 2:
        return None
    return next((made for build in CONSTRUCTIONS if (made := build(order)) is not None), None)


def _paley_first(order: int) -> IntArray | None:
    """From a prime q = order - 1 with q = 3 modulo 4."""
    prime = order - 1
    if order % _FOUR or not _is_prime(prime):
        return None
    return _bordered(_residues(prime), sign=-1) + np.eye(order, dtype=np.int64)


def _paley_second(order: int) -> IntArray | None:
    """From a prime q = order / 2 - 1 with q = 1 modulo 4."""
    prime = order // 2 - 1
    if order % _FOUR or prime % _FOUR != 1 or not _is_prime(prime):
        return None
    core = _bordered(_residues(prime), sign=1)
    identity = np.eye(len(core), dtype=np.int64)
    return np.kron(core, [[1, 1], [1, -1]]) + np.kron(identity, [[1, -1], [-1, -1]])


def _doubled(order: int) -> IntArray | None:
    half = _construct(order // 2)
    return None if half is None else np.kron([[1, 1], [1, -1]], half)


CONSTRUCTIONS: tuple[Callable[[int], IntArray | None], ...] = (_doubled, _paley_first, _paley_second)


def _bordered(core: IntArray, *, sign: int) -> IntArray:
    """Put a row of ones above and a column of ``sign`` before a matrix."""
    size = len(core) + 1
    matrix = np.zeros((size, size), dtype=np.int64)
    matrix[0, 1:], matrix[1:, 0], matrix[1:, 1:] = 1, sign, core
    return matrix


def _residues(prime: int) -> IntArray:
    """Jacobsthal matrix: +1 where the difference of row and column is a square modulo the prime, else -1."""
    character = np.full(prime, -1, dtype=np.int64)
    character[list(_squares(prime))] = 1
    character[0] = 0
    position = np.arange(prime)
    matrix: IntArray = character[(position[:, None] - position) % prime]
    return matrix


def _squares(prime: int) -> Iterator[int]:
    return (number * number % prime for number in range(1, prime))


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, isqrt(number) + 1))
