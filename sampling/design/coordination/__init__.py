"""Samples of different rounds that avoid or meet each other, through permanent random numbers.

Permanent numbers come from a secret coordination key that lives for many rounds, never from the seed of one.
Methods that look at one number per unit can be coordinated; the others are refused.
"""

from sampling.design.coordination.do_not_contact import Reach, honour_objections
from sampling.design.coordination.overlap import (
    Overlap,
    common_arc,
    expected_overlap,
    overlap_of_pairs,
    ranked_share,
    start_for_pairs,
    start_for_share,
)
from sampling.design.coordination.permanent import (
    CoordinationError,
    key_fingerprint,
    number_prefix,
    permanent_numbers,
    shifted,
    start_from_seed,
)
from sampling.design.coordination.rounds import CoordinatedRound, plan_round, select_coordinated
from sampling.design.schemes.units import Unit

__all__ = [
    "CoordinatedRound",
    "CoordinationError",
    "Overlap",
    "Reach",
    "Unit",
    "common_arc",
    "expected_overlap",
    "honour_objections",
    "key_fingerprint",
    "number_prefix",
    "overlap_of_pairs",
    "permanent_numbers",
    "plan_round",
    "ranked_share",
    "select_coordinated",
    "shifted",
    "start_for_pairs",
    "start_for_share",
    "start_from_seed",
]
