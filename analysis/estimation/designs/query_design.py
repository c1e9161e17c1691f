"""Designs named by columns: what a query must sum for variances, and the design of its answer.

Nothing here runs a query. The rows of an answer are groups of rows of the data: those that share a variance
unit, a domain and, if the weights are calibrated, a cell of every margin. Each group stands in the design of
the answer with the sum of its weights.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Unpack

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray, sum_by
from analysis.estimation.designs.building import DesignOptions
from analysis.estimation.designs.query_calibration import GroupedCalibration, QueryCalibration
from analysis.estimation.designs.query_text import count_unless, is_weight, name_group, refuse_wrong
from analysis.estimation.designs.ratios import SumEstimator
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.domains import OVERALL, Domains
from analysis.estimation.errors import DesignError
from analysis.estimation.rows.cells import Cells, CellSums, read_cells

UNIT_WEIGHT = "unit_weight"
WRONG_WEIGHTS = "wrong_weights"


@dataclass(frozen=True)
class QueryDesign:
    """Columns that describe the design.

    Attributes
    ----------
    weight : str
        Final weight.
    clusters : tuple of str
        One per stage that the variance needs; the first is the PSU.
    strata : tuple of str
    fpc : tuple of str
        Population counts or fractions, one per stage.
    certainty : str, optional
        Marks PSUs that were certain to be drawn: each becomes a stratum with the clusters of the second stage
        as PSUs.
    systematic_order : str, optional
        Place of the PSU in a systematic draw; neighbours are then compared.
    calibration : QueryCalibration, optional
        Margins and totals that the weights meet.
    """

    weight: str
    clusters: tuple[str, ...]
    strata: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()
    certainty: str | None = None
    systematic_order: str | None = None
    calibration: QueryCalibration | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that tell groups apart."""
        named = (*self.strata, *self.clusters, *self.fpc, self.certainty, self.systematic_order)
        margins = () if self.calibration is None else self.calibration.margins
        return tuple(dict.fromkeys(name for name in (*named, *margins) if name is not None))

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that name a group for a person: its strata and clusters."""
        return tuple(dict.fromkeys((*self.strata, *self.clusters)))

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that are summed."""
        return (self.weight, *(() if self.calibration is None else self.calibration.summed))

    def sums(self) -> Mapping[str, str]:
        """Return what every group must tell of its weights, by name."""
        sums = {UNIT_WEIGHT: f"SUM({self.weight})", WRONG_WEIGHTS: count_unless(is_weight(self.weight))}
        return sums if self.calibration is None else sums | self.calibration.sums(self.weight)

    def factors(self) -> Iterator[tuple[str, str]]:
        """Yield what the scores of a calibrated design are summed with beside the weight, by suffix."""
        return iter(()) if self.calibration is None else self.calibration.factors()

    def read(
        self,
        answer: pd.DataFrame,
        by: Sequence[str] = (),
        *,
        overall: bool = False,
        overall_label: str = OVERALL,
        **options: Unpack[DesignOptions],
    ) -> "GroupedDesign":
        """Build the design of the groups of an answer.

        Parameters
        ----------
        answer : DataFrame
            One row per group, in any order.
        by : sequence of str
            Columns of the domains; several are crossed.
        overall : bool
            Whether the whole comes first.
        overall_label : str
        **options
            Of the design, see :meth:`SurveyDesign.from_arrays`.

        Returns
        -------
        GroupedDesign

        Raises
        ------
        DesignError
            As from the rows: if a weight is missing, negative or infinite, which a sum would hide, or a
            stratum, cluster or cell of a margin is missing.
        """
        hint = "Leave units out of the design only if they are not in the sample; mask domains with by=."
        wrong = "a missing, negative or infinite weight"
        expected = "finite weights of at least 0"
        refuse_wrong(answer, WRONG_WEIGHTS, expected, what=wrong, hint=hint, keys=self.keys)
        self._refuse_missing(answer)
        design = SurveyDesign.from_frame(
            answer,
            weight=UNIT_WEIGHT,
            strata=self.strata or None,
            clusters=self.clusters,
            fpc=self.fpc or None,
            certainty=self.certainty,
            systematic_order=self.systematic_order,
            **options,
        )
        n_groups = len(answer)
        domains = (
            Domains.from_labels(
                answer[list(by)], n_rows=n_groups, has_overall=overall, overall_label=overall_label
            )
            if by
            else Domains.whole(n_groups)
        )
        known = None if self.calibration is None else self.calibration.read(answer, design)
        return GroupedDesign(answer, design, domains, known)

    def _refuse_missing(self, answer: pd.DataFrame) -> None:
        """Refuse what is missing by the group, which a person finds; the place in an answer tells nothing."""
        kinds = {
            "strata": self.strata,
            "clusters": self.clusters,
            "population counts": self.fpc,
            "places in the draw": _named(self.systematic_order),
        }
        for what, names in kinds.items():
            for name in names:
                missing = answer[name].isna().to_numpy()
                if missing.any():
                    raise DesignError(
                        expected=f"no missing {what} in column {name}",
                        got=f"a missing one in {name_group(answer, int(missing.argmax()), self.keys)}",
                        hint="Every sampled unit belongs to a stratum and a PSU of the draw: see there.",
                    )
        if self.certainty is not None:
            self._refuse_doubtful(answer, self.certainty)

    def _refuse_doubtful(self, answer: pd.DataFrame, certainty: str) -> None:
        """Refuse marks of certainty that are neither true nor false."""
        wrong = ~answer[certainty].isin([0, 1]).to_numpy()
        if wrong.any():
            place = int(wrong.argmax())
            raise DesignError(
                expected=f"True or False as marks of certainty in column {certainty}",
                got=f"{answer[certainty].iloc[place]} in {name_group(answer, place, self.keys)}",
                hint="Say what a missing one means before, for example with COALESCE.",
            )


def _named(column: str | None) -> tuple[str, ...]:
    return () if column is None else (column,)


@dataclass(frozen=True, eq=False)
class GroupedDesign:
    """Groups of rows with their sums, and the design and domains they lie in.

    Attributes
    ----------
    answer : DataFrame
    design : SurveyDesign
        Of the groups.
    domains : Domains
    calibration : GroupedCalibration, optional
    """

    answer: pd.DataFrame
    design: SurveyDesign
    domains: Domains
    calibration: GroupedCalibration | None

    def take(self, names: Sequence[str]) -> FloatArray:
        """Return sums of every group, shape (n_groups, k)."""
        return self.answer[list(names)].to_numpy(dtype=float)

    @cached_property
    def _cells(self) -> Cells:
        everybody = np.ones(len(self.answer))
        return Cells.of(self.design.unit, self.design.n_units, self.domains, everybody)

    def cells(self, sums: Mapping[str, Sequence[str]]) -> CellSums:
        """Add the groups up by variance unit and domain.

        Parameters
        ----------
        sums : mapping of kind to names of columns
            The kinds of :func:`~analysis.estimation.rows.cells.read_cells`.
        """
        cells = self._cells
        added = {kind: sum_by(cells.of_row, len(cells), self.take(names)) for kind, names in sums.items()}
        return read_cells(cells.unit, cells.domain, added)

    def count(self, names: Sequence[str]) -> FloatArray:
        """Add sums up by domain, shape (n_domains, k)."""
        together = np.zeros(len(self.answer), dtype=np.int64)
        return np.asarray(self.domains.totals_by(together, 1, self.take(names))[0])

    def estimator(self, above: Sequence[str], below: Sequence[str] = ()) -> SumEstimator:
        """Return what turns sums of cells into estimates.

        Parameters
        ----------
        above, below : sequence of str
            Numerators and denominators, none for totals: names of their columns without the suffixes of
            :meth:`QueryDesign.factors`. Asked of calibrated designs only.
        """
        labels, structure = self.domains.names, self.design.structure
        if self.calibration is None:
            return SumEstimator(structure, labels)
        explained = self.calibration.explain_ratios(self.answer, self.domains, above, below)
        return SumEstimator(structure.for_residuals(), labels, explained)
