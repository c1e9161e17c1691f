"""Every method of selection under the code by which a design names it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sampling.design.joint_approximations import Matrix
from sampling.design.joint_probabilities import joint_probabilities
from sampling.design.schemes import numbered
from sampling.design.schemes.balanced import cube
from sampling.design.schemes.elimination import tille
from sampling.design.schemes.equal_steps import systematic, systematic_by_size, systematic_in_random_order
from sampling.design.schemes.numbered import NumberRule
from sampling.design.schemes.rejective import sampford
from sampling.design.schemes.units import Unit, checked_units, equal_sizes, target_probabilities
from sampling.design.selection import Selected, SelectionError


class Scheme(Protocol):
    """A method of selection."""

    def __call__(self, units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
        """Select `n` units."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method of selection and what it promises.

    Attributes
    ----------
    code : str
        The name in designs.
    scheme : Scheme
        What selects.
    needs_size : bool
        Whether probabilities are proportional to size; else they are equal and sizes are not looked at.
    is_exact : bool
        Whether the inclusion probabilities are exactly those stated.
    has_fixed_size : bool
        Whether exactly `n` units are selected; else `n` is an expectation.
    uses_order : bool
        Whether the order of the list matters, so that it has to be sorted first.
    uses_balance : bool
        Whether balancing variables are looked at.
    rule : NumberRule or None
        How one number per unit decides, for methods that can be coordinated.
    joint : str or None
        Name of the joint probabilities in `sampling.design.joint_probabilities`; None if there are none.
    is_joint_exact : bool
        Whether those are exact.
    """

    code: str
    scheme: Scheme
    needs_size: bool = True
    is_exact: bool = True
    has_fixed_size: bool = True
    uses_order: bool = False
    uses_balance: bool = False
    rule: NumberRule | None = None
    joint: str | None = None
    is_joint_exact: bool = True

    @property
    def supports_coordination(self) -> bool:
        """Whether permanent random numbers can steer the method."""
        return self.rule is not None

    def sized(self, units: Iterable[Unit]) -> list[Unit]:
        """Return the units with the sizes that count for this method."""
        return list(units) if self.needs_size else equal_sizes(units)


_LISTED = (
    Method(
        "simple_random", numbered.simple, needs_size=False, rule=numbered.draw_smallest, joint="simple_random"
    ),
    Method("systematic", systematic, needs_size=False, uses_order=True, joint="systematic"),
    Method(
        "bernoulli",
        numbered.bernoulli,
        needs_size=False,
        has_fixed_size=False,
        rule=numbered.draw_independently,
        joint="poisson",
    ),
    Method(
        "poisson", numbered.poisson, has_fixed_size=False, rule=numbered.draw_independently, joint="poisson"
    ),
    Method(
        "sequential_poisson",
        numbered.sequential_poisson,
        is_exact=False,
        rule=numbered.draw_smallest,
        joint="hajek",
        is_joint_exact=False,
    ),
    Method(
        "pareto",
        numbered.pareto,
        is_exact=False,
        rule=numbered.draw_smallest_odds,
        joint="hajek",
        is_joint_exact=False,
    ),
    Method("pps_systematic", systematic_by_size, uses_order=True, joint="systematic"),
    Method(
        "pps_systematic_random",
        systematic_in_random_order,
        joint="hartley_rao",
        is_joint_exact=False,
    ),
    Method("sampford", sampford, joint="sampford"),
    Method("tille", tille, joint="tille"),
    Method("cube", cube, uses_balance=True),
)

METHODS: Mapping[str, Method] = {method.code: method for method in _LISTED}
"""Every method by its code."""


def method_named(code: str) -> Method:
    """Return the method with a code.

    Parameters
    ----------
    code : str
        A key of `METHODS`.

    Returns
    -------
    Method
        What selects and what it promises.

    Raises
    ------
    SelectionError
        If there is no such method.

    Examples
    --------
    >>> method_named("pareto").is_exact
    False
    """
    if code not in METHODS:
        raise SelectionError(f"Expected a method out of {', '.join(METHODS)}, got {code!r}.")
    return METHODS[code]


def select(method: str, units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select `n` units by a method that a design names.

    Parameters
    ----------
    method : str
        A key of `METHODS`.
    units : iterable of Unit
        In the order of the sorted frame; only methods with `uses_order` look at it.
    n : int
        Units wanted; all are taken with certainty if there are not more.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for, for example stage and stratum.

    Returns
    -------
    list of Selected
        Index in the list, inclusion probability, whether certain, whether the probability is approximate; in
        the order of the list.

    Raises
    ------
    SelectionError
        If there is no such method, or the units or `n` cannot be.

    Examples
    --------
    >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
    >>> {code: len(select(code, units, 4, "2026")) for code in METHODS} == dict.fromkeys(METHODS, 4)
    True
    """
    return method_named(method).scheme(units, n, seed, *labels)


def joint_probabilities_of(method: str, units: Iterable[Unit], n: int) -> Matrix:
    """Return the joint inclusion probabilities of all pairs of units under a method.

    Parameters
    ----------
    method : str
        A key of `METHODS`.
    units : iterable of N Unit
        In the order of the sorted frame.
    n : int
        Units wanted.

    Returns
    -------
    ndarray, shape (N, N)
        Inclusion probabilities on the diagonal; approximate unless the method's `is_joint_exact`.

    Raises
    ------
    SelectionError
        If there is no such method, or no formula for it.

    Examples
    --------
    >>> joint = joint_probabilities_of("simple_random", [Unit("a"), Unit("b"), Unit("c")], 2)
    >>> joint.round(4).tolist()[0]
    [0.6667, 0.3333, 0.3333]
    """
    known = method_named(method)
    if known.joint is None:
        raise SelectionError(
            f"Expected a method whose joint probabilities are known, got {method!r}."
            " Use a variance estimator that does without them."
        )
    sized = known.sized(checked_units(units, n))
    targets = target_probabilities([unit.size for unit in sized], n)
    return joint_probabilities([float(target) for target in targets], known.joint)
