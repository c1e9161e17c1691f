"""Complementary suppression: hide as little more as needed, so that no hidden cell can be computed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from analysis.estimation import BoolArray, FloatArray, IntArray
from analysis.quality.disclosure import MINIMUM_PUBLISHED, find_small_cells
from analysis.quality.errors import SuppressionError

MARGINS = ("rows", "columns", "grand")
_TABLE = 2
_ALREADY_HIDDEN = 1e-6


@dataclass(frozen=True, eq=False)
class TableSuppression:
    """Which cells of a table with margins are hidden, and why.

    Attributes
    ----------
    counts : int array, shape (r + 1, c + 1)
        The table with its row totals (last column), column totals (last row) and grand total.
    is_primary : bool array, same shape
        Hidden because they rest on too few people, or because the caller says so.
    is_hidden : bool array, same shape
        Primary ones and those that protect them; margins that are not published count as hidden.
    """

    counts: IntArray
    is_primary: BoolArray
    is_hidden: BoolArray

    @property
    def cells(self) -> BoolArray:
        """Hidden cells without the margins, shape (r, c)."""
        return self.is_hidden[:-1, :-1]

    @property
    def row_totals(self) -> BoolArray:
        """Hidden row totals, shape (r,)."""
        return self.is_hidden[:-1, -1]

    @property
    def column_totals(self) -> BoolArray:
        """Hidden column totals, shape (c,)."""
        return self.is_hidden[-1, :-1]

    def masked(self) -> FloatArray:
        """Return the table with margins, NaN where hidden."""
        return np.where(self.is_hidden, np.nan, self.counts)


def suppress_table(
    counts: IntArray | Sequence[Sequence[int]],
    *,
    minimum: int = MINIMUM_PUBLISHED,
    withheld: BoolArray | None = None,
    margins: Iterable[str] = MARGINS,
) -> TableSuppression:
    """Hide small cells, and others so that nobody can compute them from the rest.

    Parameters
    ----------
    counts : int array, shape (r, c)
        People behind each cell, at least 0; cells add up to their totals.
    minimum : int
        Least number that may be published, as a cell, as a total, or as what is left of a published total
        when the visible cells are subtracted.
    withheld : bool array, shape (r, c), optional
        Further cells to hide, for example those without an error.
    margins : iterable of {"rows", "columns", "grand"}
        Which totals are published.

    Returns
    -------
    TableSuppression

    Raises
    ------
    SuppressionError
        If the counts are no table, or a cell cannot be protected.

    Notes
    -----
    Rows and columns, totals included, are the vertices of a bipartite graph and hidden cells its edges. The
    published totals determine a hidden cell exactly if its edge is a bridge, one that lies on no cycle. Each
    bridge is therefore closed to the cheapest cycle: the path between its ends along which the fewest people
    are hidden in addition. Empty cells are never hidden for protection, since they are easily guessed; totals
    only if nothing else helps; the grand total never. Intervals that follow from counts being at least 0
    remain.

    References
    ----------
    Gusfield (1988), SIAM Journal on Computing 17. Cox (1995), JASA 90. Hundepool et al. (2012), Statistical
    Disclosure Control, section 4.4.

    Examples
    --------
    >>> table = suppress_table([[3, 40, 50], [60, 20, 90], [70, 80, 30]])
    >>> table.cells.astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    >>> bool(find_computable_cells(table.is_hidden).any())
    False
    """
    full = add_margins(counts)
    is_free = _unpublished(full.shape, tuple(margins))
    is_primary = find_small_cells(full, minimum=minimum) & ~is_free
    if withheld is not None:
        is_primary[:-1, :-1] |= withheld
    cost = _costs(full)
    is_hidden = is_primary | is_free
    while True:
        exposed = find_computable_cells(is_hidden) & ~is_free
        if exposed.any():
            _close_cycle(is_hidden, cost, exposed)
        elif not _widen_thin_line(is_hidden, full, cost, minimum):
            return TableSuppression(full, is_primary, is_hidden)


def suppress_parts(
    counts: IntArray | Sequence[int],
    *,
    minimum: int = MINIMUM_PUBLISHED,
    withheld: BoolArray | None = None,
) -> BoolArray:
    """Hide small parts of a published whole, and one more where a single one would be the difference.

    Parameters
    ----------
    counts : int array, shape (k,)
        People behind the parts, for example the provinces; their sum, the nation, is published.
    minimum : int
        Least number that may be published, or found as the difference.
    withheld : bool array, shape (k,), optional
        Further parts to hide.

    Returns
    -------
    bool array, shape (k,)

    Raises
    ------
    SuppressionError
        If a part cannot be protected.

    Examples
    --------
    >>> suppress_parts([4, 300, 25, 60]).tolist()
    [True, False, True, False]
    """
    parts = np.atleast_2d(np.asarray(counts))
    marked = None if withheld is None else np.atleast_2d(withheld)
    table = suppress_table(parts, minimum=minimum, withheld=marked, margins=("rows", "grand"))
    return np.asarray(table.cells[0])


def add_margins(counts: IntArray | Sequence[Sequence[int]]) -> IntArray:
    """Append row totals, column totals and the grand total.

    Examples
    --------
    >>> add_margins([[1, 2], [3, 4]]).tolist()
    [[1, 2, 3], [3, 4, 7], [4, 6, 10]]
    """
    table = np.asarray(counts)
    if table.ndim != _TABLE or not np.issubdtype(table.dtype, np.integer) or table.min(initial=0) < 0:
        raise SuppressionError(
            expected="a table of whole counts of at least 0",
            got=f"{table.dtype} of shape {table.shape}, the smallest {table.min(initial=0)}",
            hint="Pass the number of people behind each figure, not the figure.",
        )
    rows = np.column_stack([table, table.sum(axis=1)])
    return np.vstack([rows, rows.sum(axis=0)]).astype(np.int64)


def find_computable_cells(is_hidden: BoolArray) -> BoolArray:
    """Mark hidden cells that follow from the published ones by adding and subtracting: the bridges.

    Parameters
    ----------
    is_hidden : bool array, shape (r + 1, c + 1)
        With margins; a margin that is not published is hidden.

    Returns
    -------
    bool array, same shape

    References
    ----------
    Gusfield (1988), SIAM Journal on Computing 17. Tarjan (1974), Information Processing Letters 2.

    Examples
    --------
    >>> hidden = np.array([[True, True, False], [False, False, False], [False, True, False]])
    >>> find_computable_cells(hidden).astype(int).tolist()
    [[1, 1, 0], [0, 0, 0], [0, 1, 0]]
    """
    n_rows = len(is_hidden)
    found = np.zeros_like(is_hidden)
    for first, second in _bridges(_neighbours(is_hidden)):
        row, column = min(first, second), max(first, second) - n_rows
        found[row, column] = True
    return found


def _neighbours(is_hidden: BoolArray) -> list[list[int]]:
    """Vertices next to each vertex: rows first, then columns."""
    n_rows, n_columns = is_hidden.shape
    rows = [(n_rows + np.flatnonzero(line)).tolist() for line in is_hidden]
    return rows + [np.flatnonzero(is_hidden[:, column]).tolist() for column in range(n_columns)]


def _bridges(neighbours: list[list[int]]) -> Iterator[tuple[int, int]]:
    """Yield the edges of a graph that lie on no cycle, by depth-first search."""
    order = [0] * len(neighbours)
    lowest = [0] * len(neighbours)
    clock = 0
    for root in range(len(neighbours)):
        path = [] if order[root] else [(root, -1, iter(neighbours[root]))]
        while path:
            vertex, parent, waiting = path[-1]
            if not order[vertex]:
                clock += 1
                order[vertex] = lowest[vertex] = clock
            following = next((other for other in waiting if other != parent), None)
            if following is None:
                path.pop()
                if path and lowest[vertex] > order[parent]:
                    yield parent, vertex
                if path:
                    lowest[parent] = min(lowest[parent], lowest[vertex])
            elif order[following]:
                lowest[vertex] = min(lowest[vertex], order[following])
            else:
                path.append((following, vertex, iter(neighbours[following])))


def _unpublished(shape: tuple[int, ...], margins: tuple[str, ...]) -> BoolArray:
    strange = sorted(set(margins) - set(MARGINS))
    if strange:
        raise SuppressionError(
            expected=f"margins among {', '.join(MARGINS)}",
            got=", ".join(strange),
            hint="Name published ones.",
        )
    is_free = np.zeros(shape, dtype=bool)
    is_free[:-1, -1] = "rows" not in margins
    is_free[-1, :-1] = "columns" not in margins
    is_free[-1, -1] = "grand" not in margins
    return is_free


def _costs(full: IntArray) -> FloatArray:
    """People lost by hiding a cell; infinite for empty cells and the grand total, and high for totals."""
    cost = np.where(full > 0, full, np.inf).astype(float)
    cost[:-1, -1] += full[-1, -1]
    cost[-1, :-1] += full[-1, -1]
    cost[-1, -1] = np.inf
    return cost


def _close_cycle(is_hidden: BoolArray, cost: FloatArray, exposed: BoolArray) -> None:
    """Hide the cells of the cheapest cycle through the first exposed one."""
    row, column = (int(place) for place in np.argwhere(exposed)[0])
    n_rows = len(is_hidden)
    lengths = np.where(is_hidden, _ALREADY_HIDDEN, cost)
    lengths[row, column] = np.inf
    rows, columns = np.nonzero(np.isfinite(lengths))
    size = sum(is_hidden.shape)
    graph = coo_array((lengths[rows, columns], (rows, n_rows + columns)), shape=(size, size)).tocsr()
    _distance, before = dijkstra(graph, directed=False, indices=row, return_predecessors=True)
    place = n_rows + column
    if before[place] < 0:
        raise SuppressionError(
            expected="other cells of the same rows and columns to hide",
            got=f"none for the cell in row {row + 1} and column {column + 1}",
            hint="Merge categories or leave out a total.",
        )
    while place != row:
        previous = int(before[place])
        is_hidden[min(place, previous), max(place, previous) - n_rows] = True
        place = previous


def _widen_thin_line(is_hidden: BoolArray, full: IntArray, cost: FloatArray, minimum: int) -> bool:
    """Hide one more cell in a line whose hidden cells together are too few; tell whether there was one."""
    for hidden, sizes, costs in (
        *zip(is_hidden, full, cost, strict=True),
        *zip(is_hidden.T, full.T, cost.T, strict=True),
    ):
        together = sizes[:-1][hidden[:-1]].sum()
        if hidden[-1] or not 0 < together < minimum:
            continue
        open_costs = np.where(hidden[:-1], np.inf, costs[:-1])
        if np.isfinite(open_costs).any():
            hidden[int(open_costs.argmin())] = True
            return True
    return False
