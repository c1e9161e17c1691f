"""The index is the mean it says it is, with the precision of that mean."""

import numpy as np
import pytest

from analysis.index import (
    NATION,
    POOLED_SHARE,
    IndexEstimationError,
    IndexMethodError,
    IndexResult,
    estimate_index,
    parse_index_method,
)
from tests.analysis.index.makers import make_answers, make_design, make_document


def make_result(**changes: object) -> IndexResult:
    design, provinces = make_design()
    return estimate_index(design, make_answers(), parse_index_method(make_document(**changes)), provinces)


def share(name: str, rows: np.ndarray | slice = slice(None)) -> float:
    design, _ = make_design()
    answers = make_answers()[name][rows]
    kept, weights = ~np.isnan(answers), design.weights[rows]
    return float(100 * np.average(answers[kept] >= 4, weights=weights[kept]))


def test_criterion_element_content_and_index_by_hand():
    result = make_result()
    a1, a2, b1, s1 = (share(name) for name in ("a1", "a2", "b1", "s1"))
    assert result.get("a1").value.item() == pytest.approx(a1)
    assert result.get("P-A").value.item() == pytest.approx((a1 + a2) / 2)
    assert result.get("P").value.item() == pytest.approx((a1 + a2 + b1) / 3)
    assert result.get().value.item() == pytest.approx(2 / 3 * (a1 + a2 + b1) / 3 + s1 / 3)


def test_a_content_may_be_the_mean_of_its_elements():
    a1, a2, b1 = (share(name) for name in ("a1", "a2", "b1"))
    result = make_result(content_rule="mean_of_elements")
    assert result.get("P").value.item() == pytest.approx(((a1 + a2) / 2 + b1) / 2)


def test_elements_may_be_pooled_ratios():
    result = make_result(element_rule="pooled_ratio", content_rule="mean_of_elements")
    pooled = result.get("P-A", statistic=POOLED_SHARE)
    element = result.get("P-A")
    assert element.value.item() == pytest.approx(pooled.value.item())
    assert element.standard_error.item() == pytest.approx(pooled.standard_error.item())
    assert element.deff.item() == pytest.approx(pooled.deff.item())
    content = (pooled.value.item() + share("b1")) / 2
    assert result.get("P").value.item() == pytest.approx(content)
    assert result.get("a1").value.item() == pytest.approx(share("a1"))
    assert result.get().value.item() == pytest.approx(2 / 3 * content + share("s1") / 3)


def test_pooled_elements_cannot_be_passed_by():
    with pytest.raises(IndexMethodError, match="mean_of_elements"):
        parse_index_method(make_document(element_rule="pooled_ratio"))


def test_a_province_is_estimated_from_its_own_rows():
    _, provinces = make_design()
    result = make_result()
    assert result.domains == (NATION, "01", "02", "03")
    assert result.get("a1", "02").value.item() == pytest.approx(share("a1", provinces == "02"))
    assert result.get("a1", "02").degrees_of_freedom.item() == 6


def test_the_index_is_the_contrast_of_its_criteria():
    design, provinces = make_design()
    answers = make_answers()
    columns = np.column_stack([answers[name] for name in ("a1", "a2", "b1", "s1")])
    satisfied = np.where(np.isnan(columns), np.nan, columns >= 4)
    criteria = design.mean(satisfied, by=provinces, overall=True)
    weights = np.kron(np.eye(4), [2 / 9, 2 / 9, 2 / 9, 1 / 3])
    expected = criteria.contrast(weights, ["index"] * 4)
    result = make_result().with_nation()
    assert result.value == pytest.approx(100 * expected.value)
    assert result.covariance == pytest.approx(1e4 * expected.covariance, rel=1e-9, abs=1e-12)


def test_deff_of_a_criterion_is_that_of_its_mean():
    design, _ = make_design()
    answers = make_answers()["a1"]
    plain = design.mean(np.where(np.isnan(answers), np.nan, answers >= 4))
    assert make_result().get("a1").deff == pytest.approx(plain.deff)
    assert make_result().get("a1").effective_n == pytest.approx(plain.effective_n)


def test_the_pooled_ratio_stands_beside_the_element():
    design, _ = make_design()
    answers = make_answers()
    satisfied = np.column_stack([np.nan_to_num(answers[name]) >= 4 for name in ("a1", "a2")]).sum(axis=1)
    asked = np.column_stack([~np.isnan(answers[name]) for name in ("a1", "a2")]).sum(axis=1)
    expected = design.ratio(satisfied, asked)
    pooled = make_result().get("P-A", statistic=POOLED_SHARE)
    assert pooled.value == pytest.approx(100 * expected.value)
    assert pooled.standard_error == pytest.approx(100 * expected.standard_error)


def test_the_mean_score_lies_on_the_scale():
    score = make_result().get("a1", statistic="mean_score")
    low, high = score.interval(method="logit")
    assert score.bounds == (1.0, 5.0)
    assert 1 < low.item() < score.value.item() < high.item() < 5


def test_contents_come_with_their_covariance():
    contents = make_result().contents("01")
    assert contents.names == ("index", "P", "S")
    weights = np.array([2 / 3, 1 / 3])
    assert contents.covariance[0, 0] == pytest.approx(weights @ contents.covariance[1:, 1:] @ weights)


def test_placeholders_are_reported_and_do_not_move_the_weights():
    assert make_result().not_estimated == ("b2",)


def test_item_nonresponse_counts_missing_answers():
    answers = make_answers()
    result = make_result()
    position = [node.code for node in result.nodes].index("P-A")
    expected = np.mean([np.isnan(answers["a1"]).mean(), np.isnan(answers["a2"]).mean()])
    assert result.item_nonresponse[0, position] == pytest.approx(expected)


def test_a_criterion_nobody_answers_in_a_province_leaves_its_means_undefined_there():
    design, provinces = make_design()
    answers = make_answers()
    answers["a1"][provinces == "01"] = np.nan
    result = estimate_index(design, answers, parse_index_method(make_document()), provinces)
    assert np.isnan(result.get(domain="01").value.item())
    assert np.isfinite(result.get("S", "01").value.item())
    assert np.isfinite(result.get("S", "01").standard_error.item())
    assert np.isfinite(result.get().value.item())


def test_without_domains_only_the_nation_is_estimated():
    design, _ = make_design()
    result = estimate_index(design, make_answers(), parse_index_method(make_document()))
    assert result.domains == (NATION,)
    assert result.get().value == pytest.approx(make_result().get().value)
    with pytest.raises(IndexEstimationError, match="nation only"):
        result.plain_mean()


def test_the_plain_mean_weighs_provinces_equally():
    result = make_result()
    provinces = result.by_domain()
    mean = result.plain_mean()
    assert mean.value.item() == pytest.approx(provinces.value.mean())
    assert mean.standard_error.item() == pytest.approx(np.sqrt(provinces.covariance.sum()) / 3)
    assert 6 <= mean.degrees_of_freedom.item() <= 18


def test_calibration_reaches_the_index():
    design, provinces = make_design()
    answers = make_answers(missing=0)
    calibrated = design.with_calibration(design.weights, [np.where(answers["a1"] >= 4, "yes", "no")])
    result = estimate_index(calibrated, answers, parse_index_method(make_document()), provinces)
    assert result.get("a1").standard_error.item() == pytest.approx(0, abs=1e-9)
    assert result.get("a2").standard_error.item() > 0


def test_the_table_has_every_domain_node_and_statistic_once():
    result = make_result()
    frame = result.to_frame()
    assert len(frame) == 4 * (len(result.nodes) * 2 + 3)
    assert not frame.duplicated(["domain", "node", "statistic"]).any()
    assert (frame["low"] < frame["value"]).all()
    assert (frame["value"] < frame["high"]).all()
    assert frame["item_nonresponse"].between(0, 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a1": np.full(240, 6.0)}, "whole numbers from 1 to 5"),
        ({"a1": np.full(240, 2.5)}, "whole numbers from 1 to 5"),
        ({"a1": np.full(240, np.nan)}, "at least one answer"),
    ],
)
def test_answers_off_the_scale_are_refused(change: dict[str, np.ndarray], message: str):
    design, _ = make_design()
    with pytest.raises(IndexEstimationError, match=message):
        estimate_index(design, make_answers() | change, parse_index_method(make_document()))


def test_a_question_without_answers_is_named():
    design, _ = make_design()
    answers = make_answers()
    del answers["b1"]
    with pytest.raises(IndexEstimationError, match="none for b1"):
        estimate_index(design, answers, parse_index_method(make_document()))


def test_answers_of_another_length_are_refused():
    design, _ = make_design()
    with pytest.raises(IndexEstimationError, match="240 answers"):
        estimate_index(design, make_answers(100), parse_index_method(make_document()))


def test_an_unknown_node_is_refused():
    with pytest.raises(IndexEstimationError, match="nation: Z"):
        make_result().get("Z")


def test_silence_of_those_to_whom_a_criterion_does_not_apply_is_no_nonresponse():
    design, provinces = make_design()
    answers = make_answers()
    silent = np.flatnonzero(np.isnan(answers["s1"]))
    excused = np.zeros(240, dtype=bool)
    excused[[*silent[:5], np.flatnonzero(answers["s1"] == 5)[0]]] = True
    method = parse_index_method(make_document())
    result = estimate_index(design, answers, method, provinces, not_applicable={"s1": excused})
    position = [node.code for node in result.nodes].index("s1")
    assert result.not_applicable[0, position] == pytest.approx(5 / 240)
    assert result.item_nonresponse[0, position] == pytest.approx((len(silent) - 5) / 235)
    plain = estimate_index(design, answers, method, provinces)
    assert result.get().value.item() == plain.get().value.item()


def test_a_criterion_that_applies_to_nobody_in_a_province_has_no_nonresponse_there():
    design, provinces = make_design()
    answers = make_answers()
    answers["s1"][provinces == "01"] = np.nan
    result = estimate_index(
        design,
        answers,
        parse_index_method(make_document()),
        provinces,
        not_applicable={"s1": provinces == "01"},
    )
    position = [node.code for node in result.nodes].index("s1")
    assert np.isnan(result.item_nonresponse[1, position])
    assert result.not_applicable[1, position] == 1


def test_the_plain_mean_of_provinces_without_any_variance_keeps_degrees_of_freedom():
    design, provinces = make_design()
    answers = {code: np.full(240, 5.0) for code in ("a1", "a2", "b1", "s1")}
    mean = estimate_index(design, answers, parse_index_method(make_document()), provinces).plain_mean()
    assert mean.standard_error.item() == 0
    assert mean.degrees_of_freedom.item() == 18


def test_a_contrast_of_nodes_keeps_their_covariance():
    result = make_result()
    gap = result.contrast({"P": 1, "S": -1}, "02", name="P minus S")
    estimate = result.estimates["top_two_share"]
    pairs = list(zip(estimate.domains, estimate.names, strict=True))
    first, second = pairs.index(("02", "P")), pairs.index(("02", "S"))
    covariance = estimate.covariance
    expected = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    assert gap.value.item() == pytest.approx(estimate.value[first] - estimate.value[second])
    assert gap.standard_error.item() ** 2 == pytest.approx(expected)
    assert (gap.domains, gap.names) == (("02",), ("P minus S",))


def test_the_contrast_of_the_contents_by_their_weights_is_the_index():
    result = make_result()
    combined = result.contrast({"P": 2 / 3, "S": 1 / 3})
    assert combined.value == pytest.approx(result.get().value)
    assert combined.standard_error == pytest.approx(result.get().standard_error)


@pytest.mark.parametrize(
    ("arguments", "got"),
    [(({},), "none"), (({"X": 1.0},), "nation: X"), (({"P": 1.0}, NATION, "median"), "'median'")],
)
def test_a_contrast_of_nothing_known_is_refused(arguments: tuple, got: str):
    with pytest.raises(IndexEstimationError, match=f"got {got}"):
        make_result().contrast(*arguments)


def test_a_method_and_a_result_print_on_a_line():
    result = make_result()
    assert repr(result.method) == "<IndexMethod M, version 1: 2 contents, 5 criteria>"
    assert repr(result).startswith("<IndexResult of M: ")
    assert "array(" not in repr(result)
    assert "nation" in str(result)


def test_a_node_without_a_value_names_the_criteria_that_nobody_answered():
    design, provinces = make_design()
    answers = make_answers()
    answers["a1"][provinces == "01"] = np.nan
    result = estimate_index(design, answers, parse_index_method(make_document()), provinces)
    assert result.unanswered(domain="01") == ("a1",)
    assert result.unanswered("P-B", "01") == result.unanswered() == ()
    frame = result.to_frame().set_index(["domain", "statistic", "node"])["unanswered"]
    assert frame["01", "top_two_share", "index"] == frame["01", "mean_score", "P-A"] == "a1"
    assert (frame[frame.index.get_level_values("domain") != "01"] == "").all()


def make_certain(questions: tuple[str, ...], **changes: str) -> IndexResult:
    """Everybody in province 01 is satisfied by some criteria."""
    design, provinces = make_design()
    answers = make_answers()
    for question in questions:
        answers[question][provinces == "01"] = 5.0
    return estimate_index(design, answers, parse_index_method(make_document(**changes)), provinces)


@pytest.mark.parametrize("statistic", ["top_two_share", "mean_score"])
def test_the_index_has_the_flags_of_a_content_without_variance(statistic: str):
    result = make_certain(("s1",))
    assert {"at_bound", "zero_variance"} <= set(result.get("S", "01", statistic).flags[0])
    index = result.get(domain="01", statistic=statistic)
    assert {"at_bound", "zero_variance"} <= set(index.flags[0])
    assert index.standard_error > 0
    assert not index.is_testable
    assert "zero_variance" not in result.get(domain="02", statistic=statistic).flags[0]


def test_flags_rise_by_one_level():
    result = make_certain(("a1",))
    assert "zero_variance" in result.get("P-A", "01").flags[0]
    assert "zero_variance" not in result.get("P", "01").flags[0]


def test_an_element_as_one_ratio_has_a_variance_of_its_own():
    result = make_certain(("a1",), element_rule="pooled_ratio", content_rule="mean_of_elements")
    assert "zero_variance" in result.get("a1", "01").flags[0]
    assert "zero_variance" not in result.get("P-A", "01").flags[0]
