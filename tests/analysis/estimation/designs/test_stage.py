"""Several stages of clusters: against a recursion written from the textbook, and by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import Brewer, DesignError, HartleyRao, Overton, SinglePsuError, SurveyDesign

STAGES = ("commune", "village", "person")
COUNTS = ("n_communes", "n_villages", "n_persons")


def make_rows(seed: int, *, n_strata: int = 2) -> pd.DataFrame:
    """Three stages; two to four communes a stratum, villages and persons likewise."""
    rng = np.random.default_rng(seed)
    rows = []
    for stratum in range(n_strata):
        n_communes = rng.integers(2, 5)
        for commune in range(n_communes):
            n_villages = rng.integers(2, 4)
            for village in range(n_villages):
                n_persons = rng.integers(2, 5)
                rows += [
                    (stratum, commune, village, person, n_communes + 5, n_villages + 4, n_persons + 20)
                    for person in range(n_persons)
                ]
    frame = pd.DataFrame(rows, columns=["stratum", *STAGES, *COUNTS])
    n = len(frame)
    return frame.assign(weight=rng.uniform(1, 9, n), y=rng.normal(5, 2, n), group=rng.choice(["a", "b"], n))


def make_design(frame: pd.DataFrame, n_stages: int, **options: object) -> SurveyDesign:
    return SurveyDesign.from_frame(
        frame,
        weight="weight",
        strata="stratum",
        clusters=STAGES[:n_stages],
        fpc=COUNTS[:n_stages],
        nest=True,
        **options,
    )


def recursive_variance(
    frame: pd.DataFrame, scores: str, stages: list[str], counts: list[str], level: str
) -> float:
    """Variance of the sum of scores: strata of the first stage, then every unit as a stratum of the next."""
    variance = 0.0
    for _, stratum in frame.groupby(level):
        totals = stratum.groupby(stages[0])[scores].sum()
        n, fraction = len(totals), len(totals) / stratum[counts[0]].iloc[0]
        variance += (1 - fraction) * n * totals.var(ddof=1)
        if len(stages) > 1:
            inner = recursive_variance(stratum, scores, stages[1:], counts[1:], stages[0])
            variance += fraction * inner
    return variance


@pytest.mark.parametrize("n_stages", [1, 2, 3])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_total_has_the_variance_of_the_recursion(n_stages: int, seed: int):
    frame = make_rows(seed)
    frame["score"] = frame["weight"] * frame["y"]
    expected = recursive_variance(frame, "score", list(STAGES[:n_stages]), list(COUNTS[:n_stages]), "stratum")
    estimate = make_design(frame, n_stages).total(frame["y"])
    assert estimate.standard_error.item() ** 2 == pytest.approx(expected, rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_domain_mean_has_the_variance_of_the_recursion(seed: int):
    frame = make_rows(seed)
    inside = (frame["group"] == "a").astype(float)
    size = (frame["weight"] * inside).sum()
    mean = (frame["weight"] * inside * frame["y"]).sum() / size
    frame["score"] = frame["weight"] * inside * (frame["y"] - mean) / size
    expected = recursive_variance(frame, "score", list(STAGES), list(COUNTS), "stratum")
    estimate = make_design(frame, 3).mean(frame["y"], by=frame["group"]).select([0])
    assert estimate.value.item() == pytest.approx(mean)
    assert estimate.standard_error.item() ** 2 == pytest.approx(expected, rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_variances_are_the_diagonal_of_the_covariance(seed: int):
    frame = make_rows(seed)
    estimate = make_design(frame, 2).mean(frame[["y", "weight"]], by=frame["group"], overall=True)
    assert np.diag(estimate.covariance) == pytest.approx(estimate.standard_error**2)
    part = estimate.select([3, 0])
    assert part.covariance == pytest.approx(estimate.covariance[np.ix_([3, 0], [3, 0])])


def test_dense_scores_have_the_variance_of_cells():
    frame = make_rows(4)
    design = make_design(frame, 3)
    estimate = design.total(frame[["y", "weight"]])
    scores = design.sum_scores(frame[["y", "weight"]].to_numpy())
    assert scores.shape == (design.n_units, 2)
    assert design.covariance(scores) == pytest.approx(estimate.covariance)
    assert design.variance(scores) == pytest.approx(estimate.standard_error**2)


def test_a_census_of_communes_has_the_variance_of_the_villages():
    frame = make_rows(2)
    frame["n_communes"] = frame.groupby("stratum")["commune"].transform("nunique")
    unit = frame["stratum"] * 100 + frame["commune"]
    whole = make_design(frame, 2).total(frame["y"])
    by_commune = SurveyDesign.from_arrays(
        frame["weight"], strata=unit, clusters=frame["village"], fpc=frame["n_villages"], nest=True
    ).total(frame["y"])
    assert whole.standard_error == pytest.approx(by_commune.standard_error)


def test_a_stage_without_a_correction_counts_as_taken_whole():
    frame = make_rows(2)
    shorter = SurveyDesign.from_frame(
        frame, weight="weight", strata="stratum", clusters=STAGES, fpc="n_communes", nest=True
    )
    assert shorter.mean(frame["y"]).standard_error == pytest.approx(
        make_design(frame, 1).mean(frame["y"]).standard_error
    )


def test_without_corrections_only_the_first_stage_counts():
    frame = make_rows(2)
    several = SurveyDesign.from_frame(frame, weight="weight", strata="stratum", clusters=STAGES, nest=True)
    one = SurveyDesign.from_frame(frame, weight="weight", strata="stratum", clusters="commune", nest=True)
    assert several.mean(frame["y"]).covariance == pytest.approx(one.mean(frame["y"]).covariance)


def test_degrees_of_freedom_count_psus_and_strata_only():
    frame = make_rows(5)
    n_psu = len(frame.drop_duplicates(["stratum", "commune"]))
    assert make_design(frame, 3).degrees_of_freedom == n_psu - 2
    assert make_design(frame, 3).mean(frame["y"]).degrees_of_freedom.tolist() == [n_psu - 2]


def test_weights_follow_from_the_corrections_of_all_stages():
    frame = make_rows(1)
    design = SurveyDesign.from_frame(frame, strata="stratum", clusters=STAGES, fpc=COUNTS, nest=True)
    group = frame.groupby(["stratum"])["commune"].transform("nunique") / frame["n_communes"]
    group *= frame.groupby(["stratum", "commune"])["village"].transform("nunique") / frame["n_villages"]
    group *= (
        frame.groupby(["stratum", "commune", "village"])["person"].transform("nunique") / frame["n_persons"]
    )
    assert design.weights == pytest.approx((1 / group).to_numpy())


def test_a_design_without_weights_and_corrections_is_refused():
    with pytest.raises(DesignError, match="corrections that give them"):
        SurveyDesign.from_arrays(clusters=[1, 2])


def test_a_single_village_fails_and_is_named_with_its_stage():
    frame = make_rows(1)
    is_second = (frame["stratum"] == 0) & (frame["commune"] == 0) & (frame["village"] > 0)
    with pytest.raises(SinglePsuError, match="stage 2"):
        make_design(frame[~is_second].reset_index(drop=True), 2)


def test_a_single_village_can_be_taken_as_certain():
    frame = make_rows(1)
    is_second = (frame["stratum"] == 0) & (frame["commune"] == 0) & (frame["village"] > 0)
    kept = frame[~is_second].reset_index(drop=True)
    one, two = make_design(kept, 1), make_design(kept, 2, single_psu="certainty")
    assert two.total(kept["y"]).standard_error > one.total(kept["y"]).standard_error


def test_a_single_village_is_its_own_centre_and_has_no_average():
    frame = make_rows(1)
    is_second = (frame["stratum"] == 0) & (frame["commune"] == 0) & (frame["village"] > 0)
    kept = frame[~is_second].reset_index(drop=True)
    remove, adjust, average = (
        make_design(kept, 2, single_psu=policy).total(kept["y"]) for policy in ("remove", "adjust", "average")
    )
    assert adjust.standard_error == pytest.approx(remove.standard_error)
    assert average.flags[0] == ("few_df", "no_variance")


def test_more_corrections_than_stages_are_refused():
    frame = make_rows(1)
    with pytest.raises(DesignError, match="at most 1 finite population"):
        SurveyDesign.from_frame(frame, weight="weight", clusters="commune", fpc=["n_communes", "n_villages"])


def test_counts_and_fractions_do_not_mix():
    with pytest.raises(DesignError, match="got both"):
        SurveyDesign.from_arrays([1.0] * 4, strata=["a", "a", "b", "b"], fpc=[0.5, 0.5, 9, 9])


def test_a_correction_that_differs_inside_a_unit_is_refused():
    frame = make_rows(1).assign(n_villages=lambda rows: rows["n_villages"] + rows["person"])
    with pytest.raises(DesignError, match="population count"):
        make_design(frame, 2)


def test_a_certain_commune_becomes_a_stratum_of_villages():
    frame = make_rows(7)
    certain = (frame["stratum"] == 0) & (frame["commune"] == 0)
    rows = frame.assign(certain=certain)
    design = SurveyDesign.from_frame(
        rows,
        weight="weight",
        strata="stratum",
        clusters=["commune", "village"],
        certainty="certain",
        nest=True,
    )
    strata = np.where(certain, 100, frame["stratum"])
    psu = np.where(certain, 1000 + frame["village"], frame["commune"])
    by_hand = SurveyDesign.from_arrays(frame["weight"], strata=strata, clusters=psu, nest=True)
    assert design.n_strata == by_hand.n_strata == 3
    assert design.degrees_of_freedom == by_hand.degrees_of_freedom
    assert design.mean(frame["y"]).covariance == pytest.approx(by_hand.mean(frame["y"]).covariance)


def test_a_certain_commune_keeps_the_corrections_of_its_villages():
    frame = make_rows(7)
    certain = (frame["stratum"] == 0) & (frame["commune"] == 0)
    design = SurveyDesign.from_frame(
        frame.assign(certain=certain),
        weight="weight",
        strata="stratum",
        clusters=["commune", "village"],
        fpc=["n_communes", "n_villages"],
        certainty="certain",
        nest=True,
    )
    inside, outside = frame[certain], frame[~certain]
    first = recursive_variance(
        inside.assign(score=inside["weight"] * inside["y"]), "score", ["village"], ["n_villages"], "commune"
    )
    n_left = outside.groupby("stratum")["commune"].nunique()
    rest = outside.assign(score=outside["weight"] * outside["y"])
    second = recursive_variance(
        rest, "score", ["commune", "village"], ["n_communes", "n_villages"], "stratum"
    )
    assert (n_left > 1).all()
    assert design.total(frame["y"]).standard_error.item() ** 2 == pytest.approx(first + second)


@pytest.mark.parametrize("clusters", [["commune", "village"], ["commune", "village", "person"]])
def test_villages_of_a_certain_commune_without_a_correction_count_with_replacement(clusters: list[str]):
    frame = make_rows(7)
    certain = (frame["stratum"] == 0) & (frame["commune"] == 0)
    design = SurveyDesign.from_frame(
        frame.assign(certain=certain),
        weight="weight",
        strata="stratum",
        clusters=clusters,
        fpc="n_communes",
        certainty="certain",
        nest=True,
    )
    by_hand = SurveyDesign.from_arrays(
        frame["weight"],
        strata=np.where(certain, 100, frame["stratum"]),
        clusters=np.where(certain, 1000 + frame["village"], frame["commune"]),
        fpc=np.where(certain, np.inf, frame["n_communes"]),
        nest=True,
    )
    assert design.total(frame["y"]).covariance == pytest.approx(by_hand.total(frame["y"]).covariance)


def test_an_infinite_population_is_drawn_with_replacement():
    values = [1.0, 2.0, 4.0]
    infinite = SurveyDesign.from_arrays(np.ones(3), fpc=np.full(3, np.inf))
    assert infinite.total(values).covariance == pytest.approx(
        SurveyDesign.from_arrays(np.ones(3)).total(values).covariance
    )


@pytest.mark.parametrize("fpc", [[-0.5, -0.5], [0, 0], [np.nan, np.nan]])
def test_corrections_that_mean_nothing_are_refused(fpc: list[float]):
    with pytest.raises(DesignError):
        SurveyDesign.from_arrays(None if fpc == [0, 0] else [1.0, 1.0], fpc=fpc)


def test_certainty_needs_a_second_stage():
    with pytest.raises(DesignError, match="two stages"):
        SurveyDesign.from_arrays([1.0, 1.0], clusters=["a", "b"], certainty=[True, False])


def test_successive_differences_by_hand():
    design = SurveyDesign.from_arrays([1.0] * 4, systematic_order=[4, 1, 2, 3])
    values = [7.0, 1.0, 2.0, 4.0]  # in order 1, 2, 4, 7
    assert design.total(values).standard_error.item() ** 2 == pytest.approx(4 / (2 * 3) * (1 + 4 + 9))
    assert design.total(values).covariance.item() == pytest.approx(4 / (2 * 3) * (1 + 4 + 9))


def test_successive_differences_take_out_a_trend():
    rng = np.random.default_rng(1)
    order = np.arange(200.0)
    values = order + rng.normal(0, 1, 200)
    systematic = SurveyDesign.from_arrays(np.ones(200), systematic_order=order)
    plain = SurveyDesign.from_arrays(np.ones(200))
    assert systematic.mean(values).standard_error < plain.mean(values).standard_error / 20


def test_successive_differences_are_right_on_average_in_a_random_order():
    rng = np.random.default_rng(2)
    values = rng.normal(0, 1, 60)
    expected = SurveyDesign.from_arrays(np.ones(60)).total(values).standard_error.item() ** 2
    variances = [
        SurveyDesign.from_arrays(np.ones(60), systematic_order=rng.permutation(60))
        .total(values)
        .covariance.item()
        for _ in range(400)
    ]
    assert np.mean(variances) == pytest.approx(expected, rel=0.03)


def test_a_constant_total_in_a_systematic_draw_has_no_error():
    design = SurveyDesign.from_arrays(
        np.ones(6), strata=list("aaabbb"), clusters=range(6), systematic_order=[1, 2, 3, 1, 2, 3]
    )
    assert design.total(np.ones(6)).standard_error.item() == 0


def test_brewer_with_equal_probabilities_is_simple_random_sampling():
    rng = np.random.default_rng(3)
    values = rng.normal(10, 2, 12)
    brewer = SurveyDesign.from_arrays(fpc=np.full(12, 0.25), pps=Brewer())
    plain = SurveyDesign.from_arrays(np.full(12, 4.0), fpc=np.full(12, 48))
    assert brewer.total(values).standard_error == pytest.approx(plain.total(values).standard_error)


def test_policies_agree_where_no_unit_is_single():
    frame = make_rows(1)
    remove = make_design(frame, 2, single_psu="remove").total(frame["y"]).covariance
    for policy in ("certainty", "adjust", "average"):
        assert make_design(frame, 2, single_psu=policy).total(frame["y"]).covariance == pytest.approx(remove)


def test_adjust_sees_only_strata_where_the_domain_is():
    design = SurveyDesign.from_arrays(
        [1.0] * 5, strata=["a", "a", "b", "c", "c"], single_psu="adjust", clusters=range(5)
    )
    outside = design.total([1.0, 3.0, 0.0, 2.0, 2.0], by=["in", "in", None, "in", "in"])
    assert outside.standard_error.item() ** 2 == pytest.approx(2 * 2 * 1.0)
    everywhere = SurveyDesign.from_arrays(
        [1.0] * 5, strata=["a", "a", "b", "c", "c"], single_psu="adjust", single_scope="design"
    ).total([1.0, 3.0, 0.0, 2.0, 2.0], by=["in", "in", None, "in", "in"])
    centre = 8 / 5
    assert everywhere.standard_error.item() ** 2 == pytest.approx(4.0 + centre**2)


def test_rows_without_weight_stay_in_the_design_but_count_nowhere():
    design = SurveyDesign.from_arrays([1.0, 1.0, 1.0, 0.0], clusters=["a", "b", "c", "d"])
    estimate = design.total([1.0, 2.0, 3.0, 100.0])
    scores = np.array([1.0, 2.0, 3.0, 0.0])
    assert estimate.value.item() == 6
    assert estimate.n.item() == 3
    assert estimate.degrees_of_freedom.item() == design.degrees_of_freedom == 2
    assert estimate.standard_error.item() ** 2 == pytest.approx(4 * scores.var(ddof=1))


SINGLE = {"strata": ["a", "a", "a", "b", "b", "b", "c"], "clusters": range(7)}
WITHOUT_POLICIES = {
    "overton": {"fpc": np.full(7, 0.5), "pps": Overton()},
    "hartley_rao": {"fpc": np.full(7, 0.5), "pps": HartleyRao()},
}


@pytest.mark.parametrize("variance", WITHOUT_POLICIES)
def test_joint_probabilities_follow_the_policies_they_can_and_refuse_the_others(variance: str):
    options = {**SINGLE, **WITHOUT_POLICIES[variance]}
    values = np.array([1.0, 2, 3, 4, 6, 5, 20])
    without = {
        name: column[:6] for name, column in {**options, "strata": SINGLE["strata"]}.items() if name != "pps"
    }
    six = SurveyDesign.from_arrays(np.ones(6), **without, pps=options["pps"]).total(values[:6]).standard_error
    for policy in ("remove", "certainty"):
        design = SurveyDesign.from_arrays(np.ones(7), **options, single_psu=policy)
        assert design.total(values).standard_error == pytest.approx(six)
    for policy in ("adjust", "average"):
        with pytest.raises(DesignError, match=f"joint probabilities.*'{policy}'"):
            SurveyDesign.from_arrays(np.ones(7), **options, single_psu=policy)
    with pytest.raises(SinglePsuError):
        SurveyDesign.from_arrays(np.ones(7), **options)


def test_a_systematic_draw_follows_the_policies_it_can_and_refuses_the_other():
    values = [1.0, 2, 3, 4, 6, 5, 20]
    place = range(7)
    removed = SurveyDesign.from_arrays(np.ones(7), **SINGLE, systematic_order=place, single_psu="remove")
    average = SurveyDesign.from_arrays(np.ones(7), **SINGLE, systematic_order=place, single_psu="average")
    ratio = average.total(values).standard_error / removed.total(values).standard_error
    assert ratio**2 == pytest.approx(3 / 2)
    with pytest.raises(DesignError, match=r"successive differences.*'adjust'"):
        SurveyDesign.from_arrays(np.ones(7), **SINGLE, systematic_order=place, single_psu="adjust")
    with pytest.raises(DesignError, match="successive differences"):
        SurveyDesign.from_arrays(
            np.ones(4), systematic_order=range(4), single_psu="adjust", single_in_domain=True
        )
    assert SurveyDesign.from_arrays(np.ones(4), systematic_order=range(4), single_psu="adjust").n_psu == 4


def test_equal_places_in_a_stratum_of_a_systematic_draw_are_refused():
    options = {"strata": ["a", "a", "b", "b"], "clusters": range(4)}
    assert SurveyDesign.from_arrays(np.ones(4), **options, systematic_order=[1, 2, 2, 1]).n_psu == 4
    with pytest.raises(DesignError, match="equal places in stratum b"):
        SurveyDesign.from_arrays(np.ones(4), **options, systematic_order=[1, 2, 2, 2])
