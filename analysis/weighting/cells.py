"""Thin cells: which are merged with which before weights are adjusted, by a rule that can be read.

A cell is thin with fewer answers or PSUs than the minimum. Within a parent (for example a province) all
thin cells are pooled; while the pool is thin, the cell of the same parent with the fewest answers joins it
(ties by label). What is thin as a whole parent goes through the same rule within the next wider parent (for
example the region), and at last among all cells.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.weighting.errors import WeightingError

MINIMUM_ANSWERS = 30
MINIMUM_PSUS = 2

type Parents = Mapping[str, str] | Sequence[Mapping[str, str]]
"""Parent of every label; or several such mappings from near to wide, each parent inside the next."""


@dataclass(frozen=True)
class CellMinimum:
    """What a cell needs to stand alone."""

    answers: int = MINIMUM_ANSWERS
    psus: int = MINIMUM_PSUS


@dataclass(frozen=True)
class Cell:
    """Cells that are treated as one, with their answers and PSUs."""

    labels: tuple[str, ...]
    n_answers: int
    psus: frozenset[Hashable]

    @property
    def name(self) -> str:
        """Labels joined, in order."""
        return " + ".join(sorted(self.labels))

    def is_thin(self, minimum: CellMinimum) -> bool:
        """Whether the cell has too few answers or PSUs to stand alone."""
        return self.n_answers < minimum.answers or len(self.psus) < minimum.psus

    def join(self, other: "Cell") -> "Cell":
        """Return both as one."""
        return Cell(self.labels + other.labels, self.n_answers + other.n_answers, self.psus | other.psus)


@dataclass(frozen=True)
class CellMerge:
    """A reported merge: which cells became one, and how large it is."""

    labels: tuple[str, ...]
    into: str
    n_answers: int
    n_psus: int


@dataclass(frozen=True)
class CellMerging:
    """The outcome for all cells: the name of the merged cell of every label, and the merges to report."""

    names: Mapping[str, str]
    merges: tuple[CellMerge, ...]


def merge_thin_cells(
    cells: Iterable[Cell], parents: Parents | None = None, minimum: CellMinimum | None = None
) -> CellMerging:
    """Merge cells until none is thin.

    Parameters
    ----------
    cells : iterable of Cell
        One label each.
    parents : mapping of label to parent, or sequence of such mappings, optional
        Cells merge within their parent first, the nearest of several before the wider ones; by default all
        have the same one.
    minimum : CellMinimum, optional
        30 answers and 2 PSUs by default.

    Returns
    -------
    CellMerging

    Raises
    ------
    WeightingError
        If all cells together are still thin.

    Examples
    --------
    >>> cells = [Cell(("a",), 100, frozenset({1, 2})), Cell(("b",), 5, frozenset({1}))]
    >>> sorted(merge_thin_cells(cells).names.items())
    [('a', 'a + b'), ('b', 'a + b')]
    """
    limits = minimum or CellMinimum()
    merged = list(cells)
    for parent_of in _levels(parents):
        merged = _pool_within(merged, parent_of, limits)
    merged = _pool_thin(merged, limits)
    if any(cell.is_thin(limits) for cell in merged):
        raise WeightingError(
            expected=f"at least {limits.answers} answers and {limits.psus} PSUs in all cells together",
            got=f"{sum(cell.n_answers for cell in merged)} answers",
            hint="Too few people answered to adjust weights; publish nothing from this round.",
        )
    return CellMerging(
        names={label: cell.name for cell in merged for label in cell.labels},
        merges=tuple(
            CellMerge(tuple(sorted(cell.labels)), cell.name, cell.n_answers, len(cell.psus))
            for cell in merged
            if len(cell.labels) > 1
        ),
    )


def _levels(parents: Parents | None) -> Sequence[Mapping[str, str]]:
    if parents is None:
        return ()
    return (parents,) if isinstance(parents, Mapping) else parents


def _pool_within(cells: Iterable[Cell], parent_of: Mapping[str, str], minimum: CellMinimum) -> list[Cell]:
    by_parent: dict[str, list[Cell]] = {}
    for cell in cells:
        by_parent.setdefault(parent_of[cell.labels[0]], []).append(cell)
    return [cell for parent in sorted(by_parent) for cell in _pool_thin(by_parent[parent], minimum)]


def _pool_thin(cells: list[Cell], minimum: CellMinimum) -> list[Cell]:
    thin = [cell for cell in cells if cell.is_thin(minimum)]
    if not thin:
        return cells
    others = sorted(
        (cell for cell in cells if not cell.is_thin(minimum)),
        key=lambda cell: (cell.n_answers, cell.name),
        reverse=True,
    )
    pool = thin[0]
    for cell in thin[1:]:
        pool = pool.join(cell)
    while pool.is_thin(minimum) and others:
        pool = pool.join(others.pop())
    return [*reversed(others), pool]
