"""How a list is drawn from a frame of dossiers: the document "list-design/1"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sampling.design.fingerprints import digest_of_document
from sampling.design.list_coordination import ListCoordination
from sampling.design.list_order import ListOrder
from sampling.design.list_values import (
    SEPARATOR,
    STRATUM_COLUMNS,
    ListDesignError,
    cell_text,
    read_choice,
    read_columns,
    read_keys,
    read_mapping,
    read_texts,
    read_whole,
    some,
    stratum_key,
)
from sampling.design.refusals import marked as _
from sampling.design.refusals import said
from sampling.design.schemes.registry import METHODS, Method

__all__ = [
    "FRAME_COLUMNS",
    "SEPARATOR",
    "STRATUM_COLUMNS",
    "ListCoordination",
    "ListDesign",
    "ListDesignError",
    "ListOrder",
    "Selection",
    "Unit",
    "cell_text",
    "stratum_key",
]

FORMAT = "list-design/1"
FRAME_COLUMNS = (
    "id",
    "agency",
    "province",
    "predecessor_province",
    "region",
    "is_urban",
    "level",
    "field",
    "channel",
    "settled_on",
    "party",
    "person_key",
    "multiplicity",
    "size",
)
"""Columns of a frame of dossiers, in the order of its canonical form."""

MEASURE_OF_SIZE = "size"
PERCENT = 100
KEYS = (
    "format",
    "unit",
    "strata",
    "sizes",
    "allocation",
    "selection",
    "measure_of_size",
    "reserve_percent",
    "filter",
    "order",
    "coordination",
)
NEEDED_KEYS = ("unit", "strata", "sizes")


class Unit(StrEnum):
    """What is drawn."""

    DOSSIER = "dossier"
    PERSON = "person"


class Selection(StrEnum):
    """How it is drawn: methods of :data:`sampling.design.schemes.registry.METHODS` that a list can use."""

    SIMPLE_RANDOM = "simple_random"
    SYSTEMATIC = "systematic"
    BERNOULLI = "bernoulli"
    POISSON = "poisson"
    SEQUENTIAL_POISSON = "sequential_poisson"
    PARETO = "pareto"
    PPS_SYSTEMATIC = "pps_systematic"
    SAMPFORD = "sampford"
    TILLE = "tille"

    @property
    def method(self) -> Method:
        """What selects and what it promises."""
        return METHODS[self.value]


UNIT_LIMITS = {Selection.SAMPFORD: 10_000, Selection.TILLE: 20_000}
"""Units of a stratum up to which a method is offered: these look at all of them again and again."""


@dataclass(frozen=True, slots=True)
class ListDesign:
    """A checked design; :meth:`from_document` reads one.

    Parameters
    ----------
    unit : Unit
        Dossiers, or persons by their first dossier.
    strata : tuple of str
        Columns that make the strata; none for one stratum.
    sizes : tuple of ((value, …), n)
        Units wanted by stratum, sorted; the rows of a stratum with 0 take no part, as if the filter left them
        out.
    selection : Selection
        The method.
    reserve_percent : int
        Reserve of a stratum in percent of its sample, rounded up.
    allocation : mapping
        How the sizes came about; kept as it is.
    filter : mapping of column to tuple of str
        Rows that are left in: those with one of the values in every column.
    order : ListOrder
        How a systematic selection walks through a stratum: by id, unless it says more.
    coordination : ListCoordination or None
        How the list avoids or meets that of an earlier round.
    """

    unit: Unit
    strata: tuple[str, ...]
    sizes: tuple[tuple[tuple[str, ...], int], ...]
    selection: Selection = Selection.SIMPLE_RANDOM
    reserve_percent: int = 0
    allocation: Mapping[str, Any] = field(default_factory=dict)
    filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: ListOrder = field(default_factory=ListOrder)
    coordination: ListCoordination | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ListDesign":
        """Read and check a document.

        Parameters
        ----------
        document : mapping
            ``format``, ``unit``, ``strata`` and ``sizes``; optional are ``allocation``, ``selection``,
            ``measure_of_size``, ``reserve_percent``, ``filter``, ``order`` and ``coordination``.

        Returns
        -------
        ListDesign
            The design, in canonical form whatever the order of the sizes and of the filter.

        Raises
        ------
        ListDesignError
            If something is missing, unknown, twice or contradictory.

        Examples
        --------
        >>> design = ListDesign.from_document(
        ...     {
        ...         "format": "list-design/1",
        ...         "unit": "dossier",
        ...         "strata": ["province"],
        ...         "sizes": [[["79"], 60], [["01"], 40]],
        ...         "reserve_percent": 10,
        ...     }
        ... )
        >>> design.wanted, design.reserves
        ({'01': 40, '79': 60}, {'01': 4, '79': 6})
        """
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            found = document.get("format") if isinstance(document, Mapping) else type(document).__name__
            raise ListDesignError(
                _("a document of the format %(format)s"), repr(found), _("Check the file."), format=FORMAT
            )
        read_keys(document, KEYS, NEEDED_KEYS)
        coordination = document.get("coordination")
        strata = read_columns(document["strata"], "strata")
        design = cls(
            unit=read_choice(Unit, document["unit"], "unit"),
            strata=strata,
            sizes=_sizes(document["sizes"], len(strata)),
            selection=read_choice(Selection, document.get("selection", Selection.SIMPLE_RANDOM), "selection"),
            reserve_percent=read_whole(document.get("reserve_percent", 0), "reserve_percent"),
            allocation=read_mapping(document.get("allocation", {}), "allocation"),
            filter=_filter(document.get("filter", {})),
            order=ListOrder.from_document(document.get("order", {"by": []})),
            coordination=None if coordination is None else ListCoordination.from_document(coordination),
        )
        _check_selection(design, document)
        _check_coordination(design)
        return design

    @property
    def wanted(self) -> dict[str, int]:
        """Units wanted by stratum key."""
        return {stratum_key(values): n for values, n in self.sizes}

    @property
    def reserves(self) -> dict[str, int]:
        """Units of the reserve by stratum key: the percentage of the sample, rounded up."""
        return {key: -(-n * self.reserve_percent // PERCENT) for key, n in self.wanted.items()}

    @property
    def left_out(self) -> frozenset[str]:
        """Keys of the strata of size 0: no row of theirs can be drawn, counts or stands for a person."""
        return frozenset(key for key, n in self.wanted.items() if not n)

    @property
    def takes_all_rows(self) -> bool:
        """Tell whether every row of the frame takes part: there is no filter and no stratum of size 0."""
        return not self.filter and not self.left_out

    @property
    def n_wanted(self) -> int:
        """Units wanted in all, without reserves."""
        return sum(n for _values, n in self.sizes)

    @property
    def measure_of_size(self) -> str | None:
        """The column of sizes, or None where all units have the same chance."""
        return MEASURE_OF_SIZE if self.selection.method.needs_size else None

    @property
    def uses_numbers(self) -> bool:
        """Tell whether the units are drawn by a number each, other than simply at random by the seed."""
        by_seed = self.selection is Selection.SIMPLE_RANDOM and self.coordination is None
        return self.selection.method.supports_coordination and not by_seed

    def document(self) -> dict[str, Any]:
        """Return the canonical document: lists of values are sorted, order and coordination stand if used.

        Returns
        -------
        dict
            What :meth:`from_document` reads back to an equal design.
        """
        further = {"order": self.order.document()} if self.order.by else {}
        if self.coordination is not None:
            further["coordination"] = self.coordination.document()
        return further | {
            "format": FORMAT,
            "unit": self.unit.value,
            "strata": list(self.strata),
            "sizes": [[list(values), n] for values, n in self.sizes],
            "allocation": dict(self.allocation),
            "selection": self.selection.value,
            "measure_of_size": self.measure_of_size,
            "reserve_percent": self.reserve_percent,
            "filter": {column: list(self.filter[column]) for column in sorted(self.filter)},
        }

    def digest(self) -> str:
        """Return the SHA-256 of the canonical document.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        return digest_of_document(self.document())

    def check_counts(self, counts: Mapping[str, int]) -> None:
        """Refuse a frame that cannot give what is wanted.

        Parameters
        ----------
        counts : mapping of stratum key to int
            Units of the frame that the filter leaves in, by stratum.

        Raises
        ------
        ListDesignError
            If strata have fewer units than wanted, or more than the method can look at, or strata of the
            frame have no size; the strata are named.

        Examples
        --------
        >>> design = ListDesign(Unit.DOSSIER, ("province",), ((("01",), 40),))
        >>> design.check_counts({"01": 1000})
        >>> design.check_counts({"01": 39})
        Traceback (most recent call last):
        sampling.design.list_values.ListDesignError: Expected at least as many units as wanted in every \
stratum, got 01 (wanted 40, there are 39). Lower these sizes or join the strata with others.
        """
        wanted = self.wanted
        short = [
            said(
                _("%(stratum)s (wanted %(wanted)s, there are %(there)s)"),
                stratum=key,
                wanted=n,
                there=counts.get(key, 0),
            )
            for key, n in wanted.items()
            if counts.get(key, 0) < n
        ]
        if short:
            raise ListDesignError(
                _("at least as many units as wanted in every stratum"),
                some(short),
                _("Lower these sizes or join the strata with others."),
            )
        left_out = sorted(key for key, n in counts.items() if n > 0 and key not in wanted)
        if left_out:
            raise ListDesignError(
                _("a size for every stratum of the frame"),
                said(_("none for %(strata)s"), strata=some(left_out)),
                _("Give them a size (0 leaves them out on purpose) or leave them out by the filter."),
            )
        self._check_limit(counts)

    def _check_limit(self, counts: Mapping[str, int]) -> None:
        """Refuse strata that are too large for a method that looks at all units again and again."""
        limit = UNIT_LIMITS.get(self.selection)
        if limit is None:
            return
        there = {key: counts.get(key, 0) for key, n in self.wanted.items() if n}
        large = [
            said(_("%(stratum)s (there are %(there)s)"), stratum=key, there=count)
            for key, count in there.items()
            if count > limit
        ]
        if large:
            raise ListDesignError(
                _("at most %(limit)s units in a stratum with %(method)s"),
                some(large),
                _("Make smaller strata, or take pps_systematic or pareto."),
                limit=limit,
                method=self.selection.value,
            )


def _sizes(value: object, n_columns: int) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Read pairs of stratum values and a size, and sort them."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ListDesignError(_("sizes to be a list of [values, n]"), repr(value), _('Write [[["01"], 40]].'))
    sizes = [_size(pair, n_columns) for pair in value]
    values = [key for key, _n in sizes]
    twice = sorted({stratum_key(key) for key in values if values.count(key) > 1}) if _repeats(values) else []
    if twice:
        raise ListDesignError(_("every stratum once in sizes"), some(twice), _("Add their sizes up."))
    return tuple(sorted(sizes))


def _repeats(values: Sequence[tuple[str, ...]]) -> bool:
    return len(set(values)) < len(values)


def _size(pair: object, n_columns: int) -> tuple[tuple[str, ...], int]:
    """Read the size of one stratum."""
    n_parts = 2
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != n_parts:
        raise ListDesignError(_("sizes to hold pairs [values, n]"), repr(pair), _('Write [["01"], 40].'))
    values = read_texts(pair[0], "the values of a stratum")
    if len(values) != n_columns:
        raise ListDesignError(
            _("%(n)s values in every stratum of sizes"),
            repr(pair[0]),
            _("Give one per column of strata."),
            n=n_columns,
        )
    return values, read_whole(pair[1], f"the size of {stratum_key(values)}")


def _filter(value: object) -> dict[str, tuple[str, ...]]:
    """Read the values to keep by column."""
    rows = read_mapping(value, "filter")
    read_columns(list(rows), "filter")
    kept = {column: tuple(sorted(set(read_texts(rows[column], f"filter of {column}")))) for column in rows}
    empty = [column for column, values in kept.items() if not values]
    if empty:
        raise ListDesignError(_("at least one value in every filter"), some(empty), _("Take the filter out."))
    return kept


def _check_selection(design: ListDesign, document: Mapping[str, Any]) -> None:
    """Refuse a measure of size, a reserve or an order that does not go with the selection."""
    name = design.selection.value
    measure = document.get("measure_of_size", design.measure_of_size)
    if measure != design.measure_of_size:
        raise ListDesignError(
            _("measure_of_size %(measure)s with %(method)s"),
            repr(measure),
            _("Change the selection or the measure of size."),
            measure=repr(design.measure_of_size),
            method=name,
        )
    if design.selection is not Selection.SIMPLE_RANDOM and design.reserve_percent:
        raise ListDesignError(
            _("no reserve with %(method)s"),
            said(_("%(n)s percent"), n=design.reserve_percent),
            _(
                "Ask for more units instead, or select simply at random: only a random order can be "
                "continued."
            ),
            method=name,
        )
    if design.order.by and not design.selection.method.uses_order:
        raise ListDesignError(
            _("no order with %(method)s"),
            some(design.order.by),
            _("Only systematic selection walks through a list in its order. Take the order out."),
            method=name,
        )
    if not design.n_wanted:
        raise ListDesignError(_("at least one unit wanted"), "0", _("Give a stratum a size."))


def _check_coordination(design: ListDesign) -> None:
    """Refuse to coordinate what has no permanent units, or no number for each of them."""
    if design.coordination is None:
        return
    if design.unit is not Unit.PERSON:
        raise ListDesignError(
            _("persons in a coordinated design"),
            said(_("the unit %(unit)s"), unit=design.unit.value),
            _("The dossiers of two rounds are never the same. Draw persons, or draw without coordination."),
        )
    if not design.selection.method.supports_coordination:
        able = ", ".join(each.value for each in Selection if each.method.supports_coordination)
        raise ListDesignError(
            _("a method with one number per unit (%(able)s) in a coordinated design"),
            design.selection.value,
            _("Take one of these, or draw without coordination."),
            able=able,
        )
