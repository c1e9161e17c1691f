"""Randomness that anybody can recompute: SHA-256 of a seed and of labels that say what it is for."""

import hashlib
from collections.abc import Iterable

LENGTH_BYTES = 8


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
    space = 1 << 256
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
