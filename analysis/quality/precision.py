"""Precision bands: which figures are published, which with a word of care, and which not."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, Estimate, FloatArray
from analysis.estimation.results.intervals import is_at_bound
from analysis.quality.errors import PrecisionError

PUBLISH, WITH_CARE, WITHHELD = "publish", "with_care", "withheld"
BANDS = (PUBLISH, WITH_CARE, WITHHELD)
NO_ESTIMATE = "no_estimate"
AT_BOUND = "is_at_bound"

TESTS: Mapping[str, Callable[[FloatArray, float], BoolArray]] = {
    "below": operator.lt,
    "above": operator.gt,
    "at_least": operator.ge,
}


@dataclass(frozen=True)
class PrecisionRule:
    """What puts a figure into a band.

    Attributes
    ----------
    measure : str
        A column of :func:`measure_precision`.
    test : {"below", "above", "at_least"}
    limit : float
    band : {"with_care", "withheld"}
    wider_than : float
        The rule is for intervals wider than this only, as a share of the scale.
    """

    measure: str
    test: str
    limit: float
    band: str
    wider_than: float = -1.0

    @property
    def reason(self) -> str:
        """The rule in short, for example ``effective_n below 30``."""
        return f"{self.measure} {self.test.replace('_', ' ')} {self.limit:g}"

    @property
    def not_measurable(self) -> str:
        """The reason where the measure is not defined, for example ``cv not measurable``."""
        return f"{self.measure} not measurable"


@dataclass(frozen=True)
class PrecisionPolicy:
    """Rules of one publisher; a figure gets the worst band that any of them gives.

    Attributes
    ----------
    title, source : str
    interval : str
        Method of the interval for bounded estimands.
    rules : tuple of PrecisionRule
    is_provisional : bool
        Whether the limits are a proposal without an official text.
    caps_effective_n : bool
        Whether no share counts as more precise than a simple random sample of as many answers.
    """

    title: str
    source: str
    interval: str
    rules: tuple[PrecisionRule, ...]
    is_provisional: bool = False
    caps_effective_n: bool = False

    @property
    def judges_bounds(self) -> bool:
        """Whether a rule says what becomes of shares of 0 and 1, whose variance is 0."""
        return any(rule.measure == AT_BOUND for rule in self.rules)


POLICIES: Mapping[str, PrecisionPolicy] = {
    "nchs_proportions": PrecisionPolicy(
        title="NCHS Data Presentation Standards for Proportions",
        source="Parker et al. (2017), Vital and Health Statistics 2(175)",
        interval="korn_graubard",
        caps_effective_n=True,
        rules=(
            PrecisionRule("n", "below", 30, WITHHELD),
            PrecisionRule("effective_n", "below", 30, WITHHELD),
            PrecisionRule("width", "at_least", 0.30, WITHHELD),
            PrecisionRule("relative_width", "above", 1.30, WITHHELD, wider_than=0.05),
            PrecisionRule("complement_relative_width", "above", 1.30, WITH_CARE, wider_than=0.05),
            PrecisionRule("df", "below", 8, WITH_CARE),
            PrecisionRule(AT_BOUND, "at_least", 1, WITH_CARE),
        ),
    ),
    "statcan_cv": PrecisionPolicy(
        title="Statistics Canada, release guidelines by coefficient of variation",
        source="Statistics Canada, Canadian Community Health Survey, user guide: variability guidelines",
        interval="logit",
        rules=(
            PrecisionRule("cv", "above", 0.165, WITH_CARE),
            PrecisionRule("cv", "above", 0.333, WITHHELD),
        ),
    ),
    "abs_rse": PrecisionPolicy(
        title="Australian Bureau of Statistics, relative standard errors",
        source="Australian Bureau of Statistics, household surveys, technical notes on data quality",
        interval="logit",
        rules=(
            PrecisionRule("cv", "at_least", 0.25, WITH_CARE),
            PrecisionRule("cv", "above", 0.50, WITHHELD),
        ),
    ),
    "satisfaction_index": PrecisionPolicy(
        title="Proposal for the satisfaction index",
        source="Ours: limits of the NCHS standards, and a half width that readers of a ranking can use",
        interval="logit",
        rules=(
            PrecisionRule("n", "below", 10, WITHHELD),
            PrecisionRule("df", "below", 1, WITHHELD),
            PrecisionRule("half_width", "above", 0.15, WITHHELD),
            PrecisionRule("half_width", "above", 0.05, WITH_CARE),
            PrecisionRule("effective_n", "below", 30, WITH_CARE),
            PrecisionRule("df", "below", 8, WITH_CARE),
            PrecisionRule(AT_BOUND, "at_least", 1, WITH_CARE),
        ),
        is_provisional=True,
    ),
}
"""Policies by name; none of them is the law of the country."""


def measure_precision(
    estimate: Estimate, *, level: float = 0.95, interval: str = "logit", caps_effective_n: bool = False
) -> pd.DataFrame:
    """Return what policies look at, one row per entry.

    Parameters
    ----------
    estimate : Estimate
    level : float
        Of the interval.
    interval : str
        Method for bounded estimands; others get Student's t.
    caps_effective_n : bool
        Whether shares have at least the variance of a simple random sample of their n.

    Returns
    -------
    DataFrame
        n, effective_n (n itself for a share of 0 or 1), df, cv, width and half_width of the interval as a
        share of the scale, relative_width (over the value), complement_relative_width and is_at_bound; NaN
        where not defined.

    Examples
    --------
    >>> share = Estimate(
    ...     ("a",),
    ...     (None,),
    ...     np.array([0.5]),
    ...     np.array([[0.0025]]),
    ...     np.array([60.0]),
    ...     np.array([100]),
    ...     np.array([1.0]),
    ...     bounds=(0.0, 1.0),
    ... )
    >>> measure_precision(share)[["effective_n", "cv", "half_width"]].round(3).iloc[0].tolist()
    [100.0, 0.1, 0.099]
    """
    is_bounded = estimate.bounds is not None
    low, high = (0.0, 1.0) if estimate.bounds is None else estimate.bounds
    share = (estimate.value - low) / (high - low)
    at_bound = is_at_bound(share) if is_bounded else np.zeros(len(estimate), dtype=bool)
    effective_n = np.where(at_bound, estimate.n, estimate.effective_n)
    is_capped = caps_effective_n and is_bounded
    shown = _no_better_than_random(estimate, share, high - low) if is_capped else estimate
    limits = shown.interval(level, interval if is_bounded else "t")
    width = (limits.high - limits.low) / (high - low)
    complement = 1 - share if is_bounded else np.full(len(estimate), np.nan)
    return pd.DataFrame(
        {
            "n": estimate.n.astype(float),
            "effective_n": np.minimum(effective_n, estimate.n) if is_capped else effective_n,
            "df": estimate.degrees_of_freedom.astype(float),
            "cv": estimate.cv,
            "width": width,
            "half_width": width / 2,
            "relative_width": width / np.where(share == 0, np.nan, np.abs(share)),
            "complement_relative_width": width / np.where(complement == 0, np.nan, complement),
            AT_BOUND: at_bound.astype(float),
        }
    )


def _no_better_than_random(estimate: Estimate, share: FloatArray, span: float) -> Estimate:
    """Raise variances to those of simple random samples, where there is one at all."""
    variance = estimate.precision.variance
    least = span**2 * share * (1 - share) / np.maximum(estimate.n, 1)
    raised = np.where(variance > 0, np.maximum(variance, least), variance)
    return replace(estimate, covariance=np.diag(raised))


def assess_precision(
    estimate: Estimate, policy: str | PrecisionPolicy = "satisfaction_index", *, level: float = 0.95
) -> pd.DataFrame:
    """Put every entry into a precision band.

    Parameters
    ----------
    estimate : Estimate
    policy : str or PrecisionPolicy
        A name of ``POLICIES``, or one's own.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        domain, name, band (``publish``, ``with_care`` or ``withheld``), reasons, and the measures. A figure
        whose precision cannot be measured is withheld: one without a variance above 0, without degrees of
        freedom, or without a measure that a rule needs. Shares of 0 and 1, whose variance is 0, are left
        to a policy that has a rule for them.

    Raises
    ------
    PrecisionError
        If the policy is unknown.

    Examples
    --------
    >>> share = Estimate(
    ...     ("a", "b"),
    ...     (None, None),
    ...     np.array([0.5, 0.9]),
    ...     np.diag([0.0004, 0.01]),
    ...     np.array([60.0, 5.0]),
    ...     np.array([625, 9]),
    ...     np.array([1.0, 1.0]),
    ...     bounds=(0.0, 1.0),
    ... )
    >>> assess_precision(share)["band"].tolist()
    ['publish', 'withheld']
    """
    chosen = _find_policy(policy) if isinstance(policy, str) else policy
    measures = measure_precision(
        estimate, level=level, interval=chosen.interval, caps_effective_n=chosen.caps_effective_n
    )
    reasons: list[list[str]] = [[] for _entry in range(len(estimate))]
    severity = np.zeros(len(estimate), dtype=np.int64)
    for is_caught, band, reason in _verdicts(chosen, estimate, measures):
        for place in np.flatnonzero(is_caught).tolist():
            severity[place] = max(severity[place], BANDS.index(band))
            reasons[place].append(reason)
    for place in np.flatnonzero(np.isnan(estimate.value)).tolist():
        severity[place], reasons[place] = BANDS.index(WITHHELD), [NO_ESTIMATE]
    judged = pd.DataFrame(
        {
            "domain": list(estimate.domains),
            "name": list(estimate.names),
            "band": [BANDS[place] for place in severity],
            "reasons": ["; ".join(listed) for listed in reasons],
        }
    )
    return pd.concat([judged, measures], axis=1)


def _verdicts(
    policy: PrecisionPolicy, estimate: Estimate, measures: pd.DataFrame
) -> Iterator[tuple[BoolArray, str, str]]:
    """Yield which entries are caught, the band that they get, and why."""
    is_judged = (measures[AT_BOUND] > 0).to_numpy() & policy.judges_bounds
    yield ~(estimate.standard_error > 0) & ~is_judged, WITHHELD, "standard_error not measurable"
    yield ~(estimate.degrees_of_freedom > 0), WITHHELD, "df not measurable"
    for rule in policy.rules:
        values = measures[rule.measure].to_numpy()
        is_wide = (measures["width"] > rule.wider_than).to_numpy() | (rule.wider_than < 0)
        yield TESTS[rule.test](values, rule.limit) & is_wide, rule.band, rule.reason
        yield np.isnan(values) & is_wide & ~is_judged, WITHHELD, rule.not_measurable


def _find_policy(name: str) -> PrecisionPolicy:
    if name not in POLICIES:
        raise PrecisionError(
            expected=f"a policy among {', '.join(POLICIES)}",
            got=repr(name),
            hint="Or pass a PrecisionPolicy.",
        )
    return POLICIES[name]
