"""What replicate weights are made from and what they are: factors of PSUs with their scales."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray
from analysis.estimation.errors import DesignError, SinglePsuError
from analysis.estimation.labels import Labels

DEFAULT_REPLICATES = 500
FEWEST_REPLICATES = 2
_NAMED_IN_ERROR = 5


@dataclass(frozen=True, eq=False)
class ResamplingStage:
    """One stage of selection, as the rows of the sample see it.

    Attributes
    ----------
    units : labels, shape (n_rows,)
        Selected unit; need only be distinct within the unit of the stage before.
    probability : float array, shape (n_rows,)
        Inclusion probability of the unit at this stage, 0 if drawn with replacement.
    strata : labels, shape (n_rows,), optional
        Strata of this stage within the unit of the stage before.
    has_equal_chances : bool
        False for selection with unequal probabilities without replacement.
    """

    units: Labels
    probability: FloatArray
    strata: Labels | None = None
    has_equal_chances: bool = True


@dataclass(frozen=True, eq=False)
class PsuSample:
    """The PSUs of a sample by stratum: all that replication needs of a design.

    Attributes
    ----------
    stratum : int array, shape (n_psu,)
        Stratum of each PSU, numbered from 0.
    labels : tuple, length n_strata
    sampling_fraction : float array, shape (n_strata,)
        0 without a finite population correction.
    single_psu : str
        Policy for strata with one PSU.
    stages : tuple of ResamplingStage, optional
        All stages, as the variance units of the design see them; None needed for one stage of equal
        chances.
    """

    stratum: IntArray
    labels: tuple[Hashable, ...]
    sampling_fraction: FloatArray
    single_psu: str = "fail"
    stages: tuple[ResamplingStage, ...] = ()

    @property
    def n_psu(self) -> int:
        """Number of PSUs."""
        return len(self.stratum)

    @property
    def n_strata(self) -> int:
        """Number of strata."""
        return len(self.labels)

    @cached_property
    def sizes(self) -> IntArray:
        """Number of PSUs of each stratum."""
        return np.bincount(self.stratum, minlength=self.n_strata)

    @property
    def is_random(self) -> BoolArray:
        """Whether the PSUs of each stratum are less than all of it."""
        return np.asarray(self.sampling_fraction < 1)

    @property
    def is_single(self) -> BoolArray:
        """Whether each stratum has one PSU that is not all of it."""
        return np.asarray((self.sizes == 1) & self.is_random)

    @property
    def is_replicated(self) -> BoolArray:
        """Whether each stratum has PSUs whose variation can be estimated."""
        return np.asarray((self.sizes > 1) & self.is_random)

    def name(self, is_meant: BoolArray) -> str:
        """Name the first few of some strata, for a message."""
        named = [str(self.labels[position]) for position in np.flatnonzero(is_meant)]
        more = f" and {len(named) - _NAMED_IN_ERROR} more" if len(named) > _NAMED_IN_ERROR else ""
        return ", ".join(named[:_NAMED_IN_ERROR]) + more

    def refuse_single(self) -> None:
        """Raise unless strata with one PSU may go without variation.

        Raises
        ------
        SinglePsuError
            If there are any and the policy is neither ``remove`` nor ``certainty``.
        """
        if self.is_single.any() and self.single_psu not in {"remove", "certainty"}:
            raise SinglePsuError(
                expected="at least two PSUs in every stratum",
                got=f"one PSU in {self.name(self.is_single)}",
                hint="Join the stratum with a similar one, or build the design with single_psu='certainty'.",
            )

    def refuse_correction(self, method: str, instead: str) -> None:
        """Raise if there is a finite population correction, which a method cannot hold.

        Raises
        ------
        DesignError
        """
        corrected = self.sampling_fraction > 0
        if corrected.any():
            raise DesignError(
                expected=f"a design without finite population correction for {method}",
                got=f"one in {self.name(corrected)}",
                hint=f"Use {instead}, or build the design without fpc to leave the correction out.",
            )

    def refuse_stages(self, method: str) -> None:
        """Raise if more than one stage, or unequal chances, enter the variance.

        Raises
        ------
        DesignError
        """
        if self.stages:
            raise DesignError(
                expected=f"one stage, drawn with equal chances, for {method}",
                got=f"corrections of {len(self.stages)} stages" if len(self.stages) > 1 else "unequal ones",
                hint="Use rwyb, or build the design without fpc, as if PSUs were drawn with replacement.",
            )


@dataclass(frozen=True)
class ReplicationOptions:
    """What some methods need to know.

    Attributes
    ----------
    rho : float
        Share of its weight that Fay's method leaves to the half-sample put aside, in [0, 1).
    n_replicates : int
        Number of bootstrap replicates.
    seed : int, optional
        Of a bootstrap: the same seed gives the same weights on every machine.
    """

    rho: float = 0.0
    n_replicates: int = DEFAULT_REPLICATES
    seed: int | None = None


@dataclass(frozen=True, eq=False)
class ReplicateFactors:
    r"""Factors on the weights of PSUs, and how replicates enter the variance.

    Attributes
    ----------
    factors : float array, shape (n_psu, n_replicates)
    scale : float
    rscales : float array, shape (n_replicates,)
        :math:`\hat V = scale \sum_r rscales_r (\hat\theta_r - c)^2`.
    is_of_units : bool
        Whether there is one row of factors per variance unit of the design instead of one per PSU.
    """

    factors: FloatArray
    scale: float
    rscales: FloatArray
    is_of_units: bool = False


type Maker = Callable[[PsuSample, ReplicationOptions], ReplicateFactors]
