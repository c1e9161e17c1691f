"""An index summed by a query is the index estimated from rows in memory."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import DesignError, Estimate, QueryCalibration, QueryDesign, SurveyDesign
from analysis.estimation.designs.query_text import TABLE
from analysis.index import (
    IndexEstimationError,
    IndexMethod,
    IndexQuery,
    IndexResult,
    estimate_index,
    parse_index_method,
)
from sampling.engine import DuckDBEngine
from tests.analysis.index.makers import make_document

EXACT = 1e-12
QUESTIONS = ("a1", "a2", "b1", "s1")
MARGINS = ("sex", "age")
POOLED = {"element_rule": "pooled_ratio", "content_rule": "mean_of_elements"}
PLAIN = QueryDesign("weight", clusters=("village",), strata=("stratum",))
RAKED = QueryDesign(
    "weight",
    clusters=("village",),
    strata=("stratum",),
    calibration=QueryCalibration("base", MARGINS),
)


def make_people(n: int = 900, seed: int = 4) -> pd.DataFrame:
    """Three provinces of two strata each, answers with gaps, and some people of no province."""
    rng = np.random.default_rng(seed)
    village = np.sort(rng.integers(0, 30, n))
    answers = {
        name: np.where(
            rng.random(n) < 0.15, np.nan, rng.choice([1, 2, 3, 4, 5], n, p=[0.1, 0.1, 0.1, 0.3, 0.4])
        )
        for name in QUESTIONS
    }
    province = np.array(["01", "02", "03"], dtype=object)[village // 10]
    base = rng.uniform(1, 9, n)
    return pd.DataFrame(
        {
            "stratum": np.char.add("h", (village // 5).astype(str)),
            "village": village,
            "province": np.where(rng.random(n) < 0.05, None, province),
            "sex": rng.choice(["f", "m"], n),
            "age": np.char.add((village // 10).astype(str), rng.choice(["old", "young"], n)),
            "base": base,
            "weight": base * rng.uniform(0.7, 1.4, n),
            "s1_reason": np.where(np.isnan(answers["s1"]), rng.choice([1, 2], n), 0),
            **answers,
        }
    )


def in_memory(people: pd.DataFrame, method: IndexMethod, design: QueryDesign, by: str | None) -> IndexResult:
    plain = SurveyDesign.from_frame(people, weight="weight", strata="stratum", clusters="village")
    if design.calibration is not None:
        plain = plain.with_calibration(people["base"].to_numpy(), [people[name] for name in MARGINS])
    excused = {"s1": people["s1_reason"].eq(1).to_numpy()}
    answers = {name: people[name] for name in QUESTIONS}
    return estimate_index(plain, answers, method, people[by] if by else None, not_applicable=excused)


def by_query(people: pd.DataFrame, method: IndexMethod, design: QueryDesign, by: str | None) -> IndexResult:
    columns = {name: name for name in QUESTIONS}
    query = IndexQuery(design, method, columns, (by,) if by else (), {"s1": "s1_reason"})
    with DuckDBEngine(threads=1) as engine:
        return query.estimate(lambda text, tables: engine.run(text, {TABLE: people, **tables}))


def assert_same_estimate(found: Estimate, expected: Estimate) -> None:
    assert found.names == expected.names
    assert found.domains == expected.domains
    assert found.bounds == expected.bounds
    assert found.flags == expected.flags
    np.testing.assert_array_equal(found.n, expected.n)
    np.testing.assert_array_equal(found.degrees_of_freedom, expected.degrees_of_freedom)
    for name in ("value", "standard_error", "deff"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=EXACT, err_msg=name)
    largest = np.nanmax(np.diag(expected.covariance))
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=EXACT, atol=EXACT * largest)


def assert_same(found: IndexResult, expected: IndexResult) -> None:
    assert found.domains == expected.domains
    assert found.nodes == expected.nodes
    assert found.not_estimated == expected.not_estimated
    assert list(found.estimates) == list(expected.estimates)
    np.testing.assert_allclose(found.item_nonresponse, expected.item_nonresponse, rtol=EXACT)
    np.testing.assert_allclose(found.not_applicable, expected.not_applicable, rtol=EXACT)
    for name, estimate in expected.estimates.items():
        assert_same_estimate(found.estimates[name], estimate)


@pytest.mark.parametrize("by", ["province", "sex", None])
@pytest.mark.parametrize("design", [PLAIN, RAKED], ids=["plain", "raked"])
@pytest.mark.parametrize("changes", [{}, POOLED], ids=["means", "pooled"])
def test_every_number_is_that_of_the_rows(
    changes: Mapping[str, str], design: QueryDesign, by: str | None
) -> None:
    people, method = make_people(), parse_index_method(make_document(**changes))
    assert_same(by_query(people, method, design, by), in_memory(people, method, design, by))


def test_rows_without_weight_count_as_in_memory() -> None:
    people, method = make_people(), parse_index_method(make_document())
    people.loc[::9, "weight"] = 0.0
    assert_same(by_query(people, method, RAKED, "province"), in_memory(people, method, RAKED, "province"))


def test_a_domain_that_nobody_answered_for_has_no_value_in_either() -> None:
    people, method = make_people(), parse_index_method(make_document())
    people.loc[people["province"] == "02", "s1"] = np.nan
    found, expected = (estimate(people, method, RAKED, "province") for estimate in (by_query, in_memory))
    assert np.isnan(found.get("S", "02").value.item())
    assert_same(found, expected)


WRONG = {
    "an answer off the scale": ("a1", 6.0, IndexEstimationError, "whole numbers from 1 to 5 for question a1"),
    "half an answer": ("a1", 2.5, IndexEstimationError, "got 2.5"),
    "a weight below 0": ("weight", -1.0, DesignError, "finite weights"),
}


@pytest.mark.parametrize("mistake", WRONG)
@pytest.mark.parametrize("estimate", [by_query, in_memory])
def test_a_mistake_is_refused_alike(mistake: str, estimate: object) -> None:
    column, value, error, message = WRONG[mistake]
    people = make_people()
    people.loc[11, column] = value
    assert callable(estimate)
    with pytest.raises(error, match=message):
        estimate(people, parse_index_method(make_document()), PLAIN, "province")


def test_a_question_without_answers_is_refused() -> None:
    people = make_people().assign(b1=np.nan)
    with pytest.raises(IndexEstimationError, match="at least one answer to question b1"):
        by_query(people, parse_index_method(make_document()), PLAIN, None)


def test_a_question_without_a_column_is_refused() -> None:
    with pytest.raises(IndexEstimationError, match="none for s1"):
        IndexQuery(PLAIN, parse_index_method(make_document()), {"a1": "a1", "a2": "a2", "b1": "b1"})
