"""Permanent random numbers: one for each unit and stage, for as long as the coordination key lives."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from sampling.design.seeds import NUMBER_BITS, derive, uniform_number, uniform_numbers
from sampling.design.selection import SelectionError

SPACE = 1 << NUMBER_BITS
NUMBER_LABEL, FINGERPRINT_LABEL = "permanent numbers", "fingerprint"


class CoordinationError(SelectionError):
    """Raised when samples cannot be coordinated as asked."""


def permanent_numbers(ids: Iterable[str], key: str, stage: str) -> list[int]:
    """Return the permanent random number of each unit at one stage.

    Parameters
    ----------
    ids : iterable of str
        Identifiers that stay with the units from round to round.
    key : str
        The coordination key, a long secret.
    stage : str
        Level of the units, for example ``commune``. Numbers of different stages are independent.

    Returns
    -------
    list of int
        From 0 to 2**256 - 1, in the order of `ids`.

    Raises
    ------
    CoordinationError
        If the key is empty.

    Notes
    -----
    The number is the SHA-256 of ``stage_key:id``, where the stage key is the hexadecimal SHA-256 of the
    coordination key and the stage, each with its length before it. It is the rule of
    `sampling.design.seeds.random_order` with a key in place of the seed, so a query engine computes it alike.
    A unit keeps its number whatever happens to other units; a new unit gets one that nobody could foresee.

    Examples
    --------
    >>> key = "k" * 32
    >>> permanent_numbers(["a", "b"], key, "commune") == permanent_numbers("ba", key, "commune")[::-1]
    True
    """
    return uniform_numbers(ids, _checked(key), NUMBER_LABEL, stage)


def number_prefix(key: str, stage: str) -> str:
    """Return the text that stands before an id in the hash that is its permanent number.

    Parameters
    ----------
    key, stage
        As for `permanent_numbers`.

    Returns
    -------
    str
        64 hexadecimal digits and a colon: as secret as the key, for the numbers of this stage.

    Raises
    ------
    CoordinationError
        If the key is empty.

    Examples
    --------
    >>> len(number_prefix("k" * 32, "commune"))
    65
    """
    return f"{derive(_checked(key), NUMBER_LABEL, stage).hex()}:"


def key_fingerprint(key: str) -> str:
    """Return what tells two coordination keys apart without revealing them.

    Parameters
    ----------
    key : str
        The coordination key.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    CoordinationError
        If the key is empty.

    Examples
    --------
    >>> key_fingerprint("k" * 32) == key_fingerprint("l" * 32)
    False
    """
    return derive(_checked(key), FINGERPRINT_LABEL).hex()


def _checked(key: str) -> str:
    """Refuse to coordinate without a secret."""
    if not key.strip():
        raise CoordinationError(
            "Expected a coordination key, got an empty one."
            " Make one with a generator of secrets and keep it for all rounds."
        )
    return key


def start_from_seed(seed: str, *labels: str) -> Fraction:
    """Return a starting point that nobody could choose: for the first of several coordinated rounds.

    Parameters
    ----------
    seed : str
        The seed of the draw.
    *labels : str
        What the starting point is for.

    Returns
    -------
    Fraction
        Uniform from 0 to below 1.

    Examples
    --------
    >>> 0 <= start_from_seed("2026", "commune") < 1
    True
    """
    return Fraction(uniform_number(seed, *labels), SPACE)


def shifted(numbers: Sequence[int], start: Fraction) -> list[int]:
    """Return how far each number lies after a starting point, going round at the end.

    Parameters
    ----------
    numbers : sequence of int
        From 0 to 2**256 - 1.
    start : Fraction
        From 0 to below 1, as a part of the range.

    Returns
    -------
    list of int
        From 0 to 2**256 - 1, in the order of `numbers`.

    Raises
    ------
    CoordinationError
        If the starting point is outside the range.

    Examples
    --------
    >>> [number >> 254 for number in shifted([0, 2**255], Fraction(1, 4))]
    [3, 1]
    """
    if not 0 <= start < 1:
        raise CoordinationError(
            f"Expected a starting point from 0 to below 1, got {start}. Take it modulo 1."
        )
    offset = start.numerator * SPACE // start.denominator
    return [(number - offset) % SPACE for number in numbers]
