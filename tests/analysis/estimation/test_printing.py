"""Results print as a table that fits on a page, never as a dump of their fields."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import (
    ReplicateDesign,
    SurveyDesign,
    association_test,
    compare_pairs,
    cross_table,
    fit_response,
    quantile,
    regress,
)

N_ROWS = 200
PAGE = 2000


def make_frame() -> pd.DataFrame:
    place = np.arange(N_ROWS)
    return pd.DataFrame(
        {
            "weight": 1.0 + place % 3,
            "commune": place // 10,
            "province": np.array(list("ABCD"))[place // 50],
            "area": np.where(place // 10 % 2, "urban", "rural"),
            "score": 1.0 + (place * 7 + place // 50) % 5,
        }
    )


def make_results() -> dict[str, object]:
    frame = make_frame()
    design = SurveyDesign.from_frame(frame, weight="weight", strata="province", clusters="commune")
    means = design.mean(frame["score"], by=frame["province"])
    return {
        "SurveyDesign": design,
        "ReplicateDesign": ReplicateDesign.from_design(design),
        "Estimate": means,
        "QuantileEstimate": quantile(design, frame["score"], [0.5]),
        "PairwiseComparison": compare_pairs(means),
        "CrossTable": cross_table(design, frame["area"], frame["score"]),
        "SignificanceTest": association_test(design, frame["area"], frame["score"]),
        "Regression": regress(design, frame, "score ~ area"),
        "PropensityModel": fit_response(design, frame["score"].to_numpy() > 2, frame[["area"]]),
    }


@pytest.mark.parametrize("name", make_results())
def test_a_result_prints_its_name_and_fits_on_a_page(name: str) -> None:
    printed = repr(make_results()[name])
    assert printed.startswith(f"<{name}")
    assert "array(" not in printed
    assert len(printed) < PAGE


def test_pairs_come_as_a_table_of_what_may_be_said() -> None:
    frame = make_frame().assign(score=lambda frame: frame["score"] + 10 * (frame["province"] == "B"))
    design = SurveyDesign.from_frame(frame, weight="weight", strata="province", clusters="commune")
    pairs = compare_pairs(design.mean(frame["score"], by=frame["province"]))
    table = pairs.to_frame().set_index(["domain", "other"])
    assert len(table) == 6
    assert table.loc[("A", "B"), "group"] == "lower"
    assert table.loc[("B", "C"), "group"] == "higher"
    assert table.loc[("A", "C"), "group"] == "not_distinguishable"
    assert table.loc[("A", "B"), "difference"] == pytest.approx(pairs.difference[0, 1])
