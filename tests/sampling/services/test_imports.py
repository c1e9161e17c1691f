"""Imports of transaction lists: started, checked, confirmed or given up."""

import datetime
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from sampling.engine.ingest import rules as checked_rules
from sampling.models import Draw, FrameImport, FrameUnit, SamplingFrame, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.models.imports import ImportStatus
from sampling.services import (
    FrameInUseError,
    ImportStateError,
    cancel_import,
    check_import,
    clear_interrupted,
    confirm_import,
    import_folders,
    start_import,
)
from sampling.services.contacts import ContactError, contacts_of
from sampling.services.import_folders import ImportRunsError, frame_root, is_interrupted, locked
from sampling.services.import_words import RULES, describe_findings, describe_unreadable, report_csv
from tests.sampling.lists import PERSON, row, rows, write_csv
from tests.sampling.makers import make_round, make_units

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 12, 31)


@pytest.fixture(autouse=True)
def survey_round(settings: Any, tmp_path: Path) -> SurveyRound:
    settings.FRAME_ROOT = tmp_path / "frames"
    make_units()
    return make_round()


def started(survey_round: SurveyRound, file: Path, **values: Any) -> FrameImport:
    return start_import(round=survey_round, source="Cổng", reference_date=DAY, files=[file], **values)


def checked(survey_round: SurveyRound, folder: Path, lines: Any = None) -> FrameImport:
    file = write_csv(folder / "list.csv", lines or rows(4))
    return check_import(frame_import=started(survey_round, file))


def left() -> list[str]:
    return sorted(path.name for path in frame_root().rglob("*") if path.is_file())


def test_a_checked_list_becomes_the_frame(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = checked(survey_round, tmp_path)
    assert frame_import.status == ImportStatus.CHECKED
    frame = confirm_import(frame_import=frame_import)
    frame_import.refresh_from_db()
    assert frame_import.status == ImportStatus.CONFIRMED
    assert (frame.stage, frame.n_units, len(frame.digest)) == ("dossier", 4, 64)
    assert frame.file == f"{survey_round.code}/{frame.digest[:16]}.parquet"
    assert left() == sorted(Path(name).name for name in (frame.file, frame.contacts_file))


def test_agencies_become_units(survey_round: SurveyRound, tmp_path: Path) -> None:
    lines = [*rows(3), row(id="c", agency="72001", commune="72001", agency_name="UBND phường")]
    confirm_import(frame_import=checked(survey_round, tmp_path, lines))
    units = {unit.code: unit for unit in FrameUnit.objects.select_related("administrative_unit")}
    assert {code: unit.measure_of_size for code, unit in units.items()} == {"H80.01": 3, "72001": 1}
    assert units["72001"].administrative_unit.level == "commune"
    assert units["H80.01"].administrative_unit.code == "80"
    assert units["72001"].name == "UBND phường"


def test_contacts_come_for_those_who_were_drawn(
    survey_round: SurveyRound, tmp_path: Path, settings: Any
) -> None:
    frame = confirm_import(frame_import=checked(survey_round, tmp_path))
    found = contacts_of(frame, ["H80.01-0002"])
    assert list(found) == ["H80.01-0002"]
    assert found["H80.01-0002"].phone == "0000123456"
    settings.CONTACT_FILE_KEY = "another"
    with pytest.raises(ContactError):
        contacts_of(frame, ["H80.01-0002"])


def test_a_list_without_contacts_has_no_file_of_them(survey_round: SurveyRound, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", rows(2), leave_out=["full_name", "phone", "email", "address"])
    frame = confirm_import(frame_import=check_import(frame_import=started(survey_round, file)))
    assert frame.contacts_file == ""
    assert contacts_of(frame, ["H80.01-0001"]) == {}


def test_a_refused_list_leaves_its_report_and_nothing_else(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = checked(
        survey_round, tmp_path, [*rows(2), row(id="x", person_id="9" * 14, party="Cá nhân")]
    )
    with translation.override("en"):
        text = report_csv(frame_import)
        (finding,) = describe_findings(frame_import)
    assert frame_import.status == ImportStatus.REFUSED
    assert left() == []
    assert "list.csv,4,person_id,12 digits,999***" in text
    assert finding.n_untold == 0
    with pytest.raises(ImportStateError):
        confirm_import(frame_import=frame_import)


def test_a_file_that_is_no_list_is_refused_in_words(survey_round: SurveyRound, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x;y\n1;2\n")
    frame_import = check_import(frame_import=started(survey_round, file))
    with translation.override("en"):
        assert describe_unreadable(frame_import).startswith("No row of column names")
    assert frame_import.status == ImportStatus.REFUSED


def test_uploads_are_kept_until_they_are_checked(survey_round: SurveyRound, tmp_path: Path) -> None:
    content = write_csv(tmp_path / "list.csv", rows(2)).read_bytes()
    uploads = [SimpleUploadedFile("../list.csv", content)]
    frame_import = start_import(round=survey_round, source="x", reference_date=DAY, files=uploads)
    assert left() == ["list.csv", "lock"]
    check_import(frame_import=frame_import)
    assert not any(name.startswith("list") for name in left())
    written = b"".join(path.read_bytes() for path in frame_root().rglob("*") if path.is_file())
    assert PERSON.encode() not in written


def test_folders_are_for_the_site_alone(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = checked(survey_round, tmp_path)
    folder = frame_root() / frame_import.folder
    assert folder.stat().st_mode & 0o077 == 0


def test_a_new_list_replaces_the_earlier_one(
    survey_round: SurveyRound, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    confirm_import(frame_import=checked(survey_round, tmp_path))
    frame_import = checked(survey_round, tmp_path, rows(6))
    assert frame_import.report["changes"] == {"80": {"added": 2, "gone": 0, "kept": 4}}
    with django_capture_on_commit_callbacks(execute=True):
        frame = confirm_import(frame_import=frame_import)
    assert SamplingFrame.objects.get() == frame
    assert len(left()) == 2


@pytest.mark.parametrize(
    ("status", "is_free"),
    [
        (DrawStatus.DRAFTED, True),
        (DrawStatus.CHECKED, True),
        (DrawStatus.COMMITTED, False),
        (DrawStatus.DRAWN, False),
        (DrawStatus.ISSUED, False),
        (DrawStatus.CLOSED, False),
    ],
)
def test_a_committed_list_cannot_be_replaced(
    survey_round: SurveyRound, tmp_path: Path, status: DrawStatus, *, is_free: bool
) -> None:
    waiting = checked(survey_round, tmp_path)
    frame = confirm_import(frame_import=checked(survey_round, tmp_path))
    draw = Draw.objects.create(
        round=survey_round, stage="dossier", status=status, frame=frame, design={"a": 1}
    )
    if is_free:
        confirm_import(frame_import=waiting)
        draw.refresh_from_db()
        assert (draw.status, draw.frame) == (DrawStatus.DRAFTED, None)
    else:
        with pytest.raises(FrameInUseError):
            confirm_import(frame_import=waiting)
        with pytest.raises(FrameInUseError):
            started(survey_round, tmp_path / "list.csv")


def test_a_frozen_list_cannot_be_replaced(survey_round: SurveyRound, tmp_path: Path) -> None:
    confirm_import(frame_import=checked(survey_round, tmp_path))
    SamplingFrame.objects.update(frozen_at=timezone.now())
    with pytest.raises(FrameInUseError):
        started(survey_round, tmp_path / "list.csv")


def test_a_cancelled_import_leaves_nothing(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = cancel_import(frame_import=checked(survey_round, tmp_path))
    assert frame_import.status == ImportStatus.CANCELLED
    assert left() == []
    with pytest.raises(ImportStateError):
        cancel_import(frame_import=frame_import)
    with pytest.raises(ImportStateError):
        check_import(frame_import=frame_import)


def test_an_import_that_runs_stops_when_it_is_cancelled(survey_round: SurveyRound, tmp_path: Path) -> None:
    def cancel(current: FrameImport) -> None:
        cancel_import(frame_import=FrameImport.objects.get(pk=current.pk))

    file = write_csv(tmp_path / "list.csv", rows(4))
    frame_import = check_import(frame_import=started(survey_round, file), progress=cancel)
    assert frame_import.status == ImportStatus.CANCELLED
    assert left() == []


def test_nobody_works_on_an_import_twice(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = started(survey_round, write_csv(tmp_path / "list.csv", rows(4)))
    with locked(frame_import), pytest.raises(ImportRunsError):
        check_import(frame_import=frame_import)


def test_an_interrupted_import_can_be_checked_again(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = started(survey_round, write_csv(tmp_path / "list.csv", rows(4)))
    FrameImport.objects.update(status=ImportStatus.RUNNING)
    frame_import.refresh_from_db()
    assert is_interrupted(frame_import)
    assert check_import(frame_import=frame_import).status == ImportStatus.CHECKED


HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_left_is_swept(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = started(survey_round, write_csv(tmp_path / "list.csv", rows(4)))
    FrameImport.objects.update(status=ImportStatus.RUNNING)
    folder = frame_root() / frame_import.folder
    (folder / "work").mkdir()
    command = [sys.executable, "-c", HOLD, str(folder / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:  # noqa: S603 - our own interpreter and script
        assert worker.stdout is not None
        worker.stdout.readline()
        assert clear_interrupted() == 0
        assert (folder / "work").exists()
        worker.send_signal(signal.SIGKILL)
    assert clear_interrupted() == 1
    frame_import.refresh_from_db()
    assert (frame_import.status, frame_import.report) == (ImportStatus.CANCELLED, {"interrupted": True})
    assert not folder.exists()


def test_files_that_no_frame_names_are_swept(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame = confirm_import(frame_import=checked(survey_round, tmp_path))
    orphan = frame_root() / survey_round.code / f"{'a' * 16}.parquet"
    foreign = frame_root() / survey_round.code / "other.parquet"
    for path in (orphan, foreign, frame_root() / frame.file):
        path.touch()
        long_ago = time.time() - 2 * import_folders.SETTLED_SECONDS
        os.utime(path, (long_ago, long_ago))
    clear_interrupted()
    assert (orphan.exists(), foreign.exists(), (frame_root() / frame.file).exists()) == (False, True, True)


def test_progress_is_written_down(survey_round: SurveyRound, tmp_path: Path) -> None:
    seen = []

    def note(current: FrameImport) -> None:
        seen.append(FrameImport.objects.values_list("report__step", "n_rows").get(pk=current.pk))

    file = write_csv(tmp_path / "list.csv", rows(4))
    check_import(frame_import=started(survey_round, file), progress=note)
    assert seen[0] == ("reading", 0)
    assert seen[-1] == ("hashing", 4)


def test_every_rule_has_words() -> None:
    between_rows = {
        "duplicate_id", "duplicate_id_across_files", "agency_in_two_provinces", "cells", "broken_line",
        "not_a_row", "column_unused", "person_with_many",
    }  # fmt: skip
    assert {rule.code for rule in (*checked_rules.RULES, *checked_rules.CONTACT_RULES)} | between_rows == set(
        RULES
    )
