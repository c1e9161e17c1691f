import datetime
from typing import Any

import pandas as pd
import pytest

from analysis.selectors import Margins
from analysis.selectors.margins import FrameTotals
from analysis.services import weight_snapshot
from analysis.services.weighting import degrees_of
from analysis.snapshots import ANALYSIS_ID, SnapshotContent
from analysis.weighting import WeightingError
from sampling.models import Disposition
from tests.analysis.rounds import AGE_GROUPS, SEXES, margin_rows


def make_cases(*, n: int = 400, refuse_every: int = 5, **columns: Any) -> SnapshotContent:
    """Two provinces of four communes; all but every fifth person answers."""
    numbers = range(n)
    province = ["01" if number % 2 else "04" for number in numbers]
    psu = [f"{province[number]}{number // 2 % 4:03d}" for number in numbers]
    refused = [number % refuse_every == refuse_every - 1 for number in numbers]
    rows = {
        ANALYSIS_ID: [f"{number:04d}" for number in numbers],
        "province": province,
        "region": ["north" if code == "01" else "south" for code in province],
        "stratum": province,
        "psu": psu,
        "village": psu,
        "is_urban": [code.endswith(("000", "001")) for code in psu],
        "is_reserve": False,
        "is_approximate": False,
        "multiplicity": 1.0,
        "household_adults": 1.0,
        "sex": [SEXES[number // 3 % 2] for number in numbers],
        "age_group": [AGE_GROUPS[number // 5 % 5] for number in numbers],
        "design_weight": 20.0,
        "disposition": [Disposition.REFUSAL if no else Disposition.COMPLETE for no in refused],
    }
    return SnapshotContent(pd.DataFrame(rows | columns), ())


def make_margins() -> Margins:
    rows = pd.DataFrame(margin_rows("01", "04"))
    return Margins("Tổng điều tra dân số 2019", datetime.date(2019, 4, 1), rows)


def test_without_margins_weighting_stops_after_nonresponse_and_says_so() -> None:
    weighted = weight_snapshot(make_cases(), None)
    assert [step["step"] for step in weighted.steps] == ["design", "nonresponse"]
    assert weighted.steps[-1]["note"] == "no_margins"
    assert not weighted.is_calibrated
    assert weighted.weights["final_weight"].sum() == pytest.approx(400 * 20)


def test_raked_weights_meet_the_margins_of_every_province() -> None:
    content = make_cases(n=800)
    weighted = weight_snapshot(content, make_margins())
    rows = weighted.weights.merge(content.rows, on=ANALYSIS_ID)
    for variable, population in (("sex", 5_000), ("age_group", 2_000)):
        totals = rows.groupby(["province", variable])["final_weight"].sum()
        assert totals.to_numpy() == pytest.approx(population)
    urban = rows[rows["is_urban"]].groupby("province")["final_weight"].sum()
    assert urban.to_numpy() == pytest.approx(4_000)
    assert weighted.steps[-1]["source"] == "Tổng điều tra dân số 2019"
    assert weighted.steps[-1]["date"] == "2019-04-01"


def test_final_weight_is_the_product_of_its_factors() -> None:
    weights = weight_snapshot(make_cases(), make_margins()).weights
    product = weights["base_weight"] * weights["nonresponse_factor"] * weights["calibration_factor"]
    assert product.to_numpy() == pytest.approx(weights["final_weight"].to_numpy())


def test_thin_cells_merge_inside_their_province_and_are_reported() -> None:
    content = make_cases()
    is_young = content.rows["age_group"] == "18-24"
    few = content.rows[is_young & (content.rows["province"] == "01")].index[5:]
    rows = content.rows.drop(index=few)
    weighted = weight_snapshot(SnapshotContent(rows, ()), make_margins())
    merges = weighted.steps[-1]["merges"]
    assert any("01/18-24" in merge["cells"] for merge in merges)
    assert all(len({cell[:2] for cell in merge["cells"]}) == 1 for merge in merges)


def test_ineligible_cases_drop_out_before_the_first_step() -> None:
    content = make_cases()
    refused = content.rows["disposition"] == Disposition.REFUSAL
    rows = content.rows.assign(
        disposition=content.rows["disposition"].where(~refused, str(Disposition.NOT_ELIGIBLE))
    )
    weighted = weight_snapshot(SnapshotContent(rows, ()), None)
    assert weighted.weights["nonresponse_factor"].tolist() == pytest.approx([1.0] * 320)


def test_released_reserves_are_counted_once() -> None:
    """The release of a reserve has made every design weight of its village smaller already."""
    content = make_cases(is_reserve=[number % 7 == 0 for number in range(400)])
    weighted = weight_snapshot(content, None)
    assert weighted.steps[0]["note"] == "reserves_released"
    assert set(weighted.weights["base_weight"]) == {20}
    assert weighted.weights["final_weight"].sum() == pytest.approx(400 * 20)


def test_degrees_of_freedom_are_effective_since_the_first_step_says_so() -> None:
    weighted = weight_snapshot(make_cases(), None)
    assert degrees_of(weighted.steps) == "effective"
    earlier = [{key: value for key, value in step.items() if key != "degrees"} for step in weighted.steps]
    assert degrees_of(earlier) == "counted"


def test_round_with_a_handful_of_answers_cannot_be_weighted() -> None:
    with pytest.raises(WeightingError):
        weight_snapshot(make_cases(n=20), None)


def test_respondents_know_the_cells_their_weights_meet_in_the_order_of_their_weights() -> None:
    content = make_cases(n=800)
    weighted = weight_snapshot(content, make_margins())
    rows = weighted.weights.merge(content.rows, on=ANALYSIS_ID)
    assert len(weighted.cells) == 3
    by_sex = next(cells for cells in weighted.cells if cells[0].endswith("male"))
    assert by_sex.tolist() == (rows["province"] + "/" + rows["sex"]).tolist()
    before = rows["final_weight"] / rows["calibration_factor"]
    assert weighted.uncalibrated == pytest.approx(before.to_numpy())
    assert weighted.steps[-1]["note"] == "residual_errors"


def test_a_province_thin_as_a_whole_is_weighted_with_its_region() -> None:
    content = make_cases(n=800)
    few = content.rows[content.rows["province"] == "01"].index[:20]
    province = content.rows["province"].where(~content.rows.index.isin(few), "02")
    rows = content.rows.assign(province=province, stratum=province)
    rows["psu"] = rows["province"] + rows["psu"].str[2:]
    rows["region"] = rows["province"].map({"01": "north", "02": "north", "04": "south"})
    weighted = weight_snapshot(SnapshotContent(rows, ()), None)
    [merge] = weighted.steps[-1]["merges"]
    assert {cell[:2] for cell in merge["cells"]} == {"01", "02"}


@pytest.mark.parametrize("last_region", ["south", "north"])
def test_thin_strata_that_cross_provinces_do_not_depend_on_the_order_of_rows(last_region: str) -> None:
    """Rows are sorted by random identifiers, so what is merged must not look at the last one of a stratum."""
    content = make_cases(n=800)
    is_crossing = content.rows.index < 30
    region = content.rows["region"].mask(is_crossing, "south").mask(content.rows.index == 0, last_region)
    stratum = content.rows["province"].mask(is_crossing, "crossing")
    rows = content.rows.assign(stratum=stratum, region=region, is_urban=True)
    merges = []
    for seed in range(4):
        mixed = rows.sample(frac=1, random_state=seed).reset_index(drop=True)
        merges += weight_snapshot(SnapshotContent(mixed, ()), None).steps[-1]["merges"]
    assert len(merges) == 4
    assert all(merge == merges[0] for merge in merges)
    if last_region == "south":
        assert merges[0]["cells"] == ["04/urban", "crossing/urban"]


def totals_of(provinces: dict[str, str], **counts: int) -> FrameTotals:
    return FrameTotals("Một cửa", datetime.date(2026, 6, 1), counts, provinces)


def test_stratum_from_which_nobody_came_is_merged_within_its_province() -> None:
    content = make_cases()
    provinces = {"01": "01", "04": "04", "empty": "04"}
    totals = totals_of(provinces, **{"01": 4_000, "04": 4_000, "empty": 500})
    weighted = weight_snapshot(content, totals)
    rows = weighted.weights.merge(content.rows, on=ANALYSIS_ID)
    sums = rows.groupby("province")["final_weight"].sum()
    assert sums.to_dict() == pytest.approx({"01": 4_000, "04": 4_500})
    [merge] = weighted.steps[-1]["merges"]
    assert merge["cells"] == ["04", "empty"]


def test_counts_do_not_depend_on_how_far_fieldwork_has_come() -> None:
    """A fifth is not eligible everywhere; in one province half of the cases are still open."""
    content = make_cases()
    refused = content.rows["disposition"].eq(Disposition.REFUSAL)
    outcome = content.rows["disposition"].mask(refused, str(Disposition.NOT_ELIGIBLE))
    is_open = content.rows["province"].eq("01") & (content.rows.index >= 200)
    rows = content.rows.assign(disposition=outcome.mask(is_open, str(Disposition.PENDING)))
    weighted = weight_snapshot(SnapshotContent(rows, ()), totals_of({}, **{"01": 4_000, "04": 4_000}))
    sums = weighted.weights.merge(rows, on=ANALYSIS_ID).groupby("province")["final_weight"].sum()
    assert sums.to_dict() == pytest.approx({"01": 3_200, "04": 3_200})
