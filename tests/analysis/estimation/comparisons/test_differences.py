"""Differences keep covariances: between domains, from the whole, between rounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import (
    DomainError,
    EstimandError,
    SurveyDesign,
    change,
    compare_pairs,
    difference,
    minus_overall,
    stack_rounds,
)


def make_round(seed: int, communes: list[int]) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    commune = np.repeat(communes, 6)
    n = len(commune)
    return pd.DataFrame(
        {
            "stratum": commune % 2,
            "commune": commune,
            "weight": rng.uniform(1, 5, n),
            "y": rng.normal(0, 1, n) + commune % 5,
            "sex": rng.choice(["f", "m"], n),
        }
    )


def make_design(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weight="weight", strata="stratum", clusters="commune")


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_difference_has_the_variance_of_its_scores(seed: int):
    frame = make_round(seed, list(range(10)))
    design = make_design(frame)
    found = difference(design.mean(frame["y"], by=frame["sex"]), "f", "m")
    scores = []
    for sex in ("f", "m"):
        share = frame["weight"] * (frame["sex"] == sex) / frame.loc[frame["sex"] == sex, "weight"].sum()
        scores.append(share / frame["weight"] * (frame["y"] - (share * frame["y"]).sum()))
    total = design.sum_scores((scores[0] - scores[1]).to_numpy()[:, None])
    assert found.standard_error.item() ** 2 == pytest.approx(design.covariance(total).item())
    assert found.names == ("f minus m",)


def test_a_difference_of_every_variable():
    frame = make_round(1, list(range(10)))
    both = difference(make_design(frame).mean(frame[["y", "weight"]], by=frame["sex"]), "m", "f")
    assert len(both) == 2


def test_an_unknown_domain_is_named():
    frame = make_round(1, list(range(10)))
    with pytest.raises(DomainError, match="'x'"):
        difference(make_design(frame).mean(frame["y"], by=frame["sex"]), "f", "x")


def test_independent_domains_have_satterthwaites_degrees_of_freedom():
    frame = make_round(1, list(range(12)))
    strata = make_design(frame).mean(frame["y"], by=frame["stratum"])
    found = difference(strata, 0, 1)
    assert found.standard_error.item() ** 2 == pytest.approx((strata.standard_error**2).sum())
    assert 5 <= found.degrees_of_freedom.item() <= 10


def test_a_domain_minus_the_whole_weighs_its_complement():
    frame = make_round(2, list(range(10)))
    design = make_design(frame)
    found = minus_overall(design.mean(frame["y"], by=frame["sex"], overall=True))
    women = frame["weight"][frame["sex"] == "f"].sum() / frame["weight"].sum()
    parts = difference(design.mean(frame["y"], by=frame["sex"]), "f", "m")
    assert found.domains == ("f", "m")
    assert found.value[0] == pytest.approx((1 - women) * parts.value.item())
    assert (
        found.degrees_of_freedom.tolist()
        == design.mean(frame["y"], by=frame["sex"]).degrees_of_freedom.tolist()
    )


def test_the_whole_is_needed():
    frame = make_round(2, list(range(10)))
    with pytest.raises(EstimandError, match="overall=True"):
        minus_overall(make_design(frame).mean(frame["y"]))


@pytest.mark.parametrize("adjustment", ["holm", "bh", "bonferroni"])
def test_pairs_are_all_differences(adjustment: str):
    frame = make_round(3, list(range(10)))
    estimate = make_design(frame).mean(frame["y"], by=frame["commune"] % 3)
    pairs = compare_pairs(estimate, adjustment=adjustment)
    one = difference(estimate, 0, 2)
    assert pairs.difference[0, 2] == pytest.approx(one.value.item())
    assert pairs.standard_error[0, 2] == pytest.approx(one.standard_error.item())
    assert (pairs.p_adjusted >= pairs.p_value - 1e-15).all()


def test_the_same_answers_again_are_no_change():
    first = make_round(4, list(range(8)))
    both = stack_rounds({2024: first, 2025: first})
    found = change(make_design(both), both["y"], both["round"])
    assert found.value.item() == pytest.approx(0)
    assert found.standard_error.item() == pytest.approx(0, abs=1e-9)


def test_change_between_rounds_without_common_communes_adds_variances():
    rounds = {2024: make_round(5, list(range(8))), 2025: make_round(6, list(range(8, 16)))}
    both = stack_rounds(rounds)
    design = make_design(both)
    found = change(design, both["y"], both["round"])
    single = [make_design(frame).mean(frame["y"]) for frame in rounds.values()]
    assert found.value.item() == pytest.approx(single[1].value.item() - single[0].value.item())
    assert found.standard_error.item() > 0


def test_kept_communes_make_change_more_precise():
    first = make_round(5, list(range(16)))
    second = first.assign(y=first["y"] + np.random.default_rng(9).normal(1, 0.1, len(first)))
    kept = stack_rounds({2024: first, 2025: second})
    replaced = stack_rounds({2024: first, 2025: second.assign(commune=second["commune"] + 100)})
    errors = [
        change(make_design(frame), frame["y"], frame["round"]).standard_error.item()
        for frame in (kept, replaced)
    ]
    assert errors[0] < errors[1] / 5


def test_change_by_domain_leaves_out_what_has_no_two_rounds():
    first = make_round(5, list(range(8))).assign(area="old")
    second = make_round(6, list(range(8))).assign(
        area=lambda rows: np.where(rows["commune"] > 4, "new", "old")
    )
    both = stack_rounds({2024: first, 2025: second})
    found = change(make_design(both), both[["y", "weight"]], both["round"], by=both["area"])
    assert found.domains == ("old", "old")
    assert found.names == ("y", "weight")


def test_change_needs_two_rounds():
    frame = make_round(5, list(range(8)))
    with pytest.raises(DomainError, match="two rounds"):
        change(make_design(frame), frame["y"], np.full(len(frame), 2024))


def test_change_by_domain_needs_a_common_domain():
    rounds = {2024: make_round(5, list(range(8))), 2025: make_round(6, list(range(8)))}
    both = stack_rounds(rounds)
    with pytest.raises(DomainError, match="both rounds"):
        change(make_design(both), both["y"], both["round"], by=both["round"].astype(str))


def test_a_column_of_rounds_is_not_overwritten():
    with pytest.raises(EstimandError, match="without a column"):
        stack_rounds({2024: pd.DataFrame({"round": [1]})})
