"""How far an import is: told by the thread that works, watched by the one that answers for it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sampling.engine.ingest.findings import IngestCancelledError

POLL_SECONDS = 0.4


class Step(StrEnum):
    """What an import does, in order."""

    READING = "reading"
    CHECKING = "checking"
    WRITING = "writing"
    HASHING = "hashing"


type Progress = Callable[[Step, int, int], None]


@dataclass
class Pace:
    """Step, bytes and rows so far."""

    step: Step = Step.READING
    n_bytes: int = 0
    n_rows: int = 0
    is_stopped: bool = False

    def tell(self, step: Step, n_bytes: int, n_rows: int) -> None:
        """Note how far the work is; stop here if that was asked for."""
        if self.is_stopped:
            raise IngestCancelledError
        self.step, self.n_bytes, self.n_rows = step, n_bytes, n_rows

    def report(self, progress: Progress) -> None:
        """Pass it on."""
        progress(self.step, self.n_bytes, self.n_rows)


def watched[T](work: Callable[[], T], pace: Pace, progress: Progress, interrupt: Callable[[], None]) -> T:
    """Do the work in a thread of its own and report from this one, which may know a database.

    Parameters
    ----------
    work : callable
        Tells the pace now and then.
    pace : Pace
        What `work` tells.
    progress : callable
        Called at the start, every `POLL_SECONDS` and at the end; what it raises stops the work.
    interrupt : callable
        Breaks off a query that runs.

    Returns
    -------
    object
        What `work` returns.
    """
    pace.report(progress)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            while wait_for([future], timeout=POLL_SECONDS).not_done:
                pace.report(progress)
            result = future.result()
        except BaseException:
            _stop(future, pace, interrupt)
            raise
    pace.report(progress)
    return result


def _stop(future: Future[Any], pace: Pace, interrupt: Callable[[], None]) -> None:
    """Wait until the work has ended; between two queries there is nothing to interrupt, so ask again."""
    pace.is_stopped = True
    while not future.done():
        interrupt()
        wait_for([future], timeout=POLL_SECONDS)
