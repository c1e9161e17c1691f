"""Checking a draw before it is committed: what forbids it, and what whoever commits it should know."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sampling.design.allocation import AllocationError
from sampling.design.area_selection import LARGEST_CHANCE_OF_NONE
from sampling.design.list_design import ListDesign, ListDesignError, Unit
from sampling.design.schemes.order_probabilities import ORDERS, nearness_of_targets
from sampling.design.stage_plans import AreaStage
from sampling.design.stages import AreaUnit
from sampling.engine import EngineError
from sampling.models import Draw, FrameUnit, ListSubmission, SamplingFrame
from sampling.models.areas import Level
from sampling.models.draws import DrawStatus
from sampling.selectors.frames import StrataError, first_places, stage_codes, units_below
from sampling.selectors.selections import selection_name
from sampling.services.draws.computing import first_units, plan_of
from sampling.services.draws.coordinated import CoordinationPlan, plan_coordination
from sampling.services.draws.coordinated_areas import plan_stage_coordination
from sampling.services.draws.dossiers import (
    count_repeated_persons,
    count_strata,
    frame_of_list,
    frame_path,
    list_design,
    sizes_of_strata,
)
from sampling.services.draws.errors import DrawRefusedError
from sampling.services.draws.proof_rows import drawn_codes
from sampling.services.draws.register_files import kept_registers
from sampling.services.household_lists import read_list
from sampling.services.refusals import told
from sampling.services.registers import RegisterError

NAMES_SHOWN = 5
LARGEST_STRATUM = 300
"""Units of a list stratum up to which its weights are compared with the exact ones."""
LARGEST_ERROR = 0.02
"""Error of weights above which a method should not be taken."""
OF_DOSSIERS = frozenset({"agency", "level", "field", "channel", "party"})
"""Columns of a list that belong to a dossier: a person with several dossiers has several values."""
DRAWN_STATUSES = (DrawStatus.DRAWN, DrawStatus.ISSUED, DrawStatus.CLOSED)
Stage = SamplingFrame.Stage


@dataclass(frozen=True, slots=True)
class StratumSize:
    """What a stratum or unit above has and gives."""

    stratum: str
    n_units: int
    size: int
    wanted: int

    @property
    def is_short(self) -> bool:
        """Tell whether there are fewer units than wanted."""
        return self.n_units < self.wanted


@dataclass(frozen=True, slots=True)
class DrawCheck:
    """What forbids a draw, what should be known about it, the strata, and how it is coordinated."""

    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    strata: tuple[StratumSize, ...] = ()
    coordination: CoordinationPlan | None = None
    design: Mapping[str, Any] | None = None
    """The design with all that a commitment fixes; none where the draft says everything already."""


def check_of(draw: Draw) -> DrawCheck:
    """Return everything that is to be said about a draw; nothing is written."""
    try:
        return CHECKS.get(draw.stage, _check_area)(draw)
    except (DrawRefusedError, EngineError, StrataError) as error:
        return DrawCheck(problems=(str(error),))


def _check_area(draw: Draw) -> DrawCheck:
    """Check the frame of an area stage."""
    codes = stage_codes(draw.round)
    position = codes.index(draw.stage)
    if not position:
        units = list(first_units(draw.round, first_places(draw.round)))
        return _coordinated(draw, _about_strata(draw, units, above=()))
    above = drawn_codes(draw.round, codes[position - 1])
    if not above:
        return DrawCheck(problems=(_("The stage before is not drawn yet. Draw it first."),))
    return _coordinated(draw, _about_strata(draw, units_below(draw.round, draw.stage, above), above))


def _coordinated(draw: Draw, check: DrawCheck) -> DrawCheck:
    """Add how an area stage is coordinated, once nothing else forbids the draw."""
    if "coordination" not in draw.design or check.problems:
        return check
    plan = plan_stage_coordination(draw, check.design or draw.design)
    first = _(
        "The first round of a chain: the seed gives the starting point of this stage. "
        "A later round can follow it."
    )
    notes = (*check.notes, *(() if plan.overlaps else (first,)))
    return replace(check, coordination=plan, design=plan.document, notes=notes)


def _about_strata(draw: Draw, units: Iterable[AreaUnit], above: Collection[str]) -> DrawCheck:
    """Compare what the strata have with what they give."""
    planned = plan_of(draw.round).area(draw.stage)
    sizes: dict[str, list[int]] = defaultdict(list)
    for unit in units:
        sizes[unit.above].append(unit.size)
    try:
        stage = planned.for_sizes(sizes)
    except AllocationError as error:
        raise DrawRefusedError(told(error)) from error
    fixed = {**draw.design, "n_by_stratum": dict(stage.wanted_in)} if planned.allocation else None
    missing = [code for code in above if code not in sizes]
    strata = tuple(
        StratumSize(code, len(each), sum(each), stage.wanted_of(code)) for code, each in sorted(sizes.items())
    )
    return DrawCheck(
        problems=(*_missing_lists(missing, len(above)), *_empty_lists(stage, sizes)),
        notes=(
            *_short_strata(strata),
            *_other_strata(draw, strata),
            *_excluded_units(draw),
            *about_nearness(
                stage.selection.method, {code: (each, stage.wanted_of(code)) for code, each in sizes.items()}
            ),
        ),
        strata=strata,
        design=fixed,
    )


def _missing_lists(missing: Collection[str], n_wanted: int) -> tuple[str, ...]:
    """Name the units whose lists are still to come."""
    if not missing:
        return ()
    words = _("%(missing)s of %(wanted)s lists have not come yet: %(units)s.")
    return (words % {"missing": len(missing), "wanted": n_wanted, "units": some(missing)},)


def _empty_lists(stage: AreaStage, sizes: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """Refuse a random sample size that may leave a stratum without any unit: nobody would be asked there."""
    chances = {
        code: stage.selection.chance_of_none(each, stage.wanted_of(code)) for code, each in sizes.items()
    }
    if sum(chances.values()) <= LARGEST_CHANCE_OF_NONE:
        return ()
    words = _(
        "The sample size of “%(method)s” is random: with a chance of %(percent)s%% a stratum gives no unit, "
        "most easily %(stratum)s. At most %(most)s%% is accepted. Take a template with a method of fixed "
        "size, or with more units."
    )
    values = {
        "method": selection_name(stage.selection.method),
        "percent": number_format(100 * min(1.0, float(sum(chances.values()))), 1),
        "stratum": max(chances, key=lambda code: chances[code]),
        "most": number_format(100 * float(LARGEST_CHANCE_OF_NONE), 1),
    }
    return (words % values,)


def _short_strata(strata: Collection[StratumSize]) -> tuple[str, ...]:
    """Say which strata give all they have."""
    short = [each.stratum for each in strata if each.is_short]
    if not short:
        return ()
    words = ngettext(
        "%(count)s stratum has fewer units than wanted; all of them are taken with certainty: %(units)s.",
        "%(count)s strata have fewer units than wanted; all of them are taken with certainty: %(units)s.",
        len(short),
    )
    return (words % {"count": len(short), "units": some(short)},)


def _other_strata(draw: Draw, strata: Collection[StratumSize]) -> tuple[str, ...]:
    """Say if the attributes that make the strata give another number than the template says."""
    said = draw.round.template.document["strata"]
    if "strata" not in draw.design or said.get("n_strata", len(strata)) == len(strata):
        return ()
    words = _("The frame has %(got)s strata; the template says %(expected)s.")
    return (words % {"got": len(strata), "expected": said["n_strata"]},)


def _excluded_units(draw: Draw) -> tuple[str, ...]:
    """Count the units that cannot be drawn, by their reason."""
    units = FrameUnit.objects.filter(frame__round=draw.round, frame__stage=draw.stage)
    reasons = Counter(units.exclude(exclusion_reason="").values_list("exclusion_reason", flat=True))
    return tuple(
        ngettext(
            "%(count)s unit cannot be drawn: %(reason)s.", "%(count)s units cannot be drawn: %(reason)s.", n
        )
        % {"count": n, "reason": reason}
        for reason, n in sorted(reasons.items())
    )


def _check_registers(draw: Draw) -> DrawCheck:
    """Check that every drawn village has sent a register that can be read."""
    villages = drawn_codes(draw.round, Stage.VILLAGE.value)
    if not villages:
        return DrawCheck(problems=(_("The villages are not drawn yet. Draw them first."),))
    sent = ListSubmission.objects.filter(round=draw.round, stage=draw.stage, unit_code__in=villages)
    sizes: Mapping[str, int] = dict(sent.values_list("unit_code", "n_units"))
    missing = [village for village in villages if village not in sizes]
    wanted = plan_of(draw.round).persons
    strata = tuple(StratumSize(code, n, n, wanted) for code, n in sorted(sizes.items()))
    return DrawCheck(
        problems=(*_missing_lists(missing, len(villages)), *_unreadable(draw, sizes)),
        notes=_short_strata(strata),
        strata=strata,
    )


def _unreadable(draw: Draw, villages: Iterable[str]) -> tuple[str, ...]:
    """Say which registers cannot be drawn from."""
    registers = kept_registers(draw.round)
    problems = []
    for village in villages:
        try:
            read_list(registers, village, draw.stage)
        except RegisterError as error:
            problems.append(str(error))
    return tuple(problems[:NAMES_SHOWN])


def _check_dossiers(draw: Draw) -> DrawCheck:
    """Check that the transaction list can give what its design wants."""
    design: ListDesign = list_design(draw)
    counts = count_strata(frame_of_list(draw), design)
    strata = tuple(
        StratumSize(key, counts.get(key, 0), counts.get(key, 0), design.wanted.get(key, 0))
        for key in sorted(counts.keys() | design.wanted.keys())
    )
    try:
        design.check_counts(counts)
    except ListDesignError as error:
        return DrawCheck(problems=(told(error),), strata=strata)
    plan = plan_coordination(draw, design, frame_path(frame_of_list(draw))) if design.coordination else None
    notes = (
        *_repeated_persons(draw, design),
        *_unplaced_agencies(draw),
        *_about_persons(design),
        *_about_method(design),
        *_about_sizes(draw, design, counts),
        *_about_empty_strata(design, counts),
        *_about_chain(plan),
    )
    return DrawCheck(notes=notes, strata=strata, coordination=plan, design=plan.document if plan else None)


def _about_method(design: ListDesign) -> Iterable[str]:
    """Say what a method does not promise."""
    method = design.selection.method
    if not method.has_fixed_size:
        yield _("The number of units drawn is random: %(n)s are expected, in a stratum none may come.") % {
            "n": design.n_wanted
        }
    if not method.is_exact:
        yield _(
            "The inclusion probabilities are those aimed at; the method meets them nearly, not exactly. "
            "Weights are made of them."
        )


def _about_persons(design: ListDesign) -> Iterable[str]:
    """Say what strata of dossiers mean where persons are drawn."""
    if design.unit is Unit.PERSON and not OF_DOSSIERS.isdisjoint(design.strata):
        yield _(
            "A person stands in the stratum of their first dossier. Results by field, agency or day then "
            "speak of the persons whose first dossier was there, not of all who had one there. For all of "
            "them draw dossiers and take weights of persons."
        )


def _about_sizes(draw: Draw, design: ListDesign, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Say how far weights are from exact ones in a list drawn by size."""
    if design.selection.value not in ORDERS or min(counts.values(), default=0) > LARGEST_STRATUM:
        return ()
    found = sizes_of_strata(frame_of_list(draw), design)
    strata = {
        key: ([size for size, count in sizes.items() for _unit in range(count)], design.wanted.get(key, 0))
        for key, sizes in found.items()
        if counts.get(key, 0) <= LARGEST_STRATUM
    }
    return about_nearness(design.selection.value, strata)


def about_nearness(method: str, strata: Mapping[str, tuple[Sequence[int], int]]) -> tuple[str, ...]:
    """Say how far weights of strata are from exact ones, if a method meets its targets only nearly."""
    found = nearness_of_targets(strata, method) if method in ORDERS else None
    if found is None or not found.n_known:
        return ()
    values = {
        "percent": number_format(100 * found.largest, 1),
        "stratum": found.stratum,
        "known": found.n_known,
        "strata": found.n_strata,
        "most": number_format(100 * LARGEST_ERROR, 0),
        "method": selection_name(method),
    }
    near = _(
        "Weights differ from the exact ones by up to %(percent)s%%, most in %(stratum)s (computed in "
        "%(known)s of %(strata)s strata, the smallest ones first)."
    )
    far = _(
        "Warning: weights of “%(method)s” differ from the exact ones by up to %(percent)s%%, most in "
        "%(stratum)s (computed in %(known)s of %(strata)s strata, the smallest ones first). More than "
        "%(most)s%% biases results. Take Sampford or Tillé, which are exact, Pareto, which is nearer, or "
        "more units in a stratum."
    )
    return ((far if found.largest > LARGEST_ERROR else near) % values,)


def _about_empty_strata(design: ListDesign, counts: Mapping[str, int]) -> Iterable[str]:
    """Say how easily a random sample size leaves a stratum without any unit.

    With n of N units expected that is at most (1 − n / N) ** N: so with equal chances, less with others.
    """
    if design.selection.method.has_fixed_size:
        return
    chances = {key: max(0.0, 1 - n / counts[key]) ** counts[key] for key, n in design.wanted.items() if n}
    if sum(chances.values()) > LARGEST_CHANCE_OF_NONE:
        yield _(
            "With a chance of up to %(percent)s%% a stratum gives no unit, most easily %(stratum)s: nobody "
            "is asked there. Take a method of fixed size, more units, or larger strata."
        ) % {
            "percent": number_format(100 * min(1.0, sum(chances.values())), 1),
            "stratum": max(chances, key=lambda key: chances[key]),
        }


def _about_chain(plan: CoordinationPlan | None) -> Iterable[str]:
    """Say where a coordinated list begins."""
    if plan and not plan.overlaps:
        yield _(
            "The first list of a chain: the seed gives its starting point. A later list can name the digest "
            "of its commitment."
        )


def _repeated_persons(draw: Draw, design: ListDesign) -> tuple[str, ...]:
    """Say how many persons may be drawn by more than one dossier."""
    count = count_repeated_persons(frame_of_list(draw), design)
    if not count:
        return ()
    words = ngettext(
        "%(count)s person has several dossiers in the list and can be drawn more than once. "
        "Draw persons to ask everybody once.",
        "%(count)s persons have several dossiers in the list and can be drawn more than once. "
        "Draw persons to ask everybody once.",
        count,
    )
    return (words % {"count": count},)


def _unplaced_agencies(draw: Draw) -> tuple[str, ...]:
    """Say how many units of a list are placed in no commune: they stand on no map and in no workload."""
    units = FrameUnit.objects.filter(frame=frame_of_list(draw))
    placed = units.filter(administrative_unit__level=Level.COMMUNE)
    codes = list(units.exclude(pk__in=placed.values("pk")).order_by("code").values_list("code", flat=True))
    if not codes:
        return ()
    words = ngettext(
        "%(count)s unit of the list has no commune of today: %(units)s. Its dossiers can be drawn, but they "
        "stand on no map, and no distance is known for them.",
        "%(count)s units of the list have no commune of today: %(units)s. Their dossiers can be drawn, but "
        "they stand on no map, and no distance is known for them.",
        len(codes),
    )
    return (words % {"count": number_format(len(codes)), "units": some(codes)},)


def some(names: Collection[str]) -> str:
    """List names, the first of them if they are many."""
    shown = ", ".join(list(names)[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return _("%(names)s and %(more)s more") % {"names": shown, "more": more} if more > 0 else shown


CHECKS: Mapping[str, Callable[[Draw], DrawCheck]] = {
    Stage.PERSON.value: _check_registers,
    Stage.HOUSEHOLD.value: _check_registers,
    Stage.DOSSIER.value: _check_dossiers,
}
"""How the stages are checked that are no areas."""
