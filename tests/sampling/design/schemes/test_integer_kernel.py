from math import gcd

from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.schemes.integer_kernel import kernel_vector

matrices = st.tuples(st.integers(0, 4), st.integers(1, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(-(10**9), 10**9) | st.integers(-2, 2), min_size=shape[0], max_size=shape[0]),
        min_size=shape[1],
        max_size=shape[1],
    )
)


def totals(columns: list[list[int]], solution: list[int]) -> list[int]:
    return [
        sum(part * column[row] for part, column in zip(solution, columns, strict=True))
        for row in range(len(columns[0]))
    ]


@settings(derandomize=True)
@given(matrices)
def test_columns_add_up_to_zero_exactly(columns: list[list[int]]):
    solution = kernel_vector(columns)
    if solution is None:
        assert len(columns) <= len(columns[0])
        return
    assert len(solution) == len(columns)
    assert gcd(*solution) == 1
    assert not any(totals(columns, solution))


@settings(derandomize=True)
@given(matrices)
def test_more_columns_than_rows_always_have_a_solution(columns: list[list[int]]):
    assert len(columns) <= len(columns[0]) or kernel_vector(columns) is not None


def test_by_hand():
    assert kernel_vector([[2], [4]]) == [-2, 1]
    assert kernel_vector([[0, 0], [1, 0]]) == [1, 0]
    assert kernel_vector([[0, 1], [1, 0], [5, 7]]) in ([7, 5, -1], [-7, -5, 1])


def test_independent_columns_have_none():
    assert kernel_vector([[1, 2], [3, 4]]) is None
    assert kernel_vector([]) is None
