"""One pass over the rows, whatever the type of a column, gives the sums of a plain group-by."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import Domains, EstimandError, SurveyDesign
from analysis.estimation.labels import number_labels, renumber
from analysis.estimation.rows.cells import Cells, scan
from analysis.estimation.rows.columns import Variables, read_numbers, split_columns

ANSWERS = [5, None, 3, 4, None, 1]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_sums_are_those_of_a_group_by(seed: int):
    rng = np.random.default_rng(seed)
    n = 80
    frame = pd.DataFrame(
        {
            "unit": rng.integers(0, 6, n),
            "domain": rng.choice(["a", "b", None], n),
            "w": rng.choice([0.0, 1.0, 2.5], n),
            "y": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )
    domains = Domains.from_labels(frame["domain"], n_rows=n)
    weights = frame["w"].to_numpy()
    cells = Cells.of(frame["unit"].to_numpy(), 6, domains, weights)
    sums = scan(Variables([frame["y"]], ("y",), n), cells, weights)
    used = frame[frame["w"] > 0].assign(domain=domains.codes[frame["w"] > 0])
    used = used.assign(wy=used["w"] * used["y"], wyy=used["w"] * used["y"] ** 2, known=used["y"].notna())
    expected = used.groupby(["unit", "domain"])[["wy", "wyy", "known"]].sum()
    assert list(zip(sums.unit, sums.domain, strict=True)) == expected.index.tolist()
    np.testing.assert_allclose(sums.y[:, 0], expected["wy"], atol=1e-12)
    np.testing.assert_allclose(sums.yy[:, 0], expected["wyy"], atol=1e-12)
    assert sums.n[:, 0].tolist() == expected["known"].tolist()


@pytest.mark.parametrize(
    "dtype", ["Int8", "Int64", "Float32", "float32", "float64", "object", "int8[pyarrow]"]
)
def test_every_type_of_column_gives_the_same_share(dtype: str):
    values = pd.Series(ANSWERS, dtype=dtype)
    estimate = SurveyDesign.from_arrays([1.0, 1.0, 2.0, 2.0, 3.0, 1.0]).proportion(values, at_least=4)
    assert estimate.value.item() == pytest.approx(3 / 6)
    assert estimate.n.item() == 4


def test_booleans_and_their_nullable_form_are_shares():
    design = SurveyDesign.from_arrays(np.ones(4))
    assert design.proportion([True, False, True, True]).value.item() == 0.75
    nullable = pd.Series([True, None, True, False], dtype="boolean")
    assert design.proportion(nullable).value.item() == pytest.approx(2 / 3)


def test_a_share_with_a_threshold_is_the_share_of_the_comparison():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.integers(1, 6, (60, 3)).astype(float), columns=list("abc"))
    frame = frame.mask(rng.random((60, 3)) < 0.1)
    design = SurveyDesign.from_arrays(rng.uniform(1, 4, 60), clusters=np.arange(60) // 6)
    by = rng.choice(["x", "y"], 60)
    found = design.proportion(frame, at_least=4, by=by, overall=True)
    expected = design.mean((frame >= 4).astype(float).where(frame.notna()), by=by, overall=True)
    assert found.covariance == pytest.approx(expected.covariance)
    assert found.deff == pytest.approx(expected.deff)
    assert found.value == pytest.approx(expected.value)


def test_columns_of_text_are_refused():
    with pytest.raises(EstimandError, match="numbers in q1"):
        SurveyDesign.from_arrays([1.0, 1.0]).mean(pd.Series(["yes", "no"], name="q1"))


def test_columns_get_names_where_they_have_none():
    assert split_columns(np.ones((2, 2)), "mean")[1] == ("mean1", "mean2")
    assert split_columns([1.0], "mean")[1] == ("mean",)


def test_integers_are_not_copied():
    values = np.array([1, 2], dtype=np.int8)
    numbers, valid = read_numbers(values, n_rows=2, name="score")
    assert np.shares_memory(numbers, values)
    assert valid is None


def test_categories_are_numbered_in_sorted_order_and_only_those_that_occur():
    series = pd.Series(pd.Categorical(["b", "a", None], categories=["z", "b", "a"]))
    codes, labels = number_labels(series)
    assert codes.tolist() == [1, 0, -1]
    assert labels == ("a", "b")


def test_ordered_categories_keep_their_order():
    series = pd.Series(pd.Categorical(["high", "low"], categories=["low", "high"], ordered=True))
    assert number_labels(series)[1] == ("low", "high")


@pytest.mark.parametrize("n_possible", [10, 100_000_000])
def test_renumbering_does_not_depend_on_the_way(n_possible: int):
    codes, observed = renumber(np.array([7, 3, 7, 0]), n_possible)
    assert codes.tolist() == [2, 1, 2, 0]
    assert observed.tolist() == [0, 3, 7]


def test_crossed_labels_leave_out_rows_with_a_missing_one():
    frame = pd.DataFrame({"a": ["x", "x", None, "y"], "b": [1, 2, 1, None]})
    domains = Domains.from_labels(frame, n_rows=4)
    assert domains.codes.tolist() == [0, 1, -1, -1]
    assert domains.labels == (("x", 1.0), ("x", 2.0))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_totals_of_domains_add_up_to_the_whole(seed: int):
    rng = np.random.default_rng(seed)
    design = SurveyDesign.from_arrays(rng.uniform(1, 4, 40), clusters=np.arange(40) // 4)
    by, values = rng.choice(["x", "y", "z"], 40), rng.normal(size=40)
    totals = design.total(values, by=by, overall=True)
    rest = totals.contrast([[1] + [-1] * (len(totals) - 1)], ["rest"])
    assert rest.value.item() == pytest.approx(0, abs=1e-9)
    assert rest.standard_error.item() == pytest.approx(0, abs=1e-6)
    scores = design.sum_scores(values[:, None])
    assert totals.standard_error[0] ** 2 == pytest.approx(design.variance(scores).item())
