"""What to do with a stratum of which only one PSU is in the sample: explicit, and failing by default.

The names are those of R's ``survey.lonely.psu``, and so are the numbers.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray
from analysis.estimation.errors import DesignError, SinglePsuError

_NAMED_IN_ERROR = 5


@dataclass(frozen=True, eq=False)
class SinglePsuStrata:
    """Strata with a single PSU, seen by every estimate.

    Attributes
    ----------
    is_single : bool array, shape (n_strata, k) or (n_strata, 1)
        Whether the stratum counts as having one PSU for the estimate.
    is_present : bool array, shape (n_strata, k) or (n_strata, 1)
        Whether the domain of the estimate has members in the stratum.
    labels : tuple
        Labels of all strata.
    """

    is_single: BoolArray
    is_present: BoolArray
    labels: tuple[Hashable, ...]

    @property
    def names(self) -> str:
        """The first few single strata, for a message."""
        named = [str(self.labels[position]) for position in np.flatnonzero(self.is_single.any(axis=1))]
        more = f" and {len(named) - _NAMED_IN_ERROR} more" if len(named) > _NAMED_IN_ERROR else ""
        return ", ".join(named[:_NAMED_IN_ERROR]) + more


@dataclass(frozen=True, eq=False)
class Treatment:
    """How a policy enters the variance.

    Attributes
    ----------
    centre : float array, shape (k,), optional
        What a single PSU is compared with; without it the stratum adds nothing.
    factor : float array
        What the variance of the other strata is multiplied with.
    """

    centre: FloatArray | None
    factor: FloatArray


type Policy = Callable[[SinglePsuStrata, FloatArray], Treatment]


def _fail(strata: SinglePsuStrata, _scores: FloatArray) -> Treatment:
    raise SinglePsuError(
        expected="at least two PSUs in every stratum",
        got=f"one PSU in {strata.names}",
        hint=(
            "Join the stratum with a similar one, or name a policy: "
            "single_psu='remove', 'certainty', 'adjust' or 'average'."
        ),
    )


def _contribute_nothing(_strata: SinglePsuStrata, _scores: FloatArray) -> Treatment:
    return Treatment(centre=None, factor=np.ones(1))


def _adjust(_strata: SinglePsuStrata, scores: FloatArray) -> Treatment:
    return Treatment(centre=scores.mean(axis=0), factor=np.ones(1))


def _average(strata: SinglePsuStrata, _scores: FloatArray) -> Treatment:
    n_strata = strata.is_present.sum(axis=0)
    n_usable = n_strata - (strata.is_present & strata.is_single).sum(axis=0)
    return Treatment(centre=None, factor=n_strata / np.where(n_usable > 0, n_usable, np.nan))


POLICIES: dict[str, Policy] = {
    "fail": _fail,
    "remove": _contribute_nothing,
    "certainty": _contribute_nothing,
    "adjust": _adjust,
    "average": _average,
}


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
