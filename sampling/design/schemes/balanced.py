"""Balanced samples by the cube method, in exact arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd

from sampling.design.schemes.integer_kernel import kernel_vector
from sampling.design.schemes.units import Unit, checked_units, select_beside_certain
from sampling.design.seeds import is_below, random_order, uniform_number
from sampling.design.selection import Selected, SelectionError


def cube(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select exactly `n` units so that the estimated totals of balancing variables are right, or nearly.

    Parameters
    ----------
    units : iterable of Unit
        In any order. `balance` holds the balancing variables, the most important first: when the last units
        leave no other way, variables are given up from the last one on.
    n : int
        Units wanted; all are taken if there are not more.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.

    Returns
    -------
    list of Selected
        In the order given; probabilities are exact and proportional to size.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Notes
    -----
    See `balanced_places` for the method; the sample size is one more balancing variable and the last to be
    given up, so it is always met.

    Examples
    --------
    >>> units = [Unit(f"{number:02}", 1, (number,)) for number in range(1, 21)]
    >>> sample = cube(units, 10, "2026")
    >>> len(sample), abs(sum(one.index + 1 for one in sample) * 2 - 210) <= 20
    (10, True)
    """

    def draw(rest: Sequence[Unit], wanted: int) -> list[int]:
        total = sum(unit.size for unit in rest)
        targets = [Fraction(wanted * unit.size, total) for unit in rest]
        return balanced_places(
            [unit.id for unit in rest], targets, [unit.balance for unit in rest], seed, *labels
        )

    return select_beside_certain(checked_units(units, n), n, draw)


def balanced_places(
    ids: Sequence[str],
    probabilities: Sequence[Fraction],
    variables: Sequence[Sequence[int]],
    seed: str,
    *labels: str,
) -> list[int]:
    """Return the places of a balanced sample with any inclusion probabilities.

    Parameters
    ----------
    ids : sequence of N str
        Each once; the result does not depend on their order.
    probabilities : sequence of N Fraction
        From 0 to 1; the sample size is fixed if they add up to a whole number.
    variables : sequence of N sequences of int
        Balancing variables of each unit, the most important first.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.

    Returns
    -------
    list of int
        In increasing order.

    Raises
    ------
    SelectionError
        If a probability is outside 0 to 1.

    Notes
    -----
    The vector of probabilities walks to a corner of the cube [0, 1]^N. Each step changes the first units, in
    random order, that are still open: as many as there are equations and one more [2]_, along a direction
    that leaves the estimated totals unchanged, until one of them is 0 or 1; of the two ends of the line
    each is chosen with the probability that keeps the expectation [1]_. When no direction is left the last
    variable is dropped (landing). Directions are whole numbers and probabilities fractions, so the totals
    are kept exactly and every machine takes the same way.

    References
    ----------
    .. [1] Deville, J.-C., Tillé, Y. (2004). Efficient balanced sampling: the cube method. Biometrika 91.
    .. [2] Chauvet, G., Tillé, Y. (2006). A fast algorithm of balanced sampling. Computational Statistics 21.

    Examples
    --------
    >>> len(balanced_places("abcd", [Fraction(1, 2)] * 4, [(1,), (2,), (2,), (1,)], "2026"))
    2
    """
    if any(not 0 <= probability <= 1 for probability in probabilities):
        raise SelectionError("Expected probabilities from 0 to 1. Compute them with target_probabilities.")
    place = {unit: index for index, unit in enumerate(ids)}
    order = [place[unit] for unit in random_order(ids, seed, *labels, "order")]
    columns = [_column(pi, values) for pi, values in zip(probabilities, variables, strict=True)]
    walk = _Walk(
        list(probabilities),
        columns,
        [index for index in reversed(order) if probabilities[index].denominator > 1],
    )
    step = 0
    for n_equations in range(max(map(len, variables), default=0) + 1, -1, -1):
        while (direction := walk.direction(n_equations)) is not None:
            walk.move(direction, uniform_number(seed, *labels, "step", str(step)))
            step += 1
    return [index for index, pi in enumerate(walk.now) if pi == 1]


@dataclass(frozen=True, slots=True)
class _Column:
    """What a unit adds to each equation, in whole numbers, when its probability changes by `scale`."""

    scale: int
    values: tuple[int, ...]


def _column(probability: Fraction, variables: Sequence[int]) -> _Column:
    """Return the equations of one unit: its probability, then each variable divided by the probability."""
    numerator, denominator = probability.as_integer_ratio()
    values = (numerator, *(value * denominator for value in variables))
    divisor = gcd(*values) or 1
    return _Column(numerator // divisor, tuple(value // divisor for value in values))


@dataclass(slots=True)
class _Walk:
    """A walk through the cube: where it stands, the units it may move next, and those that wait."""

    now: list[Fraction]
    columns: Sequence[_Column]
    waiting: list[int]
    active: list[int] = field(default_factory=list)

    def direction(self, n_equations: int) -> list[int] | None:
        """Return changes of the active units that keep the first equations, or None if there are none."""
        while self.waiting and len(self.active) <= n_equations:
            self.active.append(self.waiting.pop())
        columns = [self.columns[index] for index in self.active]
        solution = kernel_vector([column.values[:n_equations] for column in columns])
        if solution is None:
            return None
        return [column.scale * part for column, part in zip(columns, solution, strict=True)]

    def move(self, direction: Sequence[int], number: int) -> None:
        """Go to one of the two walls, each so often that the expectation stays where it is."""
        forth = self._distance(direction)
        back = self._distance([-part for part in direction])
        length = forth if is_below(number, back / (forth + back)) else -back
        for index, part in zip(self.active, direction, strict=True):
            self.now[index] += length * part
        self.active = [index for index in self.active if self.now[index].denominator > 1]

    def _distance(self, direction: Sequence[int]) -> Fraction:
        """Return how far it is to the next wall."""
        return min(
            ((1 if part > 0 else 0) - self.now[index]) / part
            for index, part in zip(self.active, direction, strict=True)
            if part
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """How well a sample estimates the total of a balancing variable."""

    total: int
    estimate: Fraction

    @property
    def relative_deviation(self) -> float:
        """Estimate minus total, divided by the total; by 1 if the total is 0."""
        return float((self.estimate - self.total) / (abs(self.total) or 1))


def balance_of(units: Sequence[Unit], selected: Iterable[Selected]) -> list[Balance]:
    """Compare the totals of the balancing variables with their estimates from a sample.

    Parameters
    ----------
    units : sequence of Unit
        All units, as they were given to the method.
    selected : iterable of Selected
        What it selected.

    Returns
    -------
    list of Balance
        One for each variable: the total, and the sum of value / probability over the sample.

    Examples
    --------
    >>> units = [Unit("a", 1, (3,)), Unit("b", 1, (5,))]
    >>> [one.relative_deviation for one in balance_of(units, [Selected(1, Fraction(1, 2), False)])]
    [0.25]
    """
    drawn = [(units[one.index], one.probability) for one in selected]
    n_variables = len(units[0].balance) if units else 0
    return [
        Balance(
            total=sum(unit.balance[place] for unit in units),
            estimate=sum((unit.balance[place] / probability for unit, probability in drawn), Fraction(0)),
        )
        for place in range(n_variables)
    ]
