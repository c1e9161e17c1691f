"""From a satisfaction percentage to points of the reform index, with its precision."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from scipy import stats

from analysis.par.criteria import INDEX_INPUT, CandidateInput, CriteriaSet, SipasItem
from analysis.par.errors import ParError
from analysis.par.exact import Number, as_decimal, as_variance

#: A percentage is a share of this.
WHOLE = 100

INCOMPLETE = "incomplete"
SCORED = "scored"


@dataclass(frozen=True, slots=True)
class SipasEstimate:
    """The satisfaction estimates of one province, in percent.

    Attributes
    ----------
    unit
        Code of the province.
    values
        Estimate by input: ``"index"`` for the headline, content codes such as ``"P"`` and ``"S"``.
        An estimate that could not be made is None or absent.
    covariances
        Variance and covariance by pair of inputs, in squared percent: ``("P", "P")`` is the variance of P.
        Either order of a pair will do; a pair that is needed but absent is an error, never zero.
    intervals
        Intervals in percent that were computed with the estimate, by input. They are used as they are.
    df
        Degrees of freedom (PSUs minus strata); None for the normal distribution.
    """

    unit: str
    values: Mapping[str, Number | None]
    covariances: Mapping[tuple[str, str], Number] = field(default_factory=dict)
    intervals: Mapping[str, tuple[Number, Number]] = field(default_factory=dict)
    df: float | None = None

    @classmethod
    def from_shares(
        cls,
        unit: str,
        values: Mapping[str, float],
        covariances: Mapping[tuple[str, str], float],
        *,
        intervals: Mapping[str, tuple[float, float]] | None = None,
        df: float | None = None,
    ) -> "SipasEstimate":
        """Take over estimates that are shares between 0 and 1, as the estimators return them.

        Parameters
        ----------
        unit
            Code of the province.
        values, covariances, intervals
            By input or pair of inputs, on the scale of shares; NaN stands for a missing estimate.
        df
            Degrees of freedom; None for the normal distribution.

        Returns
        -------
        SipasEstimate
            The same on the scale of percent: values and limits times 100, covariances times 100².

        Examples
        --------
        >>> estimate = SipasEstimate.from_shares("58", {"index": 0.8183}, {("index", "index"): 0.000225})
        >>> estimate.values["index"], estimate.covariances["index", "index"]
        (Decimal('81.8300'), Decimal('2.250000'))
        """
        return cls(
            unit=unit,
            values={name: None if math.isnan(share) else _percent(share) for name, share in values.items()},
            covariances={
                pair: WHOLE * _percent(covariance)
                for pair, covariance in covariances.items()
                if not math.isnan(covariance)
            },
            intervals={
                name: (_percent(low), _percent(high))
                for name, (low, high) in (intervals or {}).items()
                if not (math.isnan(low) or math.isnan(high))
            },
            df=df,
        )


@dataclass(frozen=True, slots=True)
class SipasScore:
    """Points one province earns from its satisfaction index, by one reading of the input.

    All values are unrounded; ``percent``, ``points``, ``standard_error`` and ``interval`` are None when the
    province has no estimate, and ``status`` is then ``"incomplete"``.
    """

    unit: str
    candidate: str
    maximum: Decimal
    percent: Decimal | None
    points: Decimal | None
    standard_error: Decimal | None
    interval: tuple[Decimal, Decimal] | None
    df: float | None
    status: str


def sipas_points(value_percent: Number, maximum: Number) -> Decimal:
    """Turn a satisfaction percentage into points.

    Parameters
    ----------
    value_percent
        Satisfaction index in percent, 0 to 100, unrounded.
    maximum
        Points for 100 percent.

    Returns
    -------
    Decimal
        ``maximum * value_percent / 100``, unrounded.

    Raises
    ------
    ParError
        ``percent_out_of_range`` or ``not_a_number``.

    Notes
    -----
    The rule is confirmed by one published pair, Hà Tĩnh 2021: 91.17 % and 9.12 points.

    Examples
    --------
    >>> sipas_points("91.17", 10)
    Decimal('9.117')
    """
    percent = as_decimal(value_percent)
    if not 0 <= percent <= WHOLE:
        raise ParError(
            "percent_out_of_range",
            expected="a percentage from 0 to 100",
            got=str(percent),
            hint="Pass the index in percent.",
        )
    return as_decimal(maximum) * percent / WHOLE


def score_sipas(
    criteria_set: CriteriaSet, estimates: Iterable[SipasEstimate], *, confidence: float = 0.95
) -> dict[str, tuple[SipasScore, ...]]:
    """Turn the satisfaction estimates of provinces into points, by every candidate input of the set.

    Parameters
    ----------
    criteria_set
        The set with its satisfaction item: maximum and candidate inputs.
    estimates
        One per province, each province once.
    confidence
        Level of the intervals.

    Returns
    -------
    dict of str to tuple of SipasScore
        Scores by candidate code, headline input first, in the order of the estimates.

    Raises
    ------
    ParError
        ``no_sipas_item`` if the set has none; ``duplicate_unit``; ``missing_covariance``;
        ``negative_variance``.

    Notes
    -----
    With content weights :math:`w` the input is :math:`w'x` and its variance :math:`w'Vw`; points are linear
    in percent, so standard errors and intervals scale by ``maximum / 100``. An interval given for the one
    input a candidate uses (a logit interval, say) is scaled as it is; otherwise it is Student's t around the
    points, cut at 0 and the maximum.

    Examples
    --------
    >>> from analysis.methods import criteria_set
    >>> ha_tinh = SipasEstimate("42", {"index": "91.17"}, {("index", "index"): "2.25"})
    >>> [score] = score_sipas(criteria_set("1149-2020").parsed, [ha_tinh])["headline"]
    >>> score.points, score.standard_error
    (Decimal('9.117'), Decimal('0.15'))
    """
    item = criteria_set.sipas
    if item is None:
        raise ParError(
            "no_sipas_item",
            expected=f"a satisfaction item in criteria set {criteria_set.code}",
            got="none",
            hint="Choose a set that has one.",
        )
    listed = tuple(estimates)
    _require_distinct(estimate.unit for estimate in listed)
    return {
        candidate.code: tuple(_score(item, candidate, estimate, confidence) for estimate in listed)
        for candidate in sorted(
            item.candidate_inputs, key=lambda candidate: candidate.code != item.headline_input
        )
    }


def _percent(share: float) -> Decimal:
    return WHOLE * as_decimal(share)


def _require_distinct(units: Iterable[str]) -> None:
    seen: set[str] = set()
    for unit in units:
        if unit in seen:
            raise ParError(
                "duplicate_unit",
                expected="every unit once",
                got=f"{unit} twice",
                hint="Give every unit one estimate.",
            )
        seen.add(unit)


def _score(
    item: SipasItem, candidate: CandidateInput, estimate: SipasEstimate, confidence: float
) -> SipasScore:
    weights = dict(candidate.weights) or {INDEX_INPUT: Fraction(1)}
    percent = _mix(weights, estimate)
    if percent is None:
        return SipasScore(
            estimate.unit, candidate.code, item.maximum, None, None, None, None, estimate.df, INCOMPLETE
        )
    scale = item.maximum / WHOLE
    points = sipas_points(percent, item.maximum)
    standard_error = (
        scale * as_variance(_mixed_variance(weights, estimate), of=f"SIPAS of {estimate.unit}").sqrt()
    )
    return SipasScore(
        unit=estimate.unit,
        candidate=candidate.code,
        maximum=item.maximum,
        percent=percent,
        points=points,
        standard_error=standard_error,
        interval=_given_interval(weights, estimate, scale)
        or _t_interval(points, standard_error, item.maximum, confidence, estimate.df),
        df=estimate.df,
        status=SCORED,
    )


def _mix(weights: Mapping[str, Fraction], estimate: SipasEstimate) -> Decimal | None:
    """Return the weighted input in percent, or None when a part of it is missing."""
    total = Fraction(0)
    for name, weight in weights.items():
        value = estimate.values.get(name)
        if value is None:
            return None
        total += weight * Fraction(as_decimal(value))
    return as_decimal(total)


def _mixed_variance(weights: Mapping[str, Fraction], estimate: SipasEstimate) -> Decimal:
    total = Fraction(0)
    for first, first_weight in weights.items():
        for second, second_weight in weights.items():
            total += first_weight * second_weight * Fraction(_covariance(estimate, first, second))
    return as_decimal(total)


def _covariance(estimate: SipasEstimate, first: str, second: str) -> Decimal:
    for pair in ((first, second), (second, first)):
        if pair in estimate.covariances:
            return as_decimal(estimate.covariances[pair])
    raise ParError(
        "missing_covariance",
        expected=f"the covariance of {first} and {second} of unit {estimate.unit}",
        got="none",
        hint="Pass it with the estimate.",
    )


def _given_interval(
    weights: Mapping[str, Fraction], estimate: SipasEstimate, scale: Decimal
) -> tuple[Decimal, Decimal] | None:
    """Scale the interval that came with the estimate, where the candidate uses one input only."""
    [name, *others] = weights
    if others or name not in estimate.intervals:
        return None
    low, high = estimate.intervals[name]
    return scale * as_decimal(low), scale * as_decimal(high)


def _t_interval(
    points: Decimal, standard_error: Decimal, maximum: Decimal, confidence: float, df: float | None
) -> tuple[Decimal, Decimal]:
    tail = (1 - confidence) / 2
    quantile = stats.norm.isf(tail) if df is None else stats.t.isf(tail, df)
    reach = as_decimal(float(quantile)) * standard_error
    return max(points - reach, Decimal(0)), min(points + reach, maximum)
