"""Area stages that avoid or meet those of an earlier round: what a check computes and a commitment fixes."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import fsum
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.design.coordination import (
    CoordinationError,
    key_fingerprint,
    overlap_of_pairs,
    ranked_share,
    start_for_pairs,
)
from sampling.design.list_coordination import ListCoordination, number_lines
from sampling.design.list_design import ListDesignError
from sampling.design.schemes import METHODS
from sampling.design.stage_coordination import chances, check_coordinated, coordinated_design, number_pairs
from sampling.models import Draw
from sampling.models.draws import DrawStatus
from sampling.selectors.frames import REGISTER_STAGES
from sampling.services.draws.coordinated import CoordinationPlan, ExpectedOverlap, Pairs
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.draws.proof_rows import frame_rows
from sampling.services.refusals import told

type Chances = Mapping[str, tuple[str, Fraction]]
"""Stratum and probability of every unit, by code."""

SIMPLE_RANDOM = "simple_random"


def asked_coordination(design: Mapping[str, Any], asked: object) -> dict[str, Any]:
    """Return the design of a stage with the coordination asked for, or say why it has no meaning."""
    if design["stage"] in REGISTER_STAGES:
        raise DrawRefusedError(
            _(
                "Persons and households of villages cannot be coordinated: their numbers are places in a "
                "list that is new in every round. Coordinate communes or villages, or the persons of a list."
            )
        )
    try:
        return coordinated_design(design, ListCoordination.from_document(asked))
    except (CoordinationError, ListDesignError) as error:
        raise DrawRefusedError(told(error)) from error


def plan_stage_coordination(draw: Draw, design: Mapping[str, Any]) -> CoordinationPlan:
    """Compute what a coordinated area stage has to fix, or say why it has no meaning."""
    try:
        check_coordinated(design)
        coordination = replace(
            ListCoordination.from_document(design["coordination"]),
            key_fingerprint=key_fingerprint(settings.COORDINATION_KEY),
            numbers_sha256=_digest_of_numbers(draw),
        )
        if not coordination.previous:
            return CoordinationPlan(coordinated_design(design, coordination), coordination.share)
        return _following(draw, design, coordination)
    except (CoordinationError, ListDesignError) as error:
        raise DrawRefusedError(told(error)) from error


def stage_number_lines(draw: Draw) -> Iterator[bytes]:
    """Yield the permanent numbers of the units of a stage; for auditors, and nobody else."""
    codes = (str(code) for _stratum, code, _type, _size in frame_rows(draw))
    return number_lines(number_pairs(codes, settings.COORDINATION_KEY, draw.stage))


def _digest_of_numbers(draw: Draw) -> str:
    """Return the digest of the permanent numbers of all units."""
    digest = hashlib.sha256()
    for line in stage_number_lines(draw):
        digest.update(line)
    return digest.hexdigest()


def _following(draw: Draw, design: Mapping[str, Any], fixed: ListCoordination) -> CoordinationPlan:
    """Return the starting point that gives the share, and the overlap that follows."""
    earlier = _earlier_draw(draw, fixed.previous)
    _refuse_incomparable(earlier, design, fixed)
    before, now = _chances(earlier, earlier.design), _chances(draw, design)
    started = ListCoordination.from_document(earlier.design["coordination"]).start_at(
        earlier.seed, earlier.stage
    )
    pairs = _pairs(before, now, before.keys() & now.keys())
    fixed = fixed.starting(start_for_pairs(fixed.share, previous_start=started, pairs=pairs))
    distance = (fixed.start_at("") - started) % 1
    if not fixed.share:
        fixed = fixed.spreading(started, max((second for _first, second in pairs), default=Fraction(0)))
    return CoordinationPlan(
        coordinated_design(design, fixed),
        fixed.share,
        tuple(_overlaps((distance, fixed.spread), design, before, now)),
        is_exact=not METHODS[design["selection"]].has_fixed_size,
    )


def _earlier_draw(draw: Draw, commitment_digest: str) -> Draw:
    """Return the drawn stage that a design names."""
    drawn = Draw.objects.exclude(status=DrawStatus.ABANDONED).exclude(seed="").exclude(round=draw.round_id)
    found = drawn.filter(commitment_digest=commitment_digest, stage=draw.stage)
    earlier = found.select_related("round__template").first()
    if earlier is None:
        raise DrawRefusedError(
            _(
                "Expected the commitment of the stage “%(stage)s” of an earlier round that was drawn and not "
                "abandoned, got %(digest)s. Copy the digest from the page of that draw."
            )
            % {"stage": draw.get_stage_display(), "digest": commitment_digest}
        )
    return earlier


def _refuse_incomparable(earlier: Draw, design: Mapping[str, Any], fixed: ListCoordination) -> None:
    """Say why an overlap with an earlier stage has no meaning."""
    before = earlier.design.get("coordination")
    method, rule = earlier.design["selection"], METHODS[design["selection"]].rule
    problems = {
        _("it was drawn without permanent numbers"): before is None,
        _("it was drawn by another kind of method (%(method)s)") % {"method": method}: METHODS[method].rule
        is not rule,
        _("it was drawn with another coordination key"): before is not None
        and before["key_fingerprint"] != fixed.key_fingerprint,
    }
    reasons = [reason for reason, is_true in problems.items() if is_true]
    if reasons:
        raise DrawRefusedError(
            _(
                "The stage of round %(round)s cannot be avoided or met again: %(reasons)s. "
                "Begin a new chain without an earlier round, or draw without coordination."
            )
            % {"round": earlier.round.code, "reasons": "; ".join(reasons)}
        )


def _chances(draw: Draw, design: Mapping[str, Any]) -> Chances:
    """Return the probabilities of the units of a stage."""
    rows = ((str(stratum), str(code), int(size or 0)) for stratum, code, _type, size in frame_rows(draw))
    return chances(rows, design)


def _pairs(before: Chances, now: Chances, codes: Iterable[str]) -> Pairs:
    """Count units by their probabilities in both rounds."""
    return Counter((before[code][1], now[code][1]) for code in codes)


def _overlaps(
    reach: tuple[Fraction, Fraction], design: Mapping[str, Any], before: Chances, now: Chances
) -> Iterator[ExpectedOverlap]:
    """Yield how many units of each stratum stand in both frames, and are expected in both samples."""
    distance, spread = reach
    sizes = Counter(stratum for stratum, _chance in now.values())
    common: dict[str, list[str]] = {stratum: [] for stratum in sorted(sizes)}
    for code in before.keys() & now.keys():
        common[now[code][0]].append(code)
    for stratum, codes in common.items():
        pairs = _pairs(before, now, codes)
        if design["selection"] == SIMPLE_RANDOM:
            shares = (n * ranked_share(distance, *pair, sizes[stratum], spread) for pair, n in pairs.items())
            expected = fsum(shares)
        else:
            expected = overlap_of_pairs(distance, pairs)
        wanted = design["n_by_stratum"].get(stratum, design["n"])
        yield ExpectedOverlap(stratum, wanted, len(codes), expected)
