"""The folder of recordings and pictures: a file goes by the hash of its content, so none is ever changed."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from questionnaires.references import PictureReference, Reference

OWNER_ONLY = 0o700


def recording_root() -> Path:
    """Return the folder of recordings and pictures, made on first use for the site's own user."""
    root = Path(settings.RECORDING_ROOT)
    root.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    return root


def path_of(reference: Reference | PictureReference) -> Path:
    """Return where the file of a recording or picture is, or would be."""
    return Path(settings.RECORDING_ROOT) / reference.file_name


def keep(content: bytes, extension: str, *, is_synthetic: bool = False) -> Reference:
    """Store a recording and return its name."""
    reference = Reference(hashlib.sha256(content).hexdigest(), extension, is_synthetic)
    _store(content, path_of(reference))
    return reference


def keep_picture(content: bytes, extension: str, size: tuple[int, int]) -> PictureReference:
    """Store a picture of a size in pixels and return its name."""
    reference = PictureReference(hashlib.sha256(content).hexdigest(), *size, extension)
    _store(content, path_of(reference))
    return reference


def _store(content: bytes, path: Path) -> None:
    """Store a file, whole or not at all; one that is there already is kept.

    Storing it again makes it young, so that no sweep takes it before it is referred to.
    """
    if path.is_file():
        os.utime(path)
        return
    with tempfile.NamedTemporaryFile(dir=recording_root(), prefix=".", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def files() -> Iterator[Path]:
    """Yield every file of the folder, those that a killed process left half written included."""
    yield from (path for path in sorted(recording_root().iterdir()) if path.is_file())
