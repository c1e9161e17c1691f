"""Direct standardisation."""

import numpy as np
import pytest

from analysis.estimation import DomainError, EstimandError, standardised_mean
from tests.analysis.estimation.survey_samples import make_design, make_sample


def test_a_domain_standardised_to_itself_keeps_its_mean():
    frame = make_sample().dropna(ignore_index=True)
    design = make_design(frame)
    own = frame.groupby("group")["weight"].sum().to_dict()
    estimate = standardised_mean(design, frame["score"], frame["group"], own)
    assert estimate.value.item() == pytest.approx(design.mean(frame["score"]).value.item())


def test_it_is_the_mean_of_a_post_stratified_design():
    frame = make_sample().dropna(ignore_index=True)
    population = {"a": 5.0, "b": 3.0, "c": 2.0}
    sizes = frame.groupby("group")["weight"].transform("sum")
    weights = frame["weight"] * frame["group"].map(population) / sizes
    base = frame["weight"].to_numpy()
    design = make_design(frame.assign(weight=weights)).with_calibration(base, [frame["group"]])
    estimate = standardised_mean(make_design(frame), frame["score"], frame["group"], population)
    expected = design.mean(frame["score"])
    assert estimate.value.item() == pytest.approx(expected.value.item())
    assert estimate.standard_error.item() == pytest.approx(expected.standard_error.item())


def test_domains_come_with_their_covariance_df_and_n():
    frame = make_sample()
    design = make_design(frame)
    shares = {"a": 1, "b": 1, "c": 2}
    columns = frame[["score", "satisfied"]]
    estimate = standardised_mean(design, columns, frame["group"], shares, by=frame["sex"])
    crude = design.mean(columns, by=frame["sex"])
    assert estimate.names == crude.names
    assert estimate.domains == crude.domains == ("F", "F", "M", "M")
    np.testing.assert_array_equal(estimate.n, crude.n)
    np.testing.assert_array_equal(estimate.degrees_of_freedom, crude.degrees_of_freedom)
    assert estimate.covariance[0, 2] != 0


def test_a_share_keeps_its_bounds():
    frame = make_sample()
    estimate = standardised_mean(
        make_design(frame), frame["satisfied"], frame["sex"], {"F": 1, "M": 1}, bounds=(0.0, 1.0)
    )
    assert estimate.interval(method="logit").low.item() > 0


def test_an_empty_class_fails_or_is_rescaled():
    frame = make_sample()
    frame.loc[frame["province"] == "P1", "group"] = "a"
    arguments = make_design(frame), frame["score"], frame["group"], {"a": 1, "b": 1, "c": 1}
    with pytest.raises(DomainError, match="an empty class in 'P1'"):
        standardised_mean(*arguments, by=frame["province"])
    estimate = standardised_mean(*arguments, by=frame["province"], empty="rescale")
    crude = make_design(frame).mean(frame["score"], by=frame["province"])
    assert estimate.value[1] == pytest.approx(crude.value[1])
    assert estimate.value[0] != pytest.approx(crude.value[0])


def test_the_population_must_name_the_classes():
    frame = make_sample()
    arguments = make_design(frame), frame["score"], frame["group"]
    with pytest.raises(EstimandError, match="none for c"):
        standardised_mean(*arguments, {"a": 1, "b": 1})
    with pytest.raises(EstimandError, match="nobody in 'd'"):
        standardised_mean(*arguments, {"a": 1, "b": 1, "c": 1, "d": 1})
    with pytest.raises(EstimandError, match="a count above 0"):
        standardised_mean(*arguments, {"a": 1, "b": 1, "c": 0})


def test_rows_without_a_class_are_in_no_domain():
    frame = make_sample()
    frame["group"] = frame["group"].where(frame["age"] > 30)
    design = make_design(frame)
    estimate = standardised_mean(design, frame["score"], frame["group"], {"a": 1, "b": 1, "c": 1})
    assert estimate.n.item() == (frame["score"].notna() & frame["group"].notna()).sum()


def test_crossed_classes_are_named_by_pairs():
    frame = make_sample()
    population = {(group, sex): 1.0 for group in "abc" for sex in "FM"}
    estimate = standardised_mean(make_design(frame), frame["score"], frame[["group", "sex"]], population)
    cells = make_design(frame).mean(frame["score"], by=frame[["group", "sex"]])
    assert estimate.value.item() == pytest.approx(cells.value.mean())
