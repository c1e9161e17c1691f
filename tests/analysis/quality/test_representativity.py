"""R-indicators: by hand for one variable, and their identities."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import SurveyDesign
from analysis.quality import (
    RepresentativityError,
    fit_propensities,
    partial_indicators,
    response_indicator,
)


def make_sample(n: int = 600, *, seed: int = 3) -> tuple[SurveyDesign, np.ndarray, pd.DataFrame]:
    """A weighted sample of clusters with two auxiliaries on which response depends."""
    generator = np.random.default_rng(seed)
    auxiliaries = pd.DataFrame(
        {"region": generator.choice(list("abc"), n), "sex": generator.choice(["f", "m"], n)}
    )
    propensity = 0.5 + 0.2 * (auxiliaries["region"] == "b") - 0.1 * (auxiliaries["sex"] == "m")
    design = SurveyDesign.from_arrays(generator.uniform(1, 3, n), clusters=np.arange(n) // 10)
    return design, generator.random(n) < propensity, auxiliaries


def make_two_groups() -> tuple[SurveyDesign, np.ndarray, pd.DataFrame]:
    """Of 200 each in two areas, 160 and 120 responded."""
    responded = np.concatenate([np.arange(200) < 160, np.arange(200) < 120])
    area = pd.DataFrame({"area": np.repeat(["rural", "urban"], 200)})
    return SurveyDesign.from_arrays(np.ones(400)), responded, area


def test_two_groups_by_hand():
    indicator = response_indicator(*make_two_groups())
    assert indicator.response_rate == pytest.approx(0.7)
    assert indicator.unadjusted == pytest.approx(1 - 2 * 0.1)
    noise = (0.8 * 0.2 / 200 + 0.6 * 0.4 / 200) / 4
    of_the_mean = 0.1**2 / 399
    assert indicator.deviation**2 == pytest.approx(0.01 - noise + of_the_mean, rel=1e-3)
    assert indicator.cv == pytest.approx(indicator.deviation / 0.7)
    slope = (0.8 * 0.2 / 200 + 0.6 * 0.4 / 200) / 4
    assert indicator.standard_error == pytest.approx(2 * np.sqrt(slope), rel=0.05)


def test_propensities_solve_the_score_equations():
    design, responded, auxiliaries = make_sample()
    model = fit_propensities(design, responded, auxiliaries)
    assert model.names == ("constant", "region b", "region c", "sex m")
    scores = model.matrix.T @ (design.weights * (responded - model.propensity))
    np.testing.assert_allclose(scores, 0, atol=1e-8)


def test_one_variable_in_the_model_makes_propensities_response_rates():
    design, responded, auxiliaries = make_sample()
    model = fit_propensities(design, responded, auxiliaries[["region"]])
    rates = design.mean(responded.astype(float), by=auxiliaries["region"])
    positions = auxiliaries["region"].map({name: place for place, name in enumerate("abc")})
    np.testing.assert_allclose(model.propensity, rates.value[positions])


def test_scale_of_the_weights_does_not_matter():
    design, responded, auxiliaries = make_sample()
    scaled = SurveyDesign.from_arrays(1000 * design.weights, clusters=np.arange(600) // 10)
    first = response_indicator(design, responded, auxiliaries)
    second = response_indicator(scaled, responded, auxiliaries)
    assert second.value == pytest.approx(first.value)
    assert second.standard_error == pytest.approx(first.standard_error)


def test_the_partial_indicator_of_the_only_variable_is_the_whole():
    design, responded, area = make_two_groups()
    by_variable, by_category = partial_indicators(design, responded, area)
    deviation = response_indicator(design, responded, area).deviation
    assert by_variable["unconditional"].item() == pytest.approx(deviation)
    assert by_variable["conditional"].item() == pytest.approx(deviation)
    assert (by_category["unconditional"] ** 2).sum() == pytest.approx(0.01)


def test_categories_add_up_to_their_variable_and_name_who_is_missing():
    design, responded, auxiliaries = make_sample()
    by_variable, by_category = partial_indicators(design, responded, auxiliaries)
    adjustment = response_indicator(design, responded, auxiliaries).adjustment
    for variable, part in by_category.groupby("variable"):
        total = by_variable.set_index("variable").loc[variable]
        for kind in ("unconditional", "conditional"):
            assert np.sqrt((part[kind] ** 2).sum() * adjustment) == pytest.approx(total[kind])
    by_name = by_category.set_index("category")
    assert by_name.loc["b", "unconditional"] > 0 > by_name.loc["m", "unconditional"]
    assert (by_category["standard_error"] > 0).all()


def test_a_variable_that_repeats_another_adds_nothing_of_its_own():
    design, responded, auxiliaries = make_sample()
    model = fit_propensities(design, responded, auxiliaries)
    _by_variable, by_category = partial_indicators(design, responded, auxiliaries)
    within = by_category.loc[by_category["variable"] == "sex", "conditional"]
    assert (within**2).sum() < model.propensity.var()


def refused(**changes: Any) -> tuple[SurveyDesign, np.ndarray, pd.DataFrame]:
    """A sample with another response or other auxiliaries."""
    design, responded, auxiliaries = make_sample()
    return design, changes.get("responded", responded), changes.get("auxiliaries", auxiliaries)


def change_auxiliaries() -> dict[str, pd.DataFrame]:
    """Auxiliaries that cannot be used, by what the error says."""
    _design, responded, auxiliaries = make_sample()
    return {
        "600 rows": auxiliaries.iloc[:-1],
        "missing categories": auxiliaries.replace("a", None),
        "repeats others": auxiliaries.assign(again=auxiliaries["sex"]),
        "neither whole nor nil": pd.DataFrame({"answered": responded}),
    }


@pytest.mark.parametrize("message", change_auxiliaries())
def test_auxiliaries_that_cannot_be_used_are_refused(message: str):
    with pytest.raises(RepresentativityError, match=message):
        response_indicator(*refused(auxiliaries=change_auxiliaries()[message]))


def test_a_sample_in_which_everybody_responded_is_refused():
    with pytest.raises(RepresentativityError, match="some did not"):
        response_indicator(*refused(responded=np.ones(600, dtype=bool)))


def test_what_kept_the_model_from_a_fit_is_said_once():
    _design, responded, _auxiliaries = make_sample()
    with pytest.raises(RepresentativityError) as raised:
        response_indicator(*refused(auxiliaries=pd.DataFrame({"answered": responded})))
    message = str(raised.value)
    assert message.count("xpected") == message.count("got ") == 1
    assert ".." not in message
    assert "in a model of answered" in message
