"""What can be estimated from a round: parts of an index, and the questions of its codebook."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.index import IndexMethod as ParsedMethod
from analysis.index import parse_index_method
from analysis.index.nodes import ELEMENT, INDEX, map_nodes
from analysis.models import IndexMethod
from analysis.selectors.rounds import answer_variables
from analysis.snapshots import Storage, Variable
from sampling.models import SurveyRound

RATING = tuple(map(str, range(1, 6)))
"""Values of a question that is rated from 1 to 5."""
SATISFIED_FROM = 4
PARTS = ":"


class Statistic(models.TextChoices):
    """How answers become a working figure."""

    SATISFIED = "top_two_share", gettext_lazy("share satisfied (answers 4 and 5), %")
    MEAN = "mean_score", gettext_lazy("mean")
    POOLED = "pooled_share", gettext_lazy("pooled share of an element, %")
    CATEGORIES = "categories", gettext_lazy("share of every answer, %")
    QUARTILES = "quartiles", gettext_lazy("quartiles")


@dataclass(frozen=True, slots=True)
class Estimand:
    """One part of an index, or one question, and what can be said of it.

    Attributes
    ----------
    key : str
        Stands in addresses.
    title : str
        In the language asked for.
    statistics : tuple of str
        The first is the usual one.
    method : IndexMethod, optional
        Whose part it is; None for a question.
    node : str
        Code of the part.
    variable : Variable, optional
        The question; None for a part of an index.
    """

    key: str
    title: str
    statistics: tuple[str, ...]
    method: IndexMethod | None = None
    node: str = ""
    variable: Variable | None = None


@dataclass(frozen=True, slots=True)
class EstimandGroup:
    """Estimands under a heading."""

    title: str
    estimands: tuple[Estimand, ...]


def estimand_groups(survey_round: SurveyRound, language: str) -> tuple[EstimandGroup, ...]:
    """Return all that can be estimated from a round, sensitive questions left out."""
    variables = [
        variable
        for variable in answer_variables(survey_round).variables
        if not (variable.explains or variable.is_sensitive)
    ]
    asked = {variable.question for variable in variables}
    questions = tuple(_of_question(variable, language) for variable in variables)
    return (
        *_of_methods(asked, language),
        EstimandGroup(_("Questions"), tuple(one for one in questions if one.statistics)),
    )


def _of_methods(asked: set[str], language: str) -> Iterator[EstimandGroup]:
    """Yield the parts of every method whose questions were all asked, the newest first."""
    for method in IndexMethod.objects.filter(document__is_computable=True).order_by("-code", "-version"):
        parsed = parse_index_method(method.document)
        if asked.issuperset(parsed.questions):
            yield EstimandGroup(method.title, tuple(_of_nodes(method, parsed, language)))


def _of_nodes(method: IndexMethod, parsed: ParsedMethod, language: str) -> Iterator[Estimand]:
    shares = (Statistic.SATISFIED, Statistic.MEAN)
    for node in map_nodes(parsed).nodes:
        yield Estimand(
            key=f"{method.code}{PARTS}{method.version}{PARTS}{node.code}",
            title=node.title[language] if node.level == INDEX else f"{node.code} · {node.title[language]}",
            statistics=(*shares, Statistic.POOLED) if node.level == ELEMENT else shares,
            method=method,
            node=node.code,
        )


def _of_question(variable: Variable, language: str) -> Estimand:
    return Estimand(
        key=variable.question,
        title=f"{variable.question} · {variable.labels[language]}",
        statistics=tuple(_statistics(variable)),
        variable=variable,
    )


def _statistics(variable: Variable) -> Iterator[str]:
    """Yield what can be said of a question: a rating has a mean, the code of a place or a trade has none."""
    is_rating = tuple(sorted(variable.value_labels)) == RATING
    is_number = not variable.value_labels and variable.storage is not Storage.TEXT
    if is_rating:
        yield Statistic.SATISFIED
    if is_rating or is_number:
        yield Statistic.MEAN
    if variable.value_labels:
        yield Statistic.CATEGORIES
    if is_rating or is_number:
        yield Statistic.QUARTILES
