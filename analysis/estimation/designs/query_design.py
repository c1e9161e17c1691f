"""The same sums as query text: portable SQL for DuckDB and Apache Spark, and the way back from its answer.

Nothing here runs a query. A caller runs :meth:`SumQuery.text` wherever the rows are and hands the answer, one
row per variance unit and domain, to :meth:`SumQuery.estimate`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Unpack

import pandas as pd

from analysis.estimation.designs.building import DesignOptions
from analysis.estimation.designs.ratios import SumEstimator
from analysis.estimation.designs.survey_design import SHARE_BOUNDS, SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DesignError, EstimandError
from analysis.estimation.results.estimate import Estimate
from analysis.estimation.rows.cells import CellSums, read_cells
from analysis.estimation.rows.columns import check_limit

TABLE = "microdata"
WRONG_WEIGHTS = "wrong_weights"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class QueryDesign:
    """Columns that describe the design.

    Attributes
    ----------
    weight : str
    clusters : tuple of str
        One per stage that the variance needs; the first is the PSU.
    strata : tuple of str
    fpc : tuple of str
        Population counts or fractions, one per stage.
    """

    weight: str
    clusters: tuple[str, ...]
    strata: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that tell variance units apart."""
        return tuple(dict.fromkeys((*self.strata, *self.clusters, *self.fpc)))


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
        """Refuse names that would need quotes, which engines write differently, and unpaired ratios."""
        check_limit(self.at_least)
        names = (*self.design.columns, self.design.weight, *self.columns, *self.by, *self.denominators)
        odd = [name for name in names if not _NAME.fullmatch(name)]
        if odd:
            raise EstimandError(
                expected="column names of letters, digits and underscores",
                got=", ".join(map(repr, odd)),
                hint="Rename the columns in a view.",
            )
        if self.denominators and len(self.denominators) != len(self.columns):
            raise EstimandError(
                expected=f"{len(self.columns)} denominators, one per numerator",
                got=f"{len(self.denominators)}",
                hint="Repeat a denominator that several numerators share.",
            )

    def text(self, table: str = TABLE) -> str:
        """Return the query: ``SUM(CASE WHEN ...)`` grouped by variance unit and domain."""
        keys = ", ".join(dict.fromkeys((*self.design.columns, *self.by)))
        sums = ",\n".join(f"  {expression} AS {name}" for name, expression in self._sums())
        weight = f"  SUM({self.design.weight}) AS unit_weight"
        wrong = f"  {_count_wrong(self.design.weight)} AS {WRONG_WEIGHTS}"
        return f"SELECT {keys},\n{weight},\n{wrong},\n{sums}\nFROM {table}\nGROUP BY {keys}"

    def estimate(
        self, answer: pd.DataFrame, *, overall: bool = False, **options: Unpack[DesignOptions]
    ) -> Estimate:
        """Turn the answer of the query into estimates.

        Parameters
        ----------
        answer : DataFrame
            One row per variance unit and domain, in any order.
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
        DesignError
            As from the rows: if a weight is missing, negative or infinite, which a sum would hide, or a
            stratum or cluster is missing.
        """
        _refuse_wrong_weights(answer)
        design = SurveyDesign.from_frame(
            answer,
            weight="unit_weight",
            strata=self.design.strata or None,
            clusters=self.design.clusters,
            fpc=self.design.fpc or None,
            **options,
        )
        domains = (
            Domains.from_labels(answer[list(self.by)], n_rows=len(answer), has_overall=overall)
            if self.by
            else Domains.whole(len(answer))
        )
        estimator = SumEstimator(design.structure, domains.names)
        sums = self.read(answer, design, domains)
        if self.is_total:
            return estimator.total(sums, self.columns)
        bounds = None if self.at_least is None else SHARE_BOUNDS
        return estimator.ratio(sums, self.names, bounds=bounds)

    def read(self, answer: pd.DataFrame, design: SurveyDesign, domains: Domains) -> CellSums:
        """Take the sums from the answer, whose rows are the rows of the design and the domains."""
        kinds = dict.fromkeys(name.rsplit("_", 1)[0] for name, _ in self._sums())
        columns = range(len(self.columns))
        sums = {
            kind: answer[[f"{kind}_{column}" for column in columns]].to_numpy(dtype=float) for kind in kinds
        }
        return read_cells(design.unit, domains.codes, sums)

    @property
    def names(self) -> tuple[str, ...]:
        """What each entry estimates."""
        if not self.denominators:
            return self.columns
        return tuple(f"{top}/{bottom}" for top, bottom in zip(self.columns, self.denominators, strict=True))

    def _sums(self) -> Iterator[tuple[str, str]]:
        for position, column in enumerate(self.columns):
            for name, condition, value in self._terms(position, _number(column)):
                yield f"{name}_{position}", f"SUM(CASE WHEN {condition} THEN {value} ELSE 0 END)"

    def _terms(self, position: int, column: str) -> Sequence[tuple[str, str, str]]:
        weight, known = self.design.weight, f"{column} IS NOT NULL"
        if self.at_least is not None:
            above = f"{column} >= {float(self.at_least)!r}"
            return (*self._counts(known), ("y", above, weight))
        if self.denominators:
            below = _number(self.denominators[position])
            known = f"{known} AND {below} IS NOT NULL"
            products = {"y": column, "x": below, "yy": f"{column} * {column}"}
            products |= {"xy": f"{column} * {below}", "xx": f"{below} * {below}"}
        else:
            products = {"y": column, "yy": f"{column} * {column}"}
        terms = ((name, known, f"{weight} * {product}") for name, product in products.items())
        return (*self._counts(known), *terms)

    def _counts(self, known: str) -> Sequence[tuple[str, str, str]]:
        weight = self.design.weight
        return ("n", f"{known} AND {weight} > 0", "1"), ("weight", known, weight)


def _count_wrong(weight: str) -> str:
    """Count the rows whose weight is NULL, NaN (which engines sort above all), negative or infinite."""
    number = f"CAST({weight} AS DOUBLE)"
    is_right = f"{number} >= 0 AND {number} < CAST('Infinity' AS DOUBLE)"
    return f"SUM(CASE WHEN {is_right} THEN 0 ELSE 1 END)"


def _refuse_wrong_weights(answer: pd.DataFrame) -> None:
    n_wrong = int(answer[WRONG_WEIGHTS].sum())
    if n_wrong:
        raise DesignError(
            expected="finite weights of at least 0",
            got=f"{n_wrong} rows with a missing, negative or infinite weight",
            hint="Leave units out of the design only if they are not in the sample; mask domains with by=.",
        )


def _number(column: str) -> str:
    """Return the column as a number whose NaN is missing too."""
    return f"NULLIF(CAST({column} AS DOUBLE), CAST('NaN' AS DOUBLE))"
