"""The same sums as query text: portable SQL for DuckDB and Apache Spark, and the way back from its answer.

Nothing here runs a query. A caller runs :meth:`SumQuery.text` wherever the rows are and hands the answer, one
row per group of rows that lie in the same variance unit and domain, to :meth:`SumQuery.estimate`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Unpack

import pandas as pd

from analysis.estimation.designs.building import DesignOptions
from analysis.estimation.designs.query_design import QueryDesign
from analysis.estimation.designs.query_text import (
    TABLE,
    check_names,
    is_infinite,
    number,
    refuse_wrong,
    select_sums,
    sum_where,
    times,
)
from analysis.estimation.designs.survey_design import SHARE_BOUNDS
from analysis.estimation.errors import EstimandError
from analysis.estimation.results.estimate import Estimate
from analysis.estimation.rows.columns import check_limit

COUNT = "n"
INFINITE = "infinite"

type Terms = Mapping[str, tuple[str, str]]
"""Condition and value of what is summed with the weight, by kind."""


@dataclass(frozen=True)
class SumQuery:
    """Sums by variance unit and domain of variables of one kind.

    Attributes
    ----------
    design : QueryDesign
    columns : tuple of str
        Variables; a missing answer is NULL or NaN.
    by : tuple of str
        Columns of the domains; several are crossed.
    at_least : float, optional
        Shares of the values that are at least as high.
    denominators : tuple of str
        Turns the columns into ratios, one denominator each.
    is_total : bool
        Totals instead of means.

    Examples
    --------
    >>> design = QueryDesign("weight", clusters=("commune",), strata=("province",))
    >>> print(SumQuery(design, ("q11",), at_least=4).text())  # doctest: +ELLIPSIS
    SELECT province, commune,
      SUM(weight) AS unit_weight,
      ...
    FROM microdata
    GROUP BY province, commune
    """

    design: QueryDesign
    columns: tuple[str, ...]
    by: tuple[str, ...] = ()
    at_least: float | None = None
    denominators: tuple[str, ...] = ()
    is_total: bool = False

    def __post_init__(self) -> None:
        """Refuse names that would need quotes, and unpaired ratios."""
        check_limit(self.at_least)
        check_names((*self.design.columns, *self.design.numbers, *self.columns, *self.by, *self.denominators))
        if self.denominators and len(self.denominators) != len(self.columns):
            raise EstimandError(
                expected=f"{len(self.columns)} denominators, one per numerator",
                got=f"{len(self.denominators)}",
                hint="Repeat a denominator that several numerators share.",
            )

    def text(self, table: str = TABLE) -> str:
        """Return the query: ``SUM(CASE WHEN ...)`` grouped by variance unit, domain and cells of margins."""
        sums = dict(self.design.sums())
        sums |= {
            name: f"SUM(CASE WHEN {is_infinite(column)} THEN 1 ELSE 0 END)"
            for name, column in self._infinite()
        }
        for position in range(len(self.columns)):
            sums |= self._sums(position)
        return select_sums((*self.design.columns, *self.by), sums, table)

    def estimate(
        self, answer: pd.DataFrame, *, overall: bool = False, **options: Unpack[DesignOptions]
    ) -> Estimate:
        """Turn the answer of the query into estimates.

        Parameters
        ----------
        answer : DataFrame
            One row per group, in any order.
        overall : bool
            Whether the whole comes first.
        **options
            Of the design, see :meth:`SurveyDesign.from_arrays`.

        Returns
        -------
        Estimate
            The same as from the rows in memory, but for rounding.

        Raises
        ------
        EstimandError
            If an answer is infinite.
        DesignError
            As :meth:`QueryDesign.read`.
        """
        groups = self.design.read(answer, self.by, overall=overall, **options)
        self._refuse_infinite(answer)
        kinds = (COUNT, *self._terms(0))
        sums = groups.cells({kind: self._named(kind) for kind in kinds})
        estimator = groups.estimator(self._named("y"), () if self.is_total else self._named(self._below))
        if self.is_total:
            return estimator.total(sums, self.columns)
        bounds = None if self.at_least is None else SHARE_BOUNDS
        return estimator.ratio(sums, self.names, bounds=bounds)

    @property
    def names(self) -> tuple[str, ...]:
        """What each entry estimates."""
        if not self.denominators:
            return self.columns
        return tuple(f"{top}/{bottom}" for top, bottom in zip(self.columns, self.denominators, strict=True))

    @property
    def _below(self) -> str:
        """Kind of the sums in the denominator."""
        return "x" if self.denominators else "weight"

    def _infinite(self) -> Iterator[tuple[str, str]]:
        """Yield the variables by the name of the sum that counts their infinite values."""
        read = dict.fromkeys((*self.columns, *self.denominators))
        return ((f"{INFINITE}_{place}", column) for place, column in enumerate(read))

    def _refuse_infinite(self, answer: pd.DataFrame) -> None:
        """Refuse what a mean would make infinite, and a share count as satisfied."""
        for name, column in self._infinite():
            refuse_wrong(
                answer,
                name,
                f"finite numbers or missing ones in {column}",
                what="an infinite value",
                hint="Turn divisions by zero into NULL before estimating.",
                keys=self.design.keys,
                error=EstimandError,
            )

    def _named(self, kind: str) -> list[str]:
        return [f"{kind}_{position}" for position in range(len(self.columns))]

    def _sums(self, position: int) -> Iterator[tuple[str, str]]:
        weight, terms = self.design.weight, self._terms(position)
        known, _ = terms["weight"]
        yield f"{COUNT}_{position}", sum_where(f"{known} AND {weight} > 0", "1")
        for kind, (condition, value) in terms.items():
            yield f"{kind}_{position}", sum_where(condition, times(weight, value))
        for kind in ("y", self._below):
            condition, value = terms[kind]
            for suffix, factor in self.design.factors():
                scored = sum_where(f"{condition} AND {weight} > 0", times(factor, value))
                yield f"{kind}_{position}_{suffix}", scored

    def _terms(self, position: int) -> Terms:
        column = number(self.columns[position])
        known = f"{column} IS NOT NULL"
        if self.at_least is not None:
            above = f"{column} >= {float(self.at_least)!r}"
            return {"weight": (known, "1"), "y": (above, "1")}
        products = {"weight": "1", "y": column, "yy": times(column, column)}
        if self.denominators:
            below = number(self.denominators[position])
            known = f"{known} AND {below} IS NOT NULL"
            products |= {"x": below, "xy": times(column, below), "xx": times(below, below)}
        return {kind: (known, product) for kind, product in products.items()}
