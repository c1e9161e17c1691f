"""What tests of releases share."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def own_snapshots(settings: Any, tmp_path: Path) -> Path:
    """Keep the snapshot files of a test in its own folder."""
    settings.SNAPSHOT_ROOT = tmp_path / "snapshots"
    return settings.SNAPSHOT_ROOT
