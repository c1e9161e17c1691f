"""The order in which a list is walked through by systematic selection."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sampling.design.fingerprints import Cell
from sampling.design.list_values import STRATUM_COLUMNS, cell_text, read_columns, read_flag, read_keys
from sampling.design.schemes.serpentine import serpentine_order

ORDER_COLUMNS = (*STRATUM_COLUMNS, "settled_on")
"""Columns by which a list may be sorted before its ids."""

KEYS = ("by", "serpentine")


@dataclass(frozen=True, slots=True)
class ListOrder:
    """Columns by which a stratum is sorted; units that agree in all of them stand in the order of their ids.

    Parameters
    ----------
    by : tuple of str
        Columns, the first one sorted first; none for the order of the ids alone.
    is_serpentine : bool
        Whether every second group is turned round, so that neighbours are alike.
    """

    by: tuple[str, ...] = ()
    is_serpentine: bool = False

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Read and check the value of ``order`` in a design.

        Parameters
        ----------
        document : object
            ``{"by": [columns], "serpentine": false}``.

        Returns
        -------
        ListOrder
            The order.

        Raises
        ------
        ListDesignError
            If a column is unknown or stands twice, or a key is unknown.

        Examples
        --------
        >>> ListOrder.from_document({"by": ["agency", "field"], "serpentine": True})
        ListOrder(by=('agency', 'field'), is_serpentine=True)
        """
        keys = read_keys(document, KEYS, ["by"], "order")
        by = read_columns(keys["by"], "order", ORDER_COLUMNS)
        return cls(by, bool(by) and read_flag(keys.get("serpentine", False), "serpentine"))

    def document(self) -> dict[str, Any]:
        """Return the canonical document.

        Returns
        -------
        dict
            What :meth:`from_document` reads back.
        """
        return {"by": list(self.by), "serpentine": self.is_serpentine}

    def sorted_ids(self, rows: Mapping[str, Callable[[str], Cell]]) -> list[str]:
        """Return ids in this order.

        Parameters
        ----------
        rows : mapping of str to callable
            What gives the cell of a column, by id.

        Returns
        -------
        list of str
            Ids; text is compared by code point, a missing value is empty text.

        Examples
        --------
        >>> cells = {"a": {"field": "land"}, "b": {"field": "civil"}}
        >>> ListOrder(("field",)).sorted_ids({unit: row.__getitem__ for unit, row in cells.items()})
        ['b', 'a']
        """
        keys = {unit: self._key(cell) for unit, cell in rows.items()}
        if self.is_serpentine:
            return serpentine_order(keys)
        return sorted(keys, key=lambda unit: (keys[unit], unit))

    def _key(self, cell: Callable[[str], Cell]) -> tuple[str, ...]:
        return tuple(cell_text(cell(name)) for name in self.by)


def order_text(order: ListOrder, expressions: Iterable[str]) -> tuple[str, str]:
    """Return query text that puts units in an order.

    Parameters
    ----------
    order : ListOrder
        The order.
    expressions : iterable of str
        One column of ``units`` for each column of the order.

    Returns
    -------
    ranks : str
        Further columns of ``units``, each with a comma before it.
    order_by : str
        What stands after ``ORDER BY``, inside one stratum.

    Notes
    -----
    In a serpentine order the ranks of the groups above decide the direction: every group whose ranks add up
    to an odd number is turned round, as :func:`sampling.design.schemes.serpentine.serpentine_order` does.

    Examples
    --------
    >>> order_text(ListOrder(("field",)), ["by_1"])
    ('', 'by_1, id')
    """
    columns = list(expressions)
    if not order.is_serpentine:
        return "", ", ".join([*columns, "id"])
    ranks, turned = [], []
    for place, column in enumerate(columns):
        above = ", ".join(["stratum", *columns[:place]])
        ranks.append(f", dense_rank() OVER (PARTITION BY {above} ORDER BY {column}) - 1 AS rank_{place + 1}")
        parity = " + ".join(["0", *(f"rank_{before + 1}" for before in range(place))])
        rank = f"rank_{place + 1}"
        turned.append(f"CASE WHEN ({parity}) % 2 = 0 THEN {rank} ELSE -{rank} END")
    parity = " + ".join(f"rank_{place + 1}" for place in range(len(columns)))
    forward = f"CASE WHEN ({parity}) % 2 = 0 THEN id ELSE '' END"
    backward = f"CASE WHEN ({parity}) % 2 = 1 THEN id ELSE '' END DESC"
    return "".join(ranks), ", ".join([*turned, forward, backward])
