"""How many units two coordinated samples have in common, and which starting point gives a wanted share."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import exp, fsum, lcm, lgamma, log, log1p, sqrt

from scipy.special import betainc

from sampling.design.coordination.permanent import CoordinationError
from sampling.design.coordination.rounds import CoordinatedRound
from sampling.design.refusals import marked as _
from sampling.design.schemes.numbered import draw_independently
from sampling.design.schemes.registry import method_named

SIMPLE = "simple_random"
REACH = 8
"""Standard deviations beyond which a binomial sum is cut off."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Expected number of units in both samples, and whether this is exact."""

    expected: float
    is_exact: bool


def expected_overlap(first: CoordinatedRound, second: CoordinatedRound) -> Overlap:
    """Return how many units two rounds are expected to have in common.

    Parameters
    ----------
    first, second : CoordinatedRound
        Rounds of one stage and one coordination key; the frames may differ.

    Returns
    -------
    Overlap
        Expected number of common units. Exact for Bernoulli and Poisson sampling, and for simple random
        sampling twice from the same units; otherwise as if both were Poisson samples.

    Raises
    ------
    CoordinationError
        If the rounds differ in stage or key, so that their numbers have nothing to do with each other.

    Notes
    -----
    A Poisson sample takes unit k if its number lies in the arc of length π_k after the starting point, so the
    unit is in both with a probability that is the length of the common part of two arcs of a circle [1]_.
    For simple random samples of n and m out of N units, let K be binomial (N, d), where d is the distance
    from the first starting point to the second: the samples are the places 0 to n - 1 and K to K + m - 1 of
    the same circular order, and the common part is averaged over K.

    References
    ----------
    .. [1] Nedyalkova, D., Pea, J., Tillé, Y. (2008). Sampling procedures for coordinating stratified samples:
       methods based on microstrata. International Statistical Review 76; Ohlsson, E. (1995). Coordination of
       samples using permanent random numbers. In: Cox et al. (eds), Business Survey Methods. Wiley.

    Examples
    --------
    >>> from sampling.design.coordination import Unit, plan_round
    >>> units = [Unit(str(number)) for number in range(100)]
    >>> rounds = [
    ...     plan_round("bernoulli", units, 20, "k" * 32, stage="village", start=start)
    ...     for start in (Fraction(0), Fraction(1, 10))
    ... ]
    >>> expected_overlap(*rounds)
    Overlap(expected=10.0, is_exact=True)
    """
    _check_comparable(first, second)
    distance = (second.start - first.start) % 1
    same_units = first.probabilities.keys() == second.probabilities.keys()
    if first.method == second.method == SIMPLE and same_units and first.probabilities:
        return Overlap(_simple_overlap(first, second, distance), is_exact=True)
    common = first.probabilities.keys() & second.probabilities.keys()
    arcs = (
        common_arc(distance, first.probabilities[unit], second.probabilities[unit]) for unit in sorted(common)
    )
    independent = {method_named(one.method).rule for one in (first, second)} == {draw_independently}
    return Overlap(fsum(float(arc) for arc in arcs), is_exact=independent)


def _check_comparable(first: CoordinatedRound, second: CoordinatedRound) -> None:
    """Refuse rounds whose numbers are independent of each other."""
    if first.stage != second.stage:
        raise CoordinationError(
            f"Expected two rounds of the same stage, got {first.stage!r} and {second.stage!r}:"
            " their units are different things. Compare stage by stage."
        )
    if first.key_fingerprint != second.key_fingerprint:
        raise CoordinationError(
            _(
                "Expected two rounds with the same coordination key, got two keys: their numbers are "
                "independent. Coordination starts anew with the round that changed the key."
            )
        )


def common_arc(distance: Fraction, first: Fraction, second: Fraction) -> Fraction:
    """Return the length of the common part of two arcs of a circle of length 1.

    Parameters
    ----------
    distance : Fraction
        From the beginning of the first arc forward to the beginning of the second, from 0 to below 1.
    first, second : Fraction
        Lengths of the arcs, from 0 to 1.

    Returns
    -------
    Fraction
        From 0 to the shorter length.

    Examples
    --------
    >>> str(common_arc(Fraction(1, 10), Fraction(1, 5), Fraction(1, 5)))
    '1/10'
    """
    end = distance + second
    ahead = max(Fraction(0), min(first, end) - distance)
    return ahead + max(Fraction(0), min(first, end - 1))


def _simple_overlap(first: CoordinatedRound, second: CoordinatedRound, distance: Fraction) -> float:
    """Average the common part of two runs of places in one circular order."""
    n_units = len(first.probabilities)
    n_first, n_second = (round(sum(one.probabilities.values())) for one in (first, second))
    if not distance:
        return float(min(n_first, n_second))
    return fsum(
        _binomial(places, n_units, float(distance)) * _common_places(places, n_first, n_second, n_units)
        for places in range(n_units + 1)
    )


def _common_places(distance: int, n_first: int, n_second: int, n_units: int) -> int:
    """Return how many places two runs share, the second one beginning `distance` places later."""
    end = distance + n_second
    return max(0, min(n_first, end) - distance) + max(0, min(n_first, end - n_units))


def ranked_share(
    distance: Fraction, first: Fraction, second: Fraction, n_units: int, spread: Fraction = Fraction(0)
) -> float:
    """Return the expected share of units that two simple random samples from one list have in common.

    Parameters
    ----------
    distance : Fraction
        From the earlier starting point forward to the new one, from 0 to below 1.
    first, second : Fraction
        Sampling fractions of the earlier and of the new round.
    n_units : int
        Units of the list.
    spread : Fraction, optional
        How much farther the new starting point may lie, each distance as likely as any other; 0 by default.

    Returns
    -------
    float
        Exact for the same list twice, but for terms of the binomial sum beyond eight standard deviations: it
        counts the units at the edge, which samples of a fixed size have where they end.

    Notes
    -----
    With a spread s the chance that K of N numbers lie in between is averaged over the distances from d to
    d + s. The mean of a binomial probability is (I(d + s) - I(d)) / (s (N + 1)), where I is the distribution
    function of Beta (K + 1, N - K + 1).

    Examples
    --------
    >>> tenth = Fraction(1, 10)
    >>> ranked_share(Fraction(0), tenth, tenth, 100), round(ranked_share(tenth, tenth, tenth, 100), 4)
    (0.1, 0.0119)
    >>> round(ranked_share(tenth, tenth, tenth, 100, spread=Fraction(4, 5)), 4)
    0.0006
    """
    n_first, n_second, p = round(first * n_units), round(second * n_units), float(distance)
    if spread:
        places = _places_that_meet(n_first, n_second, n_units)
        share = fsum(_mean_binomial(k, n_units, p, float(distance + spread)) * n for k, n in places)
        return share / n_units
    if not p:
        return min(n_first, n_second) / n_units
    around = REACH * sqrt(n_units * p * (1 - p)) + 1
    low, high = max(0, int(n_units * p - around)), min(n_units, int(n_units * p + around) + 1)
    return (
        fsum(
            _binomial(places, n_units, p) * _common_places(places, n_first, n_second, n_units)
            for places in range(low, high + 1)
        )
        / n_units
    )


def _places_that_meet(n_first: int, n_second: int, n_units: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers of places between two runs with which they meet, and how many they share."""
    for places in {*range(n_first), *range(max(n_units - n_second + 1, 0), n_units + 1)}:
        yield places, _common_places(places, n_first, n_second, n_units)


def _mean_binomial(k: int, n: int, low: float, high: float) -> float:
    """Return a binomial probability, averaged over all p from `low` to `high`."""
    below, above = (float(betainc(k + 1, n - k + 1, min(p, 1.0))) for p in (low, high))
    return (above - below) / ((high - low) * (n + 1))


def _binomial(k: int, n: int, p: float) -> float:
    """Return a binomial probability for 0 < p < 1."""
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p))


def start_for_share(
    share: Fraction, *, previous_start: Fraction, previous_fraction: Fraction, fraction: Fraction
) -> Fraction:
    """Return the starting point with which a wanted share of the new sample was in the previous one.

    Parameters
    ----------
    share : Fraction
        Wanted share: 0 avoids the previous sample, the largest possible share repeats it.
    previous_start : Fraction
        Starting point of the previous round, from 0 to below 1.
    previous_fraction, fraction : Fraction
        Sampling fractions of the previous round and of the new one, above 0 and up to 1.

    Returns
    -------
    Fraction
        Starting point of the new round, from 0 to below 1.

    Raises
    ------
    CoordinationError
        If no starting point gives this share.

    Notes
    -----
    The new arc begins previous fraction - share × fraction after the previous one. The share is exact for
    Bernoulli samples and very nearly so for simple random ones; where probabilities differ between units it
    holds for the average unit, and `expected_overlap` says what comes out.

    Examples
    --------
    >>> tenth = Fraction(1, 10)
    >>> str(start_for_share(tenth * 0, previous_start=tenth, previous_fraction=tenth, fraction=tenth))
    '1/5'
    """
    for name, value in (("previous fraction", previous_fraction), ("fraction", fraction)):
        if not 0 < value <= 1:
            raise CoordinationError(f"Expected a {name} above 0 and up to 1, got {value}.")
    least = max(Fraction(0), previous_fraction + fraction - 1) / fraction
    most = min(previous_fraction, fraction) / fraction
    if not least <= share <= most:
        raise CoordinationError(
            _(
                "Expected a share from %(least)s to %(most)s, got %(share)s: fractions of %(earlier)s and "
                "%(fraction)s allow no other."
            ),
            least=f"{float(least):.4f}",
            most=f"{float(most):.4f}",
            share=f"{float(share):.4f}",
            earlier=f"{float(previous_fraction):.4f}",
            fraction=f"{float(fraction):.4f}",
        )
    return (previous_start + previous_fraction - share * fraction) % 1


def start_for_pairs(
    share: Fraction, *, previous_start: Fraction, pairs: Mapping[tuple[Fraction, Fraction], int]
) -> Fraction:
    """Return the one starting point for strata of different fractions between which units may have moved.

    Parameters
    ----------
    share : Fraction
        Wanted share, from 0 to 1, of the new sample among the units of both frames.
    previous_start : Fraction
        Starting point of the previous round in all strata, from 0 to below 1.
    pairs : mapping of (Fraction, Fraction) to int
        Units of both frames by their sampling fraction in the previous and in the new round.

    Returns
    -------
    Fraction
        Starting point of the new round in all strata, from 0 to below 1; the previous one if no unit is in
        both frames.

    Raises
    ------
    CoordinationError
        If no distance up to the largest previous fraction gives the share.

    Notes
    -----
    With m units of the pair (f, g) the overlap at distance d is Σ m · :func:`common_arc` (d, f, g), a broken
    line in d. The first distance is taken at which it falls to share × Σ m · g, exactly. Without overlap
    (share 0) that is the largest f.

    Examples
    --------
    >>> pairs = {(Fraction(1, 5), Fraction(1, 10)): 30, (Fraction(1, 10), Fraction(1, 5)): 20}
    >>> str(start_for_pairs(Fraction(0), previous_start=Fraction(1, 2), pairs=pairs))
    '7/10'
    """
    if not pairs:
        return previous_start
    scale = lcm(*(fraction.denominator for pair in pairs for fraction in pair))
    n_new = sum(count * _on(scale, fraction) for (_before, fraction), count in pairs.items())
    points = list(_overlaps(pairs, scale))
    overlaps = [overlap for _distance, overlap in points]
    wanted = share * n_new
    if not min(overlaps) <= wanted <= overlaps[0]:
        raise CoordinationError(
            _(
                "Expected a share from %(least)s to %(most)s, got %(share)s: the fractions of the strata "
                "allow no other. Take another share."
            ),
            least=f"{min(overlaps) / n_new:.4f}",
            most=f"{overlaps[0] / n_new:.4f}",
            share=f"{float(share):.4f}",
        )
    place = next(place for place, overlap in enumerate(overlaps) if overlap <= wanted)
    if not place:
        return previous_start
    (near, more), (far, less) = points[place - 1 : place + 1]
    distance = (near + (far - near) * (more - wanted) / (more - less)) / scale
    return (previous_start + distance) % 1


def _on(scale: int, fraction: Fraction) -> int:
    """Return a fraction as a whole number of parts."""
    return fraction.numerator * (scale // fraction.denominator)


def _overlaps(pairs: Mapping[tuple[Fraction, Fraction], int], scale: int) -> Iterator[tuple[int, int]]:
    """Yield (distance, common parts of all arcs) at every bend up to the largest earlier fraction.

    The part before the end of the earlier arc falls while the new one moves out of it; the part beyond the
    end of the circle grows while the new one comes round. Between two bends the sum is a straight line.
    """
    slopes: Counter[int] = Counter({0: 0})
    overlap = 0
    for (before, fraction), count in pairs.items():
        first, second = _on(scale, before), _on(scale, fraction)
        overlap += count * min(first, second)
        slopes[max(first - second, 0)] -= count
        slopes[first] += count
        slopes[scale - second] += count
        slopes[scale - second + first] -= count
    farthest = max(_on(scale, before) for before, _fraction in pairs)
    slope = last = 0
    for bend in sorted(bend for bend in slopes if bend <= farthest):
        overlap += slope * (bend - last)
        yield bend, overlap
        slope, last = slope + slopes[bend], bend


def overlap_of_pairs(distance: Fraction, pairs: Mapping[tuple[Fraction, Fraction], int]) -> float:
    """Return how many units are expected in two samples whose arcs begin a distance apart.

    Parameters
    ----------
    distance : Fraction
        From the earlier starting point forward to the new one, from 0 to below 1.
    pairs : mapping of (Fraction, Fraction) to int
        Units of both frames by their probability in the earlier and in the new round.

    Returns
    -------
    float
        Exact for Bernoulli and Poisson samples, an approximation for others.

    Examples
    --------
    >>> overlap_of_pairs(Fraction(1, 10), {(Fraction(1, 5), Fraction(1, 5)): 100})
    10.0
    """
    return fsum(float(count * common_arc(distance, *pair)) for pair, count in pairs.items())
