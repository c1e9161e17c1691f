"""From labels of rows to the structure that variances need."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray, Values, as_floats, as_truth
from analysis.estimation.designs.encoding import (
    EncodedStage,
    check_weights,
    encode_first_stage,
    encode_next_stage,
    split_certain,
    split_stages,
)
from analysis.estimation.designs.fractions import sampling_fractions
from analysis.estimation.designs.pps import (
    Brewer,
    HartleyRao,
    JointProbabilities,
    PpsMethod,
    hartley_rao_matrix,
    joint_matrix,
    overton_matrix,
)
from analysis.estimation.designs.single_psu import SEE_DOMAINS, find_policy
from analysis.estimation.designs.stage import Stage
from analysis.estimation.designs.variance import COUNTED, QuadraticForm, Stages, VarianceStructure
from analysis.estimation.domains import Labels
from analysis.estimation.errors import DesignError, refuse_name

_BELOW_CERTAIN = 2
_PLACE_HINT = "Repeat the place of a PSU in all its rows."
_COLUMNS = ("weights", "strata", "clusters", "fpc", "certainty", "systematic_order")


class DesignOptions(TypedDict, total=False):
    """Choices of a design that are not columns; as in ``SurveyDesign.from_arrays``."""

    single_psu: str
    single_in_domain: bool
    single_scope: str
    nest: bool
    pps: PpsMethod | None
    degrees: str


@dataclass(frozen=True, eq=False)
class BuiltDesign:
    """Weights, variance unit and PSU of every row, and the structure of the design."""

    weights: FloatArray
    unit: IntArray
    psu: IntArray
    structure: VarianceStructure


@dataclass(frozen=True, eq=False)
class DesignSpec:
    """What is known of a design, one entry per row in every array; as in ``SurveyDesign.from_arrays``."""

    weights: Values | None
    strata: Labels | None = None
    clusters: Labels | None = None
    fpc: Values | None = None
    certainty: Values | None = None
    systematic_order: Values | None = None
    single_psu: str = "fail"
    single_in_domain: bool = False
    single_scope: str = "domain"
    nest: bool = False
    pps: PpsMethod | None = None
    degrees: str = COUNTED

    def build(self) -> BuiltDesign:
        """Check and encode everything.

        Raises
        ------
        DesignError
            Naming the first row, stratum or PSU that does not fit.
        """
        for name in _COLUMNS:
            refuse_name(getattr(self, name), name, DesignError)
        find_policy(self.single_psu)
        corrections: list[Values] = list(split_stages(self.fpc))
        n_rows = self._n_rows(corrections)
        stages = self._encode(n_rows, n_corrected=len(corrections))
        if self.certainty is not None:
            stages, corrections = self._split_certain(stages, corrections)
        is_pps = self.pps is not None
        fractions = sampling_fractions(stages, corrections, is_pps=is_pps)
        weights = self._weigh(stages, fractions)
        stages = stages[: max(len(fractions), 1)]
        if not fractions:
            fractions = [np.zeros(stages[0].n_units)]
        structure = self._structure(stages, fractions)
        return BuiltDesign(weights, stages[-1].unit, stages[0].unit, structure)

    def _n_rows(self, corrections: Sequence[Values]) -> int:
        if self.weights is None and not corrections:
            raise DesignError(
                expected="weights, or corrections that give them",
                got="neither",
                hint="Pass the final weights; sampling fractions of all stages give design weights.",
            )
        return len(corrections[0] if self.weights is None else np.asarray(self.weights))

    def _encode(self, n_rows: int, *, n_corrected: int) -> list[EncodedStage]:
        strata, clusters = split_stages(self.strata), split_stages(self.clusters)
        first = encode_first_stage(
            strata[0] if strata else None, clusters[0] if clusters else None, n_rows, nest=self.nest
        )
        stages = [first]
        n_wanted = max(n_corrected, 1 if self.certainty is None else _BELOW_CERTAIN)
        for stage, labels in enumerate(clusters[1:n_wanted], start=2):
            inner = strata[stage - 1] if len(strata) >= stage else None
            stages.append(encode_next_stage(stages[-1], labels, inner, stage=stage))
        return stages

    def _split_certain(
        self, stages: list[EncodedStage], corrections: list[Values]
    ) -> tuple[list[EncodedStage], list[Values]]:
        """Move certainty PSUs, and their corrections, one stage up."""
        is_certain = as_truth(self.certainty, "marks of certainty", DesignError)
        if is_certain.shape != stages[0].unit.shape:
            raise DesignError(
                expected=f"{len(stages[0].unit)} marks of certainty, one per row",
                got=f"shape {is_certain.shape}",
                hint="Mark every row of a PSU that was certain to be drawn.",
            )
        split = split_certain(stages, is_certain)
        columns = [as_floats(values, "population counts", DesignError) for values in corrections]
        has_counts = any((column > 1).any() for column in columns)
        none = np.inf if has_counts else 0.0  # drawn with replacement, as far as anybody knows
        last = 1.0 if len(stages) == len(columns) else none
        moved = [
            np.where(is_certain, columns[stage + 1] if stage + 1 < len(columns) else last, column)
            for stage, column in enumerate(columns)
        ]
        return split, list(moved)

    def _weigh(self, stages: Sequence[EncodedStage], fractions: Sequence[FloatArray]) -> FloatArray:
        if self.weights is not None:
            return check_weights(self.weights)
        probability = np.ones(len(stages[0].unit))
        for stage, fraction in zip(stages, fractions, strict=False):
            probability = probability * fraction[stage.unit]
        with np.errstate(divide="ignore"):
            return check_weights(1 / probability)

    def _structure(
        self, stages: Sequence[EncodedStage], fractions: Sequence[FloatArray]
    ) -> VarianceStructure:
        built = self._stages(stages, fractions)
        if self.pps is None or isinstance(self.pps, Brewer):
            return built
        if len(stages) > 1:
            raise DesignError(
                expected="one stage for this variance of samples with unequal probabilities",
                got=f"{len(stages)} stages",
                hint="Use Brewer(), or describe the first stage only.",
            )
        first = built.first_stage
        self._refuse_untreated(first, "joint probabilities", sorted(SEE_DOMAINS))
        quiet = replace(first, single_psu="certainty")
        is_single = first.is_single[first.unit_stratum]
        matrix = self._matrix(stages[0], fractions[0])
        return QuadraticForm(quiet, np.where(is_single[:, None] | is_single, 0.0, matrix))

    def _refuse_untreated(self, stage: Stage, variance: str, policies: Collection[str]) -> None:
        """Refuse policies for single units that a variance has no place for, where there is one to treat."""
        if self.single_psu in policies and (self.single_in_domain or stage.is_single.any()):
            raise DesignError(
                expected=f"another policy for single PSUs with a variance from {variance}",
                got=f"single_psu={self.single_psu!r}",
                hint="Join the stratum with a similar one, or choose 'remove' or 'certainty'.",
            )

    def _matrix(self, stage: EncodedStage, probability: FloatArray) -> FloatArray:
        if isinstance(self.pps, HartleyRao):
            return hartley_rao_matrix(probability, stage.unit_stratum, self.pps.sum_of_squares)
        if not isinstance(self.pps, JointProbabilities):
            return overton_matrix(probability, stage.unit_stratum)
        matrix = joint_matrix(self.pps)
        if len(matrix) != stage.n_units:
            raise DesignError(
                expected=f"joint probabilities of {stage.n_units} PSUs",
                got=f"{len(matrix)}",
                hint="Give those of the sampled units only.",
            )
        _, first_rows = np.unique(stage.unit, return_index=True)
        position = np.empty(stage.n_units, dtype=np.int64)
        position[np.argsort(first_rows, kind="stable")] = np.arange(stage.n_units)
        return np.asarray(matrix[np.ix_(position, position)])

    def _stages(self, stages: Sequence[EncodedStage], fractions: Sequence[FloatArray]) -> Stages:
        built: list[Stage] = []
        above: FloatArray = np.ones(1)
        for encoded, fraction in zip(stages, fractions, strict=True):
            weight = above[encoded.stratum_parent]
            built.append(
                Stage(
                    unit_stratum=encoded.unit_stratum,
                    stratum_labels=encoded.stratum_labels,
                    fraction=fraction,
                    stratum_parent=encoded.stratum_parent,
                    stratum_weight=weight,
                    single_psu=self.single_psu,
                    single_in_domain=self.single_in_domain,
                )
            )
            above = weight[encoded.unit_stratum] * fraction
        if self.systematic_order is not None:
            built[0] = replace(built[0], order=self._order(stages[0]))
            self._refuse_untreated(built[0], "successive differences", ["adjust"])
        last = stages[-1]
        units_above = tuple(_above(stage, last) for stage in stages)
        return Stages(tuple(built), units_above, self.single_scope, self.degrees)

    def _order(self, first: EncodedStage) -> FloatArray:
        order = np.asarray(self.systematic_order, dtype=float)
        if order.shape != first.unit.shape or not np.isfinite(order).all():
            raise DesignError(
                expected=f"{len(first.unit)} places in the systematic draw, one per row",
                got=f"shape {order.shape}",
                hint=_PLACE_HINT,
            )
        places = first.of_units(order, "place in the draw", hint=_PLACE_HINT)
        _refuse_equal_places(places, first)
        return places


def _refuse_equal_places(places: FloatArray, stage: EncodedStage) -> None:
    by_place = np.lexsort((places, stage.unit_stratum))
    stratum, place = stage.unit_stratum[by_place], places[by_place]
    is_equal = (stratum[1:] == stratum[:-1]) & (place[1:] == place[:-1])
    if is_equal.any():
        name = stage.stratum_labels[stratum[int(np.flatnonzero(is_equal)[0])]]
        raise DesignError(
            expected="a place of its own in the systematic draw for every PSU of a stratum",
            got=f"equal places in stratum {name}",
            hint="Number the PSUs in the order of the draw; in a certainty PSU, the clusters inside it.",
        )


def _above(stage: EncodedStage, last: EncodedStage) -> IntArray | None:
    """Find the unit of a stage for each unit of the last."""
    if stage is last:
        return None
    above = np.zeros(last.n_units, dtype=np.int64)
    above[last.unit] = stage.unit
    return above
