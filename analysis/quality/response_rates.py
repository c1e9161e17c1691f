"""Outcome rates from final dispositions, by the standard definitions of AAPOR (2023)."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from analysis.estimation import FloatArray
from analysis.quality.errors import DispositionError

INTERVIEWS = ("complete", "partial")
ABLE = (*INTERVIEWS, "refusal")
CONTACTED = (*ABLE, "other")
ELIGIBLE = (*CONTACTED, "non_contact")
UNKNOWN = ("unknown_household", "unknown_other")


@dataclass(frozen=True)
class DispositionCounts:
    """Cases by final disposition, counted or summed by their weights.

    Attributes
    ----------
    complete, partial : float
        Interviews (I, P).
    refusal, non_contact, other : float
        Eligible without an interview (R, NC, O): refusals and breakoffs, nobody reached, other reasons.
    unknown_household, unknown_other : float
        Unknown eligibility (UH, UO).
    not_eligible : float
        Found not to belong to the population; no rate counts them, but they tell how many of the unknown
        cases may be eligible.
    """

    complete: float
    partial: float = 0
    refusal: float = 0
    non_contact: float = 0
    other: float = 0
    unknown_household: float = 0
    unknown_other: float = 0
    not_eligible: float = 0

    def __post_init__(self) -> None:
        """Refuse negative, missing and infinite counts, and a round without cases."""
        counts = {count.name: getattr(self, count.name) for count in fields(self)}
        if (
            not all(0 <= count < np.inf for count in counts.values())
            or sum(counts.values()) - self.not_eligible <= 0
        ):
            raise DispositionError(
                expected="finite counts of at least 0 and at least one case that may be eligible",
                got=", ".join(f"{name}={value}" for name, value in counts.items()),
                hint="Count the cases of the round by their final disposition.",
            )

    def add_up(self, names: Iterable[str]) -> float:
        """Sum some of the dispositions."""
        return float(sum(getattr(self, name) for name in names))

    @property
    def interviews(self) -> float:
        """Complete and partial ones."""
        return self.add_up(INTERVIEWS)

    @property
    def eligible(self) -> float:
        """Cases known to be eligible."""
        return self.add_up(ELIGIBLE)

    @property
    def unknown(self) -> float:
        """Cases of unknown eligibility."""
        return self.add_up(UNKNOWN)


@dataclass(frozen=True)
class RateDefinition:
    """A rate: the dispositions above and below the line, and how many of the unknown cases stand below.

    Attributes
    ----------
    above, below : tuple of str
        Fields of :class:`DispositionCounts`.
    unknown : {"all", "eligible", "none"}
        All of them, the share assumed to be eligible, or none.
    """

    above: tuple[str, ...]
    below: tuple[str, ...]
    unknown: str


OUTCOME_RATES: Mapping[str, RateDefinition] = {
    "RR1": RateDefinition(("complete",), ELIGIBLE, "all"),
    "RR2": RateDefinition(INTERVIEWS, ELIGIBLE, "all"),
    "RR3": RateDefinition(("complete",), ELIGIBLE, "eligible"),
    "RR4": RateDefinition(INTERVIEWS, ELIGIBLE, "eligible"),
    "RR5": RateDefinition(("complete",), ELIGIBLE, "none"),
    "RR6": RateDefinition(INTERVIEWS, ELIGIBLE, "none"),
    "COOP1": RateDefinition(("complete",), CONTACTED, "none"),
    "COOP2": RateDefinition(INTERVIEWS, CONTACTED, "none"),
    "COOP3": RateDefinition(("complete",), ABLE, "none"),
    "COOP4": RateDefinition(INTERVIEWS, ABLE, "none"),
    "REF1": RateDefinition(("refusal",), ELIGIBLE, "all"),
    "REF2": RateDefinition(("refusal",), ELIGIBLE, "eligible"),
    "REF3": RateDefinition(("refusal",), ELIGIBLE, "none"),
    "CON1": RateDefinition(CONTACTED, ELIGIBLE, "all"),
    "CON2": RateDefinition(CONTACTED, ELIGIBLE, "eligible"),
    "CON3": RateDefinition(CONTACTED, ELIGIBLE, "none"),
}
"""Rates by their names in the standard."""


def count_dispositions(
    dispositions: Iterable[Hashable],
    field_by_code: Mapping[Hashable, str],
    *,
    weights: FloatArray | Iterable[float] | None = None,
) -> DispositionCounts:
    """Count cases by final disposition, or add up their weights.

    Parameters
    ----------
    dispositions : iterable, length n
        Code of every case.
    field_by_code : mapping
        Field of :class:`DispositionCounts` that a code counts in.
    weights : float array, shape (n,), optional
        Design weights, before any adjustment for nonresponse; each case counts once by default.

    Returns
    -------
    DispositionCounts

    Raises
    ------
    DispositionError
        If a code is unknown, or the weights are not one per case and at least 0.

    Examples
    --------
    >>> fields = {"1.1": "complete", "2.11": "refusal"}
    >>> counts = count_dispositions(["1.1", "1.1", "2.11"], fields, weights=[10.0, 10.0, 30.0])
    >>> outcome_rates(counts)["RR1"]
    0.4
    """
    codes = list(dispositions)
    sizes = np.ones(len(codes)) if weights is None else np.array(list(weights), dtype=float)
    unknown = sorted({str(code) for code in codes if code not in field_by_code})
    if unknown or len(sizes) != len(codes) or not (sizes >= 0).all():
        raise DispositionError(
            expected=f"{len(codes)} weights of at least 0, codes among {', '.join(map(str, field_by_code))}",
            got=f"{len(sizes)} weights and codes {', '.join(unknown) or 'that are all known'}",
            hint="Give every code a field, those not eligible too, and every case its design weight.",
        )
    sums = dict.fromkeys(("complete", *field_by_code.values()), 0.0)
    for code, size in zip(codes, sizes.tolist(), strict=True):
        sums[field_by_code[code]] += size
    return DispositionCounts(**sums)


def estimate_eligibility(counts: DispositionCounts) -> float:
    """Share e of the unknown cases that may be eligible: that among the cases whose eligibility is known.

    Called proportional allocation, or the CASRO method. It tends to be too high, and so the rates that use it
    are on the low side: cases never resolved are less often eligible.

    Parameters
    ----------
    counts : DispositionCounts

    Returns
    -------
    float
        1 where no case was resolved, which leaves RR3 equal to RR1.

    References
    ----------
    American Association for Public Opinion Research (2023), Standard Definitions, 10th edition. Smith (2009),
    A Revised Review of Methods to Estimate the Status of Cases with Unknown Eligibility.

    Examples
    --------
    >>> estimate_eligibility(DispositionCounts(complete=60, refusal=20, unknown_other=10, not_eligible=20))
    0.8
    """
    resolved = counts.eligible + counts.not_eligible
    return counts.eligible / resolved if resolved else 1.0


def outcome_rates(counts: DispositionCounts, *, eligibility: float = 1.0) -> dict[str, float]:
    """Response, cooperation, refusal and contact rates.

    Parameters
    ----------
    counts : DispositionCounts
        Weighted counts give weighted rates.
    eligibility : float
        Assumed share e of eligible cases among the unknown ones, for RR3, RR4, REF2 and CON2; see
        :func:`estimate_eligibility`. The default counts all of them, which is the most careful.

    Returns
    -------
    dict
        RR1 to RR6, COOP1 to COOP4, REF1 to REF3 and CON1 to CON3, as shares; NaN where nobody is in the
        denominator.

    Raises
    ------
    DispositionError
        If the eligibility is not between 0 and 1.

    References
    ----------
    American Association for Public Opinion Research (2023), Standard Definitions, 10th edition.

    Examples
    --------
    >>> rates = outcome_rates(DispositionCounts(complete=60, partial=10, refusal=20, unknown_household=10))
    >>> rates["RR1"], rates["RR2"], round(rates["RR5"], 4)
    (0.6, 0.7, 0.6667)
    """
    if not 0 <= eligibility <= 1:
        raise DispositionError(
            expected="an eligibility between 0 and 1",
            got=f"{eligibility}",
            hint="Estimate it from the known cases.",
        )
    share = {"all": 1.0, "eligible": eligibility, "none": 0.0}
    rates = {}
    for name, rate in OUTCOME_RATES.items():
        below = counts.add_up(rate.below) + share[rate.unknown] * counts.unknown
        rates[name] = counts.add_up(rate.above) / below if below else float("nan")
    return rates
