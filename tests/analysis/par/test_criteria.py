"""Criteria sets: what parses, and what is refused with which difference."""

import copy
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from analysis.par import CriteriaSetError, parse_criteria_set

TITLE = {"vi": "Ví dụ", "en": "Example"}


def make_node(code: str, maximum: str | None, method: str | None = "self", **changes: Any) -> dict[str, Any]:
    node = {
        "code": code,
        "level": "criterion",
        "title": TITLE,
        "maximum": maximum,
        "method": method,
        "children": [],
    }
    return node | changes


def make_domain(code: str, maximum: str | None, *children: dict[str, Any]) -> dict[str, Any]:
    return make_node(code, maximum, None if children else "self", level="domain", children=list(children))


def make_sipas(**changes: Any) -> dict[str, Any]:
    return {
        "code": "2.1",
        "maximum": "10",
        "maximum_is_assumed": False,
        "headline_input": "headline",
        "candidate_inputs": [
            {"code": "headline", "title": TITLE, "weights": "index"},
            {"code": "service", "title": TITLE, "weights": {"S": "1"}},
        ],
        "is_provisional": True,
        "provisional_reason": TITLE,
    } | changes


def make_document(**changes: Any) -> dict[str, Any]:
    document = {
        "format": "criteria-set/1",
        "code": "EXAMPLE",
        "version": 1,
        "decision": "1/QĐ-BNV",
        "decision_date": "2022-11-10",
        "result_years": [2022],
        "title": TITLE,
        "sources": [],
        "confidence": "synthetic",
        "is_provisional": True,
        "provisional_reason": TITLE,
        "is_synthetic": True,
        "declared_total": "100",
        "completeness": "complete",
        "counts": {},
        "tree": [
            make_domain("1", "83.5"),
            make_domain("2", "16.5", make_node("2.1", "10", "sipas"), make_node("2.2", "6.5", "statistic")),
        ],
        "method_points": {"self": "83.5", "sipas": "10", "statistic": "6.5"},
        "groups": [
            {"code": "A", "at_least": "90", "is_assumed": False},
            {"code": "B", "at_least": "0", "is_assumed": True},
        ],
        "sipas": make_sipas(),
        "notes": {},
    }
    return copy.deepcopy(document) | changes


def problem_of(**changes: Any) -> CriteriaSetError:
    with pytest.raises(CriteriaSetError) as caught:
        parse_criteria_set(make_document(**changes))
    return caught.value


def test_reads_a_complete_set_exactly():
    parsed = parse_criteria_set(make_document())

    assert parsed.is_scorable
    assert [(leaf.code, leaf.maximum) for leaf in parsed.leaves] == [
        ("1", Decimal("83.5")),
        ("2.1", Decimal(10)),
        ("2.2", Decimal("6.5")),
    ]
    assert parsed.decision_date.isoformat() == "2022-11-10"
    assert [candidate.is_index for candidate in parsed.sipas.candidate_inputs] == [True, False]


def test_refuses_leaves_that_miss_the_declared_total_and_names_the_difference():
    error = problem_of(tree=[make_domain("1", "97.5")], sipas=None, method_points={})

    assert error.code == "wrong_total"
    assert "97.5" in str(error)
    assert "-2.5" in str(error)


def test_refuses_a_parent_that_is_not_the_sum_of_its_parts():
    tree = [
        make_domain("1", "83.5"),
        make_domain("2", "17", make_node("2.1", "10", "sipas"), make_node("2.2", "6.5")),
    ]

    assert problem_of(tree=tree).code == "wrong_parts"


def test_refuses_known_parts_that_exceed_their_parent_even_in_a_partial_set():
    tree = [make_domain("2", "9", make_node("2.1", "10", "sipas"))]

    assert problem_of(tree=tree, completeness="partial").code == "wrong_parts"


def test_a_partial_set_keeps_unknown_maxima_and_is_not_scorable():
    tree = [make_domain("1", None), make_domain("2", None, make_node("2.1", "10", "sipas"))]

    parsed = parse_criteria_set(make_document(tree=tree, completeness="partial"))

    assert not parsed.is_scorable
    assert parsed.domains[0].maximum is None
    assert parsed.sipas.maximum == 10


def test_domains_only_must_add_up_by_domain():
    domains = [make_domain("1", "60"), make_domain("2", "40.5")]

    error = problem_of(tree=domains, completeness="domains_only", sipas=None, method_points={})

    assert error.code == "wrong_total"
    assert "+0.5" in str(error)


def test_a_complete_set_may_not_hold_unknown_maxima():
    assert problem_of(tree=[make_domain("1", None)], sipas=None, method_points={}).code == "unknown_maximum"


def test_a_complete_set_may_not_hold_leaves_without_method():
    leafless = [make_node("1", "100", None, level="domain")]

    assert problem_of(tree=leafless, sipas=None, method_points={}).code == "unknown_method"


@pytest.mark.parametrize(
    "points",
    [{"self": "83.5", "sipas": "10"}, {"self": "90", "sipas": "10"}],
    ids=["not the total", "not the leaves"],
)
def test_refuses_points_by_method_that_do_not_fit(points: dict[str, str]):
    assert problem_of(method_points=points).code == "wrong_method_points"


def test_refuses_a_code_used_twice():
    tree = [make_domain("1", "83.5"), make_domain("1", "16.5")]

    assert problem_of(tree=tree, sipas=None, method_points={}).code == "duplicate_code"


def test_refuses_a_sipas_item_that_contradicts_the_tree():
    assert problem_of(sipas=make_sipas(maximum="9")).code == "wrong_sipas_item"


def test_refuses_candidate_weights_that_do_not_add_up():
    candidates = [{"code": "headline", "title": TITLE, "weights": {"P": "0.5", "S": "0.4"}}]

    assert problem_of(sipas=make_sipas(candidate_inputs=candidates)).code == "wrong_weights"


def test_reads_candidate_weights_as_exact_fractions():
    weights = {"P": {"numerator": 32, "denominator": 51}, "S": {"numerator": 19, "denominator": 51}}
    candidates = [{"code": "headline", "title": TITLE, "weights": weights}]

    parsed = parse_criteria_set(make_document(sipas=make_sipas(candidate_inputs=candidates)))

    assert parsed.sipas.candidate_inputs[0].weights["P"] == Fraction(32, 51)


@pytest.mark.parametrize("floors", [["80", "90", "0"], ["90", "80"], []], ids=["rising", "no end", "none"])
def test_refuses_groups_that_leave_provinces_without_one(floors: list[str]):
    groups = [{"code": floor, "at_least": floor, "is_assumed": False} for floor in floors]

    assert problem_of(groups=groups).code == "wrong_groups"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"declared_total": 100.0}, "EXAMPLE.declared_total"),
        ({"declared_total": "hundred"}, "EXAMPLE.declared_total"),
        ({"decision_date": "10/11/2022"}, "EXAMPLE.decision_date"),
        ({"version": "1"}, "EXAMPLE.version"),
        ({"is_synthetic": "no"}, "EXAMPLE.is_synthetic"),
        ({"completeness": "almost"}, "EXAMPLE.completeness"),
        ({"result_years": ["2022"]}, "EXAMPLE.result_years"),
        ({"sources": [1]}, "EXAMPLE.sources"),
        ({"tree": {}}, "EXAMPLE.tree"),
        ({"title": "Example"}, "EXAMPLE.title"),
        ({"title": {"vi": "Ví dụ", "en": ""}}, "EXAMPLE.title.en"),
        ({"tree": [make_domain("1", "-1")]}, "EXAMPLE.tree[0].maximum"),
        ({"provisional_reason": None}, "EXAMPLE.provisional_reason"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(changes: dict[str, Any], path: str):
    error = problem_of(**changes)

    assert error.code == "bad_field"
    assert f"at {path};" in str(error)


def test_an_unknown_field_is_refused_rather_than_ignored():
    error = problem_of(declared_totals="100")

    assert error.code == "unknown_field"
    assert "declared_totals" in str(error)
