"""Answers of open rounds as a spreadsheet: one row a form, and a mark that they are no sample."""

import itertools
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import OpenResponse, OpenRound
from questionnaires.permissions import EXPORT_OPEN_ROUND, runs_open_round
from questionnaires.schema import (
    LIST_KINDS,
    SPECIAL_LABELS,
    SPECIAL_VALUES,
    CodebookRow,
    Kind,
    Questionnaire,
    answer_in_words,
    codebook,
)
from questionnaires.selectors import schema_by_digest, sent_forms

CHUNK = 1_000
NO_SAMPLE = "open_round_no_sample"
"""Stands in every row: whoever gets the file alone must know that it is no sample."""
FORM_COLUMNS = ("form", "round", "kind", "is_demo", "place", "submitted_on", "language", "had_token")
FLAG_COLUMNS = tuple(f"flag_{flag}" for flag in OpenResponse.Flag)


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """The sent forms of an open round, read while they are written, in an order drawn for this file."""

    round: OpenRound
    schema: Questionnaire
    language: str
    order: tuple[UUID, ...]

    @property
    def variables(self) -> tuple[CodebookRow, ...]:
        """The columns of the answers."""
        return codebook(self.schema, self.language)

    @property
    def header(self) -> list[str]:
        """Names of the columns, fit for any program."""
        return [*FORM_COLUMNS, *FLAG_COLUMNS, *(row.variable for row in self.variables)]

    @property
    def worded_header(self) -> list[str]:
        """Names of the columns for people: the questions as they were asked."""
        asked = [f"{question.code}. {question.text.in_language(self.language)}" for question in self._asked]
        form = (_("day"), _("place"), _("language"), _("remarks on the arrival"))
        return [*form, *asked]

    def rows(self) -> Iterator[list[Any]]:
        """Yield one row a form, with the values as they are stored."""
        variables = self.variables
        for number, form in self._forms():
            yield [*self._about(number, form), *(_value(form.answers, row) for row in variables)]

    def worded_rows(self) -> Iterator[list[str]]:
        """Yield one row a form, with the answers in words."""
        labels = {flag.value: str(flag.label) for flag in OpenResponse.Flag}
        for _number, form in self._forms():
            words = [self._words(question, form.answers.get(question.code)) for question in self._asked]
            flags = "; ".join(labels.get(flag, flag) for flag in form.flags)
            yield [self._day(form, "%d/%m/%Y"), form.place, form.language, flags, *words]

    def codebook_rows(self) -> Iterator[list[str]]:
        """Yield one row a column of answers: name, question, values."""
        for row in self.variables:
            values = "; ".join(f"{value} = {label}" for value, label in row.value_labels)
            yield [row.variable, row.code, row.label, str(row.kind), values]

    @property
    def _asked(self) -> Sequence[Any]:
        """Questions that have an answer."""
        return [question for question in self.schema.questions if question.kind is not Kind.NOTE]

    def _forms(self) -> Iterator[tuple[int, OpenResponse]]:
        """Read the forms a chunk at a time, numbered; one that was withdrawn meanwhile is left out."""
        number = 0
        for keys in itertools.batched(self.order, CHUNK, strict=False):
            found = sent_forms(self.round).in_bulk(keys)
            for form in filter(None, map(found.get, keys)):
                number += 1
                yield number, form

    def _about(self, number: int, form: OpenResponse) -> list[Any]:
        """Return what is known of a form beside its answers; its number holds in this file alone."""
        return [
            number,
            self.round.code,
            NO_SAMPLE,
            int(self.round.is_demo),
            form.place,
            self._day(form, "%Y-%m-%d"),
            form.language,
            int(form.had_token),
            *(int(flag in form.flags) for flag in OpenResponse.Flag),
        ]

    def _day(self, form: OpenResponse, pattern: str) -> str:
        """Return the day of a form; empty in a round with tokens, where others can tell who came on it."""
        is_hidden = self.round.needs_token or not form.submitted_on
        return "" if is_hidden else f"{form.submitted_on:{pattern}}"

    def _words(self, question: Any, answer: Any) -> str:
        """Return an answer in words, what stands for none included."""
        if isinstance(answer, str) and answer in SPECIAL_VALUES:
            return SPECIAL_LABELS[answer].in_language(self.language)
        return answer_in_words(question, answer, self.language)


def export_open_answers(
    *, round: OpenRound, file_format: str, language: str, user: AbstractUser
) -> AnswerTable:
    """Return the answers of an open round to somebody who may export them; the audit log keeps who did.

    Forms come in an order drawn anew for every file, under numbers of this file: two files of a round from
    which a form was withdrawn have no column by which their rows could be joined.
    """
    if not (user.has_perm(EXPORT_OPEN_ROUND) and runs_open_round(user, round)):
        raise PermissionDenied
    order = list(sent_forms(round).values_list("pk", flat=True))
    secrets.SystemRandom().shuffle(order)
    details = {"format": file_format, "n_rows": len(order)}
    log(instance=round, action="questionnaires.export_open", user=user, data=details)
    return AnswerTable(round, schema_by_digest(round.version.digest), language, tuple(order))


def _value(answers: dict[str, Any], variable: CodebookRow) -> Any:
    """Return the value of one column: empty where nothing was answered."""
    answer = answers.get(variable.code)
    if answer is None or variable.kind not in LIST_KINDS:
        return "" if answer is None else answer
    if not isinstance(answer, list):
        return ""
    if variable.kind is Kind.RANKING:
        return answer.index(variable.option) + 1 if variable.option in answer else ""
    return int(variable.option in answer)
