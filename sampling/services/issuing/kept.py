"""Files that a worker has made and that wait for the person who asked: once, and for a day."""

import secrets
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

FOLDER_MODE, FILE_MODE = 0o700, 0o600
LIFETIME_SECONDS = 24 * 60 * 60
TOKEN_BYTES = 16


def new_token() -> str:
    """Return the name under which a file will wait; nobody guesses it."""
    return secrets.token_hex(TOKEN_BYTES)


def keep_file(token: str, content: bytes) -> None:
    """Let a file wait; those that waited too long are removed."""
    folder = _folder()
    remove_expired()
    path = folder / token
    path.touch(FILE_MODE)
    path.write_bytes(content)


def take_file(token: str) -> bytes | None:
    """Hand a file over and remove it; None if it was taken already, or waited too long."""
    remove_expired()
    path = _path(token)
    if not path.exists():
        return None
    content = path.read_bytes()
    path.unlink()
    return content


def is_kept(token: str) -> bool:
    """Tell whether a file waits."""
    return _path(token).exists()


def remove_expired() -> int:
    """Remove what nobody fetched within a day; return how many files that were."""
    oldest = time.time() - LIFETIME_SECONDS
    expired = [path for path in _folder().iterdir() if path.stat().st_mtime < oldest]
    for path in expired:
        path.unlink(missing_ok=True)
    return len(expired)


def _folder() -> Path:
    """Return the private folder."""
    folder = Path(settings.ISSUED_ROOT)
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    return folder


def _path(token: str) -> Path:
    """Return where a file waits; a token is plain hexadecimal, so it cannot lead elsewhere."""
    return _folder() / bytes.fromhex(token).hex()


def tell_progress(token: str, done: int, total: int) -> None:
    """Keep how far a job is."""
    cache.set(_progress_key(token), (done, total), LIFETIME_SECONDS)


def progress_of(token: str) -> tuple[int, int] | None:
    """Return how far a job is."""
    told: tuple[int, int] | None = cache.get(_progress_key(token))
    return told


def _progress_key(token: str) -> str:
    return f"sampling.issued:{token}"
