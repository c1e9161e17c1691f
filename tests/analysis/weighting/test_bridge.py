"""The bridge from the unweighted figure to the published one."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import Estimate, SurveyDesign
from analysis.weighting import (
    Margin,
    Weighting,
    adjust_by_propensity,
    fit_propensity,
    kish_deff,
    start_weighting,
    trimming_limit,
    weight_respondents,
    weighting_bridge,
)

N_SAMPLED = 600


def make_round() -> tuple[pd.DataFrame, Weighting]:
    """Respondents of a sample with nonresponse, and their weighting."""
    rng = np.random.default_rng(3)
    sample = pd.DataFrame(
        {
            "weight": np.repeat(rng.uniform(50, 150, 30), 20),
            "psu": np.repeat(np.arange(30), 20),
            "stratum": np.repeat(["a", "b"], N_SAMPLED // 2),
            "sex": rng.choice(["f", "m"], N_SAMPLED),
        }
    )
    responded = rng.random(N_SAMPLED) < np.where(sample["sex"] == "f", 0.9, 0.6)
    sample["satisfied"] = (rng.random(N_SAMPLED) < np.where(sample["sex"] == "f", 0.8, 0.5)).astype(float)
    totals = sample["weight"].groupby(sample["sex"]).sum() * [1.02, 0.98]
    margin = Margin("sex", sample["sex"], (totals * sample["weight"].sum() / totals.sum()).to_dict())
    weighting = weight_respondents(
        sample["weight"].to_numpy(), responded, sample["stratum"], psu=sample["psu"], margins=[margin]
    )
    return sample[responded].reset_index(drop=True), weighting


def make_design(answers: pd.DataFrame, weights: np.ndarray) -> SurveyDesign:
    return SurveyDesign.from_arrays(weights, strata=answers["stratum"], clusters=answers["psu"])


def test_the_last_row_is_the_published_estimate():
    answers, weighting = make_round()

    def estimand(design: SurveyDesign) -> Estimate:
        return design.proportion(answers["satisfied"])

    bridge = weighting_bridge(make_design(answers, weighting.weights), weighting, estimand, method="logit")
    published = estimand(
        make_design(answers, weighting.weights).with_calibration(weighting.base_weights, [answers["sex"]])
    ).to_frame(method="logit")
    assert list(bridge["step"]) == ["unweighted", "design", "nonresponse", "raking"]
    last = bridge[published.columns].tail(1).reset_index(drop=True)
    pd.testing.assert_frame_equal(last, published, rtol=1e-12)
    assert bridge["value"].iloc[0] == pytest.approx(answers["satisfied"].mean())
    assert bridge["change"].sum() == pytest.approx(bridge["value"].iloc[-1] - bridge["value"].iloc[0])
    assert (bridge["high"] > bridge["low"]).all()
    assert bridge["weights_deff"].tolist() == [1.0, *(step.deff_after for step in weighting.steps)]


def test_domains_have_a_row_each_at_every_step():
    answers, weighting = make_round()
    design = make_design(answers, weighting.weights)
    bridge = weighting_bridge(
        design, weighting, lambda stage: stage.mean(answers["satisfied"], by=answers["stratum"])
    )
    assert len(bridge) == 4 * 2
    assert list(bridge["domain"]) == ["a", "b"] * 4
    assert bridge["change"].isna().sum() == 2


def test_known_totals_take_error_away():
    answers, weighting = make_round()
    bridge = weighting_bridge(
        make_design(answers, weighting.weights), weighting, lambda design: design.total(answers["sex"] == "f")
    )
    assert bridge["standard_error"].iloc[-1] == pytest.approx(0, abs=1e-6)
    assert bridge["standard_error"].iloc[-2] > 1


def test_every_kind_of_step_keeps_its_factor_and_effect():
    rng = np.random.default_rng(8)
    weights, sex = rng.lognormal(3, 0.6, 400), rng.choice(["f", "m"], 400)
    responded = rng.random(400) < 0.8
    model = fit_propensity(responded, pd.DataFrame({"sex": sex}), weights=weights)
    answered = sex[responded]
    margin = Margin("sex", answered, {"f": weights.sum() * 0.52, "m": weights.sum() * 0.48})
    weighting = start_weighting(weights[responded]).then_propensity(adjust_by_propensity(model, responded))
    weighting = weighting.then_trim(upper=trimming_limit(weighting.weights, multiple=1.5))
    weighting = weighting.then_poststratify(margin).then_rake([margin]).then_calibrate([margin])
    names = "design propensity trimming poststratification raking calibration"
    assert " ".join(step.name for step in weighting.steps) == names
    trimming = weighting.steps[2]
    assert trimming.deff_after < trimming.deff_before
    assert trimming.weights_sum == pytest.approx(weighting.steps[1].weights_sum)
    assert weighting.steps[-1].deff_after == pytest.approx(kish_deff(weighting.weights))
    assert weighting.margins == (margin,)
    assert weighting.is_calibrated
    assert not weighting.then_trim(upper=weighting.weights.max() / 1.01).is_calibrated
