"""Which figures of a release are withheld, and why: few answers, no error, or to protect another figure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from analysis.index import NATION, POOLED_SHARE
from analysis.index.nodes import CONTENT, CRITERION, ELEMENT, INDEX, IndexNode
from analysis.models import Release
from analysis.quality import find_small_cells, suppress_parts

type Row = Mapping[str, Any]
type Families = Mapping[str, Sequence[str]]

LEVELS = (INDEX, CONTENT, ELEMENT, CRITERION)
TWINS = {POOLED_SHARE: "top_two_share"}
"""Statistics that combine the same answers a second time, and the one they stand beside."""


def families_of(nodes: Iterable[IndexNode]) -> dict[str, list[str]]:
    """Return the parts that every part of an index is a mean of; each part is followed by its own."""
    families: dict[str, list[str]] = {}
    path: list[str] = []
    for node in nodes:
        depth = LEVELS.index(node.level)
        path[depth:] = [node.code]
        if depth:
            families.setdefault(path[depth - 1], []).append(node.code)
    return families


def reasons_to_withhold(rows: Sequence[Row], families: Families) -> list[str | None]:
    """Return the reason for every row of an index that may not be published, None for the others.

    The nation stands beside the provinces: a single hidden one would be the nation less the others. Where
    answers are too few, another province is therefore hidden too, the one that costs the fewest answers.
    The same holds along the index of one domain: a part is the mean of its own parts, so that a single hidden
    one would follow from the others. Each protection can open a gap of the other kind; both are repeated
    until none is left, which ends because figures are only ever hidden.
    """
    table = _Table(rows, families, [_own_reason(row) for row in rows])
    while table.hide_more():
        pass
    return table.reasons


def _own_reason(row: Row) -> str | None:
    if np.isnan(row["value"]):
        return str(Release.Withheld.NO_ANSWERS)
    if row["df"] <= 0:
        return str(Release.Withheld.NO_PRECISION)
    return str(Release.Withheld.FEW_ANSWERS) if find_small_cells(np.array(row["n"])) else None


@dataclass(eq=False)
class _Table:
    """The figures of all domains, and why they are hidden so far."""

    rows: Sequence[Row]
    families: Families
    reasons: list[str | None]
    columns: dict[tuple[str, str], list[int]] = field(init=False)
    places: dict[tuple[str, str, str], int] = field(init=False)

    def __post_init__(self) -> None:
        """Find the figures of one part, and the figure of a part in a domain."""
        self.columns, self.places = defaultdict(list), {}
        for place, row in enumerate(self.rows):
            self.columns[row["statistic"], row["node"]].append(place)
            self.places[row["domain"], row["statistic"], row["node"]] = place

    def hide_more(self) -> bool:
        """Hide what gives a hidden figure away, gap after gap; tell whether there was any."""
        places = chain(self.open_columns(), self.open_twins(), self.open_families())
        n_published = self.reasons.count(None)
        for place in places:
            self.reasons[place] = str(Release.Withheld.PROTECTS_ANOTHER)
        return self.reasons.count(None) < n_published

    def open_columns(self) -> Iterator[int]:
        """Yield what else to hide, so that no province is the nation less the others."""
        for places in self.columns.values():
            yield from self._places_to_protect(places)

    def open_twins(self) -> Iterator[int]:
        """Yield elements pooled over answers one of whose criteria is hidden: a second equation for it."""
        for (domain, statistic, node), place in self.places.items():
            beside = TWINS.get(statistic, "")
            known = [self.places.get((domain, beside, part)) for part in self.families.get(node, ())]
            if self.reasons[place] is None and any(self._is_secret(part) for part in known):
                yield place

    def open_families(self) -> Iterator[int]:
        """Yield one more part wherever a single one is hidden among a part and those it is a mean of."""
        for (domain, statistic, node), parent in self.places.items():
            found = (self.places.get((domain, statistic, part)) for part in self.families.get(node, ()))
            parts = [place for place in found if place is not None]
            hidden = [place for place in (parent, *parts) if self.reasons[place] is not None]
            if parts and len(hidden) == 1 and self._is_secret(hidden[0]):
                free = [place for place in parts if place not in hidden]
                yield min(free, key=self._cost) if free else parent

    def _cost(self, place: int) -> tuple[bool, int, int]:
        """Prefer a part already hidden in another domain, which then needs no more, and few answers."""
        row = self.rows[place]
        column = self.columns[row["statistic"], row["node"]]
        is_first = not any(self._is_secret(other) for other in column)
        return is_first, int(row["n"]), place

    def _is_secret(self, place: int | None) -> bool:
        """Tell whether a figure is hidden because of the people behind it, not for want of an error."""
        if place is None or self.reasons[place] is None:
            return False
        is_protection = self.reasons[place] == str(Release.Withheld.PROTECTS_ANOTHER)
        return is_protection or bool(find_small_cells(np.array(self.rows[place]["n"])))

    def _places_to_protect(self, places: Sequence[int]) -> list[int]:
        """Return figures of one part of the index, so far published, that would give a hidden one away."""
        provinces = [place for place in places if self.rows[place]["domain"] != NATION]
        nation = [place for place in places if self.rows[place]["domain"] == NATION]
        is_nation_hidden = all(self.reasons[place] for place in nation)
        if is_nation_hidden or not any(self._is_secret(place) for place in provinces):
            return []
        counts = np.array([int(self.rows[place]["n"]) for place in provinces])
        if np.count_nonzero(counts) == 1:
            return nation
        is_hidden = np.array([self.reasons[place] is not None for place in provinces])
        hidden = suppress_parts(counts, withheld=is_hidden & (counts > 0))
        return [place for place, more in zip(provinces, hidden & ~is_hidden, strict=True) if more]
