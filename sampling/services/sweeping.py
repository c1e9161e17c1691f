"""Files that waited long enough: uploads, unfinished imports, lists nobody fetched, entries of the cache."""

import datetime
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from sampling.caches import SweptFileCache
from sampling.models import FrameImport
from sampling.models.imports import ImportStatus
from sampling.services.audit import User, record
from sampling.services.import_folders import frame_root, is_locked, remove_folder
from sampling.services.imports import clear_interrupted
from sampling.services.issuing.kept import remove_expired

UPLOAD_HOURS = 6
"""An upload that has not grown for so long belongs to a request that was ended."""

SECONDS_OF_HOUR = 3_600
LIFETIMES: Mapping[str, tuple[str, datetime.timedelta]] = {
    ImportStatus.QUEUED: ("created_at", datetime.timedelta(days=1)),
    ImportStatus.CHECKED: ("finished_at", datetime.timedelta(days=14)),
}
"""How long an import waits for a worker, with its numbers and names in the open, and for a person."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many were removed of each kind."""

    n_uploads: int
    n_issued: int
    n_interrupted: int
    n_expired: int
    n_cached: int


def sweep_files(*, user: User = None) -> Swept:
    """Remove every file of personal data that waited longer than it may; running it again does no harm."""
    return Swept(
        n_uploads=_remove_uploads(),
        n_issued=remove_expired(),
        n_expired=expire_imports(user=user),
        n_interrupted=clear_interrupted(user=user),
        n_cached=sum(cache.sweep() for cache in caches.all() if isinstance(cache, SweptFileCache)),
    )


def expire_imports(*, user: User = None) -> int:
    """Cancel imports that waited too long, and remove their files; return how many there were."""
    now, n_expired = timezone.now(), 0
    for status, (since, lifetime) in LIFETIMES.items():
        for frame_import in FrameImport.objects.filter(status=status, **{f"{since}__lt": now - lifetime}):
            n_expired += _expire(frame_import, user)
    return n_expired


def _expire(frame_import: FrameImport, user: User) -> bool:
    """Cancel an import unless somebody works on it, or has taken it a step further."""
    if is_locked(frame_root() / frame_import.folder):
        return False
    waiting = FrameImport.objects.filter(pk=frame_import.pk, status=frame_import.status)
    values = {"status": ImportStatus.CANCELLED, "finished_at": timezone.now(), "report": {"expired": True}}
    with transaction.atomic():
        if not waiting.update(**values):
            return False
        record(frame_import, "sampling.cancel_import", user=user, details={"expired": True})
    remove_folder(frame_import)
    return True


def _remove_uploads() -> int:
    """Remove uploads whose request is over: a process that was killed could not do it."""
    oldest = time.time() - UPLOAD_HOURS * SECONDS_OF_HOUR
    left = [path for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir() if _last_change(path) < oldest]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def _last_change(path: Path) -> float:
    """Return when a file, or the youngest file of a folder, was written last; now for one that is gone."""
    try:
        return max(each.stat().st_mtime for each in (path, *path.glob("*")))
    except FileNotFoundError:
        return time.time()
