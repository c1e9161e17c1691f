"""What is wrong with a file, and what was put right in it: values that a page or a terminal shows."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong at one place, as a person sees the place in the spreadsheet."""

    row: int
    column: str
    expected: str
    got: str
    hint: str
    file: str = ""
    """Name of the file, where there are several."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is read otherwise than it is written; row 0 stands for the whole file."""

    row: int
    column: str
    got: str
    becomes: str
    reason: str
    file: str = ""
    """Name of the file, where there are several."""


class FileRefusedError(ValueError):
    """Raised when a file cannot be read for sure; the problems, where there are any, name the cells."""

    def __init__(self, message: str, problems: Sequence[CellProblem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message)
