"""No hidden cell can be computed: checked with the linear equations of the published totals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.quality import (
    SuppressionError,
    add_margins,
    find_computable_cells,
    suppress_parts,
    suppress_table,
)
from analysis.quality.suppression import MARGINS

MINIMUM = 10


def solve_totals(is_hidden: np.ndarray) -> np.ndarray:
    """Hidden cells that the equations "parts minus total = 0" determine, by their null space."""
    n_rows, n_columns = is_hidden.shape
    equations = np.zeros((n_rows + n_columns, n_rows, n_columns))
    for row in range(n_rows):
        equations[row, row] = [*[1] * (n_columns - 1), -1]
    for column in range(n_columns):
        equations[n_rows + column, :, column] = [*[1] * (n_rows - 1), -1]
    unknown = equations[:, is_hidden]
    determined = np.zeros_like(is_hidden)
    if unknown.shape[1]:
        _left, size, right = np.linalg.svd(unknown)
        free = right[int((size > 1e-9).sum()) :]
        determined[is_hidden] = (np.abs(free) < 1e-9).all(axis=0)
    return determined


@st.composite
def patterns(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = draw(st.lists(st.booleans(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return np.array(cells).reshape(shape)


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    n_rows, n_columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    sizes = st.one_of(st.integers(0, 12), st.integers(10, 400))
    cells = draw(st.lists(sizes, min_size=n_rows * n_columns, max_size=n_rows * n_columns))
    return np.array(cells).reshape(n_rows, n_columns)


@settings(max_examples=60, deadline=None)
@given(patterns())
def test_computable_cells_are_those_that_the_equations_determine(is_hidden: np.ndarray):
    assert find_computable_cells(is_hidden).tolist() == solve_totals(is_hidden).tolist()


@settings(max_examples=60, deadline=None)
@given(tables(), st.sets(st.sampled_from(MARGINS)))
def test_no_hidden_cell_can_be_computed(counts: np.ndarray, margins: set[str]):
    table = suppress_table(counts, minimum=MINIMUM, margins=margins)
    unpublished = np.zeros_like(table.is_hidden)
    unpublished[:-1, -1], unpublished[-1, :-1] = "rows" not in margins, "columns" not in margins
    unpublished[-1, -1] = "grand" not in margins
    assert not (solve_totals(table.is_hidden) & ~unpublished).any()
    assert table.is_hidden[(table.counts > 0) & (table.counts < MINIMUM)].all()


@settings(max_examples=60, deadline=None)
@given(tables())
def test_what_is_left_of_a_published_total_is_not_small(counts: np.ndarray):
    table = suppress_table(counts, minimum=MINIMUM)
    for hidden, sizes in (
        *zip(table.is_hidden, table.counts, strict=True),
        *zip(table.is_hidden.T, table.counts.T, strict=True),
    ):
        rest = sizes[:-1][hidden[:-1]].sum()
        assert hidden[-1] or rest == 0 or rest >= MINIMUM


@settings(max_examples=60, deadline=None)
@given(tables())
def test_empty_cells_are_not_hidden(counts: np.ndarray):
    table = suppress_table(counts, minimum=MINIMUM)
    assert not table.is_hidden[table.counts == 0].any()


def test_a_table_without_small_cells_is_shown_whole():
    table = suppress_table([[10, 20], [30, 40]])
    assert not table.is_hidden.any()
    assert table.masked().tolist() == add_margins([[10, 20], [30, 40]]).tolist()


def test_the_cheapest_rectangle_is_hidden():
    table = suppress_table([[3, 100, 50], [200, 300, 100], [40, 500, 12]])
    assert table.cells.tolist() == [[True, False, True], [False, False, False], [True, False, True]]
    assert not table.row_totals.any()
    assert not table.column_totals.any()
    assert table.is_primary.sum() == 1


def test_a_cell_between_two_blocks_is_found():
    hidden = np.zeros((5, 5), dtype=bool)
    hidden[:2, :2] = hidden[2:4, 2:4] = hidden[1, 2] = True
    assert np.argwhere(find_computable_cells(hidden)).tolist() == [[1, 2]]


def test_two_small_parts_whose_sum_is_small_take_a_third_along():
    assert suppress_parts([2, 3, 40, 90], minimum=10).tolist() == [True, True, True, False]
    assert suppress_parts([6, 5, 40, 90], minimum=10).tolist() == [True, True, False, False]


def test_a_part_withheld_for_another_reason_is_protected_too():
    withheld = np.array([False, True, False])
    assert suppress_parts([30, 200, 20], withheld=withheld).tolist() == [False, True, True]


def test_without_published_totals_nothing_more_is_hidden():
    table = suppress_table([[3, 100], [200, 300]], margins=())
    assert table.cells.tolist() == [[True, False], [False, False]]


def test_a_part_that_nothing_can_protect_is_refused():
    with pytest.raises(SuppressionError, match="other cells of the same rows"):
        suppress_parts([20, 0], withheld=np.array([True, False]))


@pytest.mark.parametrize("counts", [[[1.5]], [[-1]], [1, 2]])
def test_what_is_no_table_of_counts_is_refused(counts: list[object]):
    with pytest.raises(SuppressionError, match="whole counts"):
        suppress_table(counts)


def test_an_unknown_margin_is_refused():
    with pytest.raises(SuppressionError, match="rows, columns, grand"):
        suppress_table([[1]], margins=["planes"])
