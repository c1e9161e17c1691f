"""`python -m analysis estimate`: files in, the same figures as the library out, clear refusals."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import SurveyDesign
from analysis.shell.main import REFUSED, main

DESIGN = 'weight = "w"\nstrata = "stratum"\nclusters = ["commune"]\n'
INDEX = """
title = "Satisfaction"
is_provisional = true
reason = "made up"

[[content]]
code = "A"
weight = "3/4"
[[content.element]]
code = "A1"
items = ["q1", "q2"]

[[content]]
code = "B"
weight = 0.25
[[content.element]]
code = "B1"
items = ["q3"]
"""


def make_data(n_rows: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    place = np.arange(n_rows) // 10
    frame = pd.DataFrame(
        {
            "stratum": [f"0{number % 4}" for number in place],
            "commune": [f"{number:05d}" for number in place],
            "province": ["01" if number % 4 < 2 else "02" for number in place],
            "w": rng.uniform(1.0, 9.0, n_rows),
        }
    )
    for item in ("q1", "q2", "q3"):
        answers = rng.integers(1, 6, n_rows).astype(float)
        frame[item] = np.where(rng.random(n_rows) < 0.1, np.nan, answers)
    return frame


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False)


def write_vietnamese_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-8-sig")


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


def write_workbook(frame: pd.DataFrame, path: Path) -> None:
    labels = pd.DataFrame([[f"label of {name}" for name in frame.columns]], columns=frame.columns)
    pd.concat([labels, frame.astype(object)], ignore_index=True).to_excel(path, index=False)


def estimate(
    folder: Path, data: Path, *, design: str = DESIGN, index: str = INDEX, by: str = "province"
) -> int:
    (folder / "design.toml").write_text(design, encoding="utf-8")
    (folder / "index.toml").write_text(index, encoding="utf-8")
    settings = ["--design", str(folder / "design.toml"), "--index", str(folder / "index.toml")]
    return main(["estimate", str(data), *settings, "--by", by, "--out", str(folder / "out")])


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("data.csv", write_csv),
        ("data.csv", write_vietnamese_csv),
        ("data.parquet", write_parquet),
        ("data.xlsx", write_workbook),
    ],
)
def test_every_format_gives_the_figures_of_the_library(
    tmp_path: Path, name: str, write: Callable[[pd.DataFrame, Path], None]
) -> None:
    frame = make_data()
    write(frame, tmp_path / name)
    assert estimate(tmp_path, tmp_path / name) == 0
    figures = pd.read_parquet(tmp_path / "out" / "estimates.parquet")
    row = figures[(figures["node"] == "A1/q1") & (figures["statistic"] == "top_two_share")].set_index(
        "domain"
    )
    design = SurveyDesign.from_frame(frame, weight="w", strata="stratum", clusters="commune")
    satisfied = (frame["q1"] >= 4).astype(float).where(frame["q1"].notna())
    expected = design.proportion(satisfied, by=frame["province"], overall=True)
    np.testing.assert_allclose(row["value"], 100 * expected.value, rtol=1e-12)
    np.testing.assert_allclose(row["standard_error"], 100 * expected.standard_error, rtol=1e-9)
    assert list(row.index) == ["nation", "01", "02"]


def test_the_index_weighs_its_contents(tmp_path: Path) -> None:
    write_csv(make_data(), tmp_path / "data.csv")
    estimate(tmp_path, tmp_path / "data.csv", by="")
    figures = pd.read_csv(tmp_path / "out" / "estimates.csv", encoding="utf-8-sig")
    value = figures[figures["statistic"] == "top_two_share"].set_index("node")["value"]
    assert value["index"] == pytest.approx(0.75 * value["A"] + 0.25 * value["B"])
    assert value["A"] == pytest.approx((value["A1/q1"] + value["A1/q2"]) / 2)


def test_files_carry_the_provisional_mark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(make_data(), tmp_path / "data.csv")
    estimate(tmp_path, tmp_path / "data.csv")
    written = json.loads((tmp_path / "out" / "estimates.json").read_text(encoding="utf-8"))
    assert written["is_provisional"] is True
    assert written["provisional_reason"] == "made up"
    assert {row["is_provisional"] for row in written["estimates"]} == {True}
    assert {row["is_provisional"] for row in written["ranks"]} == {True}
    assert "provisional" in capsys.readouterr().out


def test_crossed_domains(tmp_path: Path) -> None:
    frame = make_data().assign(sex=np.resize(["f", "m"], 240))
    write_csv(frame, tmp_path / "data.csv")
    assert estimate(tmp_path, tmp_path / "data.csv", by="province,sex") == 0
    figures = pd.read_parquet(tmp_path / "out" / "estimates.parquet")
    assert set(figures["domain"]) == {"nation", "01 / f", "01 / m", "02 / f", "02 / m"}


def test_calibration_enters_the_error(tmp_path: Path) -> None:
    frame = make_data().assign(base=1.0, cell=lambda rows: rows["province"])
    write_csv(frame, tmp_path / "data.csv")
    design = DESIGN + '[calibration]\nbase_weight = "base"\nmargins = "cell"\n'
    assert estimate(tmp_path, tmp_path / "data.csv", design=design) == 0
    assert json.loads((tmp_path / "out" / "estimates.json").read_text())["knows_calibration"] is True


REFUSALS = {
    "a column that is not there": ({"design": DESIGN.replace('"w"', '"weight"')}, "columns weight"),
    "an unknown key": ({"design": DESIGN + 'cluster = "x"\n'}, "only the keys"),
    "no TOML": ({"design": "weight = final\n"}, "to be TOML"),
    "an unknown policy": ({"design": DESIGN + 'single_psu = "ignore"\n'}, "single_psu"),
    "degrees of an unknown kind": ({"design": DESIGN + 'degrees = "many"\n'}, "counted, effective"),
    "weights that do not add up": ({"index": INDEX.replace("3/4", "1/2")}, "add up to 1"),
    "an item that is not there": ({"index": INDEX.replace('"q3"', '"q9"')}, "columns q9"),
    "a domain that is not there": ({"by": "region"}, "columns region"),
    "one PSU in each stratum": ({"design": DESIGN.replace('"stratum"', '"commune"')}, "two PSUs"),
}


@pytest.mark.parametrize("mistake", REFUSALS)
def test_mistakes_are_explained(mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes, expected = REFUSALS[mistake]
    write_csv(make_data(), tmp_path / "data.csv")
    assert estimate(tmp_path, tmp_path / "data.csv", **changes) == REFUSED
    message = " ".join(capsys.readouterr().err.split())
    assert expected in message
    assert "got" in message
    assert not (tmp_path / "out").exists()


def test_a_word_among_the_answers_is_named_with_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = make_data().astype({"q2": object})
    frame.loc[7, "q2"] = "rất tốt"
    write_csv(frame, tmp_path / "data.csv")
    assert estimate(tmp_path, tmp_path / "data.csv") == REFUSED
    assert "row 8" in " ".join(capsys.readouterr().err.split())


def test_weights_with_separators_of_thousands_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first row must not be taken for labels either: a respondent would vanish."""
    frame = make_data()
    frame["w"] = [f"{1_000 * weight:,.2f}" for weight in frame["w"]]
    write_csv(frame, tmp_path / "data.csv")
    assert estimate(tmp_path, tmp_path / "data.csv") == REFUSED
    message = " ".join(capsys.readouterr().err.split())
    assert f"'{frame['w'].iloc[0]}' in row 1" in message


def test_a_province_in_which_nobody_answered_an_item_is_named_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = make_data()
    frame.loc[frame["province"] == "02", "q2"] = np.nan
    write_csv(frame, tmp_path / "data.csv")
    assert estimate(tmp_path, tmp_path / "data.csv") == 0
    assert "02: nobody answered A1/q2" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("weight", ["", "unknown"])
def test_a_first_respondent_without_a_weight_does_not_vanish(
    weight: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = make_data().astype({"w": object})
    frame.loc[0, "w"] = weight
    write_csv(frame, tmp_path / "data.csv")
    assert estimate(tmp_path, tmp_path / "data.csv") == REFUSED
    assert "row 1" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("name", ["missing.csv", "data.ods", "empty.csv"])
def test_files_that_cannot_be_read(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.csv").write_text("w,stratum,commune\n", encoding="utf-8")
    assert estimate(tmp_path, tmp_path / name) == REFUSED
    assert "Expected" in capsys.readouterr().err


def test_a_domain_without_rows_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    provinces = pd.CategoricalDtype(["01", "02", "04"])
    write_parquet(make_data().astype({"province": provinces}), tmp_path / "data.parquet")
    assert estimate(tmp_path, tmp_path / "data.parquet") == REFUSED
    message = " ".join(capsys.readouterr().err.split())
    assert "Expected a row in every declared category of the domains (province); got none in '04'." in message
    assert not (tmp_path / "out").exists()


def test_an_empty_cell_is_no_category(tmp_path: Path) -> None:
    frame = make_data()
    frame.loc[:9, "province"] = ""
    write_parquet(frame.astype({"province": "category"}), tmp_path / "data.parquet")
    assert estimate(tmp_path, tmp_path / "data.parquet") == 0
    assert set(pd.read_parquet(tmp_path / "out" / "estimates.parquet")["domain"]) == {"nation", "01", "02"}
