"""Replicate weights from a design: jackknife, balanced half-samples and the bootstraps, by name."""

import numpy as np

from analysis.estimation.arrays import FloatArray
from analysis.estimation.errors import DesignError, SinglePsuError
from analysis.estimation.replication.bootstrap import rao_wu, rao_wu_yue_beaumont
from analysis.estimation.replication.factors import (
    FEWEST_REPLICATES,
    Maker,
    PsuSample,
    ReplicateFactors,
    ReplicationOptions,
)
from analysis.estimation.replication.hadamard import make_hadamard

_PAIR = 2


def delete_one(sample: PsuSample, options: ReplicationOptions) -> ReplicateFactors:
    r"""JK1: leave out one PSU at a time of an unstratified sample.

    Factors are :math:`n / (n - 1)`, 0 for the PSU left out; the scale is :math:`(1 - f)(n - 1) / n`.

    Raises
    ------
    DesignError
        If the design has strata, or one PSU, or all of the population.

    Examples
    --------
    >>> sample = PsuSample(np.zeros(3, dtype=int), ("all",), np.zeros(1))
    >>> delete_one(sample, ReplicationOptions()).factors[:, 0].tolist()
    [0.0, 1.5, 1.5]
    """
    if sample.n_strata > 1:
        raise DesignError(
            expected="a design without strata for JK1",
            got=f"{sample.n_strata} strata",
            hint="Use jkn, which leaves out one PSU at a time within its stratum.",
        )
    made = delete_one_by_stratum(sample, options)
    return ReplicateFactors(made.factors, float(made.rscales[0]), np.ones(sample.n_psu))


def delete_one_by_stratum(sample: PsuSample, _options: ReplicationOptions) -> ReplicateFactors:
    r"""JKn: leave out one PSU at a time and let the others of its stratum stand for it.

    Factors are :math:`n_h / (n_h - 1)` in the stratum, 0 for the PSU left out and 1 elsewhere;
    ``rscales`` are :math:`(1 - f_h)(n_h - 1) / n_h`. For totals this is the linearised variance, also
    under the policies for strata with one PSU: ``remove`` and ``certainty`` leave them out, ``average``
    multiplies, and ``adjust`` sets the PSU against the mean of all PSUs. (R treats the last two
    differently.) Rust and Rao (1996).

    Raises
    ------
    SinglePsuError
        If a stratum has one PSU and the policy is ``fail``.
    DesignError
        If no stratum has PSUs to leave out.
    """
    sample.refuse_stages("the jackknife")
    single = sample.single_psu
    if single == "fail":
        sample.refuse_single()
    is_kept = sample.is_replicated | (sample.is_single & (single == "adjust"))
    left_out = np.flatnonzero(is_kept[sample.stratum])
    if not len(left_out):
        raise DesignError(
            expected="a stratum of which some PSUs were drawn, at least two",
            got=f"none among {sample.n_strata} strata",
            hint="A census has no sampling variance.",
        )
    share = sample.is_replicated.sum() / (sample.is_replicated | sample.is_single).sum()
    n = sample.sizes[sample.stratum[left_out]]
    shrink = np.where(n > 1, (n - 1) / n, 1.0) * (1 - sample.sampling_fraction)[sample.stratum[left_out]]
    return ReplicateFactors(_leave_out(sample, left_out), 1 / share if single == "average" else 1.0, shrink)


def _leave_out(sample: PsuSample, left_out: np.ndarray) -> FloatArray:
    """Factors when each of some PSUs is left out in turn."""
    n = sample.sizes[sample.stratum[left_out]]
    is_same = sample.stratum[:, None] == sample.stratum[left_out]
    gain = 1 / np.maximum(n - 1, 1)
    factors = np.where(n > 1, 1 + is_same * gain, 1 + 1 / sample.n_psu)
    factors[left_out, np.arange(len(left_out))] -= np.where(n > 1, 1 + gain, 1.0)
    return factors


def half_samples(sample: PsuSample, options: ReplicationOptions) -> ReplicateFactors:
    r"""BRR: balanced half-samples of two PSUs per stratum; with ``rho`` above 0 Fay's form.

    Factors are :math:`2 - \rho` for the PSU that a Hadamard matrix chooses and :math:`\rho` for the
    other; the scale is :math:`1 / (R (1 - \rho)^2)`. With more replicates than strata the balance is
    full, and linear statistics get their linearised variance. McCarthy (1969); Judkins (1990).

    Raises
    ------
    DesignError
        If a stratum does not have two PSUs, there is a finite population correction, or ``rho`` is
        outside [0, 1).
    """
    sample.refuse_correction("balanced half-samples", "jkn or rwyb")
    _refuse_other_than_pairs(sample)
    if not 0 <= options.rho < 1:
        raise DesignError(
            expected="rho of at least 0 and below 1",
            got=f"{options.rho:g}",
            hint="0 is BRR; between 0.3 and 0.5 is usual for Fay's method.",
        )
    signs = make_hadamard(sample.n_strata + 1)[1 : sample.n_strata + 1]
    order = np.argsort(sample.stratum, kind="stable")
    side = np.empty(sample.n_psu)
    side[order] = np.tile([1.0, -1.0], sample.n_strata)
    factors = 1 + (1 - options.rho) * side[:, None] * signs[sample.stratum]
    n_replicates = factors.shape[1]
    return ReplicateFactors(factors, 1 / (n_replicates * (1 - options.rho) ** 2), np.ones(n_replicates))


def _refuse_other_than_pairs(sample: PsuSample) -> None:
    is_single = sample.sizes == 1
    if is_single.any():
        raise SinglePsuError(
            expected="two PSUs in every stratum for balanced half-samples",
            got=f"one PSU in {sample.name(is_single)}",
            hint="Join the stratum with a similar one.",
        )
    is_larger = sample.sizes != _PAIR
    if is_larger.any():
        raise DesignError(
            expected="two PSUs in every stratum for balanced half-samples",
            got=f"{sample.sizes[is_larger][0]} in {sample.name(is_larger)}",
            hint="Use jkn or a bootstrap, or split the stratum into pairs.",
        )


METHODS: dict[str, Maker] = {
    "jk1": delete_one,
    "jkn": delete_one_by_stratum,
    "brr": half_samples,
    "fay": half_samples,
    "rao_wu": rao_wu,
    "rwyb": rao_wu_yue_beaumont,
}


def make_replicates(sample: PsuSample, method: str, options: ReplicationOptions) -> ReplicateFactors:
    """Make replicate factors by the name of a method.

    Parameters
    ----------
    sample : PsuSample
    method : str
        ``jk1``, ``jkn``, ``brr``, ``fay`` (with ``rho``), ``rao_wu`` or ``rwyb`` (with a seed).
    options : ReplicationOptions

    Returns
    -------
    ReplicateFactors

    Raises
    ------
    DesignError
        If the method is unknown, or the design does not suit it.

    Examples
    --------
    >>> sample = PsuSample(np.array([0, 0, 1, 1]), ("a", "b"), np.zeros(2))
    >>> make_replicates(sample, "brr", ReplicationOptions()).factors.shape
    (4, 4)
    """
    if method not in METHODS:
        raise DesignError(
            expected=f"a replication method among {', '.join(METHODS)}",
            got=repr(method),
            hint="jkn suits any stratified sample of PSUs.",
        )
    if method == "brr" and options.rho:
        raise DesignError(
            expected="no rho for brr", got=f"rho={options.rho:g}", hint="Use fay, which takes it."
        )
    made = METHODS[method](sample, options)
    if made.factors.shape[1] < FEWEST_REPLICATES:
        raise DesignError(expected="at least two replicates", got="one", hint="The sample needs more PSUs.")
    return made
