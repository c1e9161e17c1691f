"""`python -m analysis components`: what the planner of the next sample reads."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.quality import variance_components
from analysis.shell.main import REFUSED, main

DESIGN = 'weight = "w"\nstrata = "stratum"\nclusters = ["commune", "village"]\n'


def make_people() -> pd.DataFrame:
    rng = np.random.default_rng(20261122)
    commune = np.repeat(np.arange(24), 30)
    village = np.repeat(np.arange(72), 10)
    level = 3.5 + rng.normal(0, 0.5, 24)[commune] + rng.normal(0, 0.5, 72)[village]
    answers = np.clip(np.round(level + rng.normal(0, 0.8, 720)), 1, 5)
    strata = commune // 6
    return pd.DataFrame(
        {"stratum": strata, "commune": commune, "village": village, "w": 1.0, "q1": answers}
        | {"province": np.where(strata < 2, "01", "79")}
    )


def run(folder: Path, frame: pd.DataFrame, design: str, *options: str) -> int:
    (folder / "design.toml").write_text(design)
    frame.to_csv(folder / "people.csv", index=False)
    arguments = [str(folder / "people.csv"), "--design", str(folder / "design.toml"), "--item", "q1"]
    return main(["components", *arguments, "--out", str(folder / "out"), *options])


def test_components_of_all_and_of_every_domain(tmp_path: Path) -> None:
    frame = make_people()
    assert run(tmp_path, frame, DESIGN, "--at-least", "4", "--by", "province") == 0
    table = pd.read_csv(tmp_path / "out" / "components.csv", dtype={"stratum": str})
    assert list(table.columns) == ["stratum", "mean", "n", "commune", "village", "person"]
    assert table["stratum"].tolist() == ["*", "01", "79"]
    direct = variance_components(
        (frame["q1"] >= 4).astype(float), [frame["commune"], frame["village"]], strata=frame["stratum"]
    )
    assert table.loc[0, ["commune", "village", "person"]].astype(float).to_numpy() == pytest.approx(
        direct.value
    )


def test_domain_that_tells_nothing_is_left_out(tmp_path: Path) -> None:
    frame = make_people()
    frame.loc[frame["commune"] == 0, "province"] = "99"
    assert run(tmp_path, frame, DESIGN, "--by", "province") == 0
    table = pd.read_csv(tmp_path / "out" / "components.csv", dtype={"stratum": str})
    assert table["stratum"].tolist() == ["*", "01", "79"]


def test_design_without_clusters_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, make_people(), 'weight = "w"\n') == REFUSED
