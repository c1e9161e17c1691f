"""Tests of association reduce to the textbook's where the sample is simple."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.estimation import (
    ASSOCIATION_STATISTICS,
    EstimandError,
    SurveyDesign,
    association_test,
    cross_table,
    difference_test,
)
from tests.analysis.estimation.survey_samples import DESIGNS, make_design, make_sample


def make_simple(n: int = 4000) -> tuple[SurveyDesign, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    rows = random.integers(0, 3, n)
    columns = np.where(random.uniform(size=n) < 0.1, rows, random.integers(0, 2, n)).clip(0, 1)
    return SurveyDesign.from_arrays(np.ones(n)), rows, columns


def test_a_simple_random_sample_gives_pearsons_test():
    design, rows, columns = make_simple()
    table = cross_table(design, rows, columns).counts
    pearson = stats.chi2_contingency(table, correction=False)
    test = association_test(design, rows, columns, statistic="Chisq")
    assert test.statistic == pytest.approx(pearson.statistic)
    assert test.p_value == pytest.approx(pearson.pvalue, rel=0.02)
    assert association_test(design, rows, columns).numerator_df == pytest.approx(2, rel=1e-3)


def test_repeating_every_answer_in_its_psu_does_not_change_the_test():
    frame = make_sample()
    doubled = frame.loc[frame.index.repeat(2)].reset_index(drop=True)
    tests = [association_test(make_design(data), data["group"], data["area"]) for data in (frame, doubled)]
    assert tests[0].statistic == pytest.approx(tests[1].statistic)
    assert tests[0].p_value == pytest.approx(tests[1].p_value)


@pytest.mark.parametrize("statistic", sorted(ASSOCIATION_STATISTICS))
def test_rows_and_columns_can_be_exchanged(statistic: str):
    frame = make_sample()
    design = make_design(frame)
    one = association_test(design, frame["group"], frame["satisfied"], statistic=statistic)
    other = association_test(design, frame["satisfied"], frame["group"], statistic=statistic)
    assert one.statistic == pytest.approx(other.statistic)
    assert one.p_value == pytest.approx(other.p_value)


def test_in_a_two_by_two_table_the_mixture_is_f():
    frame = make_sample()
    design = make_design(frame)
    tests = [
        association_test(design, frame["sex"], frame["satisfied"], statistic=name) for name in ("F", "lincom")
    ]
    assert tests[0].p_value == pytest.approx(tests[1].p_value)


@pytest.mark.parametrize("make", DESIGNS)
def test_every_design_can_be_tested(make: Callable[[pd.DataFrame], SurveyDesign]):
    frame = make_sample()
    design = make(frame)
    test = association_test(design, frame["area"], frame["satisfied"])
    share = design.proportion(frame["satisfied"].where(frame["area"] == "urban")).value.item()
    table = cross_table(design, frame["area"], frame["satisfied"])
    assert table.shares[1, 1] / table.shares[1].sum() == pytest.approx(share)
    assert test.numerator_df == pytest.approx(1)
    assert test.denominator_df == pytest.approx(design.degrees_of_freedom)


def test_in_a_two_by_two_table_wald_is_close_to_the_t_test():
    frame = make_sample()
    design = make_design(frame)
    wald = association_test(design, frame["sex"], frame["satisfied"], statistic="Wald")
    t = difference_test(design, frame["satisfied"], frame["sex"])
    assert wald.statistic == pytest.approx(t.statistic**2, rel=0.05)


def test_a_missing_answer_leaves_the_table_but_not_the_design():
    frame = make_sample()
    design = make_design(frame)
    test = association_test(design, frame["satisfied"], frame["sex"])
    answered = frame["satisfied"].notna()
    assert cross_table(design, frame["satisfied"], frame["sex"]).counts.to_numpy().sum() == pytest.approx(
        frame["weight"][answered].sum()
    )
    assert test.denominator_df / test.numerator_df == pytest.approx(design.degrees_of_freedom)


def test_a_domain_has_its_own_degrees_of_freedom():
    frame = make_sample(n_strata=6, n_psu=4)
    inside = (frame["province"] != "P0").to_numpy()
    test = association_test(make_design(frame), frame["group"], frame["sex"], statistic="Wald", within=inside)
    assert test.denominator_df == 5 * 4 - 5


def test_an_empty_cell_is_not_an_error():
    frame = make_sample()
    frame.loc[(frame["group"] == "c") & (frame["sex"] == "M"), "sex"] = "F"
    test = association_test(make_design(frame), frame["group"], frame["sex"])
    assert test.p_value < 1e-6


def test_a_table_that_is_mostly_empty_is_refused():
    frame = make_sample()
    with pytest.raises(EstimandError, match="got 12 empty cells of 16"):
        association_test(make_design(frame), frame["commune"] % 4, frame["commune"] % 4)


def test_more_restrictions_than_degrees_of_freedom_are_refused_by_wald():
    frame = make_sample(n_strata=1, n_psu=3)
    with pytest.raises(EstimandError, match="too few PSUs"):
        association_test(make_design(frame), frame["group"], frame["age"] // 20, statistic="Wald")


def test_one_level_only_is_refused():
    frame = make_sample()
    with pytest.raises(EstimandError, match="at least two levels"):
        association_test(make_design(frame), np.ones(len(frame)), frame["sex"])
    with pytest.raises(EstimandError, match="a statistic among F"):
        association_test(make_design(frame), frame["group"], frame["sex"], statistic="G")
