"""Take answers from a CSV or XLSX file, for instance from forms keyed in elsewhere."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from questionnaires.models import Mode
from questionnaires.schema import (
    LIST_KINDS,
    AnswerError,
    Kind,
    Question,
    Questionnaire,
    from_text,
    questions_by_code,
    value_labels,
    variable_names,
)
from questionnaires.selectors import RoundWithoutQuestionnaireError, schema_by_digest, version_for_round
from questionnaires.services import BatchResult, Refusal, RoundNotOpenError, Submission, submit_responses
from sampling.management.base import TranslatedCommand
from sampling.management.terminal import find_round, problem_table, progress_bars, read_moment
from sampling.models import Case, SurveyRound
from sampling.resources import FIRST_ROW, FileProblem
from sampling.services import FrameFileError, read_frame_file

CASE = "case"
EXAMPLE_DAY = "31/01/2026"
NOON = datetime.time(12)
"""Stands for the hour of a day on which forms were received."""


class AnswerFileError(ValueError):
    """Raised with every problem of a file; no answer was taken."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            ngettext("The file has %(count)s problem.", "The file has %(count)s problems.", count)
            % {"count": count}
        )


class Command(TranslatedCommand):
    """Check every row, then take all of them, or list every problem and take none."""

    help = gettext_noop(
        "Take the answers of a CSV or XLSX file: a column case and one per question, all rows or none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare round, file, and how the answers were given."""
        parser.add_argument("round", help=_("code of the round"))
        parser.add_argument("file", type=Path, help=_("CSV (UTF-8) or XLSX file"))
        parser.add_argument(
            "--mode", choices=Mode.values, default=Mode.PAPER.value, help=_("how they came in")
        )
        parser.add_argument(
            "--received", help=_("day on which the answers came, dd/mm/yyyy; today if left out")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the answers and say how many there were."""
        try:
            rows = read_frame_file(options["file"])
            result = self._take(find_round(options["round"]), rows, options)
        except AnswerFileError as error:
            self.stdout.write(problem_table(error.problems))
            raise CommandError(_("%(problems)s Nothing was written.") % {"problems": error}) from error
        except (FrameFileError, RoundNotOpenError, RoundWithoutQuestionnaireError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(created)d interviews taken; %(duplicates)d had been sent before and stay as they are.")
            % {"created": result.created, "duplicates": result.duplicates}
        )

    @transaction.atomic
    def _take(
        self, survey_round: SurveyRound, rows: Sequence[Mapping[str, str]], options: Mapping[str, Any]
    ) -> BatchResult:
        """Hand all rows to the batch service; a refused one takes back all the others."""
        schema = schema_by_digest(version_for_round(survey_round).digest)
        file = AnswerFile(options["file"].name, rows, columns_of(schema))
        submissions = file.submissions(survey_round, Mode(options["mode"]))
        moment = read_moment(options["received"], NOON) if options["received"] else None
        with progress_bars() as report:
            result = submit_responses(
                round=survey_round,
                submissions=submissions,
                moment=moment,
                progress=lambda done: report("answers", done, len(submissions)),
            )
        file.refuse(result.refused)
        return result


@dataclass(slots=True)
class AnswerFile:
    """The rows of a file, the question behind each column, and what is wrong."""

    name: str
    rows: Sequence[Mapping[str, str]]
    questions: Mapping[str, Question]
    problems: list[FileProblem] = field(default_factory=list)
    row_of: dict[int, int] = field(default_factory=dict)

    def submissions(self, survey_round: SurveyRound, mode: Mode) -> list[Submission]:
        """Return one submission per row, or raise where a column or case is unknown."""
        self._check_columns()
        self._raise_problems()
        numbers = Case.objects.active().filter(sample__round=survey_round).values_list("number", "pk")
        submissions = list(self._read(dict(numbers), mode))
        self._raise_problems()
        return submissions

    def refuse(self, refused: Sequence[Refusal]) -> None:
        """Raise with the place of every refused answer."""
        for refusal in refused:
            for error in refusal.errors:
                self._add_answer(self.row_of[refusal.case_id], error)
        self._raise_problems()

    def _read(self, case_ids: Mapping[str, int], mode: Mode) -> Iterator[Submission]:
        """Turn rows into submissions; note a case that is unknown or comes twice."""
        for number, row in enumerate(self.rows, FIRST_ROW):
            case = row[CASE].strip()
            case_id = case_ids.get(case)
            if case_id is None:
                hint = _("Correct the case number; sealed reserves are not asked.")
                self._add(number, CASE, _("the number of a case of the round"), case, hint)
            elif case_id in self.row_of:
                expected = _("each case once; it is in row %(row)d already") % {"row": self.row_of[case_id]}
                self._add(number, CASE, expected, case, _("Keep one row for each case."))
            else:
                self.row_of[case_id] = number
                yield Submission(case_id=case_id, answers=self._answers(row), mode=mode)

    def _answers(self, row: Mapping[str, str]) -> dict[str, Any]:
        """Return the typed answers of a row; an empty cell is no answer."""
        cells = ((self.questions[name], text.strip()) for name, text in row.items() if name != CASE)
        return {question.code: typed(question, text) for question, text in cells if text}

    def _check_columns(self) -> None:
        """Check that the case is there and that every other column is a question."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        if CASE not in columns:
            hint = _("Add the column; write its name exactly so.")
            self._add(1, CASE, _("the column %(value)s") % {"value": CASE}, ", ".join(columns), hint)
        for name in columns:
            if name != CASE and name not in self.questions:
                hint = _("Rename or remove the column.")
                self._add(1, name, _("the code or variable of a question"), name, hint)

    def _add_answer(self, row: int, error: AnswerError) -> None:
        """Note an answer that the questionnaire refuses."""
        question = self.questions[error.question]
        cells = self.rows[row - FIRST_ROW]
        got = next((text for name, text in cells.items() if self.questions.get(name) is question), "")
        hint = _("Correct the cell; leave it empty where nothing was answered.")
        self._add(row, question.code, expected_of(question), got, hint)

    def _add(self, row: int, column: str, expected: str, got: str, hint: str) -> None:
        """Note a problem."""
        self.problems.append(FileProblem(self.name, row, column, expected, got or "—", hint))

    def _raise_problems(self) -> None:
        """Raise if anything is wrong so far."""
        if self.problems:
            raise AnswerFileError(self.problems)


def columns_of(schema: Questionnaire) -> dict[str, Question]:
    """Return the question behind every column name: its code, or its variable in the data files."""
    questions = questions_by_code(schema)
    by_variable = {variable: questions[code] for code, variable in variable_names(schema).items()}
    return by_variable | {code: questions[code] for code in variable_names(schema)}


def typed(question: Question, text: str) -> Any:
    """Return the answer that a cell stands for; choices and ranks are separated by spaces or commas."""
    if question.kind in LIST_KINDS and text not in question.special_values:
        return [from_text(question, part) for part in text.replace(",", " ").split()]
    return from_text(question, text)


def expected_of(question: Question) -> str:
    """Say what a cell may hold."""
    values = ", ".join(str(value) for value, _label in value_labels(question, "vi"))
    if question.kind is Kind.NUMBER:
        low, high = question.minimum, question.maximum
        return _("a number (%(low)s–%(high)s)") % {
            "low": "…" if low is None else f"{low:g}",
            "high": "…" if high is None else f"{high:g}",
        }
    if question.kind is Kind.DATE:
        return _("a date such as %(value)s") % {"value": EXAMPLE_DAY}
    if question.kind is Kind.RANKING:
        return _("values in the order given, the first one first: %(values)s") % {"values": values}
    if question.kind is Kind.TEXT:
        return _("at most %(value)s characters") % {"value": question.max_length}
    return _("one of %(values)s") % {"values": values}
