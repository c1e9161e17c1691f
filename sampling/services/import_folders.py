"""Folders of imports: private, locked while they are worked in, swept when whoever worked there is gone."""

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.models import FrameImport, SamplingFrame
from sampling.models.imports import ImportStatus

IMPORTS, INCOMING, LOCK = ".imports", "incoming", "lock"
OWNER_ONLY = 0o700
NAME_BYTES = 12
SETTLED_SECONDS = 3_600
"""A file that was moved into place longer ago than this belongs to a frame that is written, or to none."""

_OURS = re.compile(r"[0-9a-f]{16}\.parquet|contacts-[0-9a-f]{32}\.parquet")
WAITING = (ImportStatus.QUEUED, ImportStatus.CHECKED)
"""States in which a folder waits for a person or a worker."""


class ImportRunsError(RuntimeError):
    """Raised when an import is already worked on."""


class Upload(Protocol):
    """A file that arrives from a browser."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterable[bytes]:
        """Yield its bytes, many at a time."""
        ...


def frame_root() -> Path:
    """Return the folder of frames, made on first use for the site's own user."""
    root = Path(settings.FRAME_ROOT)
    root.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    return root


def new_folder() -> str:
    """Make the folder of an import; return its name below the folder of frames."""
    name = f"{IMPORTS}/{secrets.token_hex(NAME_BYTES)}"
    (frame_root() / name).mkdir(mode=OWNER_ONLY, parents=True)
    return name


def keep_uploads(folder: str, uploads: Sequence[Upload]) -> list[Path]:
    """Write uploads into the folder of an import, in pieces; return where they are."""
    incoming = frame_root() / folder / INCOMING
    incoming.mkdir(mode=OWNER_ONLY)
    paths = []
    for number, upload in enumerate(uploads):
        name = Path(upload.name or "").name or f"{number}"
        path = incoming / name
        if path.exists():
            path = incoming / f"{number}-{name}"
        with path.open("wb") as file:
            file.writelines(upload.chunks())
        paths.append(path)
    return paths


@contextmanager
def locked(frame_import: FrameImport) -> Iterator[Path]:
    """Hold the folder of an import; the system lets go of it when the process ends, however it ends."""
    folder = frame_root() / frame_import.folder
    folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as file:
        if not _lock(file.fileno()):
            raise ImportRunsError(_("The import is being worked on. Wait until it has ended."))
        yield folder


def is_interrupted(frame_import: FrameImport) -> bool:
    """Tell whether an import should be worked on and nobody does: the process was ended."""
    return frame_import.status == ImportStatus.RUNNING and not is_locked(frame_root() / frame_import.folder)


def is_locked(folder: Path) -> bool:
    """Tell whether somebody works in a folder."""
    if not (folder / LOCK).exists():
        return False
    with (folder / LOCK).open("a") as file:
        return not _lock(file.fileno())


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_folder(frame_import: FrameImport) -> None:
    """Remove everything that an import has written, and what was uploaded for it."""
    shutil.rmtree(frame_root() / frame_import.folder, ignore_errors=True)


def remove_incoming(frame_import: FrameImport) -> None:
    """Remove the uploaded files: they hold numbers and names in the open."""
    shutil.rmtree(frame_root() / frame_import.folder / INCOMING, ignore_errors=True)


def sweep() -> list[FrameImport]:
    """Remove what killed imports left behind; return those that were being worked on.

    A folder is left alone while somebody works in it, or while its import waits for a worker or a person.
    Files of frames that no frame names are removed too.
    """
    root = frame_root()
    waiting = set(FrameImport.objects.filter(status__in=WAITING).values_list("folder", flat=True))
    for folder in sorted((root / IMPORTS).glob("*")):
        if folder.relative_to(root).as_posix() not in waiting and not is_locked(folder):
            shutil.rmtree(folder, ignore_errors=True)
    _sweep_frames(root)
    running = FrameImport.objects.filter(status=ImportStatus.RUNNING)
    return [frame_import for frame_import in running if is_interrupted(frame_import)]


def _sweep_frames(root: Path) -> None:
    """Remove the files of frames that are no longer there."""
    named = SamplingFrame.objects.exclude(file="").values_list("file", "contacts_file")
    kept = {name for names in named for name in names if name}
    for path in root.glob("*/*.parquet"):
        is_old = time.time() - path.stat().st_mtime > SETTLED_SECONDS
        if is_old and _OURS.fullmatch(path.name) and path.relative_to(root).as_posix() not in kept:
            path.unlink(missing_ok=True)


def move_into_place(source: Path, name: str) -> None:
    """Give a finished file its name, all at once."""
    target = frame_root() / name
    target.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    os.utime(source)
    source.replace(target)
