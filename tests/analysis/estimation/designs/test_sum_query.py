"""Sums taken by a database give the same estimates as rows in memory."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.estimation import EstimandError, Estimate, SurveyDesign
from analysis.estimation.designs.query_design import QueryDesign
from analysis.estimation.designs.sum_query import SumQuery


def make_rows(seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 600
    commune = np.sort(rng.integers(0, 24, n))
    village = commune * 3 + rng.integers(0, 3, n)
    score = rng.integers(1, 6, n).astype(float)
    score[rng.random(n) < 0.1] = np.nan
    weight = rng.uniform(1, 9, n)
    weight[:3] = 0
    return pd.DataFrame(
        {
            "province": np.char.add("p", (commune // 6).astype(str)),
            "commune": commune,
            "village": village,
            "n_communes": 40,
            "n_villages": 7,
            "weight": weight,
            "sex": rng.choice(["f", "m", None], n, p=[0.5, 0.4, 0.1]),
            "area": rng.choice(["town", "country"], n),
            "score": score,
            "fee": rng.gamma(2, 5, n),
            "visits": rng.integers(1, 9, n).astype(float),
        }
    )


def run(query: SumQuery, rows: pd.DataFrame) -> pd.DataFrame:
    connection = duckdb.connect()
    connection.register("microdata", rows)
    return connection.execute(query.text()).df()


def assert_same(found: Estimate, expected: Estimate) -> None:
    assert found.domains == expected.domains
    assert found.names == expected.names
    for name in ("value", "standard_error", "degrees_of_freedom", "n", "deff", "covariance"):
        np.testing.assert_allclose(
            getattr(found, name),
            getattr(expected, name),
            rtol=1e-12,
            atol=1e-12 * np.abs(expected.value).max(),
        )


ONE_STAGE = QueryDesign("weight", clusters=("commune",), strata=("province",))
TWO_STAGES = QueryDesign(
    "weight", clusters=("commune", "village"), strata=("province",), fpc=("n_communes", "n_villages")
)


def design_of(rows: pd.DataFrame, columns: QueryDesign) -> SurveyDesign:
    return SurveyDesign.from_frame(
        rows,
        weight=columns.weight,
        strata=columns.strata,
        clusters=columns.clusters,
        fpc=columns.fpc or None,
        single_psu="remove",
    )


@pytest.mark.parametrize("columns", [ONE_STAGE, TWO_STAGES])
@pytest.mark.parametrize("by", [("province",), ("sex",), ("sex", "area")])
def test_shares_are_those_of_the_rows(columns: QueryDesign, by: tuple[str, ...]):
    rows = make_rows()
    query = SumQuery(columns, ("score",), by=by, at_least=4)
    expected = design_of(rows, columns).proportion(rows["score"], at_least=4, by=rows[list(by)], overall=True)
    assert_same(query.estimate(run(query, rows), overall=True, single_psu="remove"), expected)


def test_means_of_several_columns_are_those_of_the_rows():
    rows = make_rows()
    query = SumQuery(ONE_STAGE, ("score", "fee"), by=("province",))
    expected = design_of(rows, ONE_STAGE).mean(rows[["score", "fee"]], by=rows["province"])
    assert_same(query.estimate(run(query, rows), single_psu="remove"), expected)


def test_ratios_and_totals_of_the_whole_are_those_of_the_rows():
    rows = make_rows()
    design = design_of(rows, ONE_STAGE)
    ratio = SumQuery(ONE_STAGE, ("fee",), denominators=("visits",))
    total = SumQuery(ONE_STAGE, ("score", "fee"), is_total=True)
    expected = design.ratio(rows["fee"], rows["visits"])
    assert_same(ratio.estimate(run(ratio, rows), single_psu="remove"), expected)
    assert_same(total.estimate(run(total, rows), single_psu="remove"), design.total(rows[["score", "fee"]]))


def test_names_that_need_quotes_are_refused():
    with pytest.raises(EstimandError, match="letters, digits"):
        SumQuery(ONE_STAGE, ("score; drop table",))


def test_ratios_need_one_denominator_each():
    with pytest.raises(EstimandError, match="one per numerator"):
        SumQuery(ONE_STAGE, ("fee", "score"), denominators=("visits",))
