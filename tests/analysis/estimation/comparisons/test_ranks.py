"""Rank tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.estimation import RANK_SCORES, EstimandError, SurveyDesign, rank_test
from analysis.estimation.comparisons.ranks import estimate_ranks
from tests.analysis.estimation.survey_samples import make_design, make_sample


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_with_equal_weights_ranks_are_mid_ranks(values: list[int]):
    ranks = estimate_ranks(np.array(values, dtype=float), np.ones(len(values)))
    np.testing.assert_allclose(ranks, stats.rankdata(values) - 0.5)


def test_a_simple_random_sample_gives_nearly_the_textbook_test():
    random = np.random.default_rng(11)
    groups = np.repeat(["a", "b"], 300)
    values = random.normal(size=600) + 0.2 * (groups == "b")
    test = rank_test(SurveyDesign.from_arrays(np.ones(600)), values, groups)
    expected = stats.mannwhitneyu(values[groups == "a"], values[groups == "b"])
    assert test.p_value == pytest.approx(expected.pvalue, rel=0.1)


def test_more_groups_give_nearly_kruskal_and_wallis():
    random = np.random.default_rng(12)
    groups = np.repeat(["a", "b", "c"], 300)
    values = random.normal(size=900) + 0.1 * (groups == "c")
    test = rank_test(SurveyDesign.from_arrays(np.ones(900)), values, groups)
    expected = stats.kruskal(*(values[groups == label] for label in "abc"))
    assert test.statistic_name == "F"
    assert (test.numerator_df, test.denominator_df) == (2, 897)
    assert test.p_value == pytest.approx(expected.pvalue, rel=0.1)


@pytest.mark.parametrize("scores", sorted(RANK_SCORES))
def test_only_the_order_counts(scores: str):
    frame = make_sample()
    design = make_design(frame)
    tests = [
        rank_test(design, values, frame["area"], scores=scores)
        for values in (frame["score"], np.exp(frame["score"] / 9))
    ]
    assert tests[0].statistic == tests[1].statistic
    assert tests[0].denominator_df == design.degrees_of_freedom - 1


def test_one_group_and_unknown_scores_are_refused():
    frame = make_sample()
    with pytest.raises(EstimandError, match="at least two groups"):
        rank_test(make_design(frame), frame["score"], ["x"] * len(frame))
    with pytest.raises(EstimandError, match="scores among wilcoxon"):
        rank_test(make_design(frame), frame["score"], frame["sex"], scores="logrank")
