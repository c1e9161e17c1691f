"""Importing transaction lists: started, checked in the background, confirmed or cancelled by a person."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sampling.engine.ingest import (
    AGENCY_SCHEMA,
    Expected,
    IngestCancelledError,
    IngestError,
    ListImport,
    ReadOptions,
    Secrets,
    Step,
    import_list,
    read_agencies,
)
from sampling.models import (
    AdministrativeUnit,
    Draw,
    FrameImport,
    FrameUnit,
    Sample,
    SamplingFrame,
    SurveyRound,
)
from sampling.models.areas import EARLIEST_KNOWN_DATE
from sampling.models.draws import DrawStatus
from sampling.models.imports import ImportStatus
from sampling.models.rounds import RoundStatus
from sampling.selectors.units import unit_table
from sampling.services.audit import User, record
from sampling.services.frames import FrameInUseError
from sampling.services.import_folders import (
    Upload,
    frame_root,
    is_interrupted,
    keep_uploads,
    locked,
    move_into_place,
    new_folder,
    remove_folder,
    remove_incoming,
    sweep,
)
from sampling.services.rounds import require_status
from sampling.services.territories import require_territory
from sampling.vietnamese import search_key

BATCH_SIZE = 2_000
DIGEST_LETTERS = 16
LONGEST_NAME = 120
FREE_STATUSES = (DrawStatus.DRAFTED, DrawStatus.CHECKED, DrawStatus.ABANDONED)
"""States of a draw in which its frame may still be replaced."""

LIVING = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.CHECKED)
Stage = SamplingFrame.Stage

type Progress = Callable[[FrameImport], None]


class ImportStateError(ValueError):
    """Raised when an import is not in the state that an action needs."""


def start_import(
    *,
    round: SurveyRound,
    source: str,
    reference_date: datetime.date,
    files: Sequence[Upload] | Sequence[Path],
    options: Mapping[str, Any] | None = None,
    user: User = None,
) -> FrameImport:
    """Take the files of a list: uploads are kept until they are checked, others stay in place."""
    require_territory(user, round)
    require_status(round, RoundStatus.PREPARING)
    refuse_used_frame(round)
    clear_interrupted(user=user)
    frame_import = FrameImport(
        round=round,
        source=source,
        reference_date=reference_date,
        folder=new_folder(),
        started_by_id=user.pk if user else None,
    )
    with locked(frame_import):
        try:
            paths = _paths_of(frame_import, files)
            frame_import.n_bytes = sum(path.stat().st_size for path in paths)
            frame_import.options = {**(options or {}), "paths": [str(path) for path in paths]}
            _save_new(frame_import, user)
        except BaseException:
            remove_folder(frame_import)
            raise
    return frame_import


@transaction.atomic
def _save_new(frame_import: FrameImport, user: User) -> None:
    """Write a new import."""
    frame_import.full_clean()
    frame_import.save(force_insert=True)
    details = {
        "files": len(frame_import.options["paths"]),
        "bytes": frame_import.n_bytes,
        "source": frame_import.source,
    }
    record(frame_import, "sampling.start_import", user=user, details=details)


def _paths_of(frame_import: FrameImport, files: Sequence[Upload] | Sequence[Path]) -> list[Path]:
    """Return where the files are."""
    here = [file.resolve() for file in files if isinstance(file, Path)]
    return here or keep_uploads(frame_import.folder, [file for file in files if not isinstance(file, Path)])


def check_import(
    *, frame_import: FrameImport, user: User = None, progress: Progress | None = None
) -> FrameImport:
    """Read and check the files of an import; one that was interrupted may be checked again.

    The state afterwards is `checked`, `refused` with what was found, or `cancelled` if somebody cancelled it.
    """
    require_territory(user, frame_import.round)
    with locked(frame_import) as folder:
        _begin(frame_import)
        telling = _Telling(frame_import, progress)
        try:
            report = import_list(_job(frame_import, folder), telling)
        except IngestCancelledError:
            return _cancelled(frame_import)
        except IngestError as error:
            document: dict[str, Any] = {"unreadable": {"code": error.code, "params": error.params}}
            return _finish(frame_import, ImportStatus.REFUSED, document, user)
        except BaseException:
            FrameImport.objects.filter(pk=frame_import.pk, status=ImportStatus.RUNNING).update(
                status=ImportStatus.QUEUED
            )
            raise
        status = ImportStatus.CHECKED if report.is_accepted else ImportStatus.REFUSED
        frame_import.n_rows = report.n_rows
        return _finish(frame_import, status, report.as_document(), user)


def _begin(frame_import: FrameImport) -> None:
    """Take an import that waits, or one whose worker is gone."""
    frame_import.refresh_from_db()
    if frame_import.status not in (ImportStatus.QUEUED, ImportStatus.RUNNING):
        raise ImportStateError(
            _("The import is %(state)s; it is not checked again. Start a new one.")
            % {"state": frame_import.get_status_display()}
        )
    frame_import.status = ImportStatus.RUNNING
    frame_import.n_rows = frame_import.n_bytes_done = 0
    frame_import.save(update_fields=["status", "n_rows", "n_bytes_done"])


class _Telling:
    """Writes how far an import is, and stops it once it is cancelled."""

    def __init__(self, frame_import: FrameImport, progress: Progress | None) -> None:
        self._import = frame_import
        self._progress = progress

    def __call__(self, step: Step, n_bytes: int, n_rows: int) -> None:
        self._import.n_bytes_done, self._import.n_rows = n_bytes, n_rows
        self._import.report = {"step": step.value}
        running = FrameImport.objects.filter(pk=self._import.pk, status=ImportStatus.RUNNING)
        if not running.update(n_bytes_done=n_bytes, n_rows=n_rows, report=self._import.report):
            raise IngestCancelledError
        if self._progress is not None:
            self._progress(self._import)


def _job(frame_import: FrameImport, folder: Path) -> ListImport:
    """Return what is to be imported."""
    survey_round, options = frame_import.round, frame_import.options
    earlier = SamplingFrame.objects.filter(round=survey_round, stage=Stage.DOSSIER).exclude(file="").first()
    agencies = options.get("agencies")
    return ListImport(
        files=[Path(path) for path in options["paths"]],
        folder=folder,
        expected=Expected(
            units=unit_table(),
            first_day=survey_round.reference_period_start,
            last_day=survey_round.reference_period_end,
            known_from=EARLIEST_KNOWN_DATE,
            agencies=pa.Table.from_pylist(agencies, AGENCY_SCHEMA) if agencies else None,
            territory=survey_round.territory.code if survey_round.territory else "",
        ),
        keys=Secrets(settings.PERSON_KEY.encode(), settings.CONTACT_FILE_KEY.encode()),
        options=ReadOptions(options.get("columns") or {}, options.get("encoding") or ""),
        earlier=frame_root() / earlier.file if earlier else None,
    )


@transaction.atomic
def _finish(
    frame_import: FrameImport, status: ImportStatus, report: dict[str, Any], user: User
) -> FrameImport:
    """Write what came of the check; uploaded files are no longer needed."""
    frame_import.status, frame_import.report = status, report
    frame_import.n_bytes_done, frame_import.finished_at = frame_import.n_bytes, timezone.now()
    fields = ["status", "report", "n_bytes_done", "n_rows", "finished_at"]
    running = FrameImport.objects.filter(pk=frame_import.pk, status=ImportStatus.RUNNING)
    if not running.update(**{name: getattr(frame_import, name) for name in fields}):
        return _cancelled(frame_import)
    details = {
        "state": status.value,
        "rows": frame_import.n_rows,
        "findings": len(report.get("findings", ())),
    }
    record(frame_import, "sampling.check_import", user=user, details=details)
    if status == ImportStatus.REFUSED:
        remove_folder(frame_import)
    else:
        remove_incoming(frame_import)
    return frame_import


def _cancelled(frame_import: FrameImport) -> FrameImport:
    """Leave nothing of an import that was cancelled while it was checked."""
    remove_folder(frame_import)
    frame_import.refresh_from_db()
    return frame_import


def confirm_import(*, frame_import: FrameImport, user: User = None) -> SamplingFrame:
    """Make the checked list the frame of its round, in place of one that nothing was drawn from."""
    require_territory(user, frame_import.round)
    with locked(frame_import) as folder, transaction.atomic():
        require_status(frame_import.round, RoundStatus.PREPARING)
        refuse_used_frame(frame_import.round)
        frame_import.refresh_from_db()
        if frame_import.status != ImportStatus.CHECKED:
            raise ImportStateError(
                _("Expected an import that is checked, got one that is %(state)s.")
                % {"state": frame_import.get_status_display()}
            )
        ready = folder / "ready"
        frame = _new_frame(frame_import, ready)
        agencies = read_agencies(ready / "agencies.parquet")
        frame = _replace_frame(frame, agencies)
        frame_import.status, frame_import.frame = ImportStatus.CONFIRMED, frame
        frame_import.save(update_fields=["status", "frame"])
        details = {"units": frame.n_units, "agencies": agencies.num_rows, "sha256": frame.digest}
        record(frame_import, "sampling.confirm_import", user=user, details=details)
        for source, name in _files_of(frame, ready):
            move_into_place(source, name)
    remove_folder(frame_import)
    return frame


def _new_frame(frame_import: FrameImport, ready: Path) -> SamplingFrame:
    """Return the frame of an import, not yet written."""
    digest = frame_import.report["digest"]
    name = f"{frame_import.round.code}/{digest[:DIGEST_LETTERS]}.parquet"
    contacts = next(ready.glob("contacts-*.parquet"), None)
    return SamplingFrame(
        round=frame_import.round,
        stage=Stage.DOSSIER,
        source=frame_import.source,
        reference_date=frame_import.reference_date,
        n_units=frame_import.report["n_units"],
        digest=digest,
        file=name,
        contacts_file=f"{frame_import.round.code}/{contacts.name}" if contacts else "",
    )


def _replace_frame(frame: SamplingFrame, agencies: pa.Table) -> SamplingFrame:
    """Write a frame and its agencies in place of the earlier frame, whose files go once this is certain."""
    earlier = SamplingFrame.objects.filter(round=frame.round, stage=Stage.DOSSIER).first()
    if earlier is not None:
        Draw.objects.filter(frame=earlier, status=DrawStatus.CHECKED).update(status=DrawStatus.DRAFTED)
        Draw.objects.filter(frame=earlier).update(frame=None)
        earlier.delete()
        transaction.on_commit(lambda: _remove_files(earlier, frame))
    frame.full_clean()
    frame.save(force_insert=True)
    FrameUnit.objects.bulk_create(_agency_units(frame, agencies.to_pylist()), batch_size=BATCH_SIZE)
    return frame


def _agency_units(frame: SamplingFrame, agencies: Sequence[Mapping[str, Any]]) -> Iterator[FrameUnit]:
    """Turn agencies into units: the size of one is the number of its dossiers."""
    units = AdministrativeUnit.objects.filter(valid_to=None).exclude(level="district")
    known = {(level, code): pk for level, code, pk in units.values_list("level", "code", "pk")}
    for agency in agencies:
        place = known.get(("commune", agency["commune"])) or known.get(("province", agency["province"]))
        yield FrameUnit(
            frame=frame,
            code=agency["code"],
            name=agency["name"][:LONGEST_NAME],
            parent_code=agency["province"],
            administrative_unit_id=place,
            measure_of_size=agency["n_dossiers"],
            search_key=search_key(agency["name"]),
        )


def _files_of(frame: SamplingFrame, ready: Path) -> Iterator[tuple[Path, str]]:
    """Return the finished files of a frame and the names they get."""
    yield ready / "frame.parquet", frame.file
    if frame.contacts_file:
        yield ready / Path(frame.contacts_file).name, frame.contacts_file


def _remove_files(earlier: SamplingFrame, frame: SamplingFrame) -> None:
    """Remove the files of a frame that was replaced; the same list again has the same name."""
    for name in (earlier.file, earlier.contacts_file):
        if name and name not in (frame.file, frame.contacts_file):
            (frame_root() / name).unlink(missing_ok=True)


@transaction.atomic
def cancel_import(*, frame_import: FrameImport, user: User = None) -> FrameImport:
    """Give up an import; one that is being checked stops at its next report of progress."""
    require_territory(user, frame_import.round)
    living = FrameImport.objects.filter(pk=frame_import.pk, status__in=LIVING)
    is_worked_on = frame_import.status == ImportStatus.RUNNING and not is_interrupted(frame_import)
    if not living.update(status=ImportStatus.CANCELLED, finished_at=timezone.now()):
        frame_import.refresh_from_db()
        raise ImportStateError(
            _("The import is %(state)s; it cannot be cancelled.")
            % {"state": frame_import.get_status_display()}
        )
    frame_import.refresh_from_db()
    record(frame_import, "sampling.cancel_import", user=user, details={"rows": frame_import.n_rows})
    if not is_worked_on:
        remove_folder(frame_import)
    return frame_import


def clear_interrupted(*, user: User = None) -> int:
    """Remove what killed imports left behind, and mark them cancelled; return how many there were."""
    interrupted = sweep()
    for frame_import in interrupted:
        with transaction.atomic():
            frame_import.status, frame_import.finished_at = ImportStatus.CANCELLED, timezone.now()
            frame_import.report = {"interrupted": True}
            frame_import.save(update_fields=["status", "finished_at", "report"])
            record(frame_import, "sampling.cancel_import", user=user, details={"interrupted": True})
    return len(interrupted)


def refuse_used_frame(survey_round: SurveyRound) -> None:
    """Raise if the list of dossiers of a round may no longer be replaced."""
    draws = Draw.objects.filter(round=survey_round, stage=Stage.DOSSIER).exclude(status__in=FREE_STATUSES)
    frozen = SamplingFrame.objects.filter(round=survey_round, stage=Stage.DOSSIER, frozen_at__isnull=False)
    if draws.exists() or frozen.exists() or Sample.objects.filter(round=survey_round).exists():
        raise FrameInUseError(
            _(
                "The list of round %(round)s is fixed by a committed draw and cannot be replaced. Abandon "
                "the draw with its reason, or prepare a new round."
            )
            % {"round": survey_round.code}
        )
