"""The folder of recordings: a file goes by the hash of what is in it, so none is ever changed."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from questionnaires.references import Reference

OWNER_ONLY = 0o700


def recording_root() -> Path:
    """Return the folder of recordings, made on first use for the site's own user."""
    root = Path(settings.RECORDING_ROOT)
    root.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    return root


def path_of(reference: Reference) -> Path:
    """Return where the file of a recording is, or would be."""
    return Path(settings.RECORDING_ROOT) / reference.file_name


def keep(content: bytes, extension: str, *, is_synthetic: bool = False) -> Reference:
    """Store a recording, whole or not at all, and return its name; one that is there already is kept.

    Storing it again makes it young, so that no sweep takes it before it is referred to.
    """
    reference = Reference(hashlib.sha256(content).hexdigest(), extension, is_synthetic)
    path = path_of(reference)
    if path.is_file():
        os.utime(path)
        return reference
    with tempfile.NamedTemporaryFile(dir=recording_root(), prefix=".", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    return reference


def files() -> Iterator[Path]:
    """Yield every file of the folder, those that a killed process left half written included."""
    yield from (path for path in sorted(recording_root().iterdir()) if path.is_file())
