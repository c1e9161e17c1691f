"""The satisfaction index as query text: the figures of `estimate_index` without the answers in memory.

Nothing here knows an engine: whoever asks brings a function that answers query text. A first scan sums scores
and answers by group, which gives every value and its variance. A second sums the squares of the linearised
scores, for which the values must be known: it gives the design effects, of the domains and once more of the
nation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Unpack

import numpy as np
import pandas as pd

from analysis.estimation import Estimate, FloatArray, QueryDesign
from analysis.estimation.designs.building import DesignOptions
from analysis.estimation.designs.query_design import GroupedDesign
from analysis.estimation.designs.query_text import (
    TABLE,
    check_names,
    literal,
    select,
    select_sums,
    sum_where,
    times,
    with_steps,
)
from analysis.estimation.designs.ratios import Combination, SumEstimator
from analysis.estimation.rows.cells import CellSums
from analysis.index.estimating import check_answered, check_questions, mean_of_shares
from analysis.index.method import POOLED_RATIO, IndexMethod
from analysis.index.query_rows import ANSWERED, ROWS, IndexRows, RatioTerms, StatisticTerms, is_off_scale
from analysis.index.result import NATION, POOLED_SHARE, IndexResult

type Run = Callable[[str, Mapping[str, pd.DataFrame]], pd.DataFrame]

COEFFICIENTS = "coefficients"
LINEAR = "linear"
N_ROWS = "n_rows"


@dataclass(frozen=True)
class IndexQuery:
    """An index, and the columns that hold its answers and the design.

    Attributes
    ----------
    design : QueryDesign
    method : IndexMethod
    answers : mapping of question code to column
        Whole numbers of the method's scale; NULL or NaN where not answered or not applicable.
    by : tuple of str
        Columns of the domains, for example the province; the nation always comes first.
    excused : mapping of question code to column
        Columns that are 1 for those to whom a question does not apply.
    """

    design: QueryDesign
    method: IndexMethod
    answers: Mapping[str, str]
    by: tuple[str, ...] = ()
    excused: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse questions without a column, and names that would need quotes."""
        check_questions(self.method.questions, self.answers)
        check_names(self.columns)

    @cached_property
    def rows(self) -> IndexRows:
        """The text of the scored rows."""
        return IndexRows(self.method, self.answers, self.excused)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that are read."""
        return tuple(dict.fromkeys((*self._kept, *self.rows.columns)))

    @property
    def _kept(self) -> tuple[str, ...]:
        return (*self.design.columns, *self.design.numbers, *self.by)

    def sums_text(self, table: str = TABLE) -> str:
        """Return the first query: sums by variance unit, domain and cells of margins.

        Parameters
        ----------
        table : str
            Name of the data, or a query for them in brackets.
        """
        sums = {**self.design.sums(), N_ROWS: "COUNT(*)", **dict(self._checks()), **dict(self._sums())}
        keys = (*self.design.columns, *self.by)
        steps = self.rows.steps(self._kept, table)
        return f"{with_steps(steps)}\n{select_sums(keys, sums, ROWS)}"

    def moments_text(self, by: Sequence[str] = (), table: str = TABLE) -> str:
        """Return the second query: moments of the linearised scores by domain.

        It reads the table ``coefficients`` beside the data.

        Parameters
        ----------
        by : sequence of str
            Columns of the domains; none for the nation.
        table : str
        """
        same = " AND ".join(f"s.{name} = c.{name}" for name in by) or "1 = 1"
        linear = select(dict(self._linearised()), f"{ROWS} s JOIN {COEFFICIENTS} c ON {same}", first="s.*")
        steps = self.rows.steps(self._kept, table) | {LINEAR: linear}
        return f"{with_steps(steps)}\n{select_sums(by, self.moments, LINEAR)}"

    def estimate(self, run: Run, table: str = TABLE, **options: Unpack[DesignOptions]) -> IndexResult:
        """Ask both queries and put the answers together.

        Parameters
        ----------
        run : callable
            Answers a text over the data and the tables that it is given.
        table : str
            Name of the data, or a query for them in brackets.
        **options
            Of the design, see :meth:`SurveyDesign.from_arrays`.

        Returns
        -------
        IndexResult
            The same as :func:`~analysis.index.estimate_index` from the rows in memory, but for rounding.

        Raises
        ------
        IndexEstimationError, DesignError
            As :meth:`read`.
        """
        sums = self.read(run(self.sums_text(table), {}), **options)
        moments = [
            run(self.moments_text(by, table), {COEFFICIENTS: coefficients})
            for by, coefficients in zip(sums.levels, sums.coefficients(), strict=True)
        ]
        return sums.result(moments)

    def read(self, answer: pd.DataFrame, **options: Unpack[DesignOptions]) -> "IndexSums":
        """Take the answer of the first query.

        Parameters
        ----------
        answer : DataFrame
        **options
            Of the design, see :meth:`SurveyDesign.from_arrays`.

        Returns
        -------
        IndexSums

        Raises
        ------
        IndexEstimationError
            If a question has no answer at all, or one off the scale.
        DesignError
            As :meth:`QueryDesign.read`.
        """
        groups = self.design.read(answer, self.by, overall=bool(self.by), overall_label=NATION, **options)
        if not self.by:
            groups = replace(groups, domains=replace(groups.domains, labels=(NATION,)))
        for place, question in enumerate(self.rows.node_map.questions):
            wrong = answer[f"odd_{place}"].dropna().astype(float).tolist()
            check_answered(question, int(answer[f"n_{ANSWERED}_{place}"].sum()), wrong, self.method.scale)
        return IndexSums(self, groups)

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """Scored columns that are summed, without repetition."""
        pairs = [ratio for statistic in self.rows.statistics for ratio in statistic.ratios]
        named = ((ratio.denominator, ratio.numerator) for ratio in pairs)
        return tuple(dict.fromkeys(name for pair in named for name in pair))

    def _checks(self) -> Iterator[tuple[str, str]]:
        """Yield what tells of silence and mistakes: rows count here whatever their weight."""
        for place, question in enumerate(self.rows.node_map.questions):
            answer = f"answer_{place}"
            yield f"n_{ANSWERED}_{place}", f"COUNT({answer})"
            is_odd = is_off_scale(answer, self.method.scale)
            yield f"odd_{place}", f"MIN(CASE WHEN {is_odd} THEN {answer} END)"
            if question in self.excused:
                yield f"excused_{place}", f"SUM(excused_{place})"

    def _sums(self) -> Iterator[tuple[str, str]]:
        weight = self.design.weight
        for term in self.terms:
            yield f"y_{term}", f"SUM({weight} * {term})"
            for suffix, factor in self.design.factors():
                yield f"y_{term}_{suffix}", sum_where(f"{weight} > 0", times(factor, term))
            if term not in self.rows.marks:
                yield f"yy_{term}", f"SUM({weight} * {term} * {term})"
            if term.startswith(ANSWERED):
                yield f"n_{term}_weighted", sum_where(f"{term} > 0 AND {weight} > 0", "1")
                if term not in self.rows.marks:
                    yield f"weight_{term}", sum_where(f"{term} > 0", weight)

    def names_of(self, ratios: Sequence[RatioTerms]) -> dict[str, list[str]]:
        """Name the sums of some ratios by kind, as cells are read."""
        above, below = [ratio.numerator for ratio in ratios], [ratio.denominator for ratio in ratios]
        return {
            "n": [f"n_{term}_weighted" for term in below],
            "weight": [self._unless_mark("weight", term) for term in below],
            "y": [f"y_{term}" for term in above],
            "x": [f"y_{term}" for term in below],
            "yy": [self._unless_mark("yy", term) for term in above],
            "xx": [self._unless_mark("yy", term) for term in below],
        }

    def _unless_mark(self, kind: str, term: str) -> str:
        return f"y_{term}" if term in self.rows.marks else f"{kind}_{term}"

    @cached_property
    def ratios(self) -> tuple[RatioTerms, ...]:
        """All ratios, without repetition."""
        return tuple(dict.fromkeys(ratio for each in self.rows.statistics for ratio in each.ratios))

    def _linearised(self) -> Iterator[tuple[str, str]]:
        for ratio in self.ratios:
            above, below = ratio.numerator, ratio.denominator
            yield f"u_{above}", f"({above} - c.ratio_{above} * {below}) / c.total_{above}"

    @cached_property
    def moments(self) -> dict[str, str]:
        """Sums of the second query, by name: nodes of the same criteria share who takes part."""
        sums: dict[str, str] = {}
        for statistic in self.rows.statistics:
            for place, names in enumerate(self.moment_names(statistic)):
                sums |= zip(names, self._moments_of(statistic, place), strict=True)
        return sums

    def moment_names(self, statistic: StatisticTerms) -> list[tuple[str, str, str]]:
        """Name the moments of every node: rows that take part, their weights, squares of their scores."""
        numbers = [
            self._participants[_taking_part(statistic, place)] for place in range(len(statistic.nodes))
        ]
        return [
            (f"n_{number}", f"size_{number}", f"square_{statistic.name}_{place}")
            for place, number in enumerate(numbers)
        ]

    @cached_property
    def _participants(self) -> dict[str, int]:
        """Number the different conditions of taking part."""
        parts = (
            _taking_part(each, place) for each in self.rows.statistics for place in range(len(each.nodes))
        )
        return {part: number for number, part in enumerate(dict.fromkeys(parts))}

    def _moments_of(self, statistic: StatisticTerms, place: int) -> tuple[str, str, str]:
        weight, takes_part = self.design.weight, _taking_part(statistic, place)
        score = " + ".join(
            f"{literal(share)} * u_{ratio.numerator}" for ratio, share in _used(statistic, place)
        )
        return (
            sum_where(f"{takes_part} AND {weight} > 0", "1"),
            sum_where(takes_part, weight),
            f"SUM({weight} * ({score}) * ({score}))",
        )


def _used(statistic: StatisticTerms, place: int) -> list[tuple[RatioTerms, float]]:
    """Return the ratios that count in a node, with their weights."""
    shares = zip(statistic.ratios, statistic.combination[place].tolist(), strict=True)
    return [(ratio, share) for ratio, share in shares if share]


def _taking_part(statistic: StatisticTerms, place: int) -> str:
    return f"{' + '.join(ratio.denominator for ratio, _ in _used(statistic, place))} > 0"


@dataclass(frozen=True, eq=False)
class IndexSums:
    """The answer of the first query: all values are known, and what the second query needs.

    Attributes
    ----------
    query : IndexQuery
    groups : GroupedDesign
    """

    query: IndexQuery
    groups: GroupedDesign

    def _cells(self, ratios: Sequence[RatioTerms]) -> CellSums:
        return self.groups.cells(self.query.names_of(ratios))

    def _estimator(self, ratios: Sequence[RatioTerms]) -> SumEstimator:
        above = [f"y_{ratio.numerator}" for ratio in ratios]
        return self.groups.estimator(above, [f"y_{ratio.denominator}" for ratio in ratios])

    @property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """Columns of the domains for which the second query is asked, the nation first."""
        return ((), self.query.by) if self.query.by else ((),)

    def coefficients(self) -> tuple[pd.DataFrame, ...]:
        """Return the table ``coefficients`` of each level."""
        ratios = self.query.ratios
        labels = self.groups.domains.names
        ratio, total = SumEstimator(self.groups.design.structure, labels).find_ratios(self._cells(ratios))
        names = [f"{kind}_{each.numerator}" for kind in ("ratio", "total") for each in ratios]
        known = np.nan_to_num(total)
        values = np.hstack([np.nan_to_num(ratio), np.where(known == 0, 1.0, known)])
        frame = pd.DataFrame(values, columns=names)
        nation, domains = frame.iloc[:1], frame.iloc[1:].reset_index(drop=True)
        if not self.query.by:
            return (nation,)
        keys = pd.DataFrame(list(map(_as_tuple, labels.labels)), columns=list(self.query.by))
        return nation, pd.concat([keys, domains], axis=1)

    def result(self, moments: Sequence[pd.DataFrame]) -> IndexResult:
        """Put values, variances and design effects together.

        Parameters
        ----------
        moments : sequence of DataFrame
            Answers of the second query for each of the levels.
        """
        ordered = self._ordered(moments)
        node_map, rows = self.query.rows.node_map, self.query.rows
        answered = self.groups.count([f"n_{ANSWERED}_{place}" for place in range(len(node_map.questions))])
        n_rows, excused = self.groups.count([N_ROWS]), self._excused()
        return IndexResult(
            method=self.query.method,
            nodes=node_map.nodes,
            domains=tuple(self.groups.domains.all_labels),
            estimates={each.name: self._estimate(each, ordered) for each in rows.statistics},
            item_nonresponse=mean_of_shares(n_rows - excused - answered, n_rows - excused, node_map),
            not_applicable=mean_of_shares(excused, n_rows + np.zeros_like(excused), node_map),
            not_estimated=node_map.not_estimated,
        )

    def _excused(self) -> FloatArray:
        questions = self.query.rows.node_map.questions
        nobody = np.zeros((len(self.groups.domains.all_labels), 1))
        columns = [
            self.groups.count([f"excused_{place}"]) if question in self.query.excused else nobody
            for place, question in enumerate(questions)
        ]
        return np.hstack(columns)

    def _ordered(self, moments: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Return the moments in the order of the results."""
        names = list(self.query.moments)
        nation = moments[0][names]
        if not self.query.by:
            return nation
        by_label = moments[1].set_index(list(self.query.by))[names]
        labels = list(self.groups.domains.labels)
        return pd.concat([nation, by_label.loc[labels]], ignore_index=True)

    def _estimate(self, statistic: StatisticTerms, moments: pd.DataFrame) -> Estimate:
        """Estimate every node as a combination of ratios."""
        names = zip(*self.query.moment_names(statistic), strict=True)
        n, size, square = (moments[list(each)].to_numpy(dtype=float) for each in names)
        known = np.stack([n, size, np.zeros_like(n), square])
        combination = Combination(statistic.combination, lambda _ratio, _total: known)
        estimator = self._estimator(statistic.ratios)
        estimate = estimator.ratio(self._cells(statistic.ratios), statistic.nodes, combination=combination)
        bounds = statistic.statistic.bounds(self.query.method.scale)
        scaled = estimate.scaled(statistic.statistic.factor, bounds=bounds)
        if statistic.name == POOLED_SHARE:
            return scaled
        is_pooled = self.query.method.element_rule == POOLED_RATIO
        return scaled.inheriting(self.query.rows.node_map.find_parts(is_pooled=is_pooled))


def _as_tuple(label: object) -> tuple[object, ...]:
    return label if isinstance(label, tuple) else (label,)
