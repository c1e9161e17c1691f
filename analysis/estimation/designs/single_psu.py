"""What to do with a stratum of which only one PSU is in the sample: explicit, and failing by default.

The names are those of R's ``survey.lonely.psu``, and so are the numbers, at every stage of selection.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.errors import DesignError, SinglePsuError

_NAMED_IN_ERROR = 5


@dataclass(frozen=True, eq=False)
class StratumGroups:
    """Strata of one stage as every domain sees them: one group per observed stratum and domain.

    Attributes
    ----------
    parent : int array, shape (n_groups,)
        Number of the pair of domain and unit above (the whole sample at the first stage) of each group.
    n_parents : int
    n_units : int array, shape (n_groups,)
        Units of the stratum in the sample.
    totals : float array, shape (n_groups, k)
        Sums of the scores.
    is_single, is_present : bool array, shape (n_groups, k) or (n_groups, 1)
        Whether the stratum counts as having one unit, and whether the domain has members in it.
    """

    parent: IntArray
    n_parents: int
    n_units: IntArray
    totals: FloatArray
    is_single: BoolArray
    is_present: BoolArray

    def sum_parents(self, columns: FloatArray | IntArray | BoolArray) -> FloatArray:
        """Sum columns of the groups within their parents, and give each group the sum of its parent."""
        return sum_by(self.parent, self.n_parents, np.asarray(columns, dtype=float))[self.parent]


@dataclass(frozen=True, eq=False)
class Treatment:
    """How a policy enters the variance.

    Attributes
    ----------
    centre : float array, shape (n_groups, k), optional
        What the unit of a single stratum is compared with; without it the stratum adds nothing.
    factor : float array, shape (n_groups, k), optional
        What the variance of the strata is multiplied with.
    """

    centre: FloatArray | None = None
    factor: FloatArray | None = None


type Policy = Callable[[StratumGroups], Treatment]


def _contribute_nothing(_groups: StratumGroups) -> Treatment:
    return Treatment()


def _adjust(groups: StratumGroups) -> Treatment:
    n_units = groups.sum_parents(groups.n_units[:, None] * groups.is_present)
    return Treatment(centre=groups.sum_parents(groups.totals) / np.where(n_units > 0, n_units, np.nan))


def _average(groups: StratumGroups) -> Treatment:
    n_strata = groups.sum_parents(groups.is_present)
    n_usable = n_strata - groups.sum_parents(groups.is_present & groups.is_single)
    return Treatment(factor=n_strata / np.where(n_usable > 0, n_usable, np.nan))


POLICIES: dict[str, Policy] = {
    "fail": _contribute_nothing,
    "remove": _contribute_nothing,
    "certainty": _contribute_nothing,
    "adjust": _adjust,
    "average": _average,
}
FAIL = "fail"
SEE_DOMAINS = frozenset({"adjust", "average"})


def find_policy(name: str) -> Policy:
    """Return the policy of a name.

    Raises
    ------
    DesignError
        If no policy has that name.

    Examples
    --------
    >>> find_policy("remove").__name__
    '_contribute_nothing'
    """
    if name not in POLICIES:
        raise DesignError(
            expected=f"single_psu to be one of {', '.join(POLICIES)}",
            got=repr(name),
            hint="Choose one of these policies.",
        )
    return POLICIES[name]


def refuse_single(names: list[str], stage: int) -> None:
    """Raise the error of the policy ``fail`` if any stratum of a stage has a single unit.

    Raises
    ------
    SinglePsuError
        Naming the first few strata.
    """
    if not names:
        return
    more = f" and {len(names) - _NAMED_IN_ERROR} more" if len(names) > _NAMED_IN_ERROR else ""
    where = ", ".join(names[:_NAMED_IN_ERROR]) + more
    raise SinglePsuError(
        expected="at least two PSUs in every stratum"
        if stage == 1
        else f"at least two units in every stratum of stage {stage}",
        got=f"one PSU in {where}" if stage == 1 else f"one unit in {where}",
        hint=(
            "Join the stratum with a similar one, or name a policy: "
            "single_psu='remove', 'certainty', 'adjust' or 'average'."
        ),
    )
