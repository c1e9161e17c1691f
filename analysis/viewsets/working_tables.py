"""Working figures in words: rows of the page, dots of the picture, and the same table as a file."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.exports import Column, ExportTable, Kind, ValueLabels
from analysis.marks import Mark, sentences
from analysis.models import PublishedEstimate, Release, Snapshot
from analysis.selectors import province_names
from analysis.selectors.estimands import Statistic
from analysis.services.microdata import HAS_APPROXIMATE, MARK_LABELS, yes_no
from analysis.services.working_estimates import (
    NO_ANSWERS,
    NO_PRECISION,
    NOT_KNOWN,
    SUPPRESSED,
    WHOLE,
    WorkingEstimates,
    WorkingRequest,
)
from analysis.viewsets.choices import DOMAIN_LABELS
from analysis.viewsets.dots import Drawn
from analysis.viewsets.releases import CATEGORIES
from questionnaires.models import Mode
from sampling.models import SurveyRound
from sampling.selectors.draws import is_rehearsed
from sampling.viewsets.planner_words import NUMBER_OF_PROVINCES, REGION_LABELS

FLAGS: Mapping[str, Promise | str] = {
    **{str(value): label for value, label in PublishedEstimate.Flag.choices},
    "no_variance": gettext_lazy("the error cannot be estimated"),
    "open_below": gettext_lazy("the answers give no lower limit"),
    "open_above": gettext_lazy("the answers give no upper limit"),
}
REASONS: Mapping[str, Promise | str] = {
    SUPPRESSED: gettext_lazy(
        "not shown: fewer than 10 answers, or the difference to another figure would be fewer"
    ),
    NO_PRECISION: Release.Withheld.NO_PRECISION.label,
    NO_ANSWERS: gettext_lazy("nobody answered"),
}
NUMBERS: Mapping[str, Promise] = {
    "value": gettext_lazy("value"),
    "standard_error": gettext_lazy("standard error"),
    "low": gettext_lazy("lower limit, 95 %"),
    "high": gettext_lazy("upper limit, 95 %"),
    "df": gettext_lazy("degrees of freedom"),
    "deff": gettext_lazy("design effect"),
    "effective_n": gettext_lazy("effective sample size"),
    "cv": gettext_lazy("coefficient of variation"),
    "n": gettext_lazy("answers"),
}


def records(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows by the names of the columns."""
    names = [str(name) for name in figures.columns]
    return [dict(zip(names, values, strict=True)) for values in figures.itertuples(index=False, name=None)]


def remarks(row: Mapping[str, Any]) -> str:
    """Say in words what a reader must know of a figure, or why there is none."""
    if row["reason"]:
        return str(REASONS[row["reason"]])
    return "; ".join(str(FLAGS.get(flag, flag)) for flag in row["flags"].split())


def domain_names(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Return the names of provinces, regions, sexes and so on by their codes."""
    words = {code: str(label) for code, label in CATEGORIES.items()}
    regions = {code: str(label) for code, label in REGION_LABELS.items()}
    names = {
        "province": province_names(snapshot.round),
        "region": regions | {code + NUMBER_OF_PROVINCES: name for code, name in regions.items()},
        "is_urban": words,
        "sex": words,
        "mode": {value: str(label) for value, label in Mode.choices},
    }
    others = {WHOLE: _("Whole country"), NOT_KNOWN: _("unknown")}
    return {column: names.get(column, {}) | others for column in DOMAIN_LABELS}


def answer_names(request: WorkingRequest, language: str) -> dict[str, str]:
    """Return the labels of the answers to a question by their values."""
    variable = request.estimand.variable
    if variable is None or request.statistic != Statistic.CATEGORIES:
        return {}
    return {value: labels[language] for value, labels in variable.value_labels.items()}


def shown_rows(
    figures: pd.DataFrame, request: WorkingRequest, snapshot: Snapshot, language: str
) -> list[dict[str, Any]]:
    """Return the rows of the page: labels in words, numbers, None where there is no number."""
    names, answers = domain_names(snapshot), answer_names(request, language)
    rows = []
    for row in records(figures):
        places = [names.get(column, {}).get(row[column], row[column]) for column in request.by]
        whole = not request.by or row[request.by[0]] == WHOLE
        rows.append(
            {
                **shown_numbers(row, NUMBERS),
                "place": _("Whole country") if whole else " · ".join(map(str, places)),
                "answer": answers.get(row["name"], row["name"]),
                "remarks": remarks(row),
                "is_whole": whole,
            }
        )
    return rows


def shown_numbers(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the numbers of a row, None where there is none."""
    return {name: None if math.isnan(row[name]) else row[name] for name in names}


def drawn(rows: Iterable[Mapping[str, Any]]) -> list[Drawn]:
    """Return what can be drawn of the rows: figures with both limits."""
    return [
        Drawn(_joined(row), row["value"], row["low"], row["high"])
        for row in rows
        if None not in (row["value"], row["low"], row["high"])
    ]


def _joined(row: Mapping[str, Any]) -> str:
    return " · ".join(text for text in (row["place"], row["answer"]) if text)


def working_table(
    found: WorkingEstimates, request: WorkingRequest, snapshot: Snapshot, language: str
) -> ExportTable:
    """Return the figures as a table for any format."""
    figures = found.figures
    names = domain_names(snapshot)
    domains = [Column(name, str(DOMAIN_LABELS[name]), Kind.CODE, names.get(name, {})) for name in request.by]
    answer = Column("answer", _("answer"), Kind.CODE, answer_names(request, language))
    places = {name: figures[name].replace(WHOLE, "") for name in request.by}
    rows = figures.rename(columns={"name": "answer"}).assign(remarks=all_remarks(figures), **places)
    about = About(f"{snapshot.round.code}-working", snapshot, request, found)
    return about.table(rows, (*domains, answer))


class Marked(Protocol):
    """What was computed, with its marks."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Why the figures are provisional."""

    @property
    def is_demo(self) -> bool:
        """Whether the answers are made up."""

    @property
    def is_approximate(self) -> bool:
        """Whether the weights rest on approximate inclusion probabilities."""


def mark_sentences(found: Marked, survey_round: SurveyRound) -> tuple[str, ...]:
    """Return the marks as they stand on files and pictures."""
    release = Release(
        is_demo=survey_round.is_demo,
        is_provisional=bool(found.marks),
        is_rehearsed=is_rehearsed(survey_round),
        is_approximate=found.is_approximate,
    )
    return sentences(release)


def all_remarks(figures: pd.DataFrame) -> list[str]:
    """Return the remarks of every row."""
    return [remarks(row) for row in records(figures)]


@dataclass(frozen=True)
class About:
    """What makes figures understood away from the page: round, snapshot, estimand, marks."""

    name: str
    snapshot: Snapshot
    request: WorkingRequest
    found: Marked

    def table(
        self, rows: pd.DataFrame, keys: Iterable[Column], numbers: Mapping[str, Promise] = NUMBERS
    ) -> ExportTable:
        """Put all of it before the rows."""
        described = rows.assign(
            round=self.snapshot.round.code,
            snapshot=self.snapshot.digest,
            estimand=self.request.estimand.title,
            statistic=self.request.statistic,
            is_provisional=bool(self.found.marks),
            is_demo=self.snapshot.round.is_demo,
            is_rehearsed=is_rehearsed(self.snapshot.round),
            **{HAS_APPROXIMATE: self.found.is_approximate},
        )
        columns = (
            Column("round", _("round")),
            Column("snapshot", _("SHA-256 of the snapshot")),
            Column("is_provisional", _("provisional method"), Kind.FLAG, yes_no()),
            Column("is_demo", _("demonstration"), Kind.FLAG, yes_no()),
            Column("is_rehearsed", _("sample drawn without a public commitment"), Kind.FLAG, yes_no()),
            Column(HAS_APPROXIMATE, str(MARK_LABELS[HAS_APPROXIMATE]), Kind.FLAG, yes_no()),
            Column("estimand", _("what is estimated")),
            Column("statistic", _("statistic"), Kind.CODE, _statistic_names()),
            *keys,
            *(Column(column, str(label), Kind.NUMBER) for column, label in numbers.items()),
            Column("remarks", _("remarks")),
        )
        marks = mark_sentences(self.found, self.snapshot.round)
        return ExportTable.build(self.name, str(self.snapshot.round), columns, described, marks)


def _statistic_names() -> ValueLabels:
    return {str(value): str(label) for value, label in Statistic.choices}
