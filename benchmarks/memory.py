"""Peak memory of a process, as the operating system counts it."""

import contextlib
from pathlib import Path

KIB_PER_MIB = 1024


def forget_peak() -> None:
    """Let the operating system count peak memory from now on, data in memory included."""
    with contextlib.suppress(OSError):  # some containers forbid it; the peak then includes the reading
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def read_peak() -> float:
    """Return the peak of resident memory in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return round(int(peak.split()[1]) / KIB_PER_MIB, 1)
