"""The reform index (PAR INDEX): criteria sets as values, scoring, ranking. Pure."""

from analysis.par.checks import FAILS, KNOWN_MISMATCH, PASSES, CheckResult, published_checks
from analysis.par.criteria import (
    CandidateInput,
    CriteriaSet,
    Criterion,
    Group,
    SipasItem,
    parse_criteria_set,
)
from analysis.par.documents import Bilingual
from analysis.par.errors import CriteriaSetError, ParError
from analysis.par.exact import as_decimal, round_half_up
from analysis.par.points import INCOMPLETE, SCORED, SipasEstimate, SipasScore, score_sipas, sipas_points
from analysis.par.ranking import Rank, competition_ranks
from analysis.par.scoring import (
    DomainScore,
    Scorecard,
    group_of,
    mean_of_regions,
    national_mean,
    percent_of,
    score_unit,
)

__all__ = [
    "FAILS",
    "INCOMPLETE",
    "KNOWN_MISMATCH",
    "PASSES",
    "SCORED",
    "Bilingual",
    "CandidateInput",
    "CheckResult",
    "CriteriaSet",
    "CriteriaSetError",
    "Criterion",
    "DomainScore",
    "Group",
    "ParError",
    "Rank",
    "Scorecard",
    "SipasEstimate",
    "SipasItem",
    "SipasScore",
    "as_decimal",
    "competition_ranks",
    "group_of",
    "mean_of_regions",
    "national_mean",
    "parse_criteria_set",
    "percent_of",
    "published_checks",
    "round_half_up",
    "score_sipas",
    "score_unit",
    "sipas_points",
]
