"""Where the rows of a frame stand, as the people see it who made the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row stands; rows of a file say so themselves, other rows are counted."""

    number: int
    columns: Mapping[str, str]
    """How each column is seen: C “Số người”."""

    file: str = ""
    header_row: int = 1

    @classmethod
    def of(cls, row: object, position: int) -> Self:
        """Return the place of a row.

        Parameters
        ----------
        row : object
            A row read from a file has a ``number``, and a ``head`` with ``labels``, ``row`` and ``file``.
        position : int
            Number of a row that does not know its own.

        Examples
        --------
        >>> RowPlace.of({"code": "00004"}, 2).number
        2
        """
        head = getattr(row, "head", None)
        return cls(
            number=getattr(row, "number", position),
            columns=getattr(head, "labels", {}),
            file=getattr(head, "file", ""),
            header_row=getattr(head, "row", 1),
        )

    def beside(self, other: Self) -> str:
        """Return the number of this row as the problem of another row says it, with its file if needed."""
        return str(self.number) if self.file == other.file else f"{self.number} ({self.file})"
