"""Domains that share PSUs know together no more than the PSUs of both."""

import copy

import numpy as np
import pytest

from analysis.estimation import (
    Estimate,
    FloatArray,
    IntArray,
    ReplicateDesign,
    SurveyDesign,
    compare_pairs,
    difference,
)
from analysis.estimation.comparisons.degrees import pair_degrees, satterthwaite
from analysis.quality import ranks

N_PSU, N_IN_PSU = 6, 20
BOTH = (np.array([0]), np.array([1]))


def make_design(*, n_strata: int = 1) -> SurveyDesign:
    psu = np.repeat(np.arange(N_PSU), N_IN_PSU)
    return SurveyDesign.from_arrays(np.ones(len(psu)), clusters=psu, strata=psu % n_strata)


def make_means(*, n_strata: int = 1) -> Estimate:
    """Women and men live in every PSU, and answer independently, as different people do."""
    generator = np.random.default_rng(4)
    design = make_design(n_strata=n_strata)
    sex = np.arange(design.n_rows) % 2
    effect = generator.normal(size=(N_PSU, 2))[design.psu, sex]
    return design.mean(effect + generator.normal(size=design.n_rows), by=sex)


def own_formula(estimate: Estimate) -> float:
    return satterthwaite(estimate.standard_error**2, estimate.degrees_of_freedom).item()


@pytest.mark.parametrize("n_strata", [1, 2])
def test_women_and_men_have_the_degrees_of_freedom_of_the_design(n_strata: int) -> None:
    means = make_means(n_strata=n_strata)
    assert own_formula(means) > N_PSU - n_strata
    assert difference(means, 0, 1).degrees_of_freedom.tolist() == [N_PSU - n_strata]
    df = pair_degrees(means, *BOTH)
    assert df.tolist() == [N_PSU - n_strata]


def test_all_pairs_are_tested_with_the_degrees_of_freedom_of_both() -> None:
    means = make_means()
    expected = compare_pairs(means, degrees_of_freedom=N_PSU - 1).p_value
    np.testing.assert_array_equal(compare_pairs(means).p_value, expected)


def test_rank_sets_know_no_more_than_the_psus(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def spy(estimate: Estimate, *pairs: IntArray) -> FloatArray:
        asked.append(pair_degrees(estimate, *pairs))
        return asked[-1]

    monkeypatch.setattr(ranks, "pair_degrees", spy)
    sets = ranks.joint_rank_sets(make_means(), n_simulations=500)
    assert [df.tolist() for df in asked] == [[N_PSU - 1]]
    assert sets.method == "differences"


@pytest.mark.parametrize("by_psu", [np.arange(N_PSU) % 2, np.arange(N_PSU) // 3])
def test_domains_without_a_common_psu_keep_satterthwaites(by_psu: np.ndarray) -> None:
    design = make_design(n_strata=2)
    values = np.random.default_rng(5).normal(size=design.n_rows)
    means = design.mean(values, by=by_psu[design.psu])
    assert pair_degrees(means, *BOTH).item() == pytest.approx(own_formula(means), rel=1e-12)


def test_a_copied_estimate_and_its_contrasts_remember_their_psus() -> None:
    means = make_means()
    again = copy.deepcopy(means)  # as pickling does, by the matrices
    swapped = again.scaled(100).contrast([[0, 1], [1, 0]], ["m", "f"])
    for estimate in (again, swapped, means.select([1, 0])):
        assert pair_degrees(estimate, *BOTH).tolist() == [N_PSU - 1]


def test_replicates_of_correlated_domains_have_the_larger_of_their_own() -> None:
    design = make_design()
    values = np.random.default_rng(6).normal(size=design.n_rows)
    means = ReplicateDesign.from_design(design, "jk1").mean(values, by=np.arange(design.n_rows) % 2)
    assert pair_degrees(means, *BOTH).item() == means.degrees_of_freedom.max()
