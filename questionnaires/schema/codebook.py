"""The codebook of a questionnaire: one row per variable of the data files, with labels and value labels."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from questionnaires.schema.comparing import Change, Correspondence
from questionnaires.schema.model import (
    LIST_KINDS,
    NO_ANSWER,
    NOT_APPLICABLE,
    Kind,
    Option,
    Question,
    Questionnaire,
    Scalar,
    Section,
)
from questionnaires.schema.piping import without_places
from questionnaires.schema.texts import LocalizedText

MAX_VARIABLE_NAME = 32  # Stata's limit; SPSS allows 64 bytes

# Words that Stata or SPSS refuse as the name of a variable, in lower case.
RESERVED_NAMES = frozenset(
    {
        *("all", "and", "by", "byte", "double", "else", "eq", "float", "ge", "gt", "if", "in", "int", "le"),
        *("long", "lt", "ne", "not", "or", "str", "strl", "to", "using", "with"),
    }
)
SPECIAL_LABELS: Mapping[str, LocalizedText] = MappingProxyType(
    {
        NOT_APPLICABLE: LocalizedText.of({"vi": "Không áp dụng với tôi", "en": "Does not apply to me"}),
        NO_ANSWER: LocalizedText.of({"vi": "Không muốn trả lời", "en": "Prefer not to say"}),
    }
)


@dataclass(frozen=True, slots=True)
class CodebookRow:
    """One variable of a data file.

    Parameters
    ----------
    code : str
        Code of the question.
    variable : str
        Name of the column.
    label : str
        The wording asked; for several choices, followed by the option.
    kind : Kind
        Kind of the question.
    value_labels : tuple of (int or str, str)
        Stored values and their labels, special values last. Empty for numbers, texts, dates and places.
    section : str
        Code of the section.
    option : int, str or None
        For one option of several choices or of a ranking, the option; else None.
    change : Change or None
        What became of the question since the version before; None where there is none.
    source : str
        Code of the question in the version before; empty for a new question.
    """

    code: str
    variable: str
    label: str
    kind: Kind
    value_labels: tuple[tuple[Scalar, str], ...]
    section: str
    option: Scalar | None = None
    change: Change | None = None
    source: str = ""


def variable_name(code: str) -> str:
    """Return the name of a column for a question code, safe in CSV, Parquet, SPSS and Stata.

    Parameters
    ----------
    code : str
        Code of a question.

    Returns
    -------
    str
        Letters, digits and underscores, at most 32 characters, no reserved word.

    Examples
    --------
    >>> variable_name("P-A1"), variable_name("S-1.1"), variable_name("if")
    ('P_A1', 'S_1_1', 'if_')
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", code)[:MAX_VARIABLE_NAME]
    if not name or not name[0].isalpha():
        name = f"V{name}"[:MAX_VARIABLE_NAME]
    return f"{name}_" if name.lower() in RESERVED_NAMES else name


@lru_cache(maxsize=64)
def variable_names(questionnaire: Questionnaire) -> Mapping[str, str]:
    """Return the column of every question, unique also where case is ignored, as SPSS does.

    Parameters
    ----------
    questionnaire : Questionnaire
        Any questionnaire.

    Returns
    -------
    mapping of str to str
        Code to column name, in the order asked, notes left out. A name that is taken gets a number.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for question in questionnaire.questions:
        if question.kind is not Kind.NOTE:
            names[question.code] = _free_name(variable_name(question.code), taken)
    return MappingProxyType(names)


def _free_name(wanted: str, taken: set[str]) -> str:
    """Return a name nobody has yet and take it."""
    name, number = wanted, 1
    while name.lower() in taken:
        number += 1
        suffix = f"_{number}"
        name = wanted[: MAX_VARIABLE_NAME - len(suffix)] + suffix
    taken.add(name.lower())
    return name


def codebook(
    questionnaire: Questionnaire, language: str, correspondences: Iterable[Correspondence] = ()
) -> tuple[CodebookRow, ...]:
    """Return the rows of the codebook in one language.

    Parameters
    ----------
    questionnaire : Questionnaire
        A version.
    language : str
        Language of labels; missing texts fall back to Vietnamese.
    correspondences : iterable of Correspondence
        What became of each question since the version before.

    Returns
    -------
    tuple of CodebookRow
        In the order asked. Several choices make one row per option: 1 chosen, 0 not chosen. A ranking makes
        one row per option: its place, 1 for the first.
    """
    names = dict(variable_names(questionnaire))
    taken = {name.lower() for name in names.values()}
    rows: list[CodebookRow] = []
    for section in questionnaire.sections:
        for question in section.questions:
            if question.kind in LIST_KINDS:
                rows += _option_rows(question, section, names[question.code], taken, language)
            elif question.kind is not Kind.NOTE:
                rows.append(_row(question, section, names[question.code], language))
    known = {found.code: found for found in correspondences if found.change is not Change.DROPPED}
    return tuple(_with_change(row, known.get(row.code)) for row in rows)


def _with_change(row: CodebookRow, found: Correspondence | None) -> CodebookRow:
    """Return a row that says what became of its question."""
    return row if found is None else replace(row, change=found.change, source=found.source)


def value_labels(question: Question, language: str) -> tuple[tuple[Scalar, str], ...]:
    """Return the stored values of a question and their labels, the special values last.

    Parameters
    ----------
    question : Question
        Any question.
    language : str
        Language of the labels.

    Returns
    -------
    tuple of (int or str, str)
        In the order of the form.

    Examples
    --------
    >>> value_labels(Question("A", Kind.NUMBER, LocalizedText(), allows_no_answer=True), "en")
    (('no_answer', 'Prefer not to say'),)
    """
    labels = [(option.value, option.label) for option in question.options]
    special = [(value, SPECIAL_LABELS[value]) for value in question.special_values]
    return tuple((value, without_places(label, language)) for value, label in (*labels, *special))


def _row(question: Question, section: Section, variable: str, language: str) -> CodebookRow:
    """Return the row of a question with one variable."""
    return CodebookRow(
        code=question.code,
        variable=variable,
        label=without_places(question.text, language),
        kind=question.kind,
        value_labels=value_labels(question, language),
        section=section.code,
    )


def _option_rows(
    question: Question, section: Section, variable: str, taken: set[str], language: str
) -> list[CodebookRow]:
    """Return one row per option of a question with several choices, or of a ranking."""
    is_place = question.kind is Kind.RANKING
    chosen = tuple(
        (value, CHOSEN_LABELS[value].in_language(language)) for value in sorted(CHOSEN_LABELS, reverse=True)
    )
    return [
        CodebookRow(
            code=question.code,
            variable=_free_name(variable_name(f"{variable}_{option.value}"), taken),
            label=_option_label(question, option, language),
            kind=question.kind,
            value_labels=() if is_place else chosen,
            section=section.code,
            option=option.value,
        )
        for option in question.options
    ]


def _option_label(question: Question, option: Option, language: str) -> str:
    """Return the label of one option of several."""
    return f"{without_places(question.text, language)}: {without_places(option.label, language)}"


CHOSEN_LABELS: Mapping[int, LocalizedText] = MappingProxyType(
    {
        1: LocalizedText.of({"vi": "Có chọn", "en": "Chosen"}),
        0: LocalizedText.of({"vi": "Không chọn", "en": "Not chosen"}),
    }
)
