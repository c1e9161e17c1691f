"""Registers of adults, or lists of households: the last frame, which stays in the files of the villages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sampling.design.fingerprints import Cell

LONGEST_NUMBER = 32


class RegisterError(ValueError):
    """Raised when the register of a village cannot be drawn from."""


@dataclass(frozen=True, slots=True)
class Register:
    """The adults of one village by their number; sex and age group, where known, one value per adult."""

    ids: Sequence[str]
    sex: Sequence[str] = ()
    age_group: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class HouseholdList:
    """The households of one village by their number; part of the village and place on the way, if known."""

    ids: Sequence[str]
    group: Sequence[str] = ()
    position: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class CheckedRegister:
    """A register as plain text, complete and free of double numbers."""

    village: str
    ids: tuple[str, ...]
    sex: Mapping[str, str]
    age_group: Mapping[str, str]

    def canonical_row(self) -> list[Cell]:
        """Return what enters the digest: the village, then number, sex and age group of each adult."""
        cells: list[Cell] = [self.village]
        for number in sorted(self.ids):
            cells += (number, self.sex.get(number, ""), self.age_group.get(number, ""))
        return cells


type LastList = Register | HouseholdList
type Registers = Mapping[str, LastList] | Callable[[str], LastList]


def read_register(registers: Registers, village: str) -> CheckedRegister:
    """Return the register of a village, or say what is wrong with it."""
    register = find_list(registers, village)
    if not isinstance(register, Register):
        raise RegisterError(
            _("Village %(village)s: expected a register of adults, got a list of households.")
            % {"village": village}
        )
    ids = tuple(map(str, register.ids))
    problem = _problem(register, ids)
    if problem:
        raise RegisterError(
            _("Register of village %(village)s: %(problem)s") % {"village": village, "problem": problem}
        )
    return CheckedRegister(
        village,
        ids,
        dict(zip(ids, map(str, register.sex), strict=False)),
        dict(zip(ids, map(str, register.age_group), strict=False)),
    )


def find_list(registers: Registers, village: str) -> LastList:
    """Look the list of a village up."""
    if callable(registers):
        return registers(village)
    if village not in registers:
        raise RegisterError(
            _("Village %(village)s was drawn but has no register. Add it.") % {"village": village}
        )
    return registers[village]


def _problem(register: Register, ids: Sequence[str]) -> str:
    """Say what is wrong, or nothing."""
    lengths = {len(values) for values in (register.sex, register.age_group) if len(values)}
    if not ids:
        return _(
            "expected at least one adult, got none. Correct the register or exclude the village by name."
        )
    problem = problem_of_numbers(ids)
    if problem:
        return problem
    if lengths - {len(ids)}:
        return _("expected one value of sex and age group for each adult. Complete them.")
    return ""


def problem_of_numbers(ids: Sequence[str]) -> str:
    """Say what is wrong with the numbers of a list, or nothing."""
    if len(set(ids)) < len(ids):
        return _("expected each number once, some occur again. Remove the second entries.")
    number_lengths = set(map(len, ids))
    if min(number_lengths) == 0 or max(number_lengths) > LONGEST_NUMBER:
        return _("expected numbers of 1 to %(longest)s characters. Shorten them.") % {
            "longest": LONGEST_NUMBER
        }
    return ""
