"""Samples that permanent random numbers steer: selection, and what is kept of it to coordinate the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.design.coordination.permanent import (
    CoordinationError,
    key_fingerprint,
    permanent_numbers,
    shifted,
)
from sampling.design.schemes.numbered import NumberRule
from sampling.design.schemes.registry import METHODS, method_named
from sampling.design.schemes.units import (
    Unit,
    checked_units,
    select_beside_certain,
    target_probabilities,
)
from sampling.design.selection import Selected


@dataclass(frozen=True, slots=True)
class CoordinatedRound:
    """What has to be known of a round to say how much another one overlaps it.

    Attributes
    ----------
    method : str
        Key of `sampling.design.schemes.METHODS`.
    stage : str
        Level of the units.
    start : Fraction
        Starting point, from 0 to below 1.
    key_fingerprint : str
        Tells the coordination key apart from others.
    probabilities : mapping of str to Fraction
        Target inclusion probability of every unit of the frame.
    """

    method: str
    stage: str
    start: Fraction
    key_fingerprint: str
    probabilities: Mapping[str, Fraction]


def plan_round(
    method: str, units: Iterable[Unit], n: int, key: str, *, stage: str, start: Fraction
) -> CoordinatedRound:
    """Return what a coordinated round is, before or after it is drawn.

    Parameters
    ----------
    method : str
        A method that supports coordination.
    units : iterable of Unit
        All units of the frame, in any order.
    n : int
        Units wanted.
    key : str
        The coordination key.
    stage : str
        Level of the units.
    start : Fraction
        Starting point, from 0 to below 1.

    Returns
    -------
    CoordinatedRound
        Method, stage, starting point and target probabilities.

    Raises
    ------
    CoordinationError
        If the method cannot be coordinated, or the key or the starting point cannot be.
    SelectionError
        If there is no such method, or the units or `n` cannot be.

    Examples
    --------
    >>> planned = plan_round(
    ...     "simple_random", [Unit("a"), Unit("b")], 1, "k" * 32, stage="commune", start=Fraction(0)
    ... )
    >>> str(planned.probabilities["a"])
    '1/2'
    """
    _rule(method)
    shifted([], start)
    sized = method_named(method).sized(checked_units(units, n))
    targets = target_probabilities([unit.size for unit in sized], n)
    return CoordinatedRound(
        method=method,
        stage=stage,
        start=start,
        key_fingerprint=key_fingerprint(key),
        probabilities={unit.id: target for unit, target in zip(sized, targets, strict=True)},
    )


def select_coordinated(
    method: str, units: Iterable[Unit], n: int, key: str, *, stage: str, start: Fraction
) -> list[Selected]:
    """Select with permanent random numbers, counted from a starting point.

    Parameters
    ----------
    method, units, n, key, stage, start
        As for `plan_round`.

    Returns
    -------
    list of Selected
        In the order of the units.

    Raises
    ------
    CoordinationError
        If the method cannot be coordinated, or the key or the starting point cannot be.
    SelectionError
        If there is no such method, or the units or `n` cannot be.

    Notes
    -----
    Simple random sampling takes the n units that follow the starting point, going round at the end
    (sequential simple random sampling); Bernoulli and Poisson sampling take units whose distance from the
    starting point is below π; sequential Poisson and Pareto sampling rank the distances [1]_. Shifting the
    starting point changes no inclusion probability.

    References
    ----------
    .. [1] Ohlsson, E. (1995). Coordination of samples using permanent random numbers. In: Cox et al. (eds),
       Business Survey Methods. Wiley.

    Examples
    --------
    >>> units = [Unit(str(number)) for number in range(10)]
    >>> halves = [
    ...     select_coordinated("bernoulli", units, 5, "k" * 32, stage="commune", start=Fraction(part, 2))
    ...     for part in (0, 1)
    ... ]
    >>> sorted(one.index for half in halves for one in half) == list(range(10))
    True
    """
    known, rule = method_named(method), _rule(method)

    def draw(rest: Sequence[Unit], wanted: int) -> list[int]:
        numbers = permanent_numbers((unit.id for unit in rest), key, stage)
        return rule(rest, wanted, shifted(numbers, start))

    sized = known.sized(checked_units(units, n))
    return select_beside_certain(sized, n, draw, is_approximate=not known.is_exact)


def _rule(method: str) -> NumberRule:
    """Return how numbers decide, or refuse a method that does not look at numbers of units."""
    rule = method_named(method).rule
    if rule is None:
        able = ", ".join(code for code, known in METHODS.items() if known.supports_coordination)
        raise CoordinationError(
            f"Expected a method with one number per unit ({able}), got {method!r}: overlap with another"
            " sample has no meaning there. Take one of these, or draw without coordination."
        )
    return rule
