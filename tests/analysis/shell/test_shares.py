"""`python -m analysis shares`: one query, three places to run it, one answer."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.estimation import AnalysisError, Estimate, SurveyDesign
from analysis.estimation.designs.query_design import QueryDesign
from analysis.estimation.designs.query_text import TABLE
from analysis.estimation.designs.sum_query import SumQuery
from analysis.index import IndexQuery, parse_index_method
from analysis.shell.main import REFUSED, main
from sampling.engine import DuckDBEngine, Engine, SparkEngine
from tests.analysis.index.makers import make_document
from tests.analysis.index.test_querying import QUESTIONS, RAKED, assert_same, make_people
from tests.analysis.index.test_querying import in_memory as estimate_in_memory
from tests.analysis.shell.test_estimate import DESIGN, make_data

ITEMS = ("q1", "q2", "q3")
EXACT = 1e-12


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    with SparkEngine(master="local[2]") as engine:
        yield engine


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    with DuckDBEngine(threads=2) as engine:
        yield engine


def make_query(at_least: float | None) -> SumQuery:
    design = QueryDesign("w", clusters=("commune",), strata=("stratum",))
    return SumQuery(design, ITEMS, by=("province",), at_least=at_least)


def in_memory(frame: pd.DataFrame, at_least: float | None) -> Estimate:
    design = SurveyDesign.from_frame(frame, weight="w", strata="stratum", clusters="commune")
    answers = frame[list(ITEMS)]
    if at_least is None:
        return design.mean(answers, by=frame["province"], overall=True)
    return design.proportion(answers, at_least=at_least, by=frame["province"], overall=True)


@pytest.mark.parametrize("at_least", [4.0, None])
def test_sums_and_estimates_are_equal_everywhere(
    at_least: float | None, duck: Engine, spark: Engine, tmp_path: Path
) -> None:
    frame = make_data(2_000)
    frame.to_parquet(tmp_path / "data.parquet")
    query, expected = make_query(at_least), in_memory(frame, at_least)
    keys = ["stratum", "commune", "province"]
    answers = [
        engine.run(query.text(), {TABLE: tmp_path / "data.parquet"}).sort_values(keys, ignore_index=True)
        for engine in (duck, spark)
    ]
    for column in answers[0].columns.difference(keys):
        np.testing.assert_allclose(
            answers[0][column].astype(float), answers[1][column].astype(float), rtol=EXACT, err_msg=column
        )
    for answer in answers:
        estimate = query.estimate(answer, overall=True)
        np.testing.assert_allclose(estimate.value, expected.value, rtol=EXACT)
        np.testing.assert_allclose(estimate.standard_error, expected.standard_error, rtol=1e-9)
        np.testing.assert_array_equal(estimate.degrees_of_freedom, expected.degrees_of_freedom)
        np.testing.assert_allclose(estimate.deff, expected.deff, rtol=1e-9)


def test_an_index_with_raked_weights_is_the_same_from_spark(spark: Engine, tmp_path: Path) -> None:
    people, method = make_people(300), parse_index_method(make_document())
    people.to_parquet(tmp_path / "people.parquet")
    query = IndexQuery(RAKED, method, {name: name for name in QUESTIONS}, ("province",))
    found = query.estimate(
        lambda text, tables: spark.run(text, {TABLE: tmp_path / "people.parquet", **tables})
    )
    assert_same(found, estimate_in_memory(people.assign(s1_reason=0), method, RAKED, "province"))


def shares(folder: Path, data: Path, *more: str, design: str = DESIGN) -> int:
    (folder / "design.toml").write_text(design, encoding="utf-8")
    settings = ["--design", str(folder / "design.toml"), "--out", str(folder / "out")]
    return main(["shares", str(data), *settings, "--items", ",".join(ITEMS), *more])


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_the_command_writes_what_the_library_estimates(engine: str, tmp_path: Path) -> None:
    frame = make_data()
    frame.to_parquet(tmp_path / "data.parquet")
    more = ("--at-least", "4", "--by", "province", "--engine", engine)
    assert shares(tmp_path, tmp_path / "data.parquet", *more) == 0
    written = pd.read_csv(tmp_path / "out" / "estimates.csv", encoding="utf-8-sig")
    np.testing.assert_allclose(written["value"], in_memory(frame, 4.0).value, rtol=EXACT)
    assert written["domain"].tolist() == [label for label in ("overall", "01", "02") for _ in ITEMS]


def test_means_of_a_text_file(tmp_path: Path) -> None:
    frame = make_data()
    frame.to_csv(tmp_path / "data.csv", index=False)
    assert shares(tmp_path, tmp_path / "data.csv", "--by", "province") == 0
    written = pd.read_csv(tmp_path / "out" / "estimates.csv", encoding="utf-8-sig")
    np.testing.assert_allclose(written["value"], in_memory(frame, None).value, rtol=EXACT)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_calibrated_weights_have_the_errors_of_residuals(suffix: str, tmp_path: Path) -> None:
    frame = make_data().assign(base=lambda rows: rows["w"] * 0.8, w=lambda rows: rows["w"] + 0.5)
    write = {"parquet": frame.to_parquet, "csv": frame.to_csv}[suffix]
    write(tmp_path / f"data.{suffix}", index=False)
    calibrated = DESIGN + '[calibration]\nbase_weight = "base"\nmargins = "province"\n'
    assert shares(tmp_path, tmp_path / f"data.{suffix}", "--at-least", "4", design=calibrated) == 0
    written = pd.read_csv(tmp_path / "out" / "estimates.csv", encoding="utf-8-sig")
    design = SurveyDesign.from_frame(frame, weight="w", strata="stratum", clusters="commune")
    design = design.with_calibration(frame["base"].to_numpy(), [frame["province"]])
    expected = design.proportion(frame[list(ITEMS)], at_least=4)
    np.testing.assert_allclose(written["standard_error"], expected.standard_error, rtol=EXACT)


WRONG_ROWS: dict[str, tuple[str, float | None, str]] = {
    "a negative weight": ("w", -4.0, "finite weights of at least 0"),
    "a missing weight": ("w", None, "finite weights of at least 0"),
    "a weight that is no number": ("w", float("nan"), "finite weights of at least 0"),
    "an infinite weight": ("w", float("inf"), "finite weights of at least 0"),
    "a missing stratum": ("stratum", None, "no missing strata"),
    "a missing commune": ("commune", None, "no missing clusters"),
    "an infinite answer": ("q2", float("inf"), "finite numbers"),
    "an infinite answer below 0": ("q2", float("-inf"), "finite numbers"),
}


def write_wrong_row(path: Path, column: str, value: float | None) -> pd.DataFrame:
    """Spoil one row, a missing value as NULL and NaN as NaN, and return what the memory path reads."""
    table = pa.Table.from_pandas(make_data(400), preserve_index=False)
    values = table[column].to_pylist()
    values[7] = value
    typed = pa.array(values, type=table.schema.field(column).type)
    table = table.set_column(table.schema.get_field_index(column), column, typed)
    pq.write_table(table, path)
    return table.to_pandas()


def refuse_everywhere(engine: Engine, mistake: str, folder: Path) -> None:
    column, value, message = WRONG_ROWS[mistake]
    frame = write_wrong_row(folder / "data.parquet", column, value)
    for at_least in (4.0, None):
        with pytest.raises(AnalysisError, match=message):
            in_memory(frame, at_least)
        query = make_query(at_least)
        answer = engine.run(query.text(), {TABLE: folder / "data.parquet"})
        with pytest.raises(AnalysisError, match=message) as refused:
            query.estimate(answer)
        assert not re.search(r"row \d", str(refused.value)), "a row of the answer is none of the file"
        assert "stratum 00, commune" in str(refused.value) or value is None


@pytest.mark.parametrize("mistake", WRONG_ROWS)
def test_a_wrong_row_is_refused_as_in_memory(mistake: str, duck: Engine, tmp_path: Path) -> None:
    refuse_everywhere(duck, mistake, tmp_path)


@pytest.mark.parametrize("mistake", WRONG_ROWS)
def test_spark_refuses_a_wrong_row_too(mistake: str, spark: Engine, tmp_path: Path) -> None:
    refuse_everywhere(spark, mistake, tmp_path)


@pytest.mark.parametrize("engine", ["duck", "spark"])
@pytest.mark.parametrize("at_least", [4.0, None])
def test_an_answer_that_is_nan_in_a_file_is_missing(
    engine: str, at_least: float | None, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The statistics of a Parquet file do not tell of it."""
    frame = write_wrong_row(tmp_path / "data.parquet", "q2", float("nan"))
    assert (
        frame["q2"].isna().sum()
        > pq.read_metadata(tmp_path / "data.parquet")
        .row_group(0)
        .column(frame.columns.get_loc("q2"))
        .statistics.null_count
    )
    query, expected = make_query(at_least), in_memory(frame, at_least)
    answer = request.getfixturevalue(engine).run(query.text(), {TABLE: tmp_path / "data.parquet"})
    found = query.estimate(answer, overall=True)
    np.testing.assert_allclose(found.value, expected.value, rtol=EXACT)
    np.testing.assert_array_equal(found.n, expected.n)


@pytest.mark.parametrize("more", [(), ("--at-least", "4")])
def test_the_command_refuses_an_infinite_answer(
    more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_wrong_row(tmp_path / "data.parquet", "q2", float("inf"))
    assert shares(tmp_path, tmp_path / "data.parquet", *more) == REFUSED
    message = " ".join(capsys.readouterr().err.split())
    assert "finite numbers or missing ones in q2; got 1 row with an infinite value" in message
    assert "stratum 00, commune 00000" in message


REFUSALS = {
    "a column that is not there": ({"--by": "region"}, DESIGN, "region"),
    "no clusters": ({}, 'weight = "w"\n', "clusters"),
    "one PSU in a stratum": ({}, DESIGN.replace('"stratum"', '"commune"'), "two PSUs"),
}


@pytest.mark.parametrize("mistake", REFUSALS)
def test_mistakes_are_explained(mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more, design, expected = REFUSALS[mistake]
    make_data().to_parquet(tmp_path / "data.parquet")
    flat = [part for pair in more.items() for part in pair]
    assert shares(tmp_path, tmp_path / "data.parquet", *flat, design=design) == REFUSED
    assert expected in " ".join(capsys.readouterr().err.split())
