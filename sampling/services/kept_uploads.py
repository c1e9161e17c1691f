"""Uploads that were checked and wait for a person to confirm them, in the private folder, for an hour."""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile

KEEP_SECONDS = 3_600
TOKEN_BYTES = 16
OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class KeptUploads:
    """Files under their own names, and what the form said of them; nothing of the files is in the cache."""

    paths: tuple[Path, ...]
    values: Mapping[str, Any]


def keep_uploads(
    owner: str, uploads: Sequence[UploadedFile], values: Mapping[str, Any]
) -> tuple[str, KeptUploads]:
    """Write uploads into a folder of their own; return the token under which the same owner finds them."""
    token = secrets.token_hex(TOKEN_BYTES)
    folder = _folder(token)
    paths = []
    for number, upload in enumerate(uploads):
        path = folder / str(number) / (Path(upload.name or "").name or str(number))
        path.parent.mkdir(mode=OWNER_ONLY, parents=True)
        with path.open("wb") as file:
            file.writelines(upload.chunks())
        paths.append(path)
    note_values(owner, token, values)
    return token, KeptUploads(tuple(paths), values)


def note_values(owner: str, token: str, values: Mapping[str, Any]) -> None:
    """Remember, or change, what goes with kept files."""
    cache.set(_key(owner, token), dict(values), KEEP_SECONDS)


@contextmanager
def taken_uploads(owner: str, token: str) -> Iterator[KeptUploads | None]:
    """Hand kept files over, once, and remove them; nothing for a stranger, or after an hour."""
    values = cache.get(_key(owner, token))
    if values is None:
        yield None
        return
    cache.delete(_key(owner, token))
    folder = _folder(token)
    try:
        yield KeptUploads(tuple(sorted(folder.glob("*/*"), key=lambda path: int(path.parent.name))), values)
    finally:
        forget_uploads(token)


def forget_uploads(token: str) -> None:
    """Remove kept files."""
    shutil.rmtree(_folder(token), ignore_errors=True)


def _folder(token: str) -> Path:
    """Return where files are kept; a token is plain hexadecimal, so it cannot lead elsewhere."""
    return Path(settings.FILE_UPLOAD_TEMP_DIR) / f"checked-{bytes.fromhex(token).hex()}"


def _key(owner: str, token: str) -> str:
    """Return where the values are kept."""
    return f"sampling.kept-uploads:{owner}:{token}"
