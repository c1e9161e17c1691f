"""Taking snapshots of closed rounds, reading them back, and what may leave them when."""

import secrets
from functools import partial
from pathlib import Path

import pandas as pd
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from analysis.models import Snapshot
from analysis.selectors import (
    AnswerVariables,
    RoundNotEstimableError,
    answer_rows,
    answer_variables,
    case_rows,
)
from analysis.snapshots import (
    ANALYSIS_ID,
    DESIGN_COLUMNS,
    REPLACEMENT_MARK,
    SnapshotContent,
    read_snapshot,
    write_snapshot,
)
from sampling.models import SurveyRound
from sampling.models.rounds import ESTIMABLE_STATUSES, RoundStatus
from sampling.models.samples import RESPONDENT_DISPOSITIONS
from sampling.services.territories import require_territory

ANALYSIS_ID_BYTES = 10
FILE_SUFFIX_BYTES = 4
PARADATA = ("mode", "helper", "pressure")
"""What is kept of a response beside its answers."""


class RoundNotFrozenError(RoundNotEstimableError):
    """Raised when something is to be published or given out whose answers can still be withdrawn."""


def require_frozen(survey_round: SurveyRound) -> None:
    """Refuse a round that is not frozen: asked before anything is published, and before any row leaves.

    Answers are withdrawn until then. Two files, or two publications, from before and after a withdrawal show
    side by side which row is gone. The state is read afresh.
    """
    survey_round.refresh_from_db(fields=["status"])
    if survey_round.status != RoundStatus.FROZEN:
        raise RoundNotFrozenError(
            _(
                "Expected a frozen round; %(round)s is “%(status)s”, so answers can still be withdrawn, and "
                "what is published or given out before and after would show whose. Freeze the round first."
            )
            % {"round": survey_round.code, "status": survey_round.get_status_display()}
        )


@transaction.atomic
def take_snapshot(
    *,
    round: SurveyRound,
    user: AbstractBaseUser | None = None,
) -> Snapshot:
    """Write a closed round to a Parquet file that answers and cases can no longer change.

    Until the round is frozen the file serves working figures alone, and takes the place of the one before.
    Withdrawing and freezing wait for it.
    """
    require_territory(user, round)
    locked = SurveyRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
    _require_closed(locked)
    content = _read_round(round)
    if locked.status != RoundStatus.FROZEN:
        discard_working_snapshots(round=round, user=user)
    suffix = secrets.token_hex(FILE_SUFFIX_BYTES)
    stored = write_snapshot(content, Path(settings.SNAPSHOT_ROOT) / f"{round.code}-{suffix}.parquet")
    snapshot = Snapshot(round=round, file_name=stored.path.name, digest=stored.digest, n_rows=stored.n_rows)
    snapshot.full_clean()
    snapshot.save()
    log(
        snapshot, "analysis.take_snapshot", user=user, data={"digest": stored.digest, "n_rows": stored.n_rows}
    )
    return snapshot


@transaction.atomic
def discard_working_snapshots(*, round: SurveyRound, user: AbstractBaseUser | None = None) -> int:
    """Delete the snapshots of a round from which nothing was published, with their files; return how many.

    What was withdrawn after one of them was taken is in it still.
    """
    working = list(Snapshot.objects.filter(round=round, releases=None))
    if not working:
        return 0
    Snapshot.objects.filter(pk__in=[snapshot.pk for snapshot in working]).delete()
    log(round, "analysis.discard_snapshots", user=user, data={"n": len(working)})
    for snapshot in working:
        transaction.on_commit(partial(snapshot_path(snapshot).unlink, missing_ok=True))
    return len(working)


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
    return answers.assign(**{name: [getattr(row, name) for row in rows] for name in PARADATA})


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
    """Give every case a fresh random identifier, and every village a random number; no number or code stays.

    A case that is its own primary unit goes by its identifier, as `psu` and as `variance_psu`.
    """
    tokens = [secrets.token_hex(ANALYSIS_ID_BYTES) for _row in range(len(cases))]
    identifiers = pd.Series(tokens, index=cases.index, dtype=object)
    labels = _village_labels(cases)
    is_village = (cases["variance_psu"] == cases["village"]) & (cases["variance_psu"] != cases["psu"])
    is_person = cases["variance_psu"] == cases["number"]
    strata = cases["variance_stratum"].copy()
    for place in cases.index[is_person & (cases["psu"] != cases["number"])]:
        strata[place] = strata[place].removesuffix(cases["village"][place]) + labels[place]
    return cases.assign(
        psu=cases["psu"].mask(cases["psu"] == cases["number"], identifiers),
        village=labels,
        variance_stratum=strata,
        variance_psu=cases["variance_psu"].mask(is_village, labels).mask(is_person, identifiers),
        **{ANALYSIS_ID: identifiers},
    )


def _village_labels(cases: pd.DataFrame) -> pd.Series:
    """Return the label of the village of every case: a random number in its commune.

    An agency has one in its province. The label of a replacement ends with `REPLACEMENT_MARK`.
    """
    above = cases["psu"].mask(cases["psu"] == cases["number"], cases["province"])
    villages = cases.assign(above=above)[["above", "village", "is_replacement"]].drop_duplicates()
    villages = villages.assign(lot=[secrets.randbits(64) for _row in range(len(villages))])
    ordinal = villages.groupby("above")["lot"].rank(method="first").astype(int).astype(str)
    marks = villages["is_replacement"].map({True: REPLACEMENT_MARK, False: ""})
    labels = villages["above"] + "-" + ordinal + marks
    return cases["village"].map(dict(zip(villages["village"], labels, strict=True)))
