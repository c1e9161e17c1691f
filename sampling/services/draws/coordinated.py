"""Lists that avoid or meet the list of an earlier round: what a check computes and a commitment fixes."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import fsum
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.design.coordination import (
    CoordinationError,
    key_fingerprint,
    overlap_of_pairs,
    ranked_share,
    start_for_pairs,
)
from sampling.design.list_bounds import Sizes
from sampling.design.list_coordination import ListCoordination
from sampling.design.list_design import ListDesign, ListDesignError, Selection
from sampling.design.seeds import derive
from sampling.engine import DuckDBEngine, EngineError
from sampling.engine.list_numbers import sizes_of
from sampling.engine.list_persons import CommonUnits, common_units, permanent_number_lines
from sampling.engine.list_sources import source_of
from sampling.models import Draw, SamplingFrame
from sampling.models.draws import DrawStatus
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.refusals import told

MEMORY_LIMIT = "1500MB"
UNIT_FINGERPRINT = "fingerprint of the keys of persons"
ONE = Fraction(1)

type Pairs = Counter[tuple[Fraction, Fraction]]


@dataclass(frozen=True, slots=True)
class ExpectedOverlap:
    """What is expected of a stratum: units wanted, units that stand in both lists, and in both samples."""

    stratum: str
    wanted: int
    n_common: int
    expected: float


@dataclass(frozen=True, slots=True)
class CoordinationPlan:
    """A design with all that its commitment fixes, and the overlap that follows; none in a first round."""

    document: Mapping[str, Any]
    share: Fraction
    overlaps: tuple[ExpectedOverlap, ...] = ()
    is_exact: bool = True

    @property
    def expected(self) -> float:
        """Units expected in both samples."""
        return fsum(each.expected for each in self.overlaps)


class _Lists(NamedTuple):
    """Two lists with their designs, the earlier one first; and the earlier starting point."""

    earlier_frame: Path
    earlier_design: ListDesign
    frame: Path
    design: ListDesign
    earlier_start: Fraction


def plan_coordination(draw: Draw, design: ListDesign, frame: Path) -> CoordinationPlan:
    """Compute what a coordinated design has to fix, or say why it has no meaning."""
    coordination = design.coordination or ListCoordination()
    try:
        fixed = replace(
            coordination,
            key_fingerprint=key_fingerprint(settings.COORDINATION_KEY),
            unit_fingerprint=derive(settings.PERSON_KEY, UNIT_FINGERPRINT).hex(),
            numbers_sha256=_digest_of_numbers(frame, design),
        )
        if not coordination.previous:
            return CoordinationPlan(replace(design, coordination=fixed).document(), fixed.share)
        earlier = _earlier_draw(draw, coordination.previous)
        earlier_design = _comparable_design(earlier, design, fixed)
        start = _start_of(earlier, earlier_design)
        return _following(_Lists(_frame_of(earlier), earlier_design, frame, design, start), fixed)
    except (CoordinationError, EngineError, ListDesignError) as error:
        raise DrawRefusedError(told(error)) from error


def _digest_of_numbers(frame: Path, design: ListDesign) -> str:
    """Return the digest of the permanent numbers of all units."""
    digest = hashlib.sha256()
    for line in permanent_number_lines(frame, design, settings.COORDINATION_KEY, memory_limit=MEMORY_LIMIT):
        digest.update(line)
    return digest.hexdigest()


def _earlier_draw(draw: Draw, commitment_digest: str) -> Draw:
    """Return the drawn list that a design names."""
    drawn = Draw.objects.exclude(status=DrawStatus.ABANDONED).exclude(seed="").exclude(pk=draw.pk)
    found = drawn.filter(commitment_digest=commitment_digest, stage=SamplingFrame.Stage.DOSSIER)
    earlier = found.select_related("frame", "round").first()
    if earlier is None:
        raise DrawRefusedError(
            _(
                "Expected the commitment of an earlier list that was drawn and not abandoned, got "
                "%(digest)s. Copy the digest from the page of that draw."
            )
            % {"digest": commitment_digest}
        )
    return earlier


def _comparable_design(earlier: Draw, design: ListDesign, fixed: ListCoordination) -> ListDesign:
    """Return the earlier design, or say why an overlap with it has no meaning."""
    found = ListDesign.from_document(earlier.design)
    before = found.coordination
    problems = {
        _("it was drawn without permanent numbers"): before is None,
        _("it was drawn by another kind of method (%(method)s)")
        % {"method": found.selection.value}: found.selection.method.rule is not design.selection.method.rule,
        _("it was drawn with another coordination key"): before is not None
        and before.key_fingerprint != fixed.key_fingerprint,
        _("its persons are recognised by another key"): before is not None
        and before.unit_fingerprint != fixed.unit_fingerprint,
    }
    reasons = [reason for reason, is_true in problems.items() if is_true]
    if reasons:
        raise DrawRefusedError(
            _(
                "The list of round %(round)s cannot be avoided or met again: %(reasons)s. "
                "Begin a new chain without an earlier round, or draw without coordination."
            )
            % {"round": earlier.round.code, "reasons": "; ".join(reasons)}
        )
    return found


def _start_of(earlier: Draw, design: ListDesign) -> Fraction:
    """Return the starting point of an earlier draw."""
    return (design.coordination or ListCoordination()).start_at(earlier.seed)


def _frame_of(earlier: Draw) -> Path:
    """Return the file of an earlier list."""
    path = Path(settings.FRAME_ROOT) / (earlier.frame.file if earlier.frame else "")
    if not path.is_file():
        raise DrawRefusedError(
            _("The file of the list of round %(round)s is missing. Restore it from a backup.")
            % {"round": earlier.round.code}
        )
    return path


def _following(lists: _Lists, fixed: ListCoordination) -> CoordinationPlan:
    """Return the starting point that gives the share, and the overlap that follows."""
    design = lists.design
    with DuckDBEngine(memory_limit=MEMORY_LIMIT) as engine:
        before = sizes_of(
            engine, source_of(lists.earlier_frame, lists.earlier_design).of_units(), lists.earlier_design
        )
        now = sizes_of(engine, source_of(lists.frame, design).of_units(), design)
        common = common_units(engine, lists.frame, design, lists.earlier_frame, lists.earlier_design)
    common = [each for each in common if each.stratum in now and each.stratum_before in before]
    asked = {name: 0 if fixed.share else n for name, n in lists.earlier_design.reserves.items()}
    start = start_for_pairs(
        fixed.share, previous_start=lists.earlier_start, pairs=_pairs(common, before, now, reserves=asked)
    )
    fixed = fixed.starting(start)
    distance = ((fixed.start or Fraction(0)) - lists.earlier_start) % 1
    if not fixed.share:
        fixed = fixed.spreading(lists.earlier_start, _longest(common, now, design))
    by_stratum: dict[str, list[CommonUnits]] = defaultdict(list)
    for each in common:
        by_stratum[each.stratum].append(each)
    return CoordinationPlan(
        replace(design, coordination=fixed).document(),
        fixed.share,
        tuple(
            ExpectedOverlap(
                name,
                design.wanted[name],
                sum(each.n_units for each in by_stratum[name]),
                _expected(design, (distance, fixed.spread), by_stratum[name], (before, now)),
            )
            for name in sorted(now)
        ),
        is_exact=not design.selection.method.has_fixed_size,
    )


def _longest(common: list[CommonUnits], now: Mapping[str, Sizes], design: ListDesign) -> Fraction:
    """Return the largest probability of common units in the new round, its reserve included."""
    chances = (
        now[each.stratum].probability(each.size, design.reserves.get(each.stratum, 0)) for each in common
    )
    return max(chances, default=Fraction(0))


def _expected(
    design: ListDesign,
    reach: tuple[Fraction, Fraction],
    common: list[CommonUnits],
    sizes: tuple[Mapping[str, Sizes], Mapping[str, Sizes]],
) -> float:
    """Return how many units of one stratum are expected in both samples, over all starts left to the seed."""
    before, now = sizes
    distance, spread = reach
    pairs = _pairs(common, before, now)
    if design.selection is not Selection.SIMPLE_RANDOM or not common:
        return overlap_of_pairs(distance, pairs)
    n_units = now[common[0].stratum].n_open + now[common[0].stratum].n_certain
    return fsum(count * ranked_share(distance, *pair, n_units, spread) for pair, count in pairs.items())


def _pairs(
    common: list[CommonUnits],
    before: Mapping[str, Sizes],
    now: Mapping[str, Sizes],
    reserves: Mapping[str, int] | None = None,
) -> Pairs:
    """Count common units by their probabilities in both rounds; reserves count as asked where given."""
    pairs: Pairs = Counter()
    for each in common:
        reserve = (reserves or {}).get(each.stratum_before, 0)
        first = before[each.stratum_before].probability(each.size_before, reserve)
        pairs[first, now[each.stratum].probability(each.size)] += each.n_units
    return pairs
