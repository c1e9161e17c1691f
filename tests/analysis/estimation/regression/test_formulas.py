"""Formulas are read, never executed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimation import EstimandError
from analysis.estimation.regression.formulas import parse_formula, parse_term


def labels(text: str) -> list[str]:
    return [term.label for term in parse_formula(text).terms]


def test_terms_keep_their_order_main_effects_first():
    assert labels("y ~ a:b + c + a + b") == ["c", "a", "b", "a:b"]


def test_a_star_is_the_main_effects_and_all_interactions():
    assert labels("y ~ a * b * c") == ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]


def test_a_term_counts_once_whatever_the_order_of_its_variables():
    assert labels("y ~ a + b + a:b + b:a + a") == ["a", "b", "a:b"]
    assert parse_term("a : b").key == parse_term("b:a").key


@pytest.mark.parametrize("text", ["y ~ a - 1", "y ~ 0 + a", "y ~ a + 0", "y ~ -1 + a"])
def test_the_intercept_can_be_taken_out(text: str):
    assert not parse_formula(text).has_intercept
    assert labels(text) == ["a"]


def test_the_intercept_can_stand_alone():
    formula = parse_formula("y ~ 1")
    assert formula.has_intercept
    assert formula.terms == ()


def test_functions_are_part_of_the_label():
    text = "log(income) ~ factor( year ) + I(age ^ 2) + sqrt(size)"
    formula = parse_formula(text)
    assert formula.response.label == "log(income)"
    assert labels(text) == ["factor(year)", "I(age^2)", "sqrt(size)"]


def test_a_function_may_hold_a_number_and_is_labelled_as_r_does():
    text = "I(overall>=4) ~ I(age-45) * I(age/10) + I(age *2) + log(fee+1)"
    assert parse_formula(text).response.label == "I(overall >= 4)"
    assert labels(text) == ["I(age - 45)", "I(age/10)", "I(age * 2)", "log(fee + 1)", "I(age - 45):I(age/10)"]


def test_every_variable_is_named_once():
    assert [variable.label for variable in parse_formula("y ~ a * b").variables] == ["y", "a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "y",
        "y ~",
        "~ a",
        "y ~ a +",
        "y ~ a + + b",
        "y ~ a - b",
        "y ~ a b",
        "y ~ __import__('os')",
        "y ~ 2 * a",
        "y ~ I(a + 1.2.3)",
        "y ~ I(a + b)",
        "y ~ poly(a)",
        "y ~ log(log(a))",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_hint(text: str):
    with pytest.raises(EstimandError, match=r"Expected .*; got .*\. "):
        parse_formula(text)


@given(st.lists(st.sampled_from(["age", "factor(sex)", "area", "log(size)"]), min_size=1, unique=True))
def test_a_sum_of_variables_gives_these_terms(names: list[str]):
    assert labels("y ~ " + " + ".join(names)) == names


@given(st.text(alphabet="ya~+-*:()^2I ", max_size=25))
def test_no_text_does_more_than_fail_to_be_read(text: str):
    try:
        formula = parse_formula(text)
    except EstimandError:
        return
    assert formula.response.column
