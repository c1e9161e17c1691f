"""Variances of samples with unequal probabilities: identities, and the exact ones over all samples."""

from itertools import combinations

import numpy as np
import pytest

from analysis.estimation import (
    Brewer,
    DesignError,
    FloatArray,
    HartleyRao,
    JointProbabilities,
    Overton,
    PpsMethod,
    SurveyDesign,
)

VALUES = np.array([3.0, 8.0, 5.0, 12.0, 4.0])


def simple_joint(n: int, population: int) -> FloatArray:
    pair = n * (n - 1) / (population * (population - 1))
    return np.where(np.eye(n, dtype=bool), n / population, pair)


def variance(pps: PpsMethod, probability: FloatArray, values: FloatArray) -> float:
    return SurveyDesign.from_arrays(fpc=probability, pps=pps).total(values).covariance.item()


@pytest.mark.parametrize("estimator", ["horvitz_thompson", "yates_grundy"])
def test_joint_probabilities_of_a_simple_random_sample_give_its_variance(estimator: str):
    joint = JointProbabilities(simple_joint(5, 20), estimator)
    plain = SurveyDesign.from_arrays(np.full(5, 4.0), fpc=np.full(5, 20))
    assert variance(joint, np.full(5, 0.25), VALUES) == pytest.approx(plain.total(VALUES).covariance.item())


@pytest.mark.parametrize("estimator", ["horvitz_thompson", "yates_grundy"])
def test_joint_probabilities_are_unbiased_over_all_samples(estimator: str):
    """Samples of 2 out of 4 with given probabilities."""
    y = np.array([2.0, 3.0, 7.0, 9.0])
    pairs = list(combinations(range(4), 2))
    probability = np.array([0.1, 0.15, 0.1, 0.2, 0.15, 0.3])
    joint = np.zeros((4, 4))
    for pair, chance in zip(pairs, probability, strict=True):
        joint[np.ix_(pair, pair)] += chance
    inclusion = np.diag(joint)
    totals = np.array([(y[list(pair)] / inclusion[list(pair)]).sum() for pair in pairs])
    estimates = [
        variance(
            JointProbabilities(joint[np.ix_(pair, pair)], estimator), inclusion[list(pair)], y[list(pair)]
        )
        for pair in pairs
    ]
    assert probability @ totals == pytest.approx(y.sum())
    assert probability @ np.array(estimates) == pytest.approx(probability @ (totals - y.sum()) ** 2)


def test_yates_and_grundy_sum_squared_differences():
    rng = np.random.default_rng(1)
    joint = simple_joint(5, 20) * (1 + 0.01 * np.add.outer(np.arange(5), np.arange(5)))
    z = rng.normal(10, 2, 5)
    inclusion = np.diag(joint)
    delta = (joint - np.outer(inclusion, inclusion)) / joint
    expected = -0.5 * (delta * np.subtract.outer(z, z) ** 2).sum()
    found = variance(JointProbabilities(joint, "yates_grundy"), inclusion, z * inclusion)
    assert found == pytest.approx(expected)


def test_hartley_and_rao_with_equal_probabilities_is_simple_random_sampling():
    plain = SurveyDesign.from_arrays(np.full(5, 4.0), fpc=np.full(5, 20)).total(VALUES).covariance.item()
    assert variance(HartleyRao(), np.full(5, 0.25), VALUES) == pytest.approx(plain)
    assert variance(HartleyRao(0.25), np.full(5, 0.25), VALUES) == pytest.approx(plain)


@pytest.mark.parametrize("pps", [Brewer(), Overton(), HartleyRao()])
def test_approximations_are_near_each_other(pps: PpsMethod):
    rng = np.random.default_rng(4)
    probability = rng.uniform(0.05, 0.3, 40)
    values = probability * rng.uniform(80, 120, 40)
    assert variance(pps, probability, values) == pytest.approx(
        variance(Brewer(), probability, values), rel=0.2
    )


def test_strata_are_independent():
    probability = np.array([0.2, 0.3, 0.2, 0.5, 0.4])
    strata = ["a", "a", "b", "b", "b"]
    for pps in (Overton(), HartleyRao(), Brewer()):
        whole = SurveyDesign.from_arrays(fpc=probability, strata=strata, pps=pps)
        parts = [
            SurveyDesign.from_arrays(fpc=probability[part], pps=pps).total(VALUES[part]).covariance.item()
            for part in (slice(0, 2), slice(2, 5))
        ]
        assert whole.total(VALUES).covariance.item() == pytest.approx(sum(parts))
        assert whole.degrees_of_freedom == 3


def test_certain_units_add_nothing():
    probability = np.array([1.0, 0.2, 0.3, 0.25])
    with_certain = SurveyDesign.from_arrays(fpc=probability, strata=["c", "s", "s", "s"], pps=Brewer())
    without = SurveyDesign.from_arrays(fpc=probability[1:], pps=Brewer())
    assert with_certain.total(VALUES[:4]).covariance.item() == pytest.approx(
        without.total(VALUES[1:4]).covariance.item()
    )


def test_domains_and_means_work_with_joint_probabilities():
    design = SurveyDesign.from_arrays(fpc=np.full(5, 0.25), pps=JointProbabilities(simple_joint(5, 20)))
    means = design.mean(VALUES, by=["a", "a", "b", "b", "b"])
    plain = SurveyDesign.from_arrays(np.full(5, 4.0), fpc=np.full(5, 20)).mean(
        VALUES, by=["a", "a", "b", "b", "b"]
    )
    assert means.covariance == pytest.approx(plain.covariance)
    assert means.degrees_of_freedom.tolist() == plain.degrees_of_freedom.tolist()


@pytest.mark.parametrize(
    ("joint", "message"),
    [
        (np.ones((2, 3)), "square"),
        (np.zeros((2, 2)), "above 0"),
        (np.array([[0.5, 0.2], [0.3, 0.5]]), "symmetric"),
        (simple_joint(3, 9), "of 2 PSUs"),
    ],
)
def test_joint_probabilities_that_cannot_be_are_refused(joint: FloatArray, message: str):
    with pytest.raises(DesignError, match=message):
        SurveyDesign.from_arrays(fpc=[0.5, 0.5], pps=JointProbabilities(joint))


def test_an_unknown_estimator_is_refused():
    with pytest.raises(DesignError, match="yates_grundy"):
        SurveyDesign.from_arrays(fpc=[0.5, 0.5], pps=JointProbabilities(simple_joint(2, 4), "hope"))


def test_counts_are_no_inclusion_probabilities():
    with pytest.raises(DesignError, match="inclusion probabilities"):
        SurveyDesign.from_arrays([1.0, 1.0], fpc=[20, 20], pps=Brewer())


def test_only_brewer_knows_later_stages():
    with pytest.raises(DesignError, match="one stage"):
        SurveyDesign.from_arrays(
            clusters=np.array([[1, 1], [1, 2], [2, 1], [2, 2]]), fpc=np.full((4, 2), 0.5), pps=Overton()
        )
