"""Sampling fractions of every stage, from population counts, fractions or inclusion probabilities."""

from collections.abc import Sequence

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, Values, as_floats, name_row
from analysis.estimation.designs.encoding import EncodedStage
from analysis.estimation.errors import DesignError

_ROUNDING = 1e-12
_CORRECTION_HINT = "Check the finite population correction, or leave it out."
_COUNT_HINT = "Give population counts at every stage, or fractions at every stage."


def sampling_fractions(
    stages: Sequence[EncodedStage], fpc: Sequence[Values], *, is_pps: bool = False
) -> list[FloatArray]:
    """Find the sampling fraction of every unit of every stage that has a correction.

    Parameters
    ----------
    stages : sequence of EncodedStage
    fpc : sequence of array-like, shape (n_rows,)
        One per stage: population counts of the units in the stratum, or fractions if none exceeds 1. An
        infinite population, or a fraction of 0, is drawn with replacement.
    is_pps : bool
        Whether they are inclusion probabilities, which may differ between the units of a stratum.

    Returns
    -------
    list of float arrays, shape (n_units,)

    Raises
    ------
    DesignError
        If there are more corrections than stages, one is missing or no number, counts and fractions are
        mixed, a population is smaller than its sample, or a correction changes within a stratum.
    """
    columns = [_as_column(values, stages[0], stage) for stage, values in enumerate(fpc, start=1)]
    if len(columns) > len(stages):
        raise DesignError(
            expected=f"at most {len(stages)} finite population corrections, one per stage",
            got=f"{len(columns)}",
            hint="Name the clusters of the later stages too.",
        )
    has_counts = any((column > 1).any() for column in columns)
    if has_counts and (is_pps or any((column < 1).any() for column in columns)):
        raise DesignError(
            expected="inclusion probabilities" if is_pps else "population counts or fractions",
            got="numbers above 1" if is_pps else "both",
            hint="Brewer's variance needs probabilities." if is_pps else _COUNT_HINT,
        )
    return [
        _fraction(stage, column, has_counts=has_counts, is_pps=is_pps)
        for stage, column in zip(stages, columns, strict=False)
    ]


def _as_column(values: Values, first: EncodedStage, stage: int) -> FloatArray:
    column = as_floats(values, f"population counts of stage {stage}", DesignError)
    if column.shape != first.unit.shape:
        raise DesignError(
            expected=f"{len(first.unit)} population counts of stage {stage}, one per row",
            got=f"shape {column.shape}",
            hint="Repeat a stratum's count in all its rows.",
        )
    is_missing = np.isnan(column)
    if is_missing.any():
        raise DesignError(
            expected=f"no missing population count of stage {stage}",
            got=f"a missing one in {name_row(is_missing)}",
            hint="A population that is not known is infinite (np.inf): drawn with replacement.",
        )
    return column


def _fraction(stage: EncodedStage, column: FloatArray, *, has_counts: bool, is_pps: bool) -> FloatArray:
    by_unit = stage.of_units(
        column, "inclusion probability" if is_pps else "population count", hint=_CORRECTION_HINT
    )
    if not is_pps:
        by_stratum = np.zeros(len(stage.stratum_labels))
        by_stratum[stage.unit_stratum] = by_unit
        differs = ~np.isclose(by_stratum[stage.unit_stratum], by_unit, rtol=_ROUNDING, atol=0.0)
        _refuse(differs, stage, by_unit, expected="one population count in all rows of a stratum")
    with np.errstate(divide="ignore"):
        fraction = stage.n_in_stratum / by_unit if has_counts else by_unit
    _refuse(
        ~((fraction > 0 if is_pps else fraction >= 0) & (fraction <= 1 + _ROUNDING)),
        stage,
        by_unit,
        expected="a population of at least as many PSUs as the sample has, or a fraction from 0 to 1",
    )
    return np.minimum(fraction, 1.0)


def _refuse(is_wrong: BoolArray, stage: EncodedStage, given: FloatArray, *, expected: str) -> None:
    if is_wrong.any():
        unit = np.flatnonzero(is_wrong)[0]
        label = stage.stratum_labels[stage.unit_stratum[unit]]
        raise DesignError(
            expected=expected,
            got=f"{given[unit]:g} for {stage.n_in_stratum[unit]} in the sample of stratum {label}",
            hint=_CORRECTION_HINT,
        )
