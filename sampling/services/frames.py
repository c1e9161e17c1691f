"""Loading frames: everything is checked first, a refused frame writes nothing."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from sampling.design.fingerprints import Cell, digest_of_frame
from sampling.design.frame_check import (
    EXPECTED,
    HINTS,
    FrameProblem,
    FrameReport,
    FrameRow,
    UnitPeriod,
    check_frame,
)
from sampling.models import AdministrativeUnit, FrameUnit, Sample, SamplingFrame, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services.audit import User, record
from sampling.services.rounds import require_status
from sampling.vietnamese import search_key

BATCH_SIZE = 2_000


class FrameRefusedError(ValueError):
    """Raised with the whole report when a frame has problems; nothing was written."""

    def __init__(self, report: FrameReport) -> None:
        self.report = report
        count = len(report.problems)
        super().__init__(
            ngettext("The frame has %(count)s problem.", "The frame has %(count)s problems.", count)
            % {"count": count}
        )


class FrameInUseError(ValueError):
    """Raised when a frame would replace one from which a sample was drawn."""


@dataclass(frozen=True, slots=True)
class ProblemText:
    """A problem in the words of the active language."""

    row: int
    column: str
    expected: str
    got: str
    hint: str


@dataclass(frozen=True, slots=True)
class LoadedFrame:
    """A frame as it was written, and the report of its check."""

    frame: SamplingFrame
    report: FrameReport


def describe_problem(problem: FrameProblem) -> ProblemText:
    """Return a problem in the words of the active language."""
    return ProblemText(
        row=problem.row,
        column=problem.column,
        expected=_(EXPECTED[problem.code]) % {"value": problem.value},
        got=problem.got or "—",
        hint=_(HINTS[problem.code]),
    )


def load_frame(
    *,
    round: SurveyRound,
    stage: str,
    rows: Iterable[Mapping[str, object]],
    source: str,
    reference_date: datetime.date,
    user: User = None,
) -> LoadedFrame:
    """Check all rows and write the frame of one stage, in place of an earlier one that was not drawn from."""
    require_status(round, RoundStatus.PREPARING)
    if Sample.objects.filter(round=round).exists():
        raise FrameInUseError(
            _("Round %(round)s has a sample; its frames are frozen. Prepare a new round for a new frame.")
            % {"round": round.code}
        )
    communes = dict(AdministrativeUnit.objects.valid_on(reference_date).communes().values_list("code", "pk"))
    report = check_frame(rows, stage=stage, known=known_communes(), reference_date=reference_date)
    if not report.is_accepted:
        raise FrameRefusedError(report)
    frame = SamplingFrame(
        round=round,
        stage=stage,
        source=source,
        reference_date=reference_date,
        n_units=len(report.rows),
        digest=digest_of_frame(map(canonical_row, report.rows)),
    )
    return LoadedFrame(_write(frame, report.rows, communes, user), report)


def known_communes() -> dict[str, list[UnitPeriod]]:
    """Return the periods of every commune code."""
    known: dict[str, list[UnitPeriod]] = defaultdict(list)
    fields = ("code", "parent__code", "valid_from", "valid_to")
    communes = AdministrativeUnit.objects.communes().order_by("code", "valid_from")
    for code, parent_code, valid_from, valid_to in communes.values_list(*fields):
        known[code].append(UnitPeriod(parent_code or "", valid_from, valid_to))
    return dict(known)


def canonical_row(row: FrameRow) -> list[Cell]:
    """Return what enters the digest of a frame; the words of an exclusion do not, the exclusion does."""
    return [row.code, row.name, row.parent_code, row.size, row.is_excluded]


@transaction.atomic
def _write(
    frame: SamplingFrame, rows: Sequence[FrameRow], communes: Mapping[str, int], user: User
) -> SamplingFrame:
    """Write the frame and its units."""
    SamplingFrame.objects.filter(round=frame.round, stage=frame.stage).delete()
    frame.full_clean()
    frame.save(force_insert=True)
    with override(settings.LANGUAGE_CODE):
        no_residents = _("No residents on the reference date")
    FrameUnit.objects.bulk_create(
        (
            FrameUnit(
                frame=frame,
                code=row.code,
                name=row.name,
                parent_code=row.parent_code,
                administrative_unit_id=communes.get(row.parent_code if _is_village(frame) else row.code),
                measure_of_size=row.size,
                exclusion_reason=row.exclusion_reason or (no_residents if row.is_excluded else ""),
                search_key=search_key(row.name),
            )
            for row in rows
        ),
        batch_size=BATCH_SIZE,
    )
    n_excluded = sum(row.is_excluded for row in rows)
    details = {"units": frame.n_units, "excluded": n_excluded, "sha256": frame.digest, "source": frame.source}
    record(frame, "sampling.load_frame", user=user, details=details)
    return frame


def _is_village(frame: SamplingFrame) -> bool:
    """Tell whether the units are villages, which point at the commune above them."""
    return frame.stage == SamplingFrame.Stage.VILLAGE
