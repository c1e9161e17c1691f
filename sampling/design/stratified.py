"""A sample of one stage from a list in strata: sizes by a rule, and the margins and costs they give."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.design.allocation import (
    AllocationError,
    equal,
    fixed_per_unit,
    optimal,
    power,
    proportional,
    round_allocation,
)
from sampling.design.bethel import PrecisionTarget, allocate
from sampling.design.least_cost import whole_sizes
from sampling.design.schemes.registry import METHODS, Method
from sampling.design.sizes import Conditions, margin_of_mean

LEAST_EFFECT = 1 - 1e-9
"""The mean size times the mean of 1 / size is never less than 1, up to its rounding."""

type Vector = NDArray[np.float64]
type Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ListStratum:
    """A stratum of a list, for example the dossiers of one field of service in one province.

    Parameters
    ----------
    key : tuple of str
        Values of the attributes that make the stratum.
    population : int
        Units N of the list, at least 1.
    sds : tuple of float
        Standard deviation of each variable; the first one decides where a rule takes one only.
    means : tuple of float
        Mean of each variable.
    cost : float
        Cost of an answer, above 0.
    size_effect : float or None
        Mean size times the mean of 1 / size, for methods that draw by size; None where sizes are not known.

    Raises
    ------
    AllocationError
        If a value cannot be.
    """

    key: tuple[str, ...]
    population: int
    sds: tuple[float, ...]
    means: tuple[float, ...]
    cost: float = 1.0
    size_effect: float | None = None

    def __post_init__(self) -> None:
        name = " · ".join(self.key)
        if self.population < 1 or not self.cost > 0:
            raise AllocationError(
                f"Stratum {name!r}: expected at least 1 unit and a cost above 0, got {self.population} and"
                f" {self.cost}."
            )
        if self.size_effect is not None and not self.size_effect >= LEAST_EFFECT:
            raise AllocationError(
                f"Stratum {name!r}: expected an effect of sizes of at least 1, got {self.size_effect}."
            )
        if not self.sds or len(self.sds) != len(self.means) or min(self.sds) < 0:
            raise AllocationError(
                f"Stratum {name!r}: expected one mean and one standard deviation of 0 or more per variable,"
                f" got {self.means} and {self.sds}."
            )


@dataclass(frozen=True, slots=True)
class Rule:
    """How a sample is divided among the strata of a list.

    Parameters
    ----------
    name : str
        One of `RULES`.
    n : float
        People to ask in all; the rules ``"fixed"`` and ``"bethel"`` find it themselves.
    exponent : float
        Of the power allocation.
    fixed : mapping of str to float
        People for each kind of unit; the kind is any value of a stratum's key, ``"*"`` stands for all others.
    cv : float or sequence of float
        For Bethel: largest coefficient of variation in every domain; of every variable, or one of each.
    whole_cv : float or sequence of float, optional
        For Bethel: the same for the whole list.
    minimum : int
        Least of each stratum, if the stratum is as large; at least one person with the rules of
        `RULES_BY_SPREAD`.
    maximum : int, optional
        Most of each stratum.
    """

    name: str
    n: float = 0.0
    exponent: float = 0.5
    fixed: Mapping[str, float] = field(default_factory=dict)
    cv: float | Sequence[float] = 0.05
    whole_cv: float | Sequence[float] | None = None
    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class ListExpected:
    """What a sample of a list promises for some strata.

    Parameters
    ----------
    population, drawn : int
        Units of the list, and those to ask.
    completed : float
        Answers expected.
    margin : float
        Half-width of the interval of the first variable's mean.
    cost : float
        Of all answers.
    """

    population: int
    drawn: int
    completed: float
    margin: float
    cost: float


class _Draw(NamedTuple):
    """Under which conditions, and by which method, the units are drawn."""

    conditions: Conditions
    method: Method


def divide(
    strata: Sequence[ListStratum],
    rule: Rule,
    conditions: Conditions | None = None,
    method: Method = METHODS["simple_random"],
) -> list[int]:
    """Return how many people to ask in each stratum.

    Parameters
    ----------
    strata : sequence of ListStratum
        With the same variables.
    rule : Rule
        The rule and its numbers.
    conditions : Conditions, optional
        Design effect and response rate, for Bethel; its population is not used.
    method : Method, optional
        How the units of a stratum are selected, for Bethel, which takes the variance of :func:`expect_list`;
        simply at random by default.

    Returns
    -------
    list of int
        Sizes that add up to the wanted sample, between the limits of every stratum.

    Raises
    ------
    AllocationError
        If the rule is unknown, the limits leave no room or the targets are out of reach.

    Notes
    -----
    Rules that look at the spread would ask nobody where all are taken to answer alike. A stratum without
    anybody drops out of the population, so every stratum keeps one person at least.

    Examples
    --------
    >>> strata = [
    ...     ListStratum(("01", "land"), 9000, (0.4,), (0.8,)),
    ...     ListStratum(("01", "birth"), 1000, (0.3,), (0.9,)),
    ... ]
    >>> divide(strata, Rule("proportional", n=100)), divide(strata, Rule("equal", n=100))
    ([90, 10], [50, 50])
    """
    if rule.name not in RULES:
        raise AllocationError(f"Expected a rule among {', '.join(RULES)}, got {rule.name!r}.")
    low, high = _limits(strata, rule)
    sizes = RULES[rule.name](strata, rule, _Draw(conditions or Conditions(), method))
    if rule.name == "fixed":
        return [int(size) for size in np.clip(np.round(sizes), low, high)]
    if rule.name == "bethel":
        return [
            min(max(size, int(least)), int(most)) for size, least, most in zip(sizes, low, high, strict=True)
        ]
    return [int(size) for size in round_allocation(sizes, minimum=low, maximum=high)]


def expect_list(
    strata: Sequence[ListStratum],
    sizes: Sequence[int],
    conditions: Conditions | None = None,
    method: Method = METHODS["simple_random"],
) -> ListExpected:
    """Return margin and cost of some strata together.

    Parameters
    ----------
    strata : sequence of ListStratum
        Of one domain.
    sizes : sequence of int
        People asked in each.
    conditions : Conditions, optional
        Confidence, design effect and response rate.
    method : Method, optional
        How the units of a stratum are selected; simply at random by default.

    Returns
    -------
    ListExpected
        The margin is infinite if nobody is asked in a stratum.

    Notes
    -----
    V = Σ (N_h / N)² V_h with V_h of `sizes.margin_of_mean`, by the method:

    * simple random: exact. Systematic with equal steps: as if at random; a sorted list does better, one with
      a period of the length of the step worse.
    * By size: with the effect of the sizes where it is known, 1 where it is not. Certain units, and how pairs
      are drawn, are passed over.
    * Of random size (Bernoulli, Poisson): S_h² + (Ȳ_h - Ȳ)² takes the place of S_h², since the shares of the
      strata in the sample are left to chance; where weights are brought to the counts of the strata, S_h²
      would do.

    Examples
    --------
    >>> stratum = ListStratum(("01",), 1_000_000, (0.4,), (0.8,), cost=50_000)
    >>> expected = expect_list([stratum], [1600])
    >>> round(expected.margin, 4), expected.cost
    (0.0196, 80000000.0)
    """
    chosen = conditions or Conditions()
    population = sum(stratum.population for stratum in strata)
    answers = [size * chosen.response_rate for size in sizes]
    pairs = list(zip(strata, answers, strict=True))
    sds = _sds(strata, strata, 0, method)
    squares = [
        (one.population / population * _margin(one, count, sd, method, chosen)) ** 2
        for (one, count), sd in zip(pairs, sds, strict=True)
    ]
    return ListExpected(
        population=population,
        drawn=sum(sizes),
        completed=sum(answers),
        margin=sqrt(sum(squares)),
        cost=sum(one.cost * count for one, count in pairs),
    )


def _sds(
    strata: Sequence[ListStratum], domain: Sequence[ListStratum], place: int, method: Method
) -> list[float]:
    """Return the standard deviations that count: with a random size, around the mean of the domain."""
    if method.has_fixed_size:
        return [one.sds[place] for one in strata]
    population = sum(one.population for one in domain)
    centre = sum(one.population * one.means[place] for one in domain) / population
    return [hypot(one.sds[place], one.means[place] - centre) for one in strata]


def _effect(stratum: ListStratum, method: Method) -> float:
    """Return what drawing by size multiplies the variance with; 1 where sizes are not known or not used."""
    return (stratum.size_effect or 1.0) if method.needs_size else 1.0


def _margin(stratum: ListStratum, answers: float, sd: float, method: Method, chosen: Conditions) -> float:
    if not answers:
        return float("inf")
    inside = Conditions(chosen.confidence, chosen.deff, population=stratum.population)
    return margin_of_mean(answers, sd=sd, conditions=inside, size_effect=_effect(stratum, method))


def _limits(strata: Sequence[ListStratum], rule: Rule) -> tuple[Counts, Counts]:
    """Return the least and the most of each stratum, never more than it has."""
    populations = np.array([stratum.population for stratum in strata], dtype=np.int64)
    least = max(rule.minimum, 1) if rule.name in RULES_BY_SPREAD else rule.minimum
    low = np.minimum(least, populations)
    most = populations if rule.maximum is None else np.minimum(rule.maximum, populations)
    return low, np.maximum(low, most)


def _values(strata: Sequence[ListStratum]) -> tuple[Vector, Vector, Vector, Vector]:
    """Return sizes, standard deviations, means and costs as vectors; of the first variable."""
    rows = [(one.population, one.sds[0], one.means[0], one.cost) for one in strata]
    sizes, sds, means, costs = np.array(rows, dtype=np.float64).T
    return sizes, sds, means, costs


def _equal(strata: Sequence[ListStratum], rule: Rule, _draw: _Draw) -> Vector:
    return equal(len(strata), rule.n)


def _proportional(strata: Sequence[ListStratum], rule: Rule, _draw: _Draw) -> Vector:
    return proportional(_values(strata)[0], rule.n)


def _neyman(strata: Sequence[ListStratum], rule: Rule, _draw: _Draw) -> Vector:
    sizes, sds, _means, _costs = _values(strata)
    return optimal(sizes, sds, rule.n)


def _cost_optimal(strata: Sequence[ListStratum], rule: Rule, _draw: _Draw) -> Vector:
    sizes, sds, _means, costs = _values(strata)
    return optimal(sizes, sds, rule.n, costs)


def _power(strata: Sequence[ListStratum], rule: Rule, _draw: _Draw) -> Vector:
    sizes, sds, means, _costs = _values(strata)
    if not means.all():
        raise AllocationError("Expected means other than 0 for the power allocation, got 0. Give the means.")
    return power(sizes * np.abs(means), sds / np.abs(means), rule.n, rule.exponent)


def _fixed(strata: Sequence[ListStratum], rule: Rule, _draw: _Draw) -> Vector:
    kinds = [next((part for part in one.key if part in rule.fixed), " · ".join(one.key)) for one in strata]
    return fixed_per_unit(kinds, rule.fixed, otherwise=rule.fixed.get("*"))


def _bethel(strata: Sequence[ListStratum], rule: Rule, draw: _Draw) -> list[int]:
    """Meet the targets of every variable, in every stratum's first attribute and in the whole list."""
    rate = draw.conditions.response_rate
    costs = np.array([one.cost for one in strata])
    low, high = _limits(strata, rule)
    found = allocate(
        np.array([one.population for one in strata], dtype=np.float64),
        list(_targets(strata, rule, draw)),
        costs=costs / costs.max(),
        minimum=low * rate,
        maximum=high * rate,
    )
    return whole_sizes([size / rate for size in found.sizes])


def _targets(strata: Sequence[ListStratum], rule: Rule, draw: _Draw) -> Iterator[PrecisionTarget]:
    """Yield the targets of every variable: those of its domains, then that of the whole list."""
    n_variables = len(strata[0].sds)
    cvs = _one_each(rule.cv, n_variables)
    whole_cvs = None if rule.whole_cv is None else _one_each(rule.whole_cv, n_variables)
    for place in range(n_variables):
        for name in dict.fromkeys(one.key[0] for one in strata):
            domain = [one for one in strata if one.key[0] == name]
            yield _target(strata, domain, place, cvs[place], draw)
        if whole_cvs is not None:
            yield _target(strata, strata, place, whole_cvs[place], draw)


def _target(
    strata: Sequence[ListStratum], domain: Sequence[ListStratum], place: int, cv: float, draw: _Draw
) -> PrecisionTarget:
    """Return the target of a variable in a domain, with the variance that the method has there."""
    name = "all" if domain is strata else domain[0].key[0]
    spread = sqrt(draw.conditions.deff)
    return PrecisionTarget.of(
        f"{name}, {place + 1}",
        [one.means[place] for one in strata],
        [sd * spread for sd in _sds(strata, domain, place, draw.method)],
        cv,
        [one in domain for one in strata],
        effect=[_effect(one, draw.method) for one in strata],
    )


def _one_each(values: float | Sequence[float], n_variables: int) -> Sequence[float]:
    """Return one coefficient of variation for each variable."""
    given = list(values) if isinstance(values, Sequence) else [values]
    if len(given) not in {1, n_variables}:
        raise AllocationError(
            f"Expected one coefficient of variation, or one for each of {n_variables} variables, got"
            f" {len(given)}."
        )
    return given * n_variables if len(given) == 1 else given


type Divider = Callable[[Sequence[ListStratum], Rule, _Draw], Vector | list[int]]

RULES: Mapping[str, Divider] = {
    "equal": _equal,
    "proportional": _proportional,
    "neyman": _neyman,
    "power": _power,
    "cost_optimal": _cost_optimal,
    "fixed": _fixed,
    "bethel": _bethel,
}
"""Every rule by its name."""

RULES_BY_SPREAD = frozenset({"neyman", "power", "cost_optimal", "bethel"})
"""Rules that would leave out a stratum with a standard deviation of 0."""
