"""Lists of choices: read from their sheet, and named so that every answer to choose has a name there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from questionnaires.exchange.headings import Columns
from questionnaires.exchange.problems import FileProblem
from questionnaires.exchange.sheets import Row, Sheet

SPECIAL_NAMES = ("na", "no_answer")
OWN_LIST = "__options"
"""After the code of a question: its own list, shared with no other. No code holds two underscores."""
YES_NO_LIST = "yes_no"
SAFE_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its name, its texts, and the cells it was read from."""

    name: str
    label: Mapping[str, str]
    audio: Mapping[str, str]
    picture: Mapping[str, str]
    row: Row


@dataclass(slots=True)
class ChoiceList:
    """A list of choices without the special answers, which a question allows instead."""

    name: str
    choices: list[Choice] = field(default_factory=list)
    specials: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The name without the special answers that the platform wrote into it."""
        suffix = suffix_of(self.specials)
        return self.name.removesuffix(suffix) if suffix else self.name

    def options(self) -> list[dict[str, Any]]:
        """Return the options as the questionnaire's JSON writes them."""
        return [
            {"value": value_of(choice.name), "label": dict(choice.label)}
            | ({"audio": dict(choice.audio)} if choice.audio else {})
            | ({"picture": dict(choice.picture)} if choice.picture else {})
            for choice in self.choices
        ]

    def values(self) -> dict[str, int | str]:
        """Return the stored values by name, the special ones included."""
        names = [choice.name for choice in self.choices]
        return {name: value_of(name) for name in names} | {name: name for name in SPECIAL_NAMES}


def suffix_of(specials: Iterable[str]) -> str:
    """Return what the name of a list ends in that offers special answers.

    Examples
    --------
    >>> suffix_of(["na", "no_answer"]), suffix_of([])
    ('__na_no_answer', '')
    """
    chosen = "_".join(name for name in SPECIAL_NAMES if name in set(specials))
    return f"__{chosen}" if chosen else ""


def base_of(name: str) -> str:
    """Return the name of a list that the platform wrote, without the special answers it offers.

    Examples
    --------
    >>> base_of("satisfaction__na"), base_of("Q1__options")
    ('satisfaction', 'Q1__options')
    """
    suffixes = (suffix_of(SPECIAL_NAMES), *(suffix_of([special]) for special in SPECIAL_NAMES))
    return name.removesuffix(next((suffix for suffix in suffixes if name.endswith(suffix)), ""))


def value_of(name: str) -> int | str:
    """Return the stored value of a choice: a plain whole number is one.

    Examples
    --------
    >>> value_of("1"), value_of("01"), value_of("yes")
    (1, '01', 'yes')
    """
    digits = name.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and str(int(name)) == name
    return int(name) if is_number else name


def choice_names(values: Sequence[int | str]) -> list[str]:
    """Return a name for each value that a form accepts; a value that is none is replaced by its place.

    Examples
    --------
    >>> choice_names([1, "có", "two words", "o3"])
    ['1', 'o2', 'o3', 'o3x']
    """
    names: list[str] = []
    for place, value in enumerate(values, start=1):
        name = str(value)
        if not SAFE_NAME.fullmatch(name) or name in SPECIAL_NAMES:
            name = f"o{place}"
        while name in names:
            name += "x"
        names.append(name)
    return names


class ChoicesReader:
    """Reads the sheet of choices and collects what is wrong with it."""

    def __init__(self, sheet: Sheet, columns: Columns) -> None:
        self.sheet, self.columns = sheet, columns
        self.problems: list[FileProblem] = []
        self.lists: dict[str, ChoiceList] = {}

    def read(self) -> dict[str, ChoiceList]:
        """Return the lists by name, in the order of the sheet."""
        for row in self.sheet.rows:
            self.take(row)
        return self.lists

    def take(self, row: Row) -> None:
        """Take one row."""
        list_name, name = (self.columns.cell(row, column) for column in ("list_name", "name"))
        for column, text in (("list_name", list_name), ("name", name)):
            if not text:
                self.report("choice_without", column, row, column=column)
                return
        label = self.columns.texts(row, "label")
        if not label:
            self.report("missing_label", "label", row, name=name)
        found = self.lists.setdefault(list_name, ChoiceList(list_name))
        if name in {*found.specials, *(choice.name for choice in found.choices)}:
            self.report("duplicate_choice", "name", row, name=name, list=list_name)
        elif name in SPECIAL_NAMES:
            found.specials.append(name)
        else:
            audio, picture = (self.columns.texts(row, column) for column in ("media::audio", "media::image"))
            found.choices.append(Choice(name, label, audio, picture, row))

    def report(self, code: str, column: str, row: Row, /, **params: str) -> None:
        """Note a problem in a cell."""
        place = self.sheet.place(self.columns.heading(column), row.number)
        self.problems.append(FileProblem(self.sheet.name, place, code, params))
