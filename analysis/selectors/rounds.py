"""A round as rows: cases with their place in the design, and answers by column."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from analysis.snapshots import DESIGN_COLUMNS, Labels, MissingReason, Storage, Variable
from questionnaires.schema import (
    NO_ANSWER,
    NOT_APPLICABLE,
    CodebookRow,
    Kind,
    Question,
    Questionnaire,
    codebook,
    questions_by_code,
    value_labels,
    variable_name,
    without_places,
)
from questionnaires.selectors import (
    response_rows,
    schema_by_digest,
    separated_design_rows,
    version_for_round,
)
from sampling.models import Sample, SampledUnit, SurveyRound
from sampling.models.samples import RESPONDENT_DISPOSITIONS
from sampling.selectors import CaseDesignRow, case_design_rows

LANGUAGES = ("vi", "en")
_UNCODED_KINDS = frozenset({Kind.TEXT, Kind.NOTE})
_COLLISION_SUFFIX, _REASON_SUFFIX = "_answer", "_missing"
_LONGEST_NAME = 32
_REASONS: Mapping[str, int] = {
    NOT_APPLICABLE: MissingReason.NOT_APPLICABLE.value,
    NO_ANSWER: MissingReason.NOT_TOLD.value,
}
_REASON_LABELS: Labels = {"vi": "lý do không có câu trả lời", "en": "why there is no answer"}

type Value = int | float | str | None
type Reader = Callable[[Mapping[str, Any]], Value]


class RoundNotEstimableError(ValueError):
    """Raised when a round cannot be turned into figures yet, or at all."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The answers of one case as the values of the answer columns."""

    case_id: int
    mode: str
    helper: str
    pressure: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AnswerVariables:
    """The answer columns of a questionnaire, and how each reads its value from the answers."""

    variables: tuple[Variable, ...]
    readers: tuple[Reader, ...]

    def read(self, answers: Mapping[str, Any]) -> tuple[Value, ...]:
        """Return the values of all columns."""
        return tuple(reader(answers) for reader in self.readers)


def case_rows(survey_round: SurveyRound) -> pd.DataFrame:
    """Return one row per case that was to be asked: reserves only if they were released.

    Forms stand in the place of the cases that answered; in every village there are as many.
    """
    sample = Sample.objects.filter(round=survey_round).first()
    rows = [] if sample is None else list(_design_rows(sample))
    return pd.DataFrame(rows, columns=list(CaseDesignRow._fields))


def _design_rows(sample: Sample) -> Iterator[CaseDesignRow]:
    """Yield the cases that gave no answers, and the forms of the others."""
    answered = Counter[str]()
    for row in case_design_rows(sample):
        if row.disposition in RESPONDENT_DISPOSITIONS:
            answered[row.village] += 1
        elif row.is_active:
            yield row
    separated = list(separated_design_rows(sample))
    yield from separated
    forms = Counter(row.village for row in separated)
    differing = [village for village in answered | forms if answered[village] != forms[village]]
    if differing:
        raise RoundNotEstimableError(
            _(
                "Expected as many answers as cases with outcome 1.1 or 1.2 in every village of %(round)s; "
                "%(n)d villages differ, first %(village)s: %(cases)d cases, %(answers)d answers. "
                "Correct their outcomes."
            )
            % {
                "round": sample.round.code,
                "n": len(differing),
                "village": min(differing),
                "cases": answered[min(differing)],
                "answers": forms[min(differing)],
            }
        )


def province_names(survey_round: SurveyRound) -> dict[str, str]:
    """Return the name of every province in the sample of a round by its code."""
    units = SampledUnit.objects.filter(sample__round=survey_round)
    return dict(units.order_by("province__code").values_list("province__code", "province__name").distinct())


def answer_rows(survey_round: SurveyRound, columns: AnswerVariables) -> Iterator[AnswerRow]:
    """Yield the answers of every submitted response of a round."""
    for row in response_rows(survey_round):
        values = columns.read(row.answers)
        yield AnswerRow(row.case_id, row.mode, row.helper, row.pressure, values)


def answer_variables(survey_round: SurveyRound) -> AnswerVariables:
    """Return the answer columns of a round: everything but free text, which may name people."""
    return variables_of(schema_by_digest(version_for_round(survey_round).digest))


def variables_of(questionnaire: Questionnaire) -> AnswerVariables:
    """Return the answer columns of a questionnaire, with labels in every language.

    A question that allows "does not apply" or "prefer not to say" has a second column, which keeps these
    apart from a question that was skipped.
    """
    rows_by_language = {language: codebook(questionnaire, language) for language in LANGUAGES}
    questions = questions_by_code(questionnaire)
    entries = [
        (questions[rows[0].code], dict(zip(LANGUAGES, rows, strict=True)))
        for rows in zip(*rows_by_language.values(), strict=True)
        if rows[0].kind not in _UNCODED_KINDS
    ]
    answers = [(_variable(asked, rows), _reader(asked, rows[LANGUAGES[0]])) for asked, rows in entries]
    explained = {asked.code: asked for asked, _rows in entries if asked.special_values}
    taken = {variable.name.lower() for variable, _reader in answers} | set(DESIGN_COLUMNS)
    reasons = [(_reason_variable(asked, taken), _reason_reader(asked)) for asked in explained.values()]
    columns = (*answers, *reasons)
    return AnswerVariables(
        variables=tuple(variable for variable, _reader in columns),
        readers=tuple(reader for _variable, reader in columns),
    )


def _variable(question: Question, rows: Mapping[str, CodebookRow]) -> Variable:
    first = rows[LANGUAGES[0]]
    name = first.variable
    return Variable(
        name=name + _COLLISION_SUFFIX if name.lower() in DESIGN_COLUMNS else name,
        question=first.code if first.option is None else f"{first.code}={first.option}",
        labels={language: row.label for language, row in rows.items()},
        value_labels=_value_labels(rows, question),
        storage=_storage(question),
        is_sensitive=question.is_sensitive,
    )


def _value_labels(rows: Mapping[str, CodebookRow], question: Question) -> Mapping[str, Labels]:
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for language, row in rows.items():
        for value, label in row.value_labels:
            if value not in question.special_values:
                labels[str(value)][language] = label
    return labels


def _storage(question: Question) -> Storage:
    if question.kind is Kind.NUMBER:
        return Storage.INTEGER if question.is_integer else Storage.DECIMAL
    is_text = question.kind is Kind.SINGLE and any(
        isinstance(option.value, str) for option in question.options
    )
    return Storage.TEXT if is_text or question.kind is Kind.DATE else Storage.INTEGER


def _reason_variable(question: Question, taken: set[str]) -> Variable:
    """Return the column that says why there is no answer, under a name nobody has yet."""
    labels = {language: without_places(question.text, language) for language in LANGUAGES}
    return Variable(
        name=_free_reason_name(question.code, taken),
        question=f"{question.code}={_REASON_SUFFIX.strip('_')}",
        labels={language: f"{label}: {_REASON_LABELS[language]}" for language, label in labels.items()},
        value_labels={
            str(_REASONS[value]): {
                language: dict(value_labels(question, language))[value] for language in LANGUAGES
            }
            for value in question.special_values
        },
        is_sensitive=question.is_sensitive,
        explains=question.code,
    )


def _free_reason_name(code: str, taken: set[str]) -> str:
    """Name the column after its question, with a number where the name is taken, and take it."""
    stem, suffix, number = variable_name(code), _REASON_SUFFIX, 1
    while (name := stem[: _LONGEST_NAME - len(suffix)] + suffix).lower() in taken:
        number += 1
        suffix = f"{_REASON_SUFFIX}{number}"
    taken.add(name.lower())
    return name


def _reason_reader(question: Question) -> Reader:
    """Read why there is no answer, if anything was chosen instead of one."""
    code = question.code

    def read(answers: Mapping[str, Any]) -> Value:
        value = answers.get(code)
        return _REASONS.get(value) if isinstance(value, str) else None

    return read


def _reader(question: Question, row: CodebookRow) -> Reader:
    code, special = question.code, frozenset(question.special_values)
    if question.kind in OPTION_READERS:
        return OPTION_READERS[question.kind](code, row.option)

    def read(answers: Mapping[str, Any]) -> Value:
        value: Value = answers.get(code)
        return None if value in special else value

    return read


def _chosen_reader(code: str, option: int | str | None) -> Reader:
    """Read one option of several: 1 or 0, and nothing where the question was not answered."""

    def read(answers: Mapping[str, Any]) -> Value:
        chosen = answers.get(code)
        return int(option in chosen) if isinstance(chosen, list) else None

    return read


def _place_reader(code: str, option: int | str | None) -> Reader:
    """Read the place of one option in a ranking: 1 for the first, and nothing where it was given none."""

    def read(answers: Mapping[str, Any]) -> Value:
        ranked = answers.get(code)
        return ranked.index(option) + 1 if isinstance(ranked, list) and option in ranked else None

    return read


OPTION_READERS: Mapping[Kind, Callable[[str, int | str | None], Reader]] = {
    Kind.MULTIPLE: _chosen_reader,
    Kind.RANKING: _place_reader,
}
"""Kinds with one column per option, and how each column is read."""
