"""Taking snapshots of closed rounds and reading them back."""

import secrets
from pathlib import Path

import pandas as pd
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from analysis.models import Snapshot
from analysis.selectors import AnswerVariables, answer_rows, answer_variables, case_rows
from analysis.snapshots import ANALYSIS_ID, DESIGN_COLUMNS, SnapshotContent, read_snapshot, write_snapshot
from sampling.models import SurveyRound
from sampling.models.rounds import ESTIMABLE_STATUSES
from sampling.models.samples import RESPONDENT_DISPOSITIONS

ANALYSIS_ID_BYTES = 10
FILE_SUFFIX_BYTES = 4


class RoundNotEstimableError(ValueError):
    """Raised when a round cannot be turned into figures yet, or at all."""


@transaction.atomic
def take_snapshot(
    *,
    round: SurveyRound,
    user: AbstractBaseUser | None = None,
) -> Snapshot:
    """Write a closed round to a Parquet file that answers and cases can no longer change."""
    _require_closed(round)
    content = _read_round(round)
    suffix = secrets.token_hex(FILE_SUFFIX_BYTES)
    stored = write_snapshot(content, Path(settings.SNAPSHOT_ROOT) / f"{round.code}-{suffix}.parquet")
    snapshot = Snapshot(round=round, file_name=stored.path.name, digest=stored.digest, n_rows=stored.n_rows)
    snapshot.full_clean()
    snapshot.save()
    log(
        snapshot, "analysis.take_snapshot", user=user, data={"digest": stored.digest, "n_rows": stored.n_rows}
    )
    return snapshot


def open_snapshot(snapshot: Snapshot) -> SnapshotContent:
    """Read a snapshot after checking its hash."""
    return read_snapshot(snapshot_path(snapshot), digest=snapshot.digest)


def open_cases(snapshot: Snapshot) -> SnapshotContent:
    """Read the cases of a snapshot after checking its hash, and leave the answers in the file."""
    return read_snapshot(snapshot_path(snapshot), digest=snapshot.digest, columns=DESIGN_COLUMNS)


def snapshot_path(snapshot: Snapshot) -> Path:
    """Say where the file of a snapshot is."""
    return Path(settings.SNAPSHOT_ROOT) / snapshot.file_name


def _require_closed(survey_round: SurveyRound) -> None:
    if survey_round.status not in ESTIMABLE_STATUSES:
        raise RoundNotEstimableError(
            _(
                "Expected a closed round; %(round)s is “%(status)s”, so answers may still arrive. "
                "Close the round first."
            )
            % {"round": survey_round.code, "status": survey_round.get_status_display()}
        )


def _read_round(survey_round: SurveyRound) -> SnapshotContent:
    cases = case_rows(survey_round)
    if cases.empty:
        raise RoundNotEstimableError(
            _("Expected a drawn sample; %(round)s has none. Draw it first.") % {"round": survey_round.code}
        )
    columns = answer_variables(survey_round)
    answers = _answers_by_case(survey_round, columns)
    _check_outcomes(survey_round, cases, answers)
    rows = _with_analysis_ids(cases).join(answers, on="case_id")
    names = [*DESIGN_COLUMNS, *(variable.name for variable in columns.variables)]
    return SnapshotContent(rows=rows[names], variables=columns.variables)


def _answers_by_case(survey_round: SurveyRound, columns: AnswerVariables) -> pd.DataFrame:
    """Return one row per response with the mode and the answers."""
    rows = list(answer_rows(survey_round, columns))
    answers = pd.DataFrame(
        [row.values for row in rows],
        columns=[variable.name for variable in columns.variables],
        index=pd.Index([row.case_id for row in rows], name="case_id", dtype="int64"),
        dtype=object,
    )
    return answers.assign(mode=[row.mode for row in rows])


def _check_outcomes(survey_round: SurveyRound, cases: pd.DataFrame, answers: pd.DataFrame) -> None:
    """Refuse a round without answers, or whose outcomes and answers contradict each other."""
    if answers.empty:
        raise RoundNotEstimableError(
            _("Expected answers; %(round)s has none. There is nothing to estimate.")
            % {"round": survey_round.code}
        )
    responded = cases["disposition"].isin(list(RESPONDENT_DISPOSITIONS))
    has_answers = cases["case_id"].isin(answers.index)
    n_contradictions = int((responded != has_answers).sum())
    if n_contradictions:
        raise RoundNotEstimableError(
            _(
                "Expected an answer for every case with outcome 1.1 or 1.2 and for no other; "
                "%(n)d cases of %(round)s differ. Correct their outcomes."
            )
            % {"n": n_contradictions, "round": survey_round.code}
        )


def _with_analysis_ids(cases: pd.DataFrame) -> pd.DataFrame:
    """Give every case a fresh random identifier, and every village a random number in its commune."""
    identifiers = [secrets.token_hex(ANALYSIS_ID_BYTES) for _row in range(len(cases))]
    villages = cases[["psu", "village"]].drop_duplicates()
    villages = villages.assign(lot=[secrets.randbits(64) for _row in range(len(villages))])
    ordinal = villages.groupby("psu")["lot"].rank(method="first").astype(int).astype(str)
    label_by_village = dict(zip(villages["village"], villages["psu"] + "-" + ordinal, strict=True))
    labels = cases["village"].map(label_by_village)
    own_psu = cases["variance_psu"].where(cases["variance_psu"] == cases["psu"], labels)
    return cases.assign(village=labels, variance_psu=own_psu).assign(
        **{ANALYSIS_ID: pd.Series(identifiers, index=cases.index)}
    )
