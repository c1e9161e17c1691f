"""The cache in files, whose expired entries are removed without anybody asking for them."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.core.cache.backends.filebased import FileBasedCache


class SweptFileCache(FileBasedCache):
    """Django's cache in files removes an entry that has expired only where the same entry is asked for."""

    _list_cache_files: Callable[[], list[str]]
    _is_expired: Callable[[IO[bytes]], bool]

    def sweep(self) -> int:
        """Remove every entry that has expired; return how many there were."""
        return sum(self._is_swept(Path(path)) for path in self._list_cache_files())

    def _is_swept(self, path: Path) -> bool:
        """Remove an entry if it has expired; one that somebody else removed meanwhile is none."""
        try:
            with path.open("rb") as entry:
                return self._is_expired(entry)
        except FileNotFoundError:
            return False
