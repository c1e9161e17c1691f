"""The design refuses what it cannot be; its estimators agree with each other and with hand calculation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import DesignError, DomainError, EstimandError, SinglePsuError, SurveyDesign


def make_sample(seed: int = 1, *, n_strata: int = 4, n_psu: int = 5, n_rows: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = n_strata * n_psu * n_rows
    psu = np.arange(n) // n_rows
    return pd.DataFrame(
        {
            "stratum": [f"h{code}" for code in psu // n_psu],
            "psu": [f"c{code}" for code in psu],
            "weight": rng.uniform(5, 20, n),
            "y": rng.normal(50, 10, n) + 3 * (psu % 3),
            "x": rng.uniform(1, 5, n),
            "sex": rng.choice(["f", "m"], n),
        }
    )


def make_design(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weight="weight", strata="stratum", clusters="psu")


def test_mean_of_two_strata_by_hand():
    design = SurveyDesign.from_arrays([1.0] * 4, strata=["a", "a", "b", "b"])
    estimate = design.mean([1.0, 3.0, 5.0, 5.0])
    assert estimate.value.item() == 3.5
    # scores (y - 3.5) / 4; stratum a: 2/1 * 2 * 0.25**2, stratum b: 0
    assert estimate.standard_error.item() == pytest.approx(0.5)
    assert estimate.degrees_of_freedom.item() == 2
    assert estimate.n.item() == 4


def test_finite_population_correction_by_hand():
    whole = SurveyDesign.from_arrays([2.0] * 4)
    half = SurveyDesign.from_arrays([2.0] * 4, fpc=[8, 8, 8, 8])
    fraction = SurveyDesign.from_arrays([2.0] * 4, fpc=[0.5] * 4)
    values = [1.0, 2.0, 4.0, 9.0]
    ratio = half.mean(values).standard_error / whole.mean(values).standard_error
    assert ratio.item() == pytest.approx(np.sqrt(0.5))
    assert fraction.mean(values).standard_error == pytest.approx(half.mean(values).standard_error)


def test_simple_random_sample_has_a_design_effect_of_one():
    values = np.random.default_rng(3).normal(size=200)
    estimate = SurveyDesign.from_arrays(np.full(200, 5.0), fpc=np.full(200, 1000)).mean(values)
    assert estimate.deff.item() == pytest.approx(1)
    assert estimate.effective_n.item() == pytest.approx(200)


def test_domain_mean_is_the_ratio_of_masked_totals():
    frame = make_sample()
    design = make_design(frame)
    inside = (frame["sex"] == "f").astype(float)
    by_domain = design.mean(frame["y"], by=frame["sex"]).select([0])
    by_ratio = design.ratio(frame["y"] * inside, inside)
    assert by_domain.value == pytest.approx(by_ratio.value, rel=1e-13)
    assert by_domain.standard_error == pytest.approx(by_ratio.standard_error, rel=1e-12)


def test_missing_answers_are_a_domain_and_not_dropped_rows():
    frame = make_sample()
    frame.loc[frame["psu"] == "c0", "y"] = np.nan
    design = make_design(frame)
    estimate = design.mean(frame["y"])
    masked = design.mean(frame["y"].fillna(0), by=np.where(frame["y"].notna(), "in", None))
    assert estimate.standard_error == pytest.approx(masked.standard_error)
    assert estimate.degrees_of_freedom.item() == design.degrees_of_freedom - 1


def test_domain_degrees_of_freedom_count_its_own_psus_and_strata():
    frame = make_sample()
    design = make_design(frame)
    estimate = design.mean(frame["y"], by=frame["stratum"])
    assert estimate.degrees_of_freedom.tolist() == [4.0] * 4
    assert design.degrees_of_freedom == 16


def test_the_whole_keeps_its_covariance_with_its_domains():
    frame = make_sample()
    design = make_design(frame)
    estimate = design.mean(frame["y"], by=frame["sex"], overall=True)
    weights = frame.groupby("sex")["weight"].sum()
    shares = (weights / weights.sum()).to_numpy()
    assert estimate.domains == ("overall", "f", "m")
    assert estimate.value[0] == pytest.approx(design.mean(frame["y"]).value.item())
    assert estimate.value[0] == pytest.approx(shares @ estimate.value[1:])
    nothing = estimate.contrast([[1, -1, 0], [1, 0, -1]], ["f", "m"])
    assert (nothing.standard_error > 0).all()


def test_strata_that_are_domains_are_independent():
    frame = make_sample()
    covariance = make_design(frame).mean(frame["y"], by=frame["stratum"]).covariance
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-15


def test_categories_of_a_variable_add_up_to_one_without_error():
    frame = make_sample()
    shares = make_design(frame).proportions(frame["sex"])
    total = shares.contrast([[1, 1]], ["all"])
    assert total.value.item() == pytest.approx(1)
    assert total.standard_error.item() == pytest.approx(0, abs=1e-9)


def test_crossed_domains_carry_both_labels():
    frame = make_sample()
    estimate = make_design(frame).mean(frame["y"], by=frame[["stratum", "sex"]])
    assert estimate.domains[:2] == (("h0", "f"), ("h0", "m"))


def test_several_columns_come_with_their_covariance():
    frame = make_sample()
    estimate = make_design(frame).mean(frame[["y", "x"]])
    assert estimate.names == ("y", "x")
    assert estimate.covariance.shape == (2, 2)


def test_a_domain_without_answers_is_missing_and_flagged():
    frame = make_sample()
    frame.loc[frame["sex"] == "m", "y"] = np.nan
    estimate = make_design(frame).mean(frame["y"], by=frame["sex"])
    assert np.isnan(estimate.value[1])
    assert estimate.flags[1] == ("no_answers",)
    assert not np.isnan(estimate.value[0])


def test_calibrated_totals_of_the_margins_have_no_error():
    frame = make_sample()
    design = make_design(frame).with_calibration(np.ones(len(frame)), [frame["sex"], frame["stratum"]])
    for values in (frame["sex"] == "f", frame["stratum"] == "h1"):
        assert design.total(values.astype(float)).standard_error.item() == pytest.approx(0, abs=1e-9)
    assert design.mean(frame["y"]).standard_error.item() > 0


def test_calibration_lowers_the_error_of_what_the_margins_explain():
    frame = make_sample()
    values = (frame["sex"] == "f") * 10 + frame["x"]
    design = make_design(frame)
    calibrated = design.with_calibration(frame["weight"].to_numpy(), [frame["sex"]])
    assert calibrated.mean(values).standard_error < design.mean(values).standard_error / 2


@pytest.mark.parametrize(
    ("weights", "got"),
    [([1.0, -1.0], "-1.0 in row 2"), ([np.nan, 1.0], "nan in row 1"), ([0.0, 0.0], "sum to 0")],
)
def test_weights_must_be_finite_and_not_all_zero(weights: list[float], got: str):
    with pytest.raises(DesignError, match=got):
        SurveyDesign.from_arrays(weights)


def test_an_empty_round_is_refused():
    with pytest.raises(DesignError, match="empty round"):
        SurveyDesign.from_arrays([])


def test_a_psu_in_two_strata_is_refused_unless_labels_are_nested():
    strata, clusters = ["a", "a", "b", "b"], ["1", "2", "1", "2"]
    with pytest.raises(DesignError, match="PSU 1 in strata a and b"):
        SurveyDesign.from_arrays([1.0] * 4, strata=strata, clusters=clusters)
    assert SurveyDesign.from_arrays([1.0] * 4, strata=strata, clusters=clusters, nest=True).n_psu == 4


def test_a_missing_stratum_is_refused():
    with pytest.raises(DesignError, match="no missing strata"):
        SurveyDesign.from_arrays([1.0, 1.0], strata=["a", None])


def test_a_population_smaller_than_the_sample_is_refused():
    with pytest.raises(DesignError, match="at least as many PSUs"):
        SurveyDesign.from_arrays([1.0] * 3, fpc=[2, 2, 2])


def test_a_correction_that_changes_within_a_stratum_is_refused():
    with pytest.raises(DesignError, match="one population count"):
        SurveyDesign.from_arrays([1.0] * 2, fpc=[20, 30])


def test_a_missing_column_is_named():
    with pytest.raises(DesignError, match="'wt'"):
        SurveyDesign.from_frame(make_sample(), weight="wt")


def test_values_of_another_length_are_refused():
    with pytest.raises(EstimandError, match="160 rows"):
        make_design(make_sample()).mean([1.0])


def test_infinite_values_are_refused():
    with pytest.raises(EstimandError, match="infinite"):
        SurveyDesign.from_arrays([1.0, 1.0]).mean([1.0, np.inf])


def test_a_proportion_of_something_else_is_refused():
    with pytest.raises(EstimandError, match="0, 1 or missing"):
        SurveyDesign.from_arrays([1.0, 1.0]).proportion([4.0, 1.0])


def test_denominators_must_pair_with_numerators():
    with pytest.raises(EstimandError, match="one per numerator"):
        SurveyDesign.from_arrays([1.0, 1.0]).ratio(np.ones((2, 2)), [1.0, 1.0])


@pytest.mark.parametrize("by", [[None, None], ["a"]])
def test_domains_that_do_not_fit_are_refused(by: list[str | None]):
    with pytest.raises(DomainError):
        SurveyDesign.from_arrays([1.0, 1.0]).mean([1.0, 2.0], by=by)


def test_calibration_margins_must_be_known_for_every_row():
    with pytest.raises(DesignError, match="every margin"):
        SurveyDesign.from_arrays([1.0, 1.0]).with_calibration(np.ones(2), [["a", None]])


def test_a_single_psu_fails_by_default_and_is_named():
    with pytest.raises(SinglePsuError, match="one PSU in lonely"):
        SurveyDesign.from_arrays([1.0] * 3, strata=["a", "a", "lonely"])


def test_a_stratum_taken_whole_is_not_single():
    design = SurveyDesign.from_arrays([5.0, 5.0, 1.0], strata=["a", "a", "whole"], fpc=[10, 10, 1])
    assert design.mean([1.0, 2.0, 3.0]).standard_error.item() > 0


def test_single_psu_policies_by_hand():
    values = [1.0, 3.0, 8.0]

    def variance(policy: str) -> float:
        design = SurveyDesign.from_arrays([1.0] * 3, strata=["a", "a", "b"], single_psu=policy)
        return design.total(values).covariance.item()

    assert variance("remove") == pytest.approx(4)
    assert variance("certainty") == pytest.approx(4)
    assert variance("average") == pytest.approx(4 * 2 / 1)
    assert variance("adjust") == pytest.approx(4 + (8 - 4) ** 2)


def test_an_unknown_policy_is_refused():
    with pytest.raises(DesignError, match="single_psu"):
        SurveyDesign.from_arrays([1.0, 1.0], single_psu="hope")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100))
def test_scaling_weights_changes_totals_but_no_mean(seed: int, factor: float):
    frame = make_sample(seed, n_strata=2, n_psu=3, n_rows=3)
    scaled = frame.assign(weight=frame["weight"] * factor)
    before, after = make_design(frame), make_design(scaled)
    assert after.mean(frame["y"]).value == pytest.approx(before.mean(frame["y"]).value)
    assert after.mean(frame["y"]).standard_error == pytest.approx(before.mean(frame["y"]).standard_error)
    assert after.total(frame["y"]).standard_error == pytest.approx(
        factor * before.total(frame["y"]).standard_error
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed: int):
    frame = make_sample(seed, n_strata=2, n_psu=3, n_rows=3)
    shuffled = frame.sample(frac=1, random_state=seed)
    first = make_design(frame).mean(frame["y"], by=frame["sex"])
    second = make_design(shuffled).mean(shuffled["y"], by=shuffled["sex"])
    assert first.value == pytest.approx(second.value)
    assert first.covariance == pytest.approx(second.covariance)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_covariances_are_never_negative_in_any_direction(seed: int):
    frame = make_sample(seed, n_strata=2, n_psu=3, n_rows=4)
    covariance = make_design(frame).mean(frame[["y", "x"]], by=frame["sex"], overall=True).covariance
    assert np.linalg.eigvalsh(covariance).min() > -1e-9


def test_residuals_are_those_of_the_regression_on_all_margins():
    rng = np.random.default_rng(5)
    n = 300
    base, final = rng.uniform(1, 3, n), rng.uniform(1, 3, n)
    psu, values = np.arange(n) // 10, rng.normal(size=n)
    province = rng.integers(0, 3, n)
    margins = [province * 2 + rng.integers(0, 2, n), province * 5 + rng.integers(0, 5, n)]
    design = SurveyDesign.from_arrays(final, strata=psu // 10, clusters=psu)
    indicators = np.hstack([(codes[:, None] == np.unique(codes)).astype(float) for codes in margins])
    root = np.sqrt(base)
    fitted = indicators @ np.linalg.lstsq(indicators * root[:, None], values * root, rcond=None)[0]
    expected = design.total(values - fitted).standard_error
    assert design.with_calibration(base, margins).total(values).standard_error == pytest.approx(expected)


@pytest.mark.parametrize("name", ["mean", "total", "proportion"])
def test_the_name_of_a_column_is_no_column(name: str):
    frame = make_sample()
    estimate = getattr(make_design(frame), name)
    with pytest.raises(EstimandError, match=r"the text 'y'.*not its name"):
        estimate("y")
    with pytest.raises(DomainError, match=r"the text 'sex'.*not its name"):
        estimate(frame["y"], by="sex")


@pytest.mark.parametrize(
    "argument", ["weights", "strata", "clusters", "fpc", "certainty", "systematic_order"]
)
def test_a_design_of_arrays_refuses_names(argument: str):
    with pytest.raises(DesignError, match=f"{argument} with one entry.*not its name"):
        SurveyDesign.from_arrays(**{"weights": [1.0, 1.0], argument: "psu"})


@pytest.mark.parametrize("argument", ["weight", "strata", "clusters"])
def test_a_name_that_is_no_column_is_an_error_of_the_design(argument: str):
    with pytest.raises(DesignError, match="a column 'Commune'"):
        SurveyDesign.from_frame(make_sample(), **{"weight": "weight", argument: "Commune"})
