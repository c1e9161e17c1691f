"""Inclusion probabilities over several stages, of one unit and of two."""

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from sampling.design.selection import SelectionError


def overall_probability(stages: Sequence[Fraction]) -> Fraction:
    """Return the inclusion probability of a unit that is drawn in several stages.

    Parameters
    ----------
    stages : sequence of Fraction
        Probability at each stage, given the stages before: commune, village in the commune, and so on.

    Returns
    -------
    Fraction
        Their product; the base weight is one divided by it.

    Raises
    ------
    SelectionError
        If a probability is not above 0 and up to 1.

    Examples
    --------
    >>> str(overall_probability([Fraction(2, 5), Fraction(3, 10), Fraction(31, 400)]))
    '93/10000'
    """
    _check(stages)
    return prod(stages, start=Fraction(1))


def pair_probability(
    shared: Sequence[Fraction], joint: Fraction, first: Sequence[Fraction], second: Sequence[Fraction]
) -> Fraction:
    """Return the joint inclusion probability of two units whose ways part at one stage.

    Parameters
    ----------
    shared : sequence of Fraction
        Probabilities of the stages in which both belong to the same unit: of their common commune, say.
    joint : Fraction
        Joint probability at the stage where they part: of their two villages, or of the two adults.
    first, second : sequence of Fraction
        Probabilities of the later stages of each, given the stages before.

    Returns
    -------
    Fraction
        Product of all.

    Raises
    ------
    SelectionError
        If a probability is not above 0 and up to 1; `joint` may be 0.

    Notes
    -----
    Holds for designs that draw inside one unit without regard to the other units drawn (invariance and
    independence, [1]_).

    References
    ----------
    .. [1] Särndal, Swensson, Wretman (1992). Model Assisted Survey Sampling, section 4.3.

    Examples
    --------
    >>> half, third = Fraction(1, 2), Fraction(1, 3)
    >>> str(pair_probability([half], Fraction(1, 6), [third], [third]))
    '1/108'
    """
    _check([*shared, *first, *second])
    if not 0 <= joint <= 1:
        raise SelectionError(f"Expected a joint probability from 0 to 1, got {joint}.")
    return prod((*shared, joint, *first, *second), start=Fraction(1))


def _check(stages: Sequence[Fraction]) -> None:
    """Refuse what is no probability of a drawn unit."""
    for place, probability in enumerate(stages, start=1):
        if not 0 < probability <= 1:
            raise SelectionError(
                f"Expected a probability above 0 and up to 1 at stage {place}, got {probability}."
            )
