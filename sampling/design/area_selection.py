"""How the units of an area stage are ordered and selected, as a sampling template says it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from sampling.design.refusals import Said, said
from sampling.design.refusals import marked as _
from sampling.design.schemes.registry import METHODS, Method
from sampling.design.schemes.serpentine import serpentine_order
from sampling.design.schemes.units import Unit, target_probabilities
from sampling.design.selection import Selected, SelectionError, select_systematic

TYPE_ORDER = ("phường", "thị trấn", "xã", "đặc khu")
"""Types of communes from town to island, in which a stratum is sorted; other types follow by name."""

DISTRICT_TYPE_ORDER = ("quận", "thành phố", "thị xã", "huyện")
"""Types of districts from town to country, which the first stage had until 30 June 2025."""

TYPES_IN_ORDER = (*TYPE_ORDER, *DISTRICT_TYPE_ORDER)
_TYPE_RANK = {name: rank for rank, name in enumerate(TYPES_IN_ORDER)}

UNIT_TYPE, RANDOM, SERPENTINE, SIZE, CODE, COUNT = (
    "unit_type", "random", "serpentine", "size", "code", "count",
)  # fmt: skip
SERPENTINE_KEYS = (UNIT_TYPE, SIZE, CODE)
"""Keys of a serpentine order; every key after the first goes up in one group and down in the next."""

BY_TYPE = (UNIT_TYPE, RANDOM)
"""The order of a stage that names none."""

BALANCING_VARIABLES = (SIZE, COUNT, UNIT_TYPE)
"""Size, 1 for each unit, and one indicator for each type of unit that the list has."""

PPS_SYSTEMATIC, SYSTEMATIC, CUBE = "pps_systematic", "systematic", "cube"
WITH_START = frozenset({PPS_SYSTEMATIC, SYSTEMATIC})
"""Methods that a random start and the order of the list decide alone."""

AREA_METHODS = (
    PPS_SYSTEMATIC, "pps_systematic_random", "sampford", "tille", "pareto", "sequential_poisson", "poisson",
    CUBE, "simple_random", SYSTEMATIC, "bernoulli",
)  # fmt: skip
"""The methods that an area stage may name."""

START = "start"
"""Label of the randomness of a selection, after the stage and before the stratum."""

LARGEST_CHANCE_OF_NONE = Fraction(1, 1_000)
"""Above this chance that some list gives no unit at all, a method of random sample size is refused."""

type Values = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AreaSelection:
    """How an area stage is selected.

    Attributes
    ----------
    method : str
        One of `AREA_METHODS`.
    by_size : bool
        Whether probabilities are proportional to size; else they are equal.
    order : tuple of str
        ``unit_type`` (optional) and ``random``, or ``serpentine`` and some of `SERPENTINE_KEYS`.
    balance : tuple of str
        For the cube: some of `BALANCING_VARIABLES`, the most important first.

    Examples
    --------
    >>> AreaSelection.from_document({"selection": "pareto", "order": ["random"]}).is_approximate
    True
    """

    method: str = PPS_SYSTEMATIC
    by_size: bool = True
    order: tuple[str, ...] = BY_TYPE
    balance: tuple[str, ...] = ()

    @classmethod
    def from_document(cls, stage: Mapping[str, Any], *, is_first: bool = True) -> "AreaSelection":
        """Read how an area stage is selected.

        Parameters
        ----------
        stage : mapping
            A stage of a sampling template: ``selection``, ``order``, for the cube ``balance``, and
            ``measure_of_size``, without which the probabilities of the cube are equal.
        is_first : bool, optional
            Whether no other stage lies above.

        Returns
        -------
        AreaSelection
            What the stage says; a stage without an order is sorted by type.

        Raises
        ------
        SelectionError
            If the method, the order or a balancing variable is another one, or the sample size is random
            below the first stage.
        """
        method = stage["selection"]
        found = cls(
            method=method,
            by_size=bool(stage.get("measure_of_size")) if method == CUBE else _needs_size(method),
            order=tuple(stage.get("order", BY_TYPE)),
            balance=tuple(stage.get("balance", ())),
        )
        for expected, is_met in _rules(found, is_first=is_first):
            if not is_met:
                raise SelectionError(
                    _("Expected %(expected)s. Correct the stage '%(stage)s'."),
                    expected=expected,
                    stage=stage.get("code", ""),
                )
        return found

    @property
    def scheme(self) -> Method:
        """What selects, and what it promises."""
        return METHODS[self.method]

    @property
    def is_approximate(self) -> bool:
        """Whether the probabilities of units that are not certain are met only nearly."""
        return not self.scheme.is_exact

    @property
    def has_start(self) -> bool:
        """Whether a random start and the order of the list decide alone."""
        return self.method in WITH_START

    @property
    def is_serpentine(self) -> bool:
        """Whether the list is sorted like a winding road."""
        return self.order[:1] == (SERPENTINE,)

    @property
    def uses_type_in_order(self) -> bool:
        """Whether the list is sorted by type."""
        return UNIT_TYPE in self.order

    @property
    def uses_type(self) -> bool:
        """Whether the types of the units take part, in the order or in the balance."""
        return self.uses_type_in_order or UNIT_TYPE in self.balance

    @property
    def needs_second_format(self) -> bool:
        """Whether the first format of the design of a stage cannot say this."""
        return self.method != PPS_SYSTEMATIC or self.is_serpentine

    def counting_sizes(self, sizes: Iterable[int]) -> Values:
        """Return the sizes to which probabilities are proportional: all 1 where they are equal.

        Parameters
        ----------
        sizes : iterable of int
            Measure of size of each unit.

        Returns
        -------
        tuple of int
            In the order given.

        Examples
        --------
        >>> AreaSelection("systematic", by_size=False).counting_sizes([30, 20])
        (1, 1)
        """
        return tuple(size if self.by_size else 1 for size in sizes)

    def balancing_values(self, units: Sequence[tuple[int, str]]) -> tuple[Values, ...]:
        """Return the balancing variables of the units of one list.

        Parameters
        ----------
        units : sequence of (size, type)
            In the order of the list.

        Returns
        -------
        tuple of tuple of int
            One for each unit, empty without a balance. The indicators of the types follow each other as
            `type_rank` sorts the types that the list has.

        Examples
        --------
        >>> cube = AreaSelection("cube", by_size=False, balance=("size", "unit_type"))
        >>> cube.balancing_values([(30, "xã"), (20, "phường")])
        ((30, 0, 1), (20, 1, 0))
        """
        types = sorted({unit_type for _size, unit_type in units}, key=type_rank)
        return tuple(
            tuple(value for name in self.balance for value in _variable(name, size, unit_type, types))
            for size, unit_type in units
        )

    def select(
        self,
        units: Sequence[Unit],
        n: int,
        *,
        start: int | None,
        seed: str,
        labels: tuple[str, ...],
    ) -> list[Selected]:
        """Select from a sorted list.

        Parameters
        ----------
        units : sequence of Unit
            With the sizes of the frame, in the order of the list.
        n : int
            Units wanted.
        start : int or None
            The random start, for methods that have one.
        seed : str
            The seed of the stage, for the others.
        labels : tuple of str
            What the selection is for.

        Returns
        -------
        list of Selected
            In the order of the list.

        Raises
        ------
        SelectionError
            If the units, `n` or the start cannot be.

        Examples
        --------
        >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
        >>> drawn = AreaSelection("tille").select(units, 2, start=None, seed="2026", labels=("commune",))
        >>> len(drawn)
        2
        """
        sizes = self.counting_sizes(unit.size for unit in units)
        if self.has_start:
            return select_systematic(sizes, n, start)
        counting = [Unit(unit.id, size, unit.balance) for unit, size in zip(units, sizes, strict=True)]
        return self.scheme.scheme(counting, n, seed, *labels)

    def chance_of_none(self, sizes: Sequence[int], n: int) -> Fraction:
        """Return the chance that a list gives no unit at all.

        Parameters
        ----------
        sizes : sequence of int
            Measure of size of each unit of the list, positive.
        n : int
            Units wanted.

        Returns
        -------
        Fraction
            The product of 1 - π where every unit is drawn on its own; 0 for samples of fixed size.

        Examples
        --------
        >>> str(AreaSelection("bernoulli", by_size=False).chance_of_none([30, 20, 50, 40], 2))
        '1/16'
        """
        if self.scheme.has_fixed_size:
            return Fraction(0)
        return prod((1 - pi for pi in target_probabilities(self.counting_sizes(sizes), n)), start=Fraction(1))


def type_rank(unit_type: str) -> tuple[int, str]:
    """Rank a unit by its type; types that `TYPES_IN_ORDER` does not have follow by name.

    Parameters
    ----------
    unit_type : str
        Type of unit, such as ``xã``.

    Returns
    -------
    tuple
        What sorts.

    Examples
    --------
    >>> sorted(["xã", "khác", "phường"], key=type_rank)
    ['phường', 'xã', 'khác']
    """
    return _TYPE_RANK.get(unit_type, len(_TYPE_RANK)), unit_type


def serpentine_codes(units: Mapping[str, tuple[int, str]], keys: Sequence[str]) -> list[str]:
    """Sort units like a winding road.

    Parameters
    ----------
    units : mapping of code to (size, type)
        The units of one list.
    keys : sequence of str
        Some of `SERPENTINE_KEYS`, the first one sorted first.

    Returns
    -------
    list of str
        Codes in order; units alike in all keys stand by code.

    Examples
    --------
    >>> units = {"1": (9, "xã"), "2": (3, "phường"), "3": (5, "phường"), "4": (7, "xã")}
    >>> serpentine_codes(units, ["unit_type", "size"])
    ['2', '3', '1', '4']
    """
    return serpentine_order(
        {
            code: [{UNIT_TYPE: type_rank(unit_type), SIZE: size, CODE: code}[key] for key in keys]
            for code, (size, unit_type) in units.items()
        }
    )


def _rules(selection: AreaSelection, *, is_first: bool) -> Iterable[tuple[Said, bool]]:
    """Yield what is expected of a stage, and whether it holds."""
    yield (
        said(
            _("a selection out of %(known)s, got '%(got)s'"), known=list(AREA_METHODS), got=selection.method
        ),
        selection.method in METHODS,
    )
    yield (
        said(
            _(
                "%(method)s at the first stage only: its sample size is random, and a unit drawn above could "
                "be left without any unit"
            ),
            method=selection.method,
        ),
        is_first or METHODS[selection.method].has_fixed_size,
    )
    yield (
        said(
            _(
                "the order unit_type, random or random, or serpentine followed by keys out of %(keys)s, each "
                "once, got %(got)s"
            ),
            keys=list(SERPENTINE_KEYS),
            got=selection.order or said(_("nothing")),
        ),
        _is_order(selection.order),
    )
    yield (
        said(_("a balance exactly when selection is %(method)s"), method=CUBE),
        bool(selection.balance) == (selection.method == CUBE),
    )
    yield (
        said(
            _("a balance of %(known)s, each once, got %(got)s"),
            known=list(BALANCING_VARIABLES),
            got=selection.balance,
        ),
        set(selection.balance) <= set(BALANCING_VARIABLES)
        and len(set(selection.balance)) == len(selection.balance),
    )


def _needs_size(method: str) -> bool:
    """Tell whether a method selects by size; one that is not known is refused elsewhere."""
    return method not in METHODS or METHODS[method].needs_size


def _is_order(order: tuple[str, ...]) -> bool:
    """Tell whether a list can be sorted like this."""
    first, *keys = order or ("",)
    if first == SERPENTINE:
        return bool(keys) and len(set(keys)) == len(keys) and set(keys) <= set(SERPENTINE_KEYS)
    return bool(order) and set(order) <= {UNIT_TYPE, RANDOM}


def _variable(name: str, size: int, unit_type: str, types: Sequence[str]) -> Values:
    """Return what one balancing variable says of a unit."""
    values = {SIZE: (size,), COUNT: (1,), UNIT_TYPE: tuple(int(unit_type == each) for each in types)}
    return values[name]
