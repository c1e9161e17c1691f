from typing import Any

import pytest

from questionnaires.schema import Combination, Comparison, Subject, comparisons, holds, is_unanswered


def on(operator: str, value: Any, code: str = "Q1", subject: Subject = Subject.QUESTION):
    return Comparison(subject, code, operator, value)


@pytest.mark.parametrize(
    ("operator", "value", "answer", "expected"),
    [
        ("equals", 1, 1, True),
        ("equals", 1, 2, False),
        ("equals", "na", "na", True),
        ("not_equals", 1, 2, True),
        ("not_equals", 1, 1, False),
        ("in", (1, 2), 2, True),
        ("in", (1, 2), 3, False),
        ("not_in", (1, 2), 3, True),
        ("any_of", (1, 2), [2, 3], True),
        ("any_of", (1, 2), [3], False),
        ("any_of", (1, 2), 2, True),
        ("all_of", (1, 2), [2, 1, 3], True),
        ("all_of", (1, 2), [1], False),
        ("answered", True, "na", True),
        ("answered", False, 1, False),
        ("greater", 3, 4, True),
        ("greater", 3, 3, False),
        ("greater_or_equal", 3, 3, True),
        ("less", 3, 2, True),
        ("less_or_equal", 3, 4, False),
        ("less", 3, "na", False),
        ("greater", 0, True, False),
    ],
)
def test_operator(operator: str, value: Any, answer: object, expected: object):
    assert holds(on(operator, value), {"Q1": answer}, {}) is expected


@pytest.mark.parametrize("nothing", [{}, {"Q1": None}, {"Q1": ""}, {"Q1": []}])
@pytest.mark.parametrize(
    ("operator", "value"),
    [("equals", 1), ("not_equals", 1), ("not_in", (1,)), ("less", 9), ("answered", True)],
)
def test_comparison_with_nothing_is_false(operator: str, value: Any, nothing: dict[str, Any]):
    assert not holds(on(operator, value), nothing, {})


def test_answered_false_holds_for_nothing():
    assert holds(on("answered", value=False), {}, {})


def test_attributes_are_not_answers():
    condition = on("equals", "urban", "area", Subject.ATTRIBUTE)
    assert holds(condition, {}, {"area": "urban"})
    assert not holds(condition, {"area": "urban"}, {})


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("all", [False, False, True]), ("any", [False, True, True]), ("not", [True, False, False])],
)
def test_combinations(operator: str, expected: object):
    both = Combination(operator, (on("equals", 1, "A"), on("equals", 1, "B")))
    answers = [{}, {"A": 1}, {"A": 1, "B": 1}]
    assert [holds(both, given, {}) for given in answers] == expected


def test_combinations_nest():
    inner = Combination("any", (on("equals", 1, "A"), on("equals", 1, "B")))
    nested = Combination("all", (inner, Combination("not", (on("equals", 1, "C"),))))
    assert holds(nested, {"B": 1}, {})
    assert not holds(nested, {"B": 1, "C": 1}, {})


def test_no_condition_holds():
    assert holds(None, {}, {})


def test_comparisons_lists_all_leaves_in_order():
    nested = Combination("all", (on("equals", 1, "A"), Combination("not", (on("equals", 1, "B"),))))
    assert [leaf.code for leaf in comparisons(nested)] == ["A", "B"]


@pytest.mark.parametrize("value", [0, False, "na", "0", [0]])
def test_falsy_answers_are_answers(value: Any):
    assert not is_unanswered(value)
