"""Telling whoever watches how far a draw is."""

from collections.abc import Callable

type Progress = Callable[[str, int, int], None]


def report(progress: Progress | None, step: str, done: int, total: int) -> None:
    """Tell whoever watches how far the work is."""
    if progress is not None:
        progress(step, done, total)
