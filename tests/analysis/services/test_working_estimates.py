"""Working figures: the same as those of a release, and hidden where persons could be recognised."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import AnalysisError
from analysis.models import PublishedEstimate, Release, Snapshot
from analysis.selectors.estimands import Estimand, Statistic, estimand_groups
from analysis.services import load_methods, take_snapshot
from analysis.services.weighted_samples import open_sample
from analysis.services.working_estimates import (
    NO_PRECISION,
    SUPPRESSED,
    WorkingEstimates,
    WorkingRequest,
    compute_figures,
    estimate_working_figures,
)
from analysis.viewsets.choices import EstimateForm
from sampling.models import SampledUnit
from tests.analysis.rounds import Shape, add_margins, make_closed_round, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]


def make_calibrated_release(shape: Shape | None = None) -> Release:
    size = shape or Shape()
    survey_round = make_closed_round(size)
    add_margins(survey_round, *size.provinces)
    return make_release(survey_round)


def estimands(snapshot: Snapshot) -> dict[str, Estimand]:
    groups = estimand_groups(snapshot.round, "en")
    return {one.key: one for group in groups for one in group.estimands}


def compute(snapshot: Snapshot, key: str, statistic: str, **choices: Any) -> WorkingEstimates:
    request = WorkingRequest(estimands(snapshot)[key], statistic, **choices)
    return compute_figures(open_sample(snapshot), request)


@pytest.mark.parametrize("node", ["index", "P", "S-1", "P-A1"])
@pytest.mark.parametrize("statistic", ["top_two_share", "mean_score", "pooled_share"])
def test_parts_of_the_index_are_those_of_the_release(node: str, statistic: str) -> None:
    release = make_calibrated_release()
    one = estimands(release.snapshot)[f"M2023:1:{node}"]
    if statistic not in one.statistics:
        assert statistic == Statistic.POOLED
        return
    figures = compute(release.snapshot, one.key, statistic, by=("province",)).figures
    assert figures["province"].tolist() == ["*", "01", "04"]
    for row in figures.to_dict("records"):
        code = row["province"].strip("*")
        published = release.estimates.get(domain_code=code, node_code=node, statistic=statistic)
        found = [row[name] for name in ("value", "standard_error", "low", "high", "df", "deff", "n")]
        expected = [
            published.value,
            published.standard_error,
            published.lower,
            published.upper,
            published.degrees_of_freedom,
            published.deff,
            published.n,
        ]
        assert found == pytest.approx(expected, rel=1e-11)


def test_question_rated_from_1_to_5_is_the_criterion_of_the_release() -> None:
    release = make_calibrated_release()
    figures = compute(release.snapshot, "P-A1", Statistic.SATISFIED).figures
    published = release.estimates.get(domain_code="", node_code="P-A1", statistic="top_two_share")
    row = figures.iloc[0]
    assert [row["value"], row["low"], row["high"]] == pytest.approx(
        [published.value, published.lower, published.upper], rel=1e-11
    )


def test_shares_of_all_answers_add_up() -> None:
    snapshot = make_release().snapshot
    figures = compute(snapshot, "P-A1", Statistic.CATEGORIES, by=("sex",)).figures
    assert figures["name"].unique().tolist() == ["1", "2", "3", "4", "5"]
    assert figures.groupby("sex")["value"].sum().tolist() == pytest.approx([100.0] * 3)


def test_quartiles_have_limits_but_no_design_effect() -> None:
    figures = compute(make_release().snapshot, "P-A1", Statistic.QUARTILES).figures
    assert figures["name"].tolist() == ["25%", "50%", "75%"]
    assert figures["value"].between(1, 5).all()
    assert figures["deff"].isna().all()


def test_two_columns_are_crossed() -> None:
    figures = compute(make_release().snapshot, "P-A1", Statistic.MEAN, by=("province", "is_urban")).figures
    places = set(zip(figures["province"], figures["is_urban"], strict=True))
    assert places == {("*", "*"), *((p, u) for p in ("01", "04") for u in ("urban", "rural"))}


def test_snapshot_without_a_release_is_weighted_now() -> None:
    load_methods()
    survey_round = make_closed_round()
    add_margins(survey_round, "01", "04")
    snapshot = take_snapshot(round=survey_round)
    sample = open_sample(snapshot)
    assert sample.release is None
    assert set(sample.cells) == {"age_group", "sex", "urban"}
    np.testing.assert_allclose(sample.weighting.weights, sample.content.rows["final_weight"], rtol=1e-14)
    before = compute(snapshot, "M2023:1:index", Statistic.SATISFIED).figures
    make_release(snapshot=snapshot)
    assert open_sample(snapshot).release is not None
    after = compute(snapshot, "M2023:1:index", Statistic.SATISFIED).figures
    pd.testing.assert_frame_equal(before, after, rtol=1e-12)


def hidden(reasons: pd.Series) -> int:
    return int((reasons == SUPPRESSED).sum())


def test_small_domain_and_one_more_are_hidden() -> None:
    snapshot = make_release(make_closed_round(Shape(persons=6))).snapshot
    sample = open_sample(snapshot)
    first = sample.content.rows.index[:4]
    sample.content.rows["mode"] = "web"
    sample.content.rows.loc[sample.content.rows.index[30:], "mode"] = "paper"
    sample.content.rows.loc[first, "mode"] = "interview"
    request = WorkingRequest(estimands(snapshot)["M2023:1:index"], Statistic.SATISFIED, by=("mode",))
    figures = compute_figures(sample, request).figures.set_index("mode")
    assert figures.loc["interview", "reason"] == SUPPRESSED
    assert hidden(figures["reason"]) == 2
    shown = figures.drop(columns=["name", "flags", "reason"])
    assert shown[figures["reason"] == SUPPRESSED].isna().all().all()
    assert figures.loc["*", "reason"] == ""


def test_small_cells_of_two_columns_are_protected() -> None:
    snapshot = make_release(make_closed_round(Shape(persons=8))).snapshot
    figures = compute(snapshot, "P-A1", Statistic.MEAN, by=("province", "age_group")).figures
    cells = figures[figures["province"] != ""]
    by_province = cells[cells["reason"] == SUPPRESSED].groupby("province").size()
    by_age = cells[cells["reason"] == SUPPRESSED].groupby("age_group").size()
    assert len(by_province)
    assert by_province.min() > 1
    assert by_age.min() > 1


def test_domain_in_one_commune_of_each_stratum_has_no_figure() -> None:
    snapshot = make_release().snapshot
    sample = open_sample(snapshot)
    rows = sample.content.rows
    first = rows.groupby("variance_stratum")["variance_psu"].transform("min")
    rows["mode"] = np.where(rows["variance_psu"] == first, "web", "paper")
    request = WorkingRequest(estimands(snapshot)["P-A1"], Statistic.MEAN, by=("mode",))
    figures = compute_figures(sample, request).figures.set_index("mode")
    assert figures.loc["web", "reason"] == NO_PRECISION
    assert np.isnan(figures.loc["web", "value"])


def test_sensitive_questions_and_codes_without_a_mean_are_not_offered() -> None:
    known = estimands(make_release().snapshot)
    assert "A-ETHNICITY" not in known
    assert known["A-EDUCATION"].statistics == (Statistic.CATEGORIES,)
    assert known["P-A1"].statistics == (
        Statistic.SATISFIED,
        Statistic.MEAN,
        Statistic.CATEGORIES,
        Statistic.QUARTILES,
    )


def test_interval_that_does_not_exist_is_refused() -> None:
    snapshot = make_release().snapshot
    with pytest.raises(AnalysisError):
        compute(snapshot, "P-A1", Statistic.QUARTILES, interval="wilson")


def test_marks_name_method_sample_and_missing_margins() -> None:
    snapshot = make_release().snapshot
    of_index = compute(snapshot, "M2023:1:index", Statistic.SATISFIED).marks
    of_question = compute(snapshot, "P-A1", Statistic.CATEGORIES).marks
    assert len(of_index) == len(of_question) + 1
    assert of_question


def test_figures_of_a_release_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    release = make_release()
    request = WorkingRequest(estimands(release.snapshot)["P-A1"], Statistic.MEAN)
    first = estimate_working_figures(snapshot=release.snapshot, request=request)
    monkeypatch.setattr("analysis.services.working_estimates.open_sample", None)
    again = estimate_working_figures(snapshot=release.snapshot, request=request)
    pd.testing.assert_frame_equal(first.figures, again.figures)


def test_nothing_is_published() -> None:
    snapshot = make_release().snapshot
    counts = PublishedEstimate.objects.count(), Release.objects.count()
    compute(snapshot, "M2023:1:index", Statistic.SATISFIED, by=("province",))
    assert (PublishedEstimate.objects.count(), Release.objects.count()) == counts


def test_villages_that_replaced_others_can_be_left_out() -> None:
    load_methods()
    survey_round = make_closed_round()
    first, second = SampledUnit.objects.filter(sample__round=survey_round, stage="village").order_by("pk")[:2]
    SampledUnit.objects.filter(pk=second.pk).update(replaces=first)
    snapshot = take_snapshot(round=survey_round)
    with_them, without = (open_sample(snapshot, without_replacements=left_out) for left_out in (False, True))
    labels = [label for label in with_them.content.rows["village"].unique() if label.endswith("r")]
    assert len(labels) == 1
    assert not without.content.rows["village"].isin(labels).any()
    totals = [sample.content.rows["final_weight"].sum() for sample in (with_them, without)]
    assert totals[1] == pytest.approx(totals[0])


def test_without_a_replaced_village_both_ways_agree() -> None:
    snapshot = make_calibrated_release().snapshot
    key = estimands(snapshot)["M2023:1:index"]
    requests = [
        WorkingRequest(key, Statistic.SATISFIED, without_replacements=left_out) for left_out in (False, True)
    ]
    both = [estimate_working_figures(snapshot=snapshot, request=request).figures for request in requests]
    pd.testing.assert_frame_equal(*both, rtol=1e-12)


def test_form_offers_it_only_where_villages_were_replaced() -> None:
    snapshot = make_calibrated_release().snapshot
    groups = estimand_groups(snapshot.round, "en")
    assert "without_replacements" not in EstimateForm(None, snapshot, groups).fields
    first, second = SampledUnit.objects.filter(sample__round=snapshot.round, stage="village").order_by("pk")[
        :2
    ]
    SampledUnit.objects.filter(pk=second.pk).update(replaces=first)
    fields = {"snapshot": snapshot.pk, "estimand": "M2023:1:index", "statistic": "top_two_share"}
    form = EstimateForm(fields | {"without_replacements": "on"}, snapshot, groups)
    assert form.is_valid(), form.errors
    assert form.request().without_replacements
