"""What names in expressions stand for: questions and sample attributes, and what an answer looks like."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from questionnaires.exchange.xpath import ExpressionError

LIST_KINDS = frozenset({"multiple", "ranking"})
ALIKE = 0.5
CHOICE_KINDS = frozenset({"likert", "single", "multiple", "yes_no", "ranking"})


@dataclass(frozen=True, slots=True)
class Subject:
    """One question or attribute.

    Parameters
    ----------
    name : str
        What the form calls it.
    subject : str
        ``question`` or ``attribute``.
    code : str
        What the questionnaire calls it.
    kind : str
        Kind of the question; ``attribute`` for an attribute.
    values : mapping of str to int or str
        Stored values of the options by the names of the choices.
    """

    name: str
    subject: str
    code: str
    kind: str
    values: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def is_list(self) -> bool:
        """Whether an answer is a list of options."""
        return self.kind in LIST_KINDS

    @property
    def key(self) -> dict[str, str]:
        """The subject as a condition names it."""
        return {self.subject: self.code}

    def value_of(self, written: str | float) -> int | float | str:
        """Return the stored value that a literal stands for."""
        if self.kind in CHOICE_KINDS:
            return self.values.get(str(written), _plain(written))
        if self.kind == "number":
            return _plain(written)
        return str(written)


def _plain(written: str | float) -> int | float | str:
    """Return a number written as text as the number, and anything else as it is."""
    if not isinstance(written, str):
        return written
    digits = written.removeprefix("-")
    return (
        int(written) if digits.isascii() and digits.isdecimal() and str(int(written)) == written else written
    )


class Scope:
    """The names of a form."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self.by_name: dict[str, Subject] = {}
        self.by_code: dict[tuple[str, str], Subject] = {}
        for subject in subjects:
            self.by_name.setdefault(subject.name, subject)
            self.by_code.setdefault((subject.subject, subject.code), subject)

    def named(self, name: str) -> Subject:
        """Return what a name stands for.

        Raises
        ------
        ExpressionError
            ``unknown_name``, with a name that is written alike if there is one.
        """
        if name not in self.by_name:
            near = difflib.get_close_matches(name, self.by_name, n=1, cutoff=ALIKE)
            raise ExpressionError(
                "unknown_name_near" if near else "unknown_name", name=name, near="".join(near)
            )
        return self.by_name[name]

    def of(self, condition: Mapping[str, Any]) -> Subject | None:
        """Return the subject of a comparison or reference, or None where the form has none."""
        for subject in ("question", "attribute"):
            if subject in condition:
                return self.by_code.get((subject, condition[subject]))
        return None
