"""What a check of a list says: counts per rule with the first places, and errors that stop the reading."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

N_EXAMPLES = 20
"""Places that are told for every rule."""

type Severity = Literal["error", "warning"]


class IngestError(ValueError):
    """Raised when a file cannot be read as a list at all; adapters put the code into words."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}
        told = ", ".join(f"{name} = {value!r}" for name, value in self.params.items())
        super().__init__(f"The list cannot be read: {code} ({told}). Correct the file and import it again.")


class IngestCancelledError(Exception):
    """Raised by the progress callback to stop an import; nothing is left behind."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule is broken; row 1 is the first line of the file, 0 the file as a whole."""

    file: str
    row: int
    column: str
    got: str = ""
    value: str = ""
    also_file: str = ""
    also_row: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """How often a rule is broken, and where first."""

    rule: str
    severity: Severity
    count: int
    examples: Sequence[Place]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read."""

    name: str
    n_rows: int
    n_bytes: int
    encoding: str = ""
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What was read and what was found; the files of a list that is accepted wait in `folder`."""

    n_rows: int
    files: Sequence[SourceFile]
    findings: Sequence[Finding]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    n_units: int = 0
    digest: str = ""
    n_agencies: int = 0
    n_persons: int = 0

    @property
    def is_accepted(self) -> bool:
        """Tell whether nothing but warnings was found."""
        return all(finding.severity == "warning" for finding in self.findings)

    @property
    def n_errors(self) -> int:
        """Places where a rule is broken that a list must keep."""
        return sum(finding.count for finding in self.findings if finding.severity == "error")

    def as_document(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        return asdict(self)
