"""The index of a weighted snapshot: the engine sums over its file, so that answers never come into memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from analysis.estimation import QueryCalibration, QueryDesign
from analysis.estimation.designs.query_text import joined
from analysis.index import IndexMethod, IndexQuery, IndexResult
from analysis.services.list_variances import BREWER, FRACTION, STRATUM
from analysis.services.weighting import Weighted, degrees_of
from analysis.snapshots import ANALYSIS_ID, Variable
from sampling.engine import DuckDBEngine, Engine, Table

SNAPSHOT, WEIGHTS = "snapshot", "weights"
BASE_WEIGHT, FINAL_WEIGHT = "uncalibrated_weight", "final_weight"
CELL = "margin_cell_"
BY = ("province",)


class MethodMismatchError(ValueError):
    """Raised when a method asks for questions that the round did not ask."""


def estimate_release(
    path: Path,
    variables: Sequence[Variable],
    weighted: Weighted,
    method: IndexMethod,
    *,
    single_psu: str = "fail",
    engine: Engine | None = None,
) -> IndexResult:
    """Estimate the index of the nation and its provinces from a snapshot file and weights.

    Parameters
    ----------
    path : Path
        The snapshot; whoever calls has checked that it is unchanged.
    variables : sequence of Variable
        Its codebook.
    weighted : Weighted
    method : IndexMethod
    single_psu : str
        Policy for strata with a single PSU.
    engine : Engine, optional
        DuckDB by default.

    Raises
    ------
    MethodMismatchError
        If the round did not ask a question of the method.
    """
    query = _query(variables, weighted, method)
    table = _weights_table(weighted)
    of_snapshot = [name for name in query.columns if name not in table.columns]
    source = joined({SNAPSHOT: of_snapshot, WEIGHTS: [*table.columns.drop(ANALYSIS_ID)]}, on=ANALYSIS_ID)
    tables: dict[str, Table] = {SNAPSHOT: path, WEIGHTS: table}
    with engine or DuckDBEngine() as started:

        def run(text: str, more: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
            return started.run(text, {**tables, **more})

        pps = None if weighted.variance is None else BREWER
        return query.estimate(run, source, single_psu=single_psu, pps=pps, degrees=degrees_of(weighted.steps))


def _weights_table(weighted: Weighted) -> pd.DataFrame:
    """Return the weights of the respondents, before and after raking, with the cells they were raked to.

    Those of a list come with the strata and fractions of its variance, which go before those of the snapshot.
    """
    columns = {
        ANALYSIS_ID: weighted.weights[ANALYSIS_ID].to_numpy(),
        FINAL_WEIGHT: weighted.weights[FINAL_WEIGHT].to_numpy(),
        BASE_WEIGHT: weighted.uncalibrated,
    }
    cells = {f"{CELL}{place}": _numbered(labels) for place, labels in enumerate(weighted.cells)}
    of_list = {} if weighted.variance is None else dict(weighted.variance.items())
    return pd.DataFrame(columns | cells | of_list)


def _numbered(labels: np.ndarray) -> np.ndarray:
    return pd.factorize(labels)[0]


def _query(variables: Sequence[Variable], weighted: Weighted, method: IndexMethod) -> IndexQuery:
    answers = {variable.question: variable.name for variable in variables if not variable.explains}
    missing = [question for question in method.questions if question not in answers]
    if missing:
        raise MethodMismatchError(
            _("Expected answers to every question of %(method)s; the round did not ask %(missing)s.")
            % {"method": method.code, "missing": ", ".join(missing)}
        )
    excused = {variable.explains: variable.name for variable in variables if variable.explains}
    return IndexQuery(_design(weighted), method, answers, BY, excused)


def _design(weighted: Weighted) -> QueryDesign:
    """Name the design of the respondents, with what their weights were raked to."""
    cells = tuple(f"{CELL}{place}" for place in range(len(weighted.cells)))
    return QueryDesign(
        FINAL_WEIGHT,
        clusters=("variance_psu",),
        strata=(STRATUM,),
        fpc=() if weighted.variance is None else (FRACTION,),
        calibration=QueryCalibration(BASE_WEIGHT, cells) if weighted.is_calibrated else None,
    )
