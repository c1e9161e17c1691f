"""What waits too long is removed, and nothing else."""

import datetime
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from wagtail.models import ModelLogEntry

from sampling.models import FrameImport, SurveyRound
from sampling.models.imports import ImportStatus
from sampling.services import ImportStateError, check_import, expire_imports, start_import, sweep_files
from sampling.services.import_folders import frame_root, locked
from sampling.services.issuing.kept import keep_file, new_token
from sampling.viewsets.frames import kept_upload
from survey_site.settings import base
from survey_site.settings.env import private_folder
from tests.sampling.lists import rows, write_csv
from tests.sampling.makers import make_round, make_units

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 12, 31)


@pytest.fixture(autouse=True)
def survey_round(settings: Any, tmp_path: Path) -> SurveyRound:
    settings.FRAME_ROOT = tmp_path / "frames"
    settings.ISSUED_ROOT = tmp_path / "issued"
    settings.FILE_UPLOAD_TEMP_DIR = private_folder(tmp_path / "uploads")
    make_units()
    return make_round()


def uploaded(survey_round: SurveyRound, tmp_path: Path) -> FrameImport:
    content = write_csv(tmp_path / "list.csv", rows(2)).read_bytes()
    return start_import(
        round=survey_round, source="x", reference_date=DAY, files=[SimpleUploadedFile("a.csv", content)]
    )


def aged(frame_import: FrameImport, **age: float) -> FrameImport:
    then = timezone.now() - datetime.timedelta(**age)
    FrameImport.objects.filter(pk=frame_import.pk).update(created_at=then)
    if frame_import.finished_at:
        FrameImport.objects.filter(pk=frame_import.pk).update(finished_at=then)
    return frame_import


def old(path: Path, hours: float) -> Path:
    then = time.time() - hours * 3_600
    os.utime(path, (then, then))
    return path


def kept(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*.csv"))


def test_queued_import_with_its_numbers_lives_a_day(survey_round: SurveyRound, tmp_path: Path) -> None:
    young = uploaded(survey_round, tmp_path)
    stale = aged(uploaded(survey_round, tmp_path), days=1, minutes=1)
    assert len(kept(frame_root())) == 2
    assert expire_imports() == 1
    stale.refresh_from_db()
    young.refresh_from_db()
    assert (stale.status, young.status) == (ImportStatus.CANCELLED, ImportStatus.QUEUED)
    assert not (frame_root() / stale.folder).exists()
    assert len(kept(frame_root())) == 1
    entry = ModelLogEntry.objects.get(action="sampling.cancel_import")
    assert (entry.object_id, entry.data) == (str(stale.pk), {"expired": True})
    with pytest.raises(ImportStateError):
        check_import(frame_import=stale)


def test_checked_import_lives_two_weeks(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = aged(check_import(frame_import=uploaded(survey_round, tmp_path)), days=13)
    assert expire_imports() == 0
    aged(frame_import, days=15)
    assert expire_imports() == 1
    assert not (frame_root() / frame_import.folder).exists()


def test_import_that_is_worked_on_does_not_expire(survey_round: SurveyRound, tmp_path: Path) -> None:
    frame_import = aged(uploaded(survey_round, tmp_path), days=2)
    with locked(frame_import):
        assert expire_imports() == 0
    assert kept(frame_root()) == ["a.csv"]


def test_page_of_an_expired_import_says_so(
    survey_round: SurveyRound, tmp_path: Path, admin_client: Any
) -> None:
    frame_import = aged(uploaded(survey_round, tmp_path), days=2)
    expire_imports()
    page = admin_client.get(reverse("surveyround:import", args=[survey_round.pk, frame_import.pk]))
    with translation.override("vi"):
        assert gettext("The import waited too long, and its files were removed. Choose the files again.") in (
            page.content.decode()
        )


def test_uploads_left_behind_are_removed_and_growing_ones_stay(settings: Any) -> None:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    (folder / "dead.upload").write_bytes(b"x")
    (folder / "alive.upload").write_bytes(b"x")
    (folder / "dead").mkdir()
    (folder / "reading").mkdir()
    for name in ("dead", "reading"):
        (folder / name / "a.csv").write_bytes(b"x")
    for path in (folder / "dead.upload", folder / "dead/a.csv", folder / "dead", folder / "reading"):
        old(path, 7)
    assert sweep_files().n_uploads == 2
    assert sorted(path.name for path in folder.iterdir()) == ["alive.upload", "reading"]


def test_finished_lists_are_removed_without_anybody_asking_for_one(settings: Any) -> None:
    young, stale = new_token(), new_token()
    keep_file(young, b"x")
    keep_file(stale, b"x")
    old(Path(settings.ISSUED_ROOT) / stale, 25)
    assert sweep_files().n_issued == 1
    assert [path.name for path in Path(settings.ISSUED_ROOT).iterdir()] == [young]


def test_expired_entries_of_the_cache_are_removed_without_anybody_asking_for_one(
    settings: Any, tmp_path: Path
) -> None:
    options = base.CACHES["default"] | {"LOCATION": tmp_path / "cache"}
    settings.CACHES = {"default": options}
    for number in range(3):
        cache.set(f"stale-{number}", "BN 23456 789AB", 0.01)
    cache.set("fresh", 1, 60)
    cache.set("everlasting", 2, None)
    time.sleep(0.05)
    assert len(list((tmp_path / "cache").iterdir())) == 5
    assert sweep_files().n_cached == 3
    assert len(list((tmp_path / "cache").iterdir())) == 2
    assert (cache.get("fresh"), cache.get("everlasting")) == (1, 2)
    assert sweep_files().n_cached == 0


def test_uploads_arrive_and_are_read_in_a_private_folder(settings: Any) -> None:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with TemporaryUploadedFile("a.csv", "text/csv", 0, None) as upload:
        assert Path(upload.temporary_file_path()).parent == folder
    with kept_upload(SimpleUploadedFile("a.csv", b"x")) as path:
        assert path.is_relative_to(folder)
    assert list(folder.iterdir()) == []


def test_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    assert stat.S_IMODE(private_folder(tmp_path / "open").stat().st_mode) == 0o700


def test_settings_name_a_private_folder() -> None:
    assert base.FILE_UPLOAD_TEMP_DIR == base.VAR_DIR / "uploads"
    assert stat.S_IMODE(base.FILE_UPLOAD_TEMP_DIR.stat().st_mode) == 0o700


def test_command_tells_what_it_removed(
    survey_round: SurveyRound, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aged(uploaded(survey_round, tmp_path), days=2)
    FrameImport.objects.filter(pk=uploaded(survey_round, tmp_path).pk).update(status=ImportStatus.RUNNING)
    with translation.override("en"):
        call_command("sweep_files")
        call_command("sweep_files")
    first, second = capsys.readouterr().out.splitlines()
    assert "1 interrupted and 1 expired" in first
    assert "0 interrupted and 0 expired" in second
