"""The satisfaction index with its precision, for the nation and its domains in one pass over the answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimation import (
    BoolArray,
    Domains,
    Estimate,
    FloatArray,
    RowScores,
    SurveyDesign,
)
from analysis.estimation.arrays import combine
from analysis.estimation.domains import Labels
from analysis.index.errors import IndexEstimationError
from analysis.index.method import IndexMethod, Scale
from analysis.index.nodes import ELEMENT, map_nodes
from analysis.index.result import NATION, POOLED_SHARE, IndexResult

PERCENT = 100.0


@dataclass(frozen=True)
class Statistic:
    """How an answer is scored, and between which bounds the mean of the scores lies."""

    score: Callable[[FloatArray, Scale], FloatArray]
    factor: float
    bounds: Callable[[Scale], tuple[float, float]]


def _is_satisfied(answers: FloatArray, scale: Scale) -> FloatArray:
    return (answers >= scale.satisfied_from).astype(float)


TOP_TWO_SHARE = Statistic(_is_satisfied, PERCENT, lambda _scale: (0.0, PERCENT))
STATISTICS: dict[str, Statistic] = {
    "top_two_share": TOP_TWO_SHARE,
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
    names = tuple(node.code for node in node_map.nodes)
    estimates = {
        name: _Scored(design, parts, columns, method.scale, statistic).combined(node_map.weights, names)
        for name, statistic in STATISTICS.items()
    }
    elements = node_map.positions(ELEMENT)
    estimates[POOLED_SHARE] = _Scored(design, parts, columns, method.scale, TOP_TWO_SHARE).pooled(
        node_map.weights[elements] != 0, tuple(node_map.nodes[position].code for position in elements)
    )
    return IndexResult(
        method=method,
        nodes=node_map.nodes,
        domains=tuple(parts.all_labels),
        estimates=estimates,
        item_nonresponse=_mean_shares(parts, np.isnan(columns) & ~excused, ~excused, node_map.weights),
        not_applicable=_mean_shares(parts, excused, np.ones_like(excused), node_map.weights),
        not_estimated=node_map.not_estimated,
    )


@dataclass(frozen=True, eq=False)
class _Scored:
    """Answers and how they are scored."""

    design: SurveyDesign
    domains: Domains
    columns: FloatArray
    scale: Scale
    statistic: Statistic

    def combined(self, weights: FloatArray, names: tuple[str, ...]) -> Estimate:
        """Estimate every node as a weighted mean of the ratios of its criteria."""
        answered = ~np.isnan(self.columns)
        rows = RowScores(self._scores(), answered.astype(float), answered, combination=weights)
        return self._estimate(rows, names)

    def pooled(self, is_member: BoolArray, names: tuple[str, ...]) -> Estimate:
        """Estimate every element as one ratio over all answers to its criteria."""
        groups = is_member.T.astype(float)
        answers = (~np.isnan(self.columns)).astype(float) @ groups
        rows = RowScores(self._scores() @ groups, answers, answers > 0, combination=np.eye(len(names)))
        return self._estimate(rows, names)

    def _scores(self) -> FloatArray:
        return np.where(
            np.isnan(self.columns), 0.0, self.statistic.score(np.nan_to_num(self.columns), self.scale)
        )

    def _estimate(self, rows: RowScores, names: tuple[str, ...]) -> Estimate:
        estimate = self.design.combine_ratios(rows, self.domains, names)
        return estimate.scaled(self.statistic.factor, bounds=self.statistic.bounds(self.scale))


def _mean_shares(domains: Domains, counted: BoolArray, base: BoolArray, weights: FloatArray) -> FloatArray:
    """Unweighted share of the counted rows in their base, the mean over the criteria of each node."""
    both = np.hstack([counted, base]).astype(float)
    sums = domains.totals_by(np.zeros(len(both), dtype=np.int64), 1, both)[0]
    above, below = np.split(sums, 2, axis=1)
    shares = above / np.where(below > 0, below, np.nan)
    member = (weights != 0).astype(float)
    return combine(member / member.sum(axis=1, keepdims=True), shares.T).T


def _collect_excused(
    columns: FloatArray, not_applicable: Mapping[str, ArrayLike], questions: tuple[str, ...]
) -> BoolArray:
    """Return who gave no answer because the question does not apply."""
    nobody = np.zeros(len(columns), dtype=bool)
    excused = [np.asarray(not_applicable.get(question, nobody), dtype=bool) for question in questions]
    return np.column_stack(excused) & np.isnan(columns)


def _collect_answers(
    design: SurveyDesign, answers: Mapping[str, ArrayLike], questions: tuple[str, ...], scale: Scale
) -> FloatArray:
    missing = [question for question in questions if question not in answers]
    if missing:
        raise IndexEstimationError(
            expected="answers to every question of the method",
            got=f"none for {', '.join(missing)}",
            hint="Use the method that belongs to the questionnaire, or link the questions.",
        )
    columns = np.column_stack([np.asarray(answers[question], dtype=float) for question in questions])
    if len(columns) != design.n_rows:
        raise IndexEstimationError(
            expected=f"{design.n_rows} answers per question, one per row of the design",
            got=f"{len(columns)}",
            hint="Keep rows without an answer, as NaN.",
        )
    for question, column in zip(questions, columns.T, strict=True):
        _check_answers(question, column[~np.isnan(column)], scale)
    return columns


def _check_answers(question: str, answered: FloatArray, scale: Scale) -> None:
    if not len(answered):
        raise IndexEstimationError(
            expected=f"at least one answer to question {question}",
            got="none",
            hint="Use a method without this criterion, or wait for answers.",
        )
    wrong = (answered < scale.minimum) | (answered > scale.maximum) | (answered != np.round(answered))
    if wrong.any():
        raise IndexEstimationError(
            expected=f"whole numbers from {scale.minimum} to {scale.maximum} for question {question}",
            got=f"{answered[wrong][0]:g}",
            hint="Code 'not applicable' and 'not answered' as missing.",
        )
