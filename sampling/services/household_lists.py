"""Lists of households of drawn villages: checked, and drawn from by the same steps as registers of adults."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sampling.design.fingerprints import Cell
from sampling.design.households import HOUSEHOLD_STAGE, ListedHousehold, draw_households, household_rows
from sampling.design.selection import SimpleRandomSample
from sampling.design.stage_frames import person_rows
from sampling.design.stage_plans import StagePlan
from sampling.design.stages import draw_persons
from sampling.services.registers import (
    CheckedRegister,
    HouseholdList,
    RegisterError,
    Registers,
    find_list,
    problem_of_numbers,
    read_register,
)

LONGEST_GROUP = 60


@dataclass(frozen=True, slots=True)
class CheckedHouseholds:
    """The households of one village, free of double numbers; nothing is known of who lives in them."""

    village: str
    households: tuple[ListedHousehold, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The numbers in the list."""
        return tuple(household.number for household in self.households)

    @property
    def sex(self) -> Mapping[str, str]:
        """Nothing: it is that of the adult who will be asked."""
        return {}

    @property
    def age_group(self) -> Mapping[str, str]:
        """Nothing, as for sex."""
        return {}

    def canonical_row(self) -> list[Cell]:
        """Return what enters the digest: the village, then number, group and position of each household."""
        cells: list[Cell] = [self.village]
        for one in sorted(self.households, key=lambda household: household.number):
            cells += (one.number, one.group, one.position)
        return cells


type CheckedList = CheckedRegister | CheckedHouseholds


def read_list(lists: Registers, village: str, stage: str) -> CheckedList:
    """Return the list of a village for the last stage, or say what is wrong with it."""
    return read_households(lists, village) if stage == HOUSEHOLD_STAGE else read_register(lists, village)


def read_households(lists: Registers, village: str) -> CheckedHouseholds:
    """Return the list of households of a village, or say what is wrong with it."""
    listed = find_list(lists, village)
    if not isinstance(listed, HouseholdList):
        raise RegisterError(
            _("Village %(village)s: expected a list of households, got a register of adults.")
            % {"village": village}
        )
    ids = tuple(map(str, listed.ids))
    groups = tuple(map(str, listed.group)) or ("",) * len(ids)
    positions = tuple(listed.position) or (0,) * len(ids)
    problem = _problem(ids, groups, positions)
    if problem:
        raise RegisterError(
            _("List of households of village %(village)s: %(problem)s")
            % {"village": village, "problem": problem}
        )
    rows = zip(ids, groups, positions, strict=True)
    return CheckedHouseholds(village, tuple(ListedHousehold(*row) for row in rows))


def _problem(ids: Sequence[str], groups: Sequence[str], positions: Sequence[int]) -> str:
    """Say what is wrong, or nothing."""
    if not ids:
        return _(
            "expected at least one household, got none. Correct the list or exclude the village by name."
        )
    if {len(groups), len(positions)} != {len(ids)}:
        return _("expected one group and one position for each household. Complete them.")
    if max(map(len, groups)) > LONGEST_GROUP or min(positions) < 0:
        return _(
            "expected groups of at most %(longest)s characters and positions of 0 or more. Correct them."
        ) % {"longest": LONGEST_GROUP}
    return problem_of_numbers(ids)


def rows_of_list(checked: CheckedList) -> Iterator[list[Cell]]:
    """Return the canonical rows of a list: all on which the draw from it depends."""
    if isinstance(checked, CheckedHouseholds):
        return household_rows({checked.village: checked.households})
    return person_rows({checked.village: checked.ids})


def draw_list(plan: StagePlan, checked: CheckedList, seed: str) -> SimpleRandomSample:
    """Draw the adults or the households of one village."""
    if plan.households is not None and isinstance(checked, CheckedHouseholds):
        return draw_households(checked.village, checked.households, plan.households, seed)
    return draw_persons(checked.village, checked.ids, plan, seed)
