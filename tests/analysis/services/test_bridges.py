"""The bridge ends at the published figure."""

import numpy as np
import pytest

from analysis.models import Release
from analysis.selectors.estimands import Statistic, estimand_groups
from analysis.services.bridges import Bridge, build_bridge
from analysis.services.weighted_samples import open_release
from analysis.services.working_estimates import SUPPRESSED, WorkingRequest
from tests.analysis.rounds import Shape, add_margins, make_closed_round, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]


def make_calibrated_release(shape: Shape | None = None) -> Release:
    size = shape or Shape()
    survey_round = make_closed_round(size)
    add_margins(survey_round, *size.provinces)
    return make_release(survey_round)


def bridge(release: Release, key: str = "M2023:1:index", *, province: str = "") -> Bridge:
    groups = estimand_groups(release.snapshot.round, "en")
    estimand = next(one for group in groups for one in group.estimands if one.key == key)
    request = WorkingRequest(estimand, Statistic.SATISFIED)
    return build_bridge(snapshot=release.snapshot, request=request, province=province)


@pytest.mark.parametrize("province", ["", "01"])
def test_last_step_is_the_published_figure(province: str) -> None:
    release = make_calibrated_release()
    built = bridge(release, province=province)
    last = built.steps.iloc[-1]
    published = release.estimates.get(domain_code=province, node="index", statistic="top_two_share")
    assert built.published == published
    assert last[["value", "standard_error", "low", "high"]].tolist() == pytest.approx(
        [published.value, published.standard_error, published.lower, published.upper], rel=1e-12
    )
    assert built.steps["step"].tolist() == ["unweighted", "design", "nonresponse", "raking"]


def test_first_step_is_the_average_of_a_spreadsheet() -> None:
    release = make_calibrated_release()
    from_spreadsheet = bridge(release, "P-A1").steps.iloc[0]
    answers = open_release(release).content.rows["P_A1"].dropna()
    assert from_spreadsheet["value"] == pytest.approx(100 * (answers >= 4).mean())
    assert from_spreadsheet["weights_deff"] == 1.0


def test_changes_lead_from_the_first_step_to_the_last() -> None:
    steps = bridge(make_calibrated_release()).steps
    assert steps["change"].isna().tolist() == [True, False, False, False]
    total = steps["value"].iloc[0] + steps["change"].iloc[1:].sum()
    assert total == pytest.approx(steps["value"].iloc[-1])


def test_without_margins_the_bridge_ends_after_nonresponse() -> None:
    release = make_release()
    built = bridge(release)
    assert built.steps["step"].tolist()[-1] == "nonresponse"
    assert built.published is not None
    assert built.steps["value"].iloc[-1] == pytest.approx(built.published.value, rel=1e-12)


def test_question_has_no_published_figure_beside_it() -> None:
    assert bridge(make_calibrated_release(), "P-A1").published is None


def test_few_answers_are_hidden_and_so_is_the_other_province(monkeypatch: pytest.MonkeyPatch) -> None:
    release = make_release()
    sample = open_release(release)
    rows = sample.content.rows
    rows.loc[rows.index[rows["province"] == "01"][9:], "P_A1"] = np.nan
    monkeypatch.setattr("analysis.services.bridges.open_sample", lambda _snapshot: sample)
    steps = bridge(release, "P-A1", province="01").steps
    assert set(steps["reason"]) == {SUPPRESSED}
    assert steps[["value", "low", "high", "change", "n"]].isna().all().all()
    beside = bridge(release, "P-A1", province="04")
    assert set(beside.steps["reason"]) == {SUPPRESSED}
    assert beside.published is None
    assert set(bridge(release, "P-A1").steps["reason"]) == {""}
