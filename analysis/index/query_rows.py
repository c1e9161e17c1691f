"""The rows of an index as query text: who answered each criterion, and the scores that statistics sum."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.estimation import FloatArray
from analysis.estimation.designs.query_text import literal, number, select
from analysis.index.estimating import STATISTICS, TOP_TWO_SHARE, Statistic
from analysis.index.method import POOLED_RATIO, IndexMethod, Scale
from analysis.index.nodes import ELEMENT, NodeMap, map_nodes
from analysis.index.result import POOLED_SHARE, TOP_TWO

ANSWERED = "answered"
ROWS = "scored"
_ZERO, _ONE = literal(0), literal(1)

SCORE_TEXTS = {
    TOP_TWO: f"CASE WHEN {{answer}} >= {{satisfied_from}} THEN {_ONE} ELSE {_ZERO} END",
    "mean_score": f"CASE WHEN {{answer}} IS NULL THEN {_ZERO} ELSE {{answer}} END",
}
"""How an answer is scored, 0 where there is none: the texts of `STATISTICS`."""


@dataclass(frozen=True)
class RatioTerms:
    """Names of the scored columns whose totals make a ratio; both are 0 for who did not answer."""

    numerator: str
    denominator: str


@dataclass(frozen=True, eq=False)
class StatisticTerms:
    """What a statistic estimates: combinations of ratios.

    Attributes
    ----------
    name : str
    statistic : Statistic
    nodes : tuple of str
        Codes, one per combination.
    ratios : tuple of RatioTerms
    combination : float array, shape (n_nodes, n_ratios)
    """

    name: str
    statistic: Statistic
    nodes: tuple[str, ...]
    ratios: tuple[RatioTerms, ...]
    combination: FloatArray


@dataclass(frozen=True)
class IndexRows:
    """Text that turns answers into scores.

    Attributes
    ----------
    method : IndexMethod
    answers : mapping of question to column
    excused : mapping of question to column
        Columns that are 1 for those to whom the question does not apply.
    """

    method: IndexMethod
    answers: Mapping[str, str]
    excused: Mapping[str, str]

    @cached_property
    def node_map(self) -> NodeMap:
        """Weights of the criteria in the nodes."""
        return map_nodes(self.method)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that are read."""
        questions = self.node_map.questions
        reasons = (self.excused[question] for question in questions if question in self.excused)
        return tuple(dict.fromkeys((*(self.answers[question] for question in questions), *reasons)))

    @cached_property
    def statistics(self) -> tuple[StatisticTerms, ...]:
        """Return what is estimated, in the order of the results."""
        node_map = self.node_map
        nodes = tuple(node.code for node in node_map.nodes)
        is_pooled = self.method.element_rule == POOLED_RATIO
        weights = node_map.pooled_weights if is_pooled else node_map.weights
        found = [
            StatisticTerms(
                name,
                statistic,
                nodes,
                (*self._of_criteria(name), *(self._of_elements(name) if is_pooled else ())),
                weights,
            )
            for name, statistic in STATISTICS.items()
        ]
        elements = tuple(nodes[position] for position in node_map.positions(ELEMENT))
        pooled = self._of_elements(TOP_TWO)
        return (
            *found,
            StatisticTerms(POOLED_SHARE, TOP_TWO_SHARE, elements, pooled, np.eye(len(pooled))),
        )

    def _of_criteria(self, name: str) -> tuple[RatioTerms, ...]:
        positions = range(len(self.node_map.questions))
        return tuple(RatioTerms(f"{name}_{place}", f"{ANSWERED}_{place}") for place in positions)

    def _of_elements(self, name: str) -> tuple[RatioTerms, ...]:
        """Return the pooled ratios of the elements; one of a single criterion is that criterion."""
        of_criteria = self._of_criteria(name)
        single = [np.flatnonzero(row) for row in self.node_map.members]
        return tuple(
            of_criteria[int(members[0])]
            if len(members) == 1
            else RatioTerms(f"{name}_of_{place}", f"{ANSWERED}_of_{place}")
            for place, members in enumerate(single)
        )

    @cached_property
    def marks(self) -> frozenset[str]:
        """Scored columns that are 0 or 1, so that their squares need no sum of their own."""
        positions = range(len(self.node_map.questions))
        return frozenset(f"{name}_{place}" for name in (ANSWERED, TOP_TWO) for place in positions)

    def steps(self, keep: Iterable[str], table: str) -> dict[str, str]:
        """Return the queries, by name, of which the last are the scored rows.

        Parameters
        ----------
        keep : sequence of str
            Columns of the design and of domains that go with them.
        table : str
        """
        kept = {name: f"m.{name}" for name in keep}
        return {
            "answers": select(kept | dict(self._read()), f"{table} m"),
            "criteria": select(dict(self._score()), "answers", first="*"),
            ROWS: select(dict(self._pool()), "criteria", first="*"),
        }

    def _read(self) -> Iterator[tuple[str, str]]:
        for place, question in enumerate(self.node_map.questions):
            yield f"answer_{place}", number(f"m.{self.answers[question]}")
            if question in self.excused:
                yield f"reason_{place}", f"m.{self.excused[question]}"

    def _score(self) -> Iterator[tuple[str, str]]:
        limit = literal(self.method.scale.satisfied_from)
        for place, question in enumerate(self.node_map.questions):
            answer = f"answer_{place}"
            yield f"{ANSWERED}_{place}", f"CASE WHEN {answer} IS NULL THEN {_ZERO} ELSE {_ONE} END"
            for name, text in SCORE_TEXTS.items():
                yield f"{name}_{place}", text.format(answer=answer, satisfied_from=limit)
            if question in self.excused:
                is_excused = f"{answer} IS NULL AND reason_{place} = 1"
                yield f"excused_{place}", f"CASE WHEN {is_excused} THEN 1 ELSE 0 END"

    def _pool(self) -> Iterator[tuple[str, str]]:
        """Add up the criteria of elements that hold several."""
        for place, row in enumerate(self.node_map.members):
            members = np.flatnonzero(row).tolist()
            if len(members) > 1:
                for name in (ANSWERED, *SCORE_TEXTS):
                    yield f"{name}_of_{place}", " + ".join(f"{name}_{member}" for member in members)


def is_off_scale(answer: str, scale: Scale) -> str:
    """Say that an answer is none of the whole numbers of the scale."""
    low, high = literal(scale.minimum), literal(scale.maximum)
    return f"({answer} < {low} OR {answer} > {high} OR {answer} <> FLOOR({answer}))"
