"""Sampford's rejective selection: exact probabilities proportional to size in samples of fixed size."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from sampling.design.schemes.numbered import draw_independently
from sampling.design.schemes.units import Unit, checked_units, select_beside_certain
from sampling.design.seeds import uniform_below, uniform_numbers
from sampling.design.selection import Selected


def sampford(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    r"""Select exactly `n` units with probability exactly proportional to size, by rejection.

    Parameters
    ----------
    units : iterable of Unit
        In any order.
    n : int
        Units wanted; all are taken if there are not more.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.

    Returns
    -------
    list of Selected
        In the order given.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Notes
    -----
    One unit is drawn with probability proportional to size, and every unit on its own with probability π. The
    trial counts if the single unit is not among the others and these are n - 1; otherwise the next trial
    follows. A sample s then has a probability proportional to

    .. math:: \sum_{l \in s} \pi_l \prod_{j \in s, j \ne l} \frac{\pi_j}{1 - \pi_j},

    which is Sampford's design [1]_. Trials of this kind fail about as often as a Poisson sample misses its
    most likely size [2]_, while the n draws with replacement of the original become hopeless in large
    samples.

    References
    ----------
    .. [1] Sampford, M. R. (1967). On sampling without replacement with unequal probabilities of selection.
       Biometrika 54.
    .. [2] Bondesson, L., Traat, I., Lundqvist, A. (2006). Pareto sampling versus Sampford and conditional
       Poisson sampling. Scandinavian Journal of Statistics 33.

    Examples
    --------
    >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
    >>> [str(one.probability) for one in sampford(units, 3, "2026") if one.index < 3]
    ['9/10', '9/10', '9/10']
    """

    def draw(rest: Sequence[Unit], wanted: int) -> list[int]:
        return _first_good_trial(rest, wanted, seed, labels)

    return select_beside_certain(checked_units(units, n), n, draw)


def _first_good_trial(units: Sequence[Unit], n: int, seed: str, labels: tuple[str, ...]) -> list[int]:
    """Repeat single unit and independent units until they make a sample of `n` different ones."""
    ids = [unit.id for unit in units]
    ends = list(accumulate(unit.size for unit in units))
    trial = 0
    while True:
        numbers = uniform_numbers(ids, seed, *labels, "others", str(trial))
        others = draw_independently(units, n, numbers)
        if len(others) == n - 1:
            single = bisect_right(ends, uniform_below(ends[-1], seed, *labels, "single", str(trial)))
            if single not in others:
                return [single, *others]
        trial += 1
