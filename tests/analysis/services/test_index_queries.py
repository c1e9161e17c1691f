"""A release is estimated over its files, with the figures that the rows in memory give."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import SurveyDesign
from analysis.index import IndexMethod, IndexResult, estimate_index
from analysis.methods import index_method
from analysis.selectors import Margins
from analysis.services import MethodMismatchError, Weighted, weight_snapshot
from analysis.services.index_queries import estimate_release
from analysis.snapshots import (
    ANALYSIS_ID,
    DESIGN_COLUMNS,
    MissingReason,
    SnapshotContent,
    SnapshotError,
    StoredFile,
    Variable,
    read_snapshot,
    write_snapshot,
)
from tests.analysis.index.test_querying import assert_same
from tests.analysis.services.test_weighting import make_cases, make_margins

METHOD = index_method("M2023").parsed
NOT_ASKED = ("mode", "helper", "pressure", "commune_probability", "village_probability", "person_probability")


def make_content(method: IndexMethod = METHOD, n: int = 900, seed: int = 2) -> SnapshotContent:
    """Two provinces with answers that miss some; the first commune of each was certain to be drawn."""
    rng = np.random.default_rng(seed)
    cases = make_cases(n=n).rows
    village = cases["psu"] + np.char.add("-", rng.integers(1, 4, n).astype(str))
    is_certain = cases["psu"].str.endswith("000")
    answers = {}
    for place in range(len(method.questions)):
        reason = rng.choice([0, MissingReason.NOT_APPLICABLE, MissingReason.NOT_TOLD], n, p=[0.9, 0.06, 0.04])
        answers[f"q{place}"] = pd.array(np.where(reason > 0, None, rng.integers(1, 6, n)), dtype="Int32")
        answers[f"q{place}_missing"] = pd.array(np.where(reason > 0, reason, None), dtype="Int32")
        if place == 0:
            answers["q0"][:] = 5  # so that a criterion has no error
    rows = cases.assign(
        village=village,
        variance_stratum=cases["stratum"].where(~is_certain, cases["psu"]),
        variance_psu=cases["psu"].where(~is_certain, village),
        multiplicity=1.0,
        **dict.fromkeys(NOT_ASKED, None),
        **answers,
    )
    labels = {"vi": "x", "en": "x"}
    variables = [Variable(f"q{place}", question, labels) for place, question in enumerate(method.questions)]
    reasons = [
        Variable(f"q{place}_missing", f"{question}?", labels, explains=question)
        for place, question in enumerate(method.questions)
    ]
    return SnapshotContent(rows, (*variables, *reasons))


def in_memory(content: SnapshotContent, weighted: Weighted) -> IndexResult:
    rows = weighted.weights.merge(content.rows, on=ANALYSIS_ID, validate="one_to_one")
    respondents = replace(content, rows=rows)
    design = SurveyDesign.from_frame(
        rows, weight="final_weight", strata="variance_stratum", clusters="variance_psu", degrees="effective"
    )
    if weighted.is_calibrated:
        design = design.with_calibration(weighted.uncalibrated, weighted.cells)
    columns = content.column_by_question
    return estimate_index(
        design,
        {question: rows[columns[question]] for question in METHOD.questions},
        METHOD,
        rows["province"],
        not_applicable=respondents.not_applicable(),
    )


def store(content: SnapshotContent, folder: Path) -> StoredFile:
    return write_snapshot(content, folder / "round.parquet")


@pytest.mark.parametrize("margins", [make_margins(), None], ids=["raked", "not raked"])
def test_figures_are_those_of_the_rows_in_memory(margins: Margins | None, tmp_path: Path) -> None:
    stored = store(make_content(), tmp_path)
    content = read_snapshot(stored.path, digest=stored.digest)
    weighted = weight_snapshot(content, margins)
    assert weighted.is_calibrated == (margins is not None)
    found = estimate_release(stored.path, content.variables, weighted, METHOD)
    assert_same(found, in_memory(content, weighted))


def test_weighting_and_estimating_need_no_answers_in_memory(tmp_path: Path) -> None:
    whole = make_content()
    stored = store(whole, tmp_path)
    cases = read_snapshot(stored.path, digest=stored.digest, columns=DESIGN_COLUMNS)
    assert tuple(cases.rows.columns) == DESIGN_COLUMNS
    assert cases.variables == whole.variables
    weighted = weight_snapshot(cases, make_margins())
    result = estimate_release(stored.path, cases.variables, weighted, METHOD)
    assert result.domains == ("nation", "01", "04")


def test_parts_of_a_snapshot_are_checked_like_the_whole(tmp_path: Path) -> None:
    stored = store(make_content(), tmp_path)
    with pytest.raises(SnapshotError, match="0000000000"):
        read_snapshot(stored.path, digest="0" * 64, columns=DESIGN_COLUMNS)


def test_questions_that_were_not_asked_are_named(tmp_path: Path) -> None:
    content = make_content()
    weighted = weight_snapshot(content, None)
    asked = [variable for variable in content.variables if variable.question != METHOD.questions[3]]
    with pytest.raises(MethodMismatchError, match=METHOD.questions[3]):
        estimate_release(tmp_path / "round.parquet", asked, weighted, METHOD)
