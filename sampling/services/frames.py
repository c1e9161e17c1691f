"""Loading frames: everything is checked first, a refused frame writes nothing."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q
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
from sampling.models import AdministrativeUnit, Draw, FrameUnit, Sample, SamplingFrame, SurveyRound
from sampling.models.areas import Level
from sampling.models.draws import DrawStatus
from sampling.models.rounds import RoundStatus
from sampling.services.audit import User, record
from sampling.services.rounds import require_status
from sampling.services.territories import require_territory
from sampling.vietnamese import search_key

BATCH_SIZE = 2_000
LEVEL_OF_CODES = {SamplingFrame.Stage.DISTRICT.value: Level.DISTRICT}
"""At which level the codes of a frame are administrative units, where it is not that of communes."""

OPEN_DRAWS = (DrawStatus.DRAFTED, DrawStatus.CHECKED)
"""States in which the frame of a draw may still change."""


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


@transaction.atomic
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
    require_territory(user, round)
    require_status(round, RoundStatus.PREPARING)
    _refuse_frozen(round, stage)
    report = checked_rows(round, stage, rows, reference_date)
    frame = SamplingFrame(
        round=round,
        stage=stage,
        source=source,
        reference_date=reference_date,
        n_units=len(report.rows),
        digest=digest_of_frame(map(canonical_row, report.rows)),
    )
    return LoadedFrame(_write(frame, report.rows, user), report)


def checked_rows(
    survey_round: SurveyRound,
    stage: str,
    rows: Iterable[Mapping[str, object]],
    reference_date: datetime.date,
) -> FrameReport:
    """Return the report of a file without problems, or refuse it with every problem."""
    level = LEVEL_OF_CODES.get(stage, Level.COMMUNE)
    AdministrativeUnit.objects.valid_on(reference_date)
    report = check_frame(
        rows,
        stage=stage,
        known=known_units(level),
        reference_date=reference_date,
        territory=codes_in_territory(survey_round, level, reference_date),
    )
    if not report.is_accepted:
        raise FrameRefusedError(report)
    return report


def known_units(level: str) -> dict[str, list[UnitPeriod]]:
    """Return the periods of every code of a level."""
    known: dict[str, list[UnitPeriod]] = defaultdict(list)
    fields = ("code", "parent__code", "valid_from", "valid_to")
    units = AdministrativeUnit.objects.filter(level=level).order_by("code", "valid_from")
    for code, parent_code, valid_from, valid_to in units.values_list(*fields):
        known[code].append(UnitPeriod(parent_code or "", valid_from, valid_to))
    return dict(known)


def codes_in_territory(
    survey_round: SurveyRound, level: str, reference_date: datetime.date
) -> frozenset[str] | None:
    """Return the codes of a level in the territory of a round; None for a national round."""
    territory = survey_round.territory_id
    if territory is None:
        return None
    inside = Q(parent=territory) | Q(parent__parent=territory)
    units = AdministrativeUnit.objects.valid_on(reference_date).filter(inside, level=level)
    return frozenset(units.values_list("code", flat=True))


def _refuse_frozen(survey_round: SurveyRound, stage: str) -> None:
    """Refuse a frame from which was drawn, or which a commitment has fixed."""
    draws = Draw.objects.select_for_update().filter(round=survey_round)
    living = [draw for draw in draws if draw.status != DrawStatus.ABANDONED]
    if Sample.objects.filter(round=survey_round).exists():
        hint = (
            _("Round %(round)s is being drawn; send the lists of the drawn units one by one or in one file.")
            if living
            else _(
                "Round %(round)s has a sample; its frames are frozen. Prepare a new round for a new frame."
            )
        )
        raise FrameInUseError(hint % {"round": survey_round.code})
    if any(draw.stage == stage and draw.status not in OPEN_DRAWS for draw in living):
        raise FrameInUseError(
            _("The frame of round %(round)s is fixed by a public commitment. Abandon the draw with a reason.")
            % {"round": survey_round.code}
        )


def release_frame(survey_round: SurveyRound, stage: str) -> None:
    """Let go of a frame that is about to be replaced: draws that were checked with it are drafts again."""
    draws = Draw.objects.filter(round=survey_round, stage=stage)
    draws.filter(status=DrawStatus.CHECKED).update(status=DrawStatus.DRAFTED)
    draws.update(frame=None)


def canonical_row(row: FrameRow) -> list[Cell]:
    """Return what enters the digest of a frame; the words of an exclusion do not, the exclusion does."""
    return [row.code, row.name, row.parent_code, row.size, row.is_excluded]


def _write(frame: SamplingFrame, rows: Sequence[FrameRow], user: User) -> SamplingFrame:
    """Write the frame and its units."""
    release_frame(frame.round, frame.stage)
    SamplingFrame.objects.filter(round=frame.round, stage=frame.stage).delete()
    frame.full_clean()
    frame.save(force_insert=True)
    write_units(frame, rows)
    n_excluded = sum(row.is_excluded for row in rows)
    details = {"units": frame.n_units, "excluded": n_excluded, "sha256": frame.digest, "source": frame.source}
    record(frame, "sampling.load_frame", user=user, details=details)
    return frame


def write_units(frame: SamplingFrame, rows: Iterable[FrameRow]) -> None:
    """Write the units of a frame; a village points at the commune above it, other units at themselves."""
    level = LEVEL_OF_CODES.get(frame.stage, Level.COMMUNE)
    units = AdministrativeUnit.objects.valid_on(frame.reference_date).filter(level=level)
    areas = dict(units.values_list("code", "pk"))
    is_village = frame.stage == SamplingFrame.Stage.VILLAGE
    with override(settings.LANGUAGE_CODE):
        no_residents = _("No residents on the reference date")
    FrameUnit.objects.bulk_create(
        (
            FrameUnit(
                frame=frame,
                code=row.code,
                name=row.name,
                parent_code=row.parent_code,
                administrative_unit_id=areas.get(row.parent_code if is_village else row.code),
                measure_of_size=row.size,
                exclusion_reason=row.exclusion_reason or (no_residents if row.is_excluded else ""),
                search_key=search_key(row.name),
            )
            for row in rows
        ),
        batch_size=BATCH_SIZE,
    )
