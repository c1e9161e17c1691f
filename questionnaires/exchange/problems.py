"""What is found in a file from outside: a place, a cause and what to do, as codes for the words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from questionnaires.exchange.wording import CAUSES, FIXES


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing found in one cell.

    Parameters
    ----------
    sheet, cell : str
        Where, as a spreadsheet names it; the cell is empty where the whole sheet is meant.
    code : str
        Key of the words in `CAUSES` and `FIXES`.
    params : mapping of str to str
        What the words need.
    """

    sheet: str
    cell: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The sheet and the cell, such as ``survey!C7``."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    @property
    def message(self) -> str:
        """Place, cause and fix in English."""
        cause, fix = (words[self.code].format_map(self.params) for words in (CAUSES, FIXES))
        return f"{self.place}: {cause} {fix}"


class FileProblemsError(ValueError):
    """Raised for a file that cannot be taken over; `problems` lists everything found."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.message for problem in self.problems))
