"""Strata of the first area stage from attributes of its units, and how its units are divided among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Self

from sampling.design.allocation import (
    AllocationError,
    Vector,
    equal,
    optimal,
    power,
    proportional,
    round_allocation,
)
from sampling.design.refusals import marked as _

PROVINCE, PREDECESSOR, REGION, URBAN, UNIT_TYPE = "province", "predecessor", "region", "urban", "unit_type"
STRATUM_ATTRIBUTES = (PROVINCE, PREDECESSOR, REGION, URBAN, UNIT_TYPE)
"""Attributes of a unit that may make strata: its province on the day of the strata, the province before July
2025, the region of its province, town or country, its type."""

TOWN, COUNTRY = "urban", "rural"
SEPARATOR = "|"
LONGEST_STRATUM = 24
OTHERS = "*"
"""Stands for the strata that a value by stratum does not name."""

FEWEST = 2
"""Units of a stratum from which a variance can be estimated."""


def stratum_name(values: Mapping[str, str], by: Sequence[str]) -> str:
    """Return the name of the stratum of a unit.

    Parameters
    ----------
    values : mapping of str to str
        The attributes of the unit.
    by : sequence of str
        Attributes that make the strata, in order.

    Returns
    -------
    str
        The values with a vertical bar between them.

    Raises
    ------
    AllocationError
        If the unit lacks one of the attributes, or the name is too long to be stored.

    Examples
    --------
    >>> stratum_name({"province": "01", "urban": "rural", "region": "RRD"}, ["province", "urban"])
    '01|rural'
    """
    missing = [name for name in by if not values.get(name)]
    if missing:
        raise AllocationError(
            _(
                "Expected a value of %(names)s for every unit, got none. Load the units of the day again, or "
                "take other strata."
            ),
            names=missing,
        )
    name = SEPARATOR.join(values[attribute] for attribute in by)
    if len(name) > LONGEST_STRATUM:
        raise AllocationError(
            _("Expected names of strata of at most %(most)s characters, got %(got)s. Take fewer attributes."),
            most=LONGEST_STRATUM,
            got=name,
        )
    return name


@dataclass(frozen=True, slots=True)
class AreaAllocation:
    """How a total of units is divided among the strata of a frame.

    Parameters
    ----------
    rule : str
        A key of `RULES`.
    total : int
        Units of all strata together.
    minimum : int
        Least of each stratum, or all that it has.
    maximum : int or None
        Most of each stratum; all that it has if there is none.
    exponent : Fraction
        Of the power allocation.
    sd, cost : mapping of str to Fraction
        Standard deviation between the units of a stratum, cost of a unit; ``*`` stands for other strata, and
        1 for all if nothing is said.

    Examples
    --------
    >>> AreaAllocation("proportional", 6).divide({"01": [30, 30, 30, 30], "02": [20, 20]})
    {'01': 4, '02': 2}
    """

    rule: str
    total: int
    minimum: int = FEWEST
    maximum: int | None = None
    exponent: Fraction = Fraction(1, 2)
    sd: Mapping[str, Fraction] = field(default_factory=dict)
    cost: Mapping[str, Fraction] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], total: int) -> Self:
        """Read the allocation of a stage.

        Parameters
        ----------
        document : mapping
            ``rule``; where they are other than usual ``minimum``, ``maximum``, ``exponent``, ``sd``,
            ``cost``. Numbers that are not whole are text, such as ``"0.35"`` or ``"1/3"``.
        total : int
            Units of all strata together: `n_units` of the stage.

        Returns
        -------
        AreaAllocation
            What it says.

        Raises
        ------
        AllocationError
            If a field is unknown or a value cannot be.

        Examples
        --------
        >>> AreaAllocation.from_document({"rule": "power", "exponent": "0.3"}, 60).exponent
        Fraction(3, 10)
        """
        unknown = sorted(set(document) - set(_FIELDS))
        if unknown or document.get("rule") not in RULES:
            raise AllocationError(
                _(
                    "Expected an allocation by one rule of %(rules)s, with %(fields)s if wanted, got "
                    "%(got)s. Correct the allocation."
                ),
                rules=list(RULES),
                fields=_FIELDS[1:],
                got=unknown or repr(document.get("rule")),
            )
        read = cls(
            rule=document["rule"],
            total=total,
            minimum=_whole(document, "minimum", FEWEST),
            maximum=None if document.get("maximum") is None else _whole(document, "maximum", 0),
            exponent=_number(document.get("exponent", "1/2"), "exponent", most=1),
            sd=_by_stratum(document, "sd"),
            cost=_by_stratum(document, "cost"),
        )
        if read.maximum is not None and read.maximum < max(read.minimum, 1):
            raise AllocationError(
                _(
                    "Expected a maximum of at least the minimum, got %(maximum)s and %(minimum)s. Correct "
                    "the allocation."
                ),
                maximum=read.maximum,
                minimum=read.minimum,
            )
        if not all(read.cost.values()):
            raise AllocationError(_("Expected costs above 0, got 0. Give every stratum the cost of a unit."))
        return read

    def divide(self, strata: Mapping[str, Sequence[int]]) -> dict[str, int]:
        """Divide the total among the strata of a frame.

        Parameters
        ----------
        strata : mapping of str to sequence of int
            The sizes of the units of each stratum.

        Returns
        -------
        dict of str to int
            Units of each stratum, sorted by name; they add up to the total.

        Raises
        ------
        AllocationError
            If the limits of the strata leave no room for the total, or there is no spread.

        Notes
        -----
        Sizes are the sums of the units, for example adults. What the rule gives is fitted between the limits,
        rounded down, and completed by largest remainders (`sampling.design.allocation.round_allocation`). A
        stratum with fewer units than the minimum gives all of them.

        Examples
        --------
        >>> AreaAllocation("equal", 5, minimum=1).divide({"a": [4, 4, 4], "b": [4, 4], "c": [1]})
        {'a': 2, 'b': 2, 'c': 1}
        """
        names = sorted(strata)
        counts = [len(strata[name]) for name in names]
        most = [min(count, self.maximum or count) for count in counts]
        least = [min(self.minimum, high) for high in most]
        if not sum(least) <= self.total <= sum(most):
            raise AllocationError(
                _(
                    "Expected a total between %(least)s and %(most)s units, the sums of the limits of "
                    "%(n)s strata, got %(total)s. Change the total, the least or the most."
                ),
                least=sum(least),
                most=sum(most),
                n=len(names),
                total=self.total,
            )
        wanted = RULES[self.rule](self, names, [float(sum(strata[name])) for name in names])
        sizes = round_allocation(wanted, minimum=least, maximum=most)
        return {name: int(size) for name, size in zip(names, sizes, strict=True)}

    def values(self, said: Mapping[str, Fraction], names: Sequence[str]) -> list[float]:
        """Return a value for each stratum: its own, that of the others, or 1."""
        return [float(said.get(name, said.get(OTHERS, 1))) for name in names]


type Rule = Callable[[AreaAllocation, Sequence[str], Sequence[float]], Vector]

RULES: Mapping[str, Rule] = {
    "equal": lambda one, names, _sizes: equal(len(names), one.total),
    "proportional": lambda one, _names, sizes: proportional(sizes, one.total),
    "neyman": lambda one, names, sizes: optimal(sizes, one.values(one.sd, names), one.total),
    "power": lambda one, names, sizes: power(
        sizes, one.values(one.sd, names), one.total, float(one.exponent)
    ),
    "cost_optimal": lambda one, names, sizes: optimal(
        sizes, one.values(one.sd, names), one.total, one.values(one.cost, names)
    ),
}
"""Rules that divide a total; those of the planner under the same names."""

_FIELDS = ("rule", "minimum", "maximum", "exponent", "sd", "cost")


def _whole(document: Mapping[str, Any], name: str, default: int) -> int:
    """Read a whole number of 0 or more."""
    value = document.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise AllocationError(
            _("Expected %(name)s to be a whole number from 0 on, got %(got)s. Correct it."),
            name=name,
            got=repr(value),
        )
    return value


def _number(value: object, name: str, *, most: int | None = None) -> Fraction:
    """Read a number of 0 or more from text, so that it is the same on every machine."""
    try:
        number = Fraction(value) if isinstance(value, str | int) else Fraction(-1)
    except (ValueError, ZeroDivisionError):
        number = Fraction(-1)
    if number < 0 or (most is not None and number > most):
        raise AllocationError(
            _("Expected %(name)s to be a number from 0 to %(most)s as text, got %(got)s. Correct it."),
            name=name,
            most="∞" if most is None else most,
            got=repr(value),
        )
    return number


def _by_stratum(document: Mapping[str, Any], name: str) -> dict[str, Fraction]:
    """Read a value for each stratum."""
    values = document.get(name, {})
    if not isinstance(values, Mapping):
        raise AllocationError(
            _("Expected %(name)s to name strata and numbers, got %(got)s. Correct it."),
            name=name,
            got=repr(values),
        )
    return {str(stratum): _number(value, name) for stratum, value in values.items()}
