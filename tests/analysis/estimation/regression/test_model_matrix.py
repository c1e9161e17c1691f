"""Coding of formulas as R codes them."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import DomainError, EstimandError
from analysis.estimation.regression.formulas import parse_formula
from analysis.estimation.regression.model_matrix import ModelMatrix, build_model_matrix


def make_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "y": [1.0, 2.0, 3.0, 4.0, np.nan, 6.0],
            "x": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
            "area": ["urban", "rural", "urban", "rural", "coast", "rural"],
            "year": [2024, 2025, 2025, 2024, 2024, 2025],
            "happy": [True, False, True, True, False, False],
        }
    )


def build(text: str, within: list[bool] | None = None) -> ModelMatrix:
    return build_model_matrix(make_frame(), parse_formula(text), within)


def test_text_is_a_factor_whose_first_level_is_the_reference():
    matrix = build("y ~ area")
    assert matrix.names == ("(Intercept)", "areaurban")
    assert matrix.columns[:, 1].tolist() == [1, 0, 1, 0, 0, 0]


def test_a_number_is_a_factor_if_asked_and_a_logical_always():
    assert build("y ~ factor(year) + happy").names == ("(Intercept)", "factor(year)2025", "happyTRUE")


def test_levels_are_those_of_the_participants():
    assert build("x ~ area").names == ("(Intercept)", "arearural", "areaurban")
    assert build("y ~ area").names == ("(Intercept)", "areaurban")


def test_an_interaction_multiplies_the_first_variable_fastest():
    names = build("y ~ area * happy").names
    assert names == ("(Intercept)", "areaurban", "happyTRUE", "areaurban:happyTRUE")
    assert build("y ~ x:area").names == ("(Intercept)", "x:arearural", "x:areaurban")


def test_a_factor_keeps_all_levels_where_its_margin_is_missing():
    assert build("y ~ area - 1").names == ("arearural", "areaurban")
    assert build("y ~ 0 + x + area + happy").names == ("x", "arearural", "areaurban", "happyTRUE")
    assert build("y ~ x + x:area").names == ("(Intercept)", "x", "x:areaurban")


def test_rows_outside_hold_zeros_and_are_counted_out():
    matrix = build("y ~ x", [True, True, True, True, True, False])
    assert matrix.participates.tolist() == [True, True, True, True, False, False]
    assert not matrix.columns[4:].any()
    assert not matrix.response[4:].any()


def test_numbers_can_be_transformed():
    matrix = build("y ~ I(x^2) + log(x)")
    np.testing.assert_allclose(matrix.columns[1], [1, 4, np.log(2)])
    np.testing.assert_allclose(build("y ~ I(x/2) + sqrt(x + 7)").columns[1], [1, 1, 3])


def test_a_comparison_is_a_factor_among_the_terms_and_0_or_1_as_a_response():
    assert build("y ~ I(x >= 4)").names == ("(Intercept)", "I(x >= 4)TRUE")
    assert build("I(y >= 3) ~ x").response.tolist() == [0, 0, 1, 1, 0, 1]


def test_positions_of_terms_are_known():
    assert build("y ~ x + area").terms == {"(Intercept)": (0,), "x": (1,), "area": (2,)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y ~ income", "a column 'income'"),
        ("area ~ x", "finite numbers in 'area'"),
        ("y ~ log(area)", "finite numbers in 'area'"),
        ("y ~ 0", "at least an intercept"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(text: str, message: str):
    with pytest.raises(EstimandError, match=message):
        build(text)


def test_a_factor_of_one_level_is_refused():
    with pytest.raises(EstimandError, match="at least two levels of area"):
        build("y ~ area", [True, False, True, False, False, False])


def test_a_transformation_must_be_finite():
    frame = make_frame().assign(x=0.0)
    with pytest.raises(EstimandError, match=r"finite values of log\(x\)"):
        build_model_matrix(frame, parse_formula("y ~ log(x)"))


def test_a_domain_of_nobody_is_refused():
    with pytest.raises(DomainError, match="at least one row"):
        build("y ~ x", [False] * 6)
    with pytest.raises(DomainError, match="True or False"):
        build_model_matrix(make_frame(), parse_formula("y ~ x"), np.ones(6))
