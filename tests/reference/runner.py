"""Reads the cases of a reference folder, builds their designs and compares; see public/README.md."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation import Estimate, SurveyDesign
from tests.reference.calibrations import CaseCalibration
from tests.reference.designs import ReadTable, read_pps, with_weights
from tests.reference.frames import as_list, read_frame

type Case = dict[str, Any]
type Operation = Callable[[Folder, Case], None]

RELATIVE = 1e-9
RAKING_RELATIVE = 1e-8
NEAR_ZERO = 1e-12


@dataclass(frozen=True)
class Folder:
    """A reference folder: data/ and expected/."""

    path: Path

    @cached_property
    def cases(self) -> dict[str, Case]:
        cases: dict[str, Case] = {}
        for file in sorted((self.path / "expected").glob("*.json")):
            for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
                cases |= {part["id"]: part for part in split_likelihood(case)}
        return cases

    @cached_property
    def read_data(self) -> Callable[[str], pd.DataFrame]:
        return lru_cache(lambda name: pd.read_csv(self.path / "data" / name, low_memory=False))

    def frame(self, case: Case) -> pd.DataFrame:
        return read_frame(self.read_data(case["dataset"]), case.get("derive"), self.cases)


def split_likelihood(case: Case) -> list[Case]:
    """Make the profile-likelihood row of a case one of its own, so that it is counted as missing."""
    if case["op"] != "ciprop":
        return [case]
    profile = [row for row in case["rows"] if row["method"] == "likelihood"]
    others = [row for row in case["rows"] if row["method"] != "likelihood"]
    apart = {**case, "id": f"{case['id']}:likelihood", "op": "ciprop_likelihood", "rows": profile}
    return [{**case, "rows": others}, apart] if profile else [case]


def build_design(
    case: Case, frame: pd.DataFrame, read_data: ReadTable | None = None, *, single_scope: str = "domain"
) -> SurveyDesign:
    spec = case["design"]
    clusters = as_list(spec.get("ids"))
    frame, weight = with_weights(frame, spec.get("weights"))
    return SurveyDesign.from_frame(
        frame,
        weight=weight,
        strata=as_list(spec.get("strata")) or None,
        clusters=clusters or None,
        fpc=as_list(spec.get("fpc")) or None,
        single_psu=spec.get("lonely_psu", "fail"),
        single_in_domain=bool(spec.get("adjust_domain_lonely")),
        single_scope=single_scope,
        nest=bool(spec.get("nest")) and bool(clusters),
        pps=read_pps(spec, read_data),
    )


def prepare(folder: Folder, case: Case) -> tuple[pd.DataFrame, SurveyDesign]:
    frame = folder.frame(case)
    design, args = build_design(case, frame, folder.read_data), case["args"]
    if "calibration" in args:
        design = CaseCalibration(args["calibration"], args, frame, folder.read_data).design(design)
    return frame, design


def compare(got: Any, expected: Any, what: str, relative: float = RELATIVE) -> None:
    wanted = np.array(expected, dtype=float)
    np.testing.assert_allclose(
        np.asarray(got, dtype=float),
        wanted,
        rtol=relative,
        atol=NEAR_ZERO * np.nanmax(np.abs(wanted), initial=1),
        err_msg=what,
    )


def compare_rows(
    estimate: Estimate,
    case: Case,
    design: SurveyDesign,
    *,
    full_df: bool = True,
    joint: Estimate | None = None,
) -> None:
    """Compare value, SE, df, intervals, deff and covariance (that of `joint`) with the rows of a case."""
    rows = as_list(case["rows"])
    compare(estimate.value, [row["est"] for row in rows], "value")
    compare(estimate.standard_error, [row["se"] for row in rows], "standard error")
    df = design.degrees_of_freedom if full_df else estimate.degrees_of_freedom
    plain = replace(estimate, bounds=None)
    compare(np.broadcast_to(df, len(rows)), [row.get("df", row.get("df_full")) for row in rows], "df")
    intervals = {
        "ci_t": plain.interval(degrees_of_freedom=df),
        "ci_z": plain.interval(method="wald"),
        "ci_tdom": plain.interval(degrees_of_freedom=np.maximum(estimate.degrees_of_freedom, 1)),
    }
    for name, limits in intervals.items():
        if f"{name}_low" in rows[0]:
            compare(limits.low, [row[f"{name}_low"] for row in rows], f"{name} low")
            compare(limits.high, [row[f"{name}_high"] for row in rows], f"{name} high")
    if "df_domain" in rows[0]:
        compare(estimate.degrees_of_freedom, [row["df_domain"] for row in rows], "df of the domain")
    if rows[0].get("deff") is not None:
        compare(estimate.deff, [row["deff"] for row in rows], "deff")
    compare_covariance(estimate if joint is None else joint, case)


def compare_covariance(estimate: Estimate, case: Case) -> None:
    if case.get("vcov") is None:
        return
    compare(estimate.covariance, case["vcov"], "covariance")


def domain_labels(frame: pd.DataFrame, by: list[str]) -> pd.Series | pd.DataFrame:
    return frame[by[0]] if len(by) == 1 else frame[by]


def in_row_order(estimate: Estimate, case: Case, by: list[str]) -> Estimate:
    """Order the domains as the case does."""
    keys = [tuple(str(row[name]) for name in by) for row in case["rows"]]
    labels = [tuple(map(str, label if isinstance(label, tuple) else (label,))) for label in estimate.domains]
    assert sorted(keys) == sorted(labels), "the domains are not those of the case"
    return estimate.select([labels.index(key) for key in keys])
