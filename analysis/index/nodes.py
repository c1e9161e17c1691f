"""The tree of an index as one matrix: every node is a weighted mean of the criteria that can be estimated."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.estimation import BoolArray, FloatArray
from analysis.index.errors import IndexEstimationError
from analysis.index.method import Content, Element, IndexMethod, Title

INDEX_CODE = "index"
CRITERION, ELEMENT, CONTENT, INDEX = "criterion", "element", "content", "index"
_LEVELS = (INDEX, CONTENT, ELEMENT, CRITERION)


@dataclass(frozen=True)
class IndexNode:
    """A criterion, an element, a content or the index itself."""

    code: str
    level: str
    title: Title


@dataclass(frozen=True, eq=False)
class NodeMap:
    """Nodes of a method and the weights of the criteria in each.

    Attributes
    ----------
    nodes : tuple of IndexNode
        The index first, then each content followed by its elements, each followed by its criteria.
    questions : tuple of str
        Question of each estimated criterion: the columns of the weights.
    weights : float array, shape (n_nodes, n_questions)
        Rows add up to 1.
    not_estimated : tuple of str
        Codes of criteria without a question, and of elements that hold no other.
    """

    nodes: tuple[IndexNode, ...]
    questions: tuple[str, ...]
    weights: FloatArray
    not_estimated: tuple[str, ...]

    @property
    def members(self) -> FloatArray:
        """Which questions each element holds, as 0 and 1, shape (n_elements, n_questions)."""
        return np.asarray(self.weights[self.positions(ELEMENT)] != 0, dtype=float)

    @property
    def pooled_weights(self) -> FloatArray:
        """Weights of nodes where elements are pooled ratios, shape (n_nodes, n_questions + n_elements).

        A criterion remains the ratio of its question; in all other nodes an element weighs as much as its
        criteria together.
        """
        is_criterion = np.array([node.level == CRITERION for node in self.nodes])[:, None]
        of_elements = self.weights @ self.members.T
        return np.hstack(
            [np.where(is_criterion, self.weights, 0.0), np.where(is_criterion, 0.0, of_elements)]
        )

    def find_parts(self, *, is_pooled: bool) -> BoolArray:
        """Tell whether the column is a part of the row, one level below it, shape (n_nodes, n_nodes).

        Parameters
        ----------
        is_pooled : bool
            Elements are single ratios then, and have no parts.
        """
        counts = (self.weights @ self.weights.T) != 0
        is_part, above = np.zeros_like(counts), dict.fromkeys(_LEVELS, 0)
        for position, node in enumerate(self.nodes):
            above[node.level] = position
            depth = _LEVELS.index(node.level)
            if depth and not (is_pooled and node.level == CRITERION):
                is_part[above[_LEVELS[depth - 1]], position] = True
        return np.asarray(is_part & counts)

    def positions(self, level: str) -> list[int]:
        """Positions of the nodes of a level."""
        return [position for position, node in enumerate(self.nodes) if node.level == level]


def map_nodes(method: IndexMethod) -> NodeMap:
    """Work out the weight of every criterion in every node.

    An element is the plain mean of its estimated criteria; a content that of its criteria or of its elements,
    as its method says; the index the sum of the contents with their explicit weights. Criteria
    without a question take no part, and the content weights do not change for them.

    Raises
    ------
    IndexEstimationError
        If the method cannot be computed, or a content has no criterion with a question.
    """
    if not method.is_computable:
        raise IndexEstimationError(
            expected="a method whose criteria are known",
            got=f"{method.code}, which is kept as documentation",
            hint=method.not_computable_reason.get("en", "Choose another method."),
        )
    questions = method.questions
    column = {question: position for position, question in enumerate(questions)}
    rows = list(_index_rows(method, column))
    estimated = {node.code for node, _ in rows}
    known = [element.code for content in method.contents for element in content.elements]
    known += [criterion.code for criterion in method.criteria]
    return NodeMap(
        nodes=tuple(node for node, _ in rows),
        questions=questions,
        weights=np.array([row for _, row in rows]),
        not_estimated=tuple(code for code in known if code not in estimated),
    )


type _Row = tuple[IndexNode, FloatArray]


def _index_rows(method: IndexMethod, column: dict[str, int]) -> Iterator[_Row]:
    contents = [
        _content_rows(content, column, CONTENT_RULES[method.content_rule]) for content in method.contents
    ]
    combined = sum(
        (float(content.weight) * rows[0][1] for content, rows in zip(method.contents, contents, strict=True)),
        start=np.zeros(len(column)),
    )
    yield IndexNode(INDEX_CODE, INDEX, method.title), combined
    for rows in contents:
        yield from rows


def _content_rows(
    content: Content, column: dict[str, int], rule: Callable[[list[list[_Row]]], FloatArray]
) -> list[_Row]:
    elements = [rows for rows in (_element_rows(element, column) for element in content.elements) if rows]
    if not elements:
        raise IndexEstimationError(
            expected=f"at least one criterion of content {content.code} with a question",
            got="none",
            hint="Link the questions of the questionnaire to the criteria of the method.",
        )
    node = IndexNode(content.code, CONTENT, content.title)
    return [(node, rule(elements)), *(row for rows in elements for row in rows)]


def _element_rows(element: Element, column: dict[str, int]) -> list[_Row]:
    unit = np.eye(len(column))
    criteria = [
        (IndexNode(criterion.code, CRITERION, criterion.title), unit[column[criterion.question]])
        for criterion in element.criteria
        if criterion.question is not None
    ]
    if not criteria:
        return []
    mean = np.mean([row for _, row in criteria], axis=0)
    return [(IndexNode(element.code, ELEMENT, element.title), mean), *criteria]


def _mean_of_criteria(elements: list[list[_Row]]) -> FloatArray:
    return np.asarray(np.mean([row for rows in elements for _, row in rows[1:]], axis=0))


def _mean_of_elements(elements: list[list[_Row]]) -> FloatArray:
    return np.asarray(np.mean([rows[0][1] for rows in elements], axis=0))


CONTENT_RULES: dict[str, Callable[[list[list[_Row]]], FloatArray]] = {
    "mean_of_criteria": _mean_of_criteria,
    "mean_of_elements": _mean_of_elements,
}
