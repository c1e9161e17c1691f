"""The satisfaction index with its precision, for the nation and its domains in one pass over the answers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimation import (
    BoolArray,
    Domains,
    Estimate,
    FloatArray,
    RowScores,
    SurveyDesign,
)
from analysis.estimation.arrays import as_truth, combine
from analysis.estimation.domains import Labels
from analysis.estimation.rows.columns import Numbers, read_numbers
from analysis.index.errors import IndexEstimationError
from analysis.index.method import MEAN_OF_CRITERIA, POOLED_RATIO, IndexMethod, Scale
from analysis.index.nodes import ELEMENT, NodeMap, map_nodes
from analysis.index.result import NATION, POOLED_SHARE, TOP_TWO, IndexResult

PERCENT = 100.0

type NodeRule = Callable[[NodeMap, Numbers, BoolArray], RowScores]


def _means_of_criteria(node_map: NodeMap, scores: Numbers, answered: BoolArray) -> RowScores:
    return RowScores(scores, answered, answered, combination=node_map.weights)


def _pooled_ratios(node_map: NodeMap, scores: Numbers, answered: BoolArray) -> RowScores:
    groups = node_map.members.T.astype(np.float32)
    answers = np.hstack([answered, answered @ groups])
    above = np.hstack([scores, scores @ groups])
    return RowScores(above, answers, answers > 0, combination=node_map.pooled_weights)


NODE_RULES: dict[str, NodeRule] = {MEAN_OF_CRITERIA: _means_of_criteria, POOLED_RATIO: _pooled_ratios}


@dataclass(frozen=True)
class Statistic:
    """How an answer is scored, and between which bounds the mean of the scores lies."""

    score: Callable[[Numbers, Scale], Numbers]
    factor: float
    bounds: Callable[[Scale], tuple[float, float]]


def _is_satisfied(answers: Numbers, scale: Scale) -> Numbers:
    return (answers >= scale.satisfied_from).astype(answers.dtype)


TOP_TWO_SHARE = Statistic(_is_satisfied, PERCENT, lambda _scale: (0.0, PERCENT))
STATISTICS: dict[str, Statistic] = {
    TOP_TWO: TOP_TWO_SHARE,
    "mean_score": Statistic(
        lambda answers, _scale: answers, 1.0, lambda scale: (float(scale.minimum), float(scale.maximum))
    ),
}


def estimate_index(
    design: SurveyDesign,
    answers: Mapping[str, ArrayLike],
    method: IndexMethod,
    domains: Labels | None = None,
    *,
    not_applicable: Mapping[str, ArrayLike] | None = None,
) -> IndexResult:
    r"""Estimate an index and all its parts by a method.

    A criterion is the ratio :math:`\sum w s / \sum w a` of the scores over those who answered it. With
    the weights :math:`L` of the criteria in the nodes, the linearised variable of a node is
    :math:`\sum_c L_c (s_c - \hat R_c a_c) / \hat A_c`, so that criteria of the same people share
    their covariance (Woodruff 1971; Binder 1983).

    Parameters
    ----------
    design : SurveyDesign
    answers : mapping of question code to float array, shape (n_rows,)
        Whole numbers of the method's scale; NaN where not answered or not applicable.
    method : IndexMethod
    domains : array-like of labels, shape (n_rows,), optional
        For example the province of each row; the nation always comes first.
    not_applicable : mapping of question code to bool array, shape (n_rows,), optional
        To whom a question does not apply, so that their silence is no item nonresponse.

    Returns
    -------
    IndexResult
        Shares in per cent, mean scores on the scale.

    Raises
    ------
    IndexEstimationError
        If a question of the method is missing, has no answer at all, or an answer is off the scale.
    """
    node_map = map_nodes(method)
    columns = _collect_answers(design, answers, node_map.questions, method.scale)
    excused = _collect_excused(columns, not_applicable or {}, node_map.questions)
    parts = Domains.from_labels(
        np.full(design.n_rows, NATION) if domains is None else domains,
        n_rows=design.n_rows,
        has_overall=domains is not None,
        overall_label=NATION,
    )
    estimates = {
        name: _Scored(design, parts, columns, method.scale, statistic).estimate_nodes(
            node_map, NODE_RULES[method.element_rule]
        )
        for name, statistic in STATISTICS.items()
    }
    shares = _Scored(design, parts, columns, method.scale, TOP_TWO_SHARE)
    estimates[POOLED_SHARE] = shares.estimate_pooled(node_map)
    return IndexResult(
        method=method,
        nodes=node_map.nodes,
        domains=tuple(parts.all_labels),
        estimates=estimates,
        item_nonresponse=_mean_shares(parts, np.isnan(columns) & ~excused, ~excused, node_map),
        not_applicable=_mean_shares(parts, excused, np.ones_like(excused), node_map),
        not_estimated=node_map.not_estimated,
    )


@dataclass(frozen=True, eq=False)
class _Scored:
    """Answers and how they are scored."""

    design: SurveyDesign
    domains: Domains
    columns: Numbers
    scale: Scale
    statistic: Statistic

    def estimate_nodes(self, node_map: NodeMap, rule: NodeRule) -> Estimate:
        """Estimate every node as a weighted mean of ratios."""
        names = tuple(node.code for node in node_map.nodes)
        estimate = self._estimate(rule(node_map, self._scores(), ~np.isnan(self.columns)), names)
        return estimate.inheriting(node_map.find_parts(is_pooled=rule is _pooled_ratios))

    def estimate_pooled(self, node_map: NodeMap) -> Estimate:
        """Estimate every element as one ratio over all answers to its criteria."""
        names = tuple(node_map.nodes[position].code for position in node_map.positions(ELEMENT))
        groups = node_map.members.T.astype(np.float32)
        answers = ~np.isnan(self.columns) @ groups
        return self._estimate(RowScores(self._scores() @ groups, answers, answers > 0), names)

    def _scores(self) -> Numbers:
        return np.where(
            np.isnan(self.columns), 0.0, self.statistic.score(np.nan_to_num(self.columns), self.scale)
        )

    def _estimate(self, rows: RowScores, names: tuple[str, ...]) -> Estimate:
        estimate = self.design.combine_ratios(rows, self.domains, names)
        return estimate.scaled(self.statistic.factor, bounds=self.statistic.bounds(self.scale))


def _mean_shares(domains: Domains, counted: BoolArray, base: BoolArray, node_map: NodeMap) -> FloatArray:
    return mean_of_shares(_count_by_domain(domains, counted), _count_by_domain(domains, base), node_map)


def mean_of_shares(counted: FloatArray, base: FloatArray, node_map: NodeMap) -> FloatArray:
    """Return the unweighted share of the counted in their base, the mean over the criteria of each node.

    Parameters
    ----------
    counted, base : float array, shape (n_domains, n_questions)
    node_map : NodeMap

    Returns
    -------
    float array, shape (n_domains, n_nodes)
        NaN where the base of a criterion is 0.
    """
    shares = counted / np.where(base > 0, base, np.nan)
    member = (node_map.weights != 0).astype(float)
    return combine(member / member.sum(axis=1, keepdims=True), shares.T).T


def _count_by_domain(domains: Domains, marks: BoolArray) -> FloatArray:
    """Count the marks of every column by domain, a column at a time, shape (n_domains, n_columns)."""
    together = np.zeros(len(marks), dtype=np.int64)
    counts = [domains.totals_by(together, 1, column[:, None].astype(float))[0] for column in marks.T]
    return np.hstack(counts)


def _collect_excused(
    columns: Numbers, not_applicable: Mapping[str, ArrayLike], questions: tuple[str, ...]
) -> BoolArray:
    """Return who gave no answer because the question does not apply."""
    nobody = np.zeros(len(columns), dtype=bool)
    excused = [
        as_truth(not_applicable.get(question, nobody), f"marks of {question}", IndexEstimationError)
        for question in questions
    ]
    return np.column_stack(excused) & np.isnan(columns)


def _collect_answers(
    design: SurveyDesign, answers: Mapping[str, ArrayLike], questions: tuple[str, ...], scale: Scale
) -> Numbers:
    check_questions(questions, answers)
    columns = np.empty((design.n_rows, len(questions)), dtype=np.float32, order="F")
    for position, question in enumerate(questions):
        columns[:, position] = _read_answers(answers[question], question, design.n_rows)
        column = columns[:, position]
        _check_answers(question, column[~np.isnan(column)], scale)
    return columns


def _read_answers(answers: ArrayLike, question: str, n_rows: int) -> Numbers:
    """Return the answers to a question with NaN where there is none, whatever type they come in."""
    column = answers if isinstance(answers, pd.Series) else np.asarray(answers)
    if len(column) != n_rows:
        raise IndexEstimationError(
            expected=f"{n_rows} answers per question, one per row of the design",
            got=f"{len(column)}",
            hint="Keep rows without an answer, as NaN.",
        )
    numbers, valid = read_numbers(column, n_rows=n_rows, name=question)
    return numbers if valid is None else np.where(valid, numbers, np.nan)


def _check_answers(question: str, answered: Numbers, scale: Scale) -> None:
    wrong = (answered < scale.minimum) | (answered > scale.maximum) | (answered != np.round(answered))
    check_answered(question, len(answered), answered[wrong][:1].tolist(), scale)


def check_questions(questions: Collection[str], asked: Collection[str]) -> None:
    """Refuse a method that asks for more than was asked.

    Raises
    ------
    IndexEstimationError
        Naming the questions.
    """
    missing = [question for question in questions if question not in asked]
    if missing:
        raise IndexEstimationError(
            expected="answers to every question of the method",
            got=f"none for {', '.join(missing)}",
            hint="Use the method that belongs to the questionnaire, or link the questions.",
        )


def check_answered(question: str, n_answers: int, wrong: Sequence[float], scale: Scale) -> None:
    """Refuse a question without any answer, or with answers off the scale.

    Raises
    ------
    IndexEstimationError
        Naming the question, and the first of the wrong answers.
    """
    if not n_answers:
        raise IndexEstimationError(
            expected=f"at least one answer to question {question}",
            got="none",
            hint="Use a method without this criterion, or wait for answers.",
        )
    if wrong:
        raise IndexEstimationError(
            expected=f"whole numbers from {scale.minimum} to {scale.maximum} for question {question}",
            got=f"{wrong[0]:g}",
            hint="Code 'not applicable' and 'not answered' as missing.",
        )
