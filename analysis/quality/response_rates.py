"""Outcome rates from final dispositions, by the standard definitions of AAPOR (2023)."""

from dataclasses import dataclass, fields

from analysis.estimation import AnalysisError


class DispositionError(AnalysisError):
    """Counts of dispositions that cannot be."""

    code = "dispositions"


@dataclass(frozen=True)
class DispositionCounts:
    """Cases by final disposition.

    Attributes
    ----------
    complete, partial : int
        Interviews (I, P).
    refusal, non_contact, other : int
        Eligible without an interview (R, NC, O): refusals and breakoffs, nobody reached, other reasons.
    unknown_household, unknown_other : int
        Unknown eligibility (UH, UO).
    """

    complete: int
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0

    def __post_init__(self) -> None:
        """Refuse negative counts and a round without cases."""
        counts = [getattr(self, count.name) for count in fields(self)]
        if min(counts) < 0 or sum(counts) == 0:
            raise DispositionError(
                expected="counts of at least 0 and at least one case",
                got=", ".join(f"{count.name}={getattr(self, count.name)}" for count in fields(self)),
                hint="Count the cases of the round by their final disposition.",
            )

    @property
    def interviews(self) -> int:
        """Complete and partial ones."""
        return self.complete + self.partial

    @property
    def eligible(self) -> int:
        """Cases known to be eligible."""
        return self.interviews + self.refusal + self.non_contact + self.other

    @property
    def unknown(self) -> int:
        """Cases of unknown eligibility."""
        return self.unknown_household + self.unknown_other


def outcome_rates(counts: DispositionCounts, *, eligibility: float = 1.0) -> dict[str, float]:
    """Response, cooperation, refusal and contact rates.

    Parameters
    ----------
    counts : DispositionCounts
    eligibility : float
        Assumed share e of eligible cases among the unknown ones, for RR3, RR4, REF2 and CON2.

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
    everybody = counts.eligible + counts.unknown
    estimated = counts.eligible + eligibility * counts.unknown
    contacted = counts.interviews + counts.refusal + counts.other
    able = counts.interviews + counts.refusal
    quotients = {
        "RR1": (counts.complete, everybody),
        "RR2": (counts.interviews, everybody),
        "RR3": (counts.complete, estimated),
        "RR4": (counts.interviews, estimated),
        "RR5": (counts.complete, counts.eligible),
        "RR6": (counts.interviews, counts.eligible),
        "COOP1": (counts.complete, contacted),
        "COOP2": (counts.interviews, contacted),
        "COOP3": (counts.complete, able),
        "COOP4": (counts.interviews, able),
        "REF1": (counts.refusal, everybody),
        "REF2": (counts.refusal, estimated),
        "REF3": (counts.refusal, counts.eligible),
        "CON1": (contacted, everybody),
        "CON2": (contacted, estimated),
        "CON3": (contacted, counts.eligible),
    }
    return {name: above / below if below else float("nan") for name, (above, below) in quotients.items()}
