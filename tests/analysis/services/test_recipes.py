"""Microdata and recipe of a release, taken to the shell, give its published figures again."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.core.management import call_command

from analysis.exports import FORMATS
from analysis.models import IndexMethod, PublishedEstimate, Release
from analysis.services import export_microdata, export_recipe
from analysis.shell.main import main
from tests.analysis.rounds import Shape, add_margins, make_closed_round, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]

THIN = Shape(communes=4, persons=12)
"""So few persons that cells of the margins are merged."""
KEYS = ["domain", "node", "statistic"]
FIGURES = ["value", "standard_error", "low", "high", "df"]


def make_calibrated_release() -> Release:
    survey_round = make_closed_round(THIN)
    add_margins(survey_round, *THIN.provinces)
    return make_release(survey_round)


def published(release: Release) -> pd.DataFrame:
    """Figures of a release under the names of the shell: a criterion is called element/column there."""
    item = {
        criterion["code"]: f"{element['code']}/{criterion['question'].replace('-', '_').replace('.', '_')}"
        for content in release.method.document["contents"]
        for element in content["elements"]
        for criterion in element["criteria"]
        if criterion["question"]
    }
    rows = release.estimates.exclude(statistic=PublishedEstimate.Statistic.PLAIN_MEAN_OF_PROVINCES)
    return pd.DataFrame(
        {
            "domain": row.domain_code or "nation",
            "node": item.get(row.node_code, row.node_code),
            "statistic": row.statistic.replace("pooled_share", "pooled_top_two_share"),
            "value": row.value,
            "standard_error": row.standard_error,
            "low": row.lower,
            "high": row.upper,
            "df": row.degrees_of_freedom,
        }
        for row in rows
    )


def write_files(release: Release, folder: Path, file_format: str) -> Path:
    chosen = FORMATS[file_format]
    data = folder / chosen.file_name("microdata")
    data.write_bytes(chosen.write(export_microdata(release=release)))
    for name, text in export_recipe(release=release).items():
        (folder / name).write_text(text, encoding="utf-8")
    return data


def estimate_in_shell(data: Path) -> pd.DataFrame:
    folder = data.parent
    settings = ["--design", str(folder / "design.toml"), "--index", str(folder / "index.toml")]
    assert main(["estimate", str(data), *settings, "--by", "province", "--out", str(folder / "out")]) == 0
    return pd.read_parquet(folder / "out" / "estimates.parquet")


@pytest.mark.parametrize("file_format", ["csv", "csv-semicolon", "parquet", "xlsx", "sav", "dta"])
def test_the_shell_finds_every_published_figure_again(tmp_path: Path, file_format: str) -> None:
    release = make_calibrated_release()
    assert release.weighting[-1]["merges"]
    found = estimate_in_shell(write_files(release, tmp_path, file_format))
    expected = published(release)
    both = expected.merge(found, on=KEYS, suffixes=("_published", "_shell"), validate="one_to_one")
    assert len(both) == len(expected)
    for name in FIGURES:
        np.testing.assert_allclose(both[f"{name}_shell"], both[f"{name}_published"], rtol=1e-9)
    assert found["is_provisional"].all()


def test_a_release_without_margins_has_a_recipe_without_calibration(tmp_path: Path) -> None:
    release = make_release()
    assert "calibration" not in export_recipe(release=release)["design.toml"]
    found = estimate_in_shell(write_files(release, tmp_path, "csv")).set_index(KEYS)
    headline = release.estimates.get(domain_code="01", node="index", statistic="top_two_share")
    row = found.loc[("01", "index", "top_two_share")]
    assert row["standard_error"] == pytest.approx(headline.standard_error, rel=1e-9)


def test_recipe_says_why_it_is_provisional_in_the_language_asked_for() -> None:
    release = make_release()
    reason = IndexMethod.objects.get(pk=release.method_id).provisional_reason_en
    assert reason
    assert reason in export_recipe(release=release, language="en")["index.toml"]
    assert reason not in export_recipe(release=release, language="vi")["index.toml"]


def test_cells_are_found_in_a_release_that_did_not_name_its_margins() -> None:
    release = make_calibrated_release()
    before = export_microdata(release=release).rows
    del release.weighting[-1]["margins"]
    release.save()
    after = export_microdata(release=release).rows
    names = ["uncalibrated_weight", "margin_1", "margin_2", "margin_3"]
    pd.testing.assert_frame_equal(before[names], after[names])


def test_command_writes_both_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = make_release()
    call_command("export_release", release.code, "--what", "recipe", "--out", str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} >= {"design.toml", "index.toml"}
    assert "index.toml" in capsys.readouterr().out
