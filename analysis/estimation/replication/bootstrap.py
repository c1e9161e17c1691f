"""Bootstrap weights by resampling PSUs: Rao-Wu, and its form for stages with finite corrections."""

from collections.abc import Sequence

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DesignError, SinglePsuError
from analysis.estimation.labels import Labels
from analysis.estimation.replication.factors import (
    FEWEST_REPLICATES,
    PsuSample,
    ReplicateFactors,
    ReplicationOptions,
    ResamplingStage,
)

_UNUSED_BITS = 11
_UNIT = 2.0**-53


def draw_uniforms(seed: int, shape: tuple[int, int], *, stream: int = 0) -> FloatArray:
    """Uniform numbers in [0, 1) that are the same on every machine and under every release of numpy.

    Parameters
    ----------
    seed : int
        Key of the counter-based generator Philox 4x64-10, not negative.
    shape : pair of int
        Filled row by row, so that more rows leave the first ones as they were.
    stream : int
        Streams of one seed are independent.

    Returns
    -------
    float array

    References
    ----------
    Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.

    Examples
    --------
    >>> draw_uniforms(1, (2, 1)).ravel().tolist() == draw_uniforms(1, (3, 1)).ravel().tolist()[:2]
    True
    """
    bits = np.random.Philox(key=[seed, stream]).random_raw(shape[0] * shape[1])
    uniforms: FloatArray = (bits >> _UNUSED_BITS).astype(float).reshape(shape) * _UNIT
    return uniforms


def count_resampled(stratum: IntArray, sizes: IntArray, uniforms: FloatArray) -> FloatArray:
    r"""Count how often each unit is drawn when :math:`n_h - 1` are drawn with replacement in each stratum.

    Parameters
    ----------
    stratum : int array, shape (n_units,)
    sizes : int array, shape (n_strata,)
        Units of each stratum.
    uniforms : float array, shape (n_replicates, sum of sizes - 1)

    Returns
    -------
    float array, shape (n_units, n_replicates)

    Examples
    --------
    >>> count_resampled(np.zeros(3, dtype=int), np.array([3]), np.array([[0.1, 0.9]])).ravel().tolist()
    [1.0, 0.0, 1.0]
    """
    n_draws = np.maximum(sizes - 1, 0)
    of_draw = np.repeat(np.arange(len(sizes)), n_draws)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    places = first[of_draw] + (uniforms * sizes[of_draw]).astype(np.int64)
    n_replicates, n_units = len(uniforms), len(stratum)
    drawn = np.argsort(stratum, kind="stable")[places] + n_units * np.arange(n_replicates)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=n_units * n_replicates)
    return counts.reshape(n_replicates, n_units).T.astype(float)


def rao_wu(sample: PsuSample, options: ReplicationOptions) -> ReplicateFactors:
    r"""Rao-Wu bootstrap with resamples of :math:`n_h - 1` PSUs, as R's ``subbootstrap``.

    Factors are :math:`\frac{n_h}{n_h - 1} m_j` with :math:`m_j` the times PSU j is drawn; the scale
    is :math:`1 / (B - 1)`. Rao and Wu (1988); Rao, Wu and Yue (1992).

    Raises
    ------
    DesignError
        If the design has a finite population correction, or a seed or replicates are missing.
    SinglePsuError
        If a stratum has one PSU.
    """
    sample.refuse_correction("the Rao-Wu bootstrap", "rwyb")
    sample.refuse_single()
    factors = _resample(sample, options)
    return ReplicateFactors(factors, 1 / (options.n_replicates - 1), np.ones(options.n_replicates))


def rao_wu_yue_beaumont(sample: PsuSample, options: ReplicationOptions) -> ReplicateFactors:
    r"""Rao-Wu-Yue-Beaumont bootstrap, which holds the finite population corrections of all stages.

    With one stage factors are :math:`1 + \sqrt{1 - f_h} (\frac{n_h}{n_h - 1} m_j - 1)`; for more, and for
    unequal probabilities, see :func:`multistage_factors`. The scale is :math:`1 / B`. Beaumont and
    Émond (2022), equations 19 to 24.

    Raises
    ------
    DesignError
        If a seed or replicates are missing.
    SinglePsuError
        If a stratum has one PSU that is not all of it.
    """
    sample.refuse_single()
    if sample.stages:
        factors = multistage_factors(sample.stages, options)
    else:
        factors = _temper(_resample(sample, options), 1 - sample.sampling_fraction[sample.stratum])
    rscales = np.ones(options.n_replicates)
    return ReplicateFactors(factors, 1 / options.n_replicates, rscales, is_of_units=bool(sample.stages))


def multistage_factors(stages: Sequence[ResamplingStage], options: ReplicationOptions) -> FloatArray:
    r"""Rao-Wu-Yue-Beaumont factors of rows in samples of several stages.

    Parameters
    ----------
    stages : sequence of ResamplingStage
        From the first stage on.
    options : ReplicationOptions
        With a seed.

    Returns
    -------
    float array, shape (n_rows, n_replicates)
        To multiply the weights; with ``scale=1/B``.

    Raises
    ------
    DesignError
        If a seed or replicates are missing, or a probability is outside 0..1.
    SinglePsuError
        If a stratum before the last stage has one unit that was not certain.

    Notes
    -----
    The factor of stage s, :math:`a = 1 + \sqrt{1 - \pi} (\frac{n}{n - 1} m - 1)`, becomes
    :math:`1 + \sqrt{\Pi / (2 - \Pi)} (a - 1)` with :math:`\Pi` the product of the probabilities of the
    stages before, and the factors of the stages multiply. Under unequal probabilities factors are
    scaled so that those of a stratum's units without certainty sum to their number. A single unit at
    the last stage keeps factor 1.

    References
    ----------
    Beaumont and Émond (2022), A bootstrap variance estimation method for multistage sampling and
    two-phase sampling when Poisson sampling is used at the second phase. Stats 5, 339-357.

    Examples
    --------
    >>> first = ResamplingStage(["a", "a", "b", "b"], np.full(4, 0.5))
    >>> second = ResamplingStage([1, 2, 1, 2], np.full(4, 0.1))
    >>> multistage_factors([first, second], ReplicationOptions(n_replicates=50, seed=1)).shape
    (4, 50)
    """
    n_rows = len(stages[0].probability)
    product, before = np.ones((n_rows, options.n_replicates)), np.ones(n_rows)
    parent = np.zeros(n_rows, dtype=np.int64)
    for number, stage in enumerate(stages):
        probability = _check_probability(stage.probability, n_rows)
        stratum = _cross(parent, stage.strata, n_rows)
        parent = _cross(stratum, stage.units, n_rows)
        _, row_of_unit = np.unique(parent, return_index=True)
        factors = _stage_factors(
            stratum[row_of_unit], probability[row_of_unit], stage, options, number, len(stages)
        )
        product *= _temper(factors[parent], before / (2 - before))
        before = before * probability
    return product


def _stage_factors(
    stratum: IntArray,
    probability: FloatArray,
    stage: ResamplingStage,
    options: ReplicationOptions,
    number: int,
    n_stages: int,
) -> FloatArray:
    sizes = np.bincount(stratum)
    is_single = np.bincount(stratum, weights=(probability < 1)).astype(bool) & (sizes == 1)
    if is_single.any() and (number == 0 or number < n_stages - 1):
        raise SinglePsuError(
            expected=f"at least two units in every stratum of stage {number + 1}",
            got=f"one unit in {int(is_single.sum())} strata",
            hint="Join strata, or give a unit drawn with certainty the probability 1.",
        )
    uniforms = draw_uniforms(
        _require_seed(options), (options.n_replicates, int(np.maximum(sizes - 1, 0).sum())), stream=number
    )
    factors = _rescale(count_resampled(stratum, sizes, uniforms), stratum, sizes)
    factors = _temper(factors, 1 - probability)
    return factors if stage.has_equal_chances else _restore_sums(factors, stratum, probability < 1)


def _restore_sums(factors: FloatArray, stratum: IntArray, is_random: BoolArray) -> FloatArray:
    """Scale the factors of a stratum's random units to sum to their number (Beaumont and Émond, eq. 24)."""
    n_strata = int(stratum.max()) + 1
    random = is_random[:, None].astype(float)
    sums = sum_by(stratum, n_strata, factors * random)
    ratio = np.divide(sum_by(stratum, n_strata, random), sums, out=np.ones_like(sums), where=sums != 0)
    return np.where(is_random[:, None], factors * ratio[stratum], factors)


def _resample(sample: PsuSample, options: ReplicationOptions) -> FloatArray:
    seed = _require_seed(options)
    n_draws = int(np.maximum(sample.sizes - 1, 0).sum())
    uniforms = draw_uniforms(seed, (options.n_replicates, n_draws))
    return _rescale(count_resampled(sample.stratum, sample.sizes, uniforms), sample.stratum, sample.sizes)


def _rescale(counts: FloatArray, stratum: IntArray, sizes: IntArray) -> FloatArray:
    n = sizes[stratum][:, None]
    return np.where(n > 1, counts * n / np.maximum(n - 1, 1), 1.0)


def _temper(factors: FloatArray, part: FloatArray) -> FloatArray:
    """Draw factors towards 1 so that their variance is only a part of what it was."""
    return 1 + np.sqrt(part)[:, None] * (factors - 1)


def _cross(parent: IntArray, labels: Labels | None, n_rows: int) -> IntArray:
    """Give every combination of a parent and a label within it a number."""
    codes = parent * 0 if labels is None else Domains.from_observed(labels, n_rows=n_rows).codes
    if (codes < 0).any():
        raise DesignError(
            expected="a stratum and a unit of every stage for every row",
            got="a missing one",
            hint="Every sampled unit belongs to them by the draw; look them up there.",
        )
    crossed = np.unique(parent * (codes.max() + 1) + codes, return_inverse=True)[1]
    return np.asarray(crossed, dtype=np.int64)


def _check_probability(probability: FloatArray, n_rows: int) -> FloatArray:
    values = np.asarray(probability, dtype=float)
    if values.shape != (n_rows,) or not ((values >= 0) & (values <= 1)).all():
        raise DesignError(
            expected=f"{n_rows} inclusion probabilities from 0 (with replacement) to 1",
            got=f"shape {values.shape}, from {np.min(values):g} to {np.max(values):g}",
            hint="Give the probability of the unit at its own stage, in all of its rows.",
        )
    return values


def _require_seed(options: ReplicationOptions) -> int:
    if options.seed is None or options.seed < 0 or options.n_replicates < FEWEST_REPLICATES:
        raise DesignError(
            expected="a seed that is not negative and at least 2 replicates for a bootstrap",
            got=f"seed={options.seed}, n_replicates={options.n_replicates}",
            hint="Write the seed down with the results: it gives the same weights again.",
        )
    return options.seed
