"""Weights are adjusted step by step, thin cells merged and reported, impossible margins refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.weighting import (
    NO_MARGINS,
    Cell,
    CellMinimum,
    ConvergenceError,
    Margin,
    MarginError,
    WeightingError,
    adjust_nonresponse,
    calibrate,
    kish_deff,
    merge_thin_cells,
    poststratify,
    rake,
    trim,
    weight_respondents,
)

ANY = CellMinimum(answers=1, psus=1)


def cell(label: str, n: int, *psus: int) -> Cell:
    return Cell((label,), n, frozenset(psus))


def test_respondents_stand_for_everybody_of_their_class():
    weights, responded = np.array([10.0, 30.0, 20.0, 20.0]), np.array([True, False, True, True])
    adjustment = adjust_nonresponse(weights, responded, ["a", "a", "b", "b"], psu=[1, 1, 2, 2], minimum=ANY)
    assert adjustment.factor.tolist() == [4.0, 1.0, 1.0]
    assert (weights[responded] * adjustment.factor).sum() == pytest.approx(weights.sum())


def test_thin_classes_are_merged_with_their_parents_smallest_and_reported():
    cells = [cell("a1", 40, 1, 2), cell("a2", 60, 3, 4), cell("a3", 5, 5), cell("b1", 50, 6, 7)]
    merging = merge_thin_cells(cells, {"a1": "a", "a2": "a", "a3": "a", "b1": "b"})
    assert merging.names == {"a1": "a1 + a3", "a2": "a2", "a3": "a1 + a3", "b1": "b1"}
    (merge,) = merging.merges
    assert (merge.labels, merge.n_answers, merge.n_psus) == (("a1", "a3"), 45, 3)


def test_one_psu_makes_a_cell_thin_however_many_answers_it_has():
    merging = merge_thin_cells([cell("a", 500, 1), cell("b", 40, 1, 2)])
    assert set(merging.names.values()) == {"a + b"}


def test_a_thin_parent_joins_across_parents():
    cells = [cell("a1", 10, 1), cell("b1", 50, 2, 3), cell("c1", 40, 4, 5)]
    merging = merge_thin_cells(cells, {"a1": "a", "b1": "b", "c1": "c"})
    assert merging.names["a1"] == "a1 + c1"


def test_too_few_answers_in_all_is_an_error():
    with pytest.raises(WeightingError, match="12 answers"):
        merge_thin_cells([cell("a", 5, 1), cell("b", 7, 2)])


def test_a_class_nobody_answered_in_is_merged():
    responded = np.array([False] * 5 + [True] * 40)
    adjustment = adjust_nonresponse(
        np.ones(45), responded, ["silent"] * 5 + ["b"] * 40, psu=[0] * 5 + list(range(1, 41))
    )
    assert adjustment.class_factors == {"b + silent": pytest.approx(45 / 40)}


@pytest.mark.parametrize(
    ("weights", "classes", "message"),
    [
        ([1.0, 0.0], ["a", "a"], "above 0"),
        ([1.0, 1.0], ["a", None], "nonresponse class"),
        ([1.0], ["a", "b"], "lengths"),
    ],
)
def test_samples_that_cannot_be_adjusted_are_refused(weights: list[float], classes: list[str], message: str):
    with pytest.raises(WeightingError, match=message):
        adjust_nonresponse(np.array(weights), np.array([True, True]), classes, psu=[1, 2])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_raked_weights_meet_every_margin(seed: int):
    rng = np.random.default_rng(seed)
    sex, age = rng.choice(["f", "m"], 200), rng.choice(["young", "middle", "old"], 200)
    share = rng.uniform(0.3, 0.7)
    margins = [
        Margin("sex", sex, {"f": 1000 * share, "m": 1000 * (1 - share)}),
        Margin("age", age, {"young": 300, "middle": 500, "old": 200}),
    ]
    weights = rng.uniform(1, 3, 200)
    raked = weights * rake(weights, margins).factor
    assert raked.min() > 0
    for labels, totals in ((sex, margins[0].totals), (age, margins[1].totals)):
        for label, total in totals.items():
            assert raked[labels == label].sum() == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize(
    ("labels", "totals", "message"),
    [
        (["f", "m"], {"f": 1.0}, "none for m"),
        (["f", "f"], {"f": 1.0, "m": 1.0}, "none in m"),
        (["f", "m"], {"f": 1.0, "m": 0.0}, "above 0"),
        (["f"], {"f": 1.0}, "one label per row"),
    ],
)
def test_margins_that_do_not_fit_are_refused(labels: list[str], totals: dict[str, float], message: str):
    with pytest.raises(MarginError, match=message):
        rake(np.ones(2), [Margin("sex", labels, totals)])


def test_margins_with_different_totals_are_refused():
    margins = [
        Margin("sex", ["f", "m"], {"f": 5.0, "m": 5.0}),
        Margin("age", ["x", "y"], {"x": 5.0, "y": 6.0}),
    ]
    with pytest.raises(MarginError, match="add up to 10"):
        rake(np.ones(2), margins)


def test_margins_that_contradict_each_other_do_not_converge_silently():
    margins = [
        Margin("sex", ["f", "m"], {"f": 5.0, "m": 5.0}),
        Margin("age", ["x", "y"], {"x": 4.0, "y": 6.0}),
    ]
    with pytest.raises(ConvergenceError, match="after 50 rounds"):
        rake(np.ones(2), margins, max_iterations=50)


def test_raking_without_margins_is_refused():
    with pytest.raises(MarginError, match="at least one margin"):
        rake(np.ones(2), [])


def make_round(seed: int = 2, n: int = 600) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "design_weights": rng.uniform(50, 150, n),
        "responded": rng.random(n) < 0.8,
        "classes": rng.choice(["urban", "rural"], n),
        "psu": np.arange(n) // 20,
    }


def test_every_step_keeps_its_factor_and_effect():
    sample = make_round()
    sex = np.random.default_rng(5).choice(["f", "m"], 600)
    margin = Margin("sex", sex, {"f": 31_000.0, "m": 29_000.0}, source="census", reference_date="2024-04-01")
    weighting = weight_respondents(**sample, margins=[margin])
    assert [step.name for step in weighting.steps] == ["design", "nonresponse", "raking"]
    assert weighting.weights.sum() == pytest.approx(60_000)
    assert weighting.weights == pytest.approx(weighting.base_weights * weighting.steps[-1].factor)
    assert weighting.steps[1].weights_sum == pytest.approx(sample["design_weights"].sum())
    assert weighting.steps[2].deff_before == pytest.approx(kish_deff(weighting.base_weights))
    assert weighting.is_calibrated
    assert weighting.notes == ()
    assert len(weighting.to_frame()) == 3


def test_without_margins_weighting_stops_and_says_so():
    weighting = weight_respondents(**make_round())
    assert not weighting.is_calibrated
    assert weighting.notes == (NO_MARGINS,)


def test_a_thin_margin_category_is_merged_with_its_total():
    sample = make_round()
    age = np.array(["old"] * 10 + ["young"] * 590)
    margin = Margin("age", age, {"old": 1_000.0, "young": 59_000.0, "nobody": 5.0})
    weighting = weight_respondents(**sample, margins=[margin])
    assert weighting.margins[0].totals == {"nobody + old + young": 60_005.0}
    assert weighting.steps[-1].merges[0].labels == ("nobody", "old", "young")


def test_a_category_without_a_total_is_not_merged_away():
    margin = Margin("age", ["old", "young"], {"young": 59_000.0})
    with pytest.raises(MarginError, match="none for old"):
        margin.merged([1, 2])


def test_equal_weights_have_no_design_effect():
    assert kish_deff(np.full(7, 3.0)) == pytest.approx(1)


def test_a_thin_parent_joins_the_wider_parent_before_all_others():
    cells = [cell("a1", 5, 1), cell("b1", 60, 2, 3), cell("c1", 40, 4, 5)]
    province = {"a1": "a", "b1": "b", "c1": "c"}
    region = {"a1": "north", "b1": "north", "c1": "south"}
    merging = merge_thin_cells(cells, [province, region])
    assert merging.names == {"a1": "a1 + b1", "b1": "a1 + b1", "c1": "c1"}
    alone = {"a1": "east", "b1": "north", "c1": "south"}
    assert merge_thin_cells(cells, [province, alone]).names["a1"] == "a1 + c1"


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_weights_that_are_no_weights_are_refused(weight: float):
    weights = np.array([1.0, weight])
    margin = Margin("sex", ["f", "m"], {"f": 3.0, "m": 4.0})
    for adjust in (
        lambda: rake(weights, [margin]),
        lambda: poststratify(weights, margin),
        lambda: trim(weights, upper=2.0),
    ):
        with pytest.raises(WeightingError, match="none below 0 and some above; got 1 others among 2"):
            adjust()


def test_post_stratified_weights_meet_every_cell():
    sample = make_round(seed=9)
    cells = np.random.default_rng(9).choice(["f/old", "f/young", "m/old", "m/young"], 600)
    totals = {"f/old": 9_000.0, "f/young": 20_000.0, "m/old": 8_000.0, "m/young": 21_000.0}
    result = poststratify(sample["design_weights"], Margin("sex and age", cells, totals))
    for label, total in totals.items():
        inside = cells == label
        weighted = sample["design_weights"][inside] * result.factor[inside]
        assert weighted.sum() == pytest.approx(total, rel=1e-12)
        assert np.ptp(result.factor[inside]) == 0


def test_rows_without_weight_take_no_part():
    weights = np.array([1.0, 2.0, 0.0, 3.0])
    margin = Margin("sex", ["f", "m", "m", "m"], {"f": 4.0, "m": 10.0})
    for result in (rake(weights, [margin]), poststratify(weights, margin), calibrate(weights, [margin])):
        assert weights * result.factor == pytest.approx([4.0, 4.0, 0.0, 6.0])
    assert weights * trim(weights, lower=1.5).factor == pytest.approx([1.5, 1.75, 0.0, 2.75])


def test_a_category_whose_rows_have_no_weight_is_refused():
    margin = Margin("sex", ["f", "m"], {"f": 4.0, "m": 10.0})
    with pytest.raises(MarginError, match="none in m"):
        rake(np.array([1.0, 0.0]), [margin])
