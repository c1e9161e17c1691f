"""Randomness that anybody can recompute: SHA-256 of a seed and of labels that say what it is for."""

import hashlib
from collections.abc import Iterable
from fractions import Fraction

LENGTH_BYTES = 8
NUMBER_BITS = 256
"""Bits of a uniform number: a SHA-256 read as an integer, most significant byte first."""


def derive(seed: str, *labels: str) -> bytes:
    """Return the 32 bytes that belong to a seed and a path of labels.

    Every part goes into the hash with its length before it, so that ("ab", "c") and ("a", "bc") differ.

    Parameters
    ----------
    seed : str
        The seed of the draw.
    *labels : str
        What the bytes are for, for example the stage and the stratum.

    Returns
    -------
    bytes
        SHA-256 over length ‖ part for the seed and every label; lengths are 8 bytes, most significant first.

    Examples
    --------
    >>> derive("2026", "villages", "00004").hex()[:16]
    '9562798e39545bb2'
    """
    digest = hashlib.sha256()
    for part in (seed, *labels):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(LENGTH_BYTES, "big"))
        digest.update(encoded)
    return digest.digest()


def uniform_below(bound: int, seed: str, *labels: str) -> int:
    """Return an integer from 0 to `bound` - 1, every one with exactly the same chance.

    Parameters
    ----------
    bound : int
        Number of possible results, from 1 to 2**256.
    seed : str
        The seed of the draw.
    *labels : str
        What the number is for.

    Returns
    -------
    int
        The first of the 256-bit numbers derived with a counter that lies below the largest multiple of
        `bound`, modulo `bound`; so no result is favoured.

    Raises
    ------
    ValueError
        If `bound` is out of range.

    Examples
    --------
    >>> uniform_below(1, "2026")
    0
    """
    space = 1 << NUMBER_BITS
    if not 1 <= bound <= space:
        raise ValueError(f"Expected a bound between 1 and 2**256, got {bound}.")
    limit = space - space % bound
    counter = 0
    while True:
        number = int.from_bytes(derive(seed, *labels, str(counter)), "big")
        if number < limit:
            return number % bound
        counter += 1


def random_order(ids: Iterable[str], seed: str, *labels: str) -> list[str]:
    """Return `ids` in the random order of a seed, whatever order they came in.

    Parameters
    ----------
    ids : iterable of str
        Identifiers, each once.
    seed : str
        The seed of the draw.
    *labels : str
        What is put in order; another path of labels gives an independent order.

    Returns
    -------
    list of str
        Ordered by the hexadecimal SHA-256 of ``stage_seed:id``, where the stage seed is the hexadecimal
        result of `derive`; equal hashes, which nobody has ever seen, would be ordered by id. A query engine
        orders alike with ``ORDER BY sha256(stage_seed || ':' || id), id``.

    Examples
    --------
    >>> random_order(["a", "b", "c"], "2026") == random_order(["c", "a", "b"], "2026")
    True
    """
    prefix = f"{derive(seed, *labels).hex()}:"
    keyed = [(hashlib.sha256(f"{prefix}{unit}".encode()).digest(), unit) for unit in ids]
    keyed.sort()
    return [unit for _digest, unit in keyed]


def uniform_number(seed: str, *labels: str) -> int:
    """Return the integer from 0 to 2**256 - 1 that belongs to a seed and a path of labels.

    Parameters
    ----------
    seed : str
        The seed of the draw.
    *labels : str
        What the number is for.

    Returns
    -------
    int
        The 32 bytes of `derive`, read as one number.

    Examples
    --------
    >>> uniform_number("2026", "villages").bit_length() <= 256
    True
    """
    return int.from_bytes(derive(seed, *labels), "big")


def uniform_numbers(ids: Iterable[str], seed: str, *labels: str) -> list[int]:
    """Return one integer from 0 to 2**256 - 1 for each id, whatever other ids there are.

    Parameters
    ----------
    ids : iterable of str
        Identifiers.
    seed : str
        The seed of the draw, or a key that lives for many rounds.
    *labels : str
        What the numbers are for; another path of labels gives independent numbers.

    Returns
    -------
    list of int
        In the order of `ids`: the SHA-256 of ``stage_seed:id`` by which `random_order` sorts, as a number.

    Examples
    --------
    >>> numbers = dict(zip("abc", uniform_numbers("abc", "2026"), strict=True))
    >>> sorted("abc", key=numbers.get) == random_order("abc", "2026")
    True
    """
    prefix = f"{derive(seed, *labels).hex()}:"
    return [int.from_bytes(hashlib.sha256(f"{prefix}{unit}".encode()).digest(), "big") for unit in ids]


def is_below(number: int, probability: Fraction) -> bool:
    """Tell whether a uniform number, divided by 2**256, lies below a probability.

    Parameters
    ----------
    number : int
        From 0 to 2**256 - 1.
    probability : Fraction
        From 0 to 1.

    Returns
    -------
    bool
        True with the given probability, but for less than 2**-256.

    Examples
    --------
    >>> is_below(1 << 254, Fraction(1, 2)), is_below(0, Fraction(0))
    (True, False)
    """
    return number * probability.denominator < probability.numerator << NUMBER_BITS
