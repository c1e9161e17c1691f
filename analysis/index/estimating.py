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
    simple_random_variance,
)
from analysis.estimation.arrays import combine
from analysis.estimation.domains import Labels
from analysis.index.errors import IndexEstimationError
from analysis.index.method import IndexMethod, Scale
from analysis.index.nodes import ELEMENT, NodeMap, map_nodes
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
        name: _estimate_nodes(
            design, parts, _Scored.of(columns, method.scale, statistic), node_map.weights, names
        )
        for name, statistic in STATISTICS.items()
    }
    estimates[POOLED_SHARE] = _estimate_pooled(design, parts, columns, method.scale, node_map)
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
    """Scores and indicators of answering, one column per ratio."""

    scores: FloatArray
    answered: FloatArray
    statistic: Statistic
    bounds: tuple[float, float]

    @classmethod
    def of(cls, columns: FloatArray, scale: Scale, statistic: Statistic) -> "_Scored":
        answered = ~np.isnan(columns)
        scores = np.where(answered, statistic.score(np.nan_to_num(columns), scale), 0.0)
        return cls(scores, answered.astype(float), statistic, statistic.bounds(scale))

    def pooled(self, groups: FloatArray) -> "_Scored":
        """Sum the columns of each group, shape (n_groups, n_columns)."""
        return _Scored(self.scores @ groups.T, self.answered @ groups.T, self.statistic, self.bounds)


def _estimate_nodes(
    design: SurveyDesign, domains: Domains, scored: _Scored, weights: FloatArray, names: tuple[str, ...]
) -> Estimate:
    rows = RowScores(scored.scores, scored.answered, scored.answered > 0, combination=weights)
    ratio, scores, total = design.score_ratios(domains, rows)
    srs = simple_random_variance(domains, design.weights, rows, ratio, total)
    factor = scored.statistic.factor
    node_scores = combine(weights, scores.reshape(-1, scores.shape[2]).T).T
    return design.estimate(
        factor * combine(weights, ratio.T).T,
        factor * node_scores.reshape(*scores.shape[:2], -1),
        names=names,
        domains=domains,
        valid=(scored.answered @ (weights != 0).T.astype(float)) > 0,
        srs_variance=factor**2 * srs,
        bounds=scored.bounds,
    )


def _estimate_pooled(
    design: SurveyDesign, domains: Domains, columns: FloatArray, scale: Scale, node_map: NodeMap
) -> Estimate:
    """Estimate every element as one ratio over all answers to its criteria."""
    elements = node_map.positions(ELEMENT)
    groups = (node_map.weights[elements] != 0).astype(float)
    scored = _Scored.of(columns, scale, TOP_TWO_SHARE).pooled(groups)
    names = tuple(node_map.nodes[position].code for position in elements)
    return _estimate_nodes(design, domains, scored, np.eye(len(elements)), names)


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
