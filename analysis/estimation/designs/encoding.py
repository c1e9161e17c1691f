"""From labels to numbers: the checks that a design must pass before anything is estimated."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, Values, as_floats, name_row
from analysis.estimation.errors import DesignError
from analysis.estimation.labels import Labels, number_labels, renumber

_MATRIX = 2
_CERTAINTY_HINT = "Mark all rows of a PSU that was certain to be drawn, or none of them."


@dataclass(frozen=True, eq=False)
class EncodedStage:
    """Units of one stage, in numbers.

    Attributes
    ----------
    unit : int array, shape (n_rows,)
        Unit of each row, numbered from 0.
    unit_stratum : int array, shape (n_units,)
    stratum_labels : tuple, length n_strata
    stratum_parent : int array, shape (n_strata,)
        Unit of the stage above; 0 at the first stage.
    """

    unit: IntArray
    unit_stratum: IntArray
    stratum_labels: tuple[Hashable, ...]
    stratum_parent: IntArray

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.unit_stratum)

    @property
    def n_in_stratum(self) -> IntArray:
        """Number of units of the stratum of each unit."""
        return np.bincount(self.unit_stratum, minlength=len(self.stratum_labels))[self.unit_stratum]

    def of_units(self, rows: FloatArray, what: str, *, hint: str) -> FloatArray:
        """Return a value of each unit, which all its rows must share.

        Parameters
        ----------
        rows : float array, shape (n_rows,)
        what, hint : str
            What it is, and what to do where rows of a unit differ.

        Raises
        ------
        DesignError
            If it differs between the rows of a unit.
        """
        values = np.zeros(self.n_units)
        values[self.unit] = rows
        wrong = ~np.isclose(values[self.unit], rows, rtol=1e-12, atol=0.0)
        if wrong.any():
            row = int(wrong.argmax())
            raise DesignError(
                expected=f"one {what} in all rows of a unit",
                got=f"{rows[row]:g} and {values[self.unit[row]]:g} in one of stratum "
                f"{self.stratum_labels[self.unit_stratum[self.unit[row]]]}",
                hint=hint,
            )
        return values


def check_weights(weights: Values) -> FloatArray:
    """Return weights as numbers.

    Raises
    ------
    DesignError
        If there are none, one is no number, missing, infinite or negative, or they sum to 0.
    """
    checked = as_floats(weights, "weights", DesignError)
    if checked.ndim != 1 or not len(checked):
        raise DesignError(
            expected="one weight per row and at least one row",
            got=f"an array of shape {checked.shape}",
            hint="An empty round cannot be estimated.",
        )
    wrong = ~(np.isfinite(checked) & (checked >= 0))
    if wrong.any():
        raise DesignError(
            expected="finite weights of at least 0",
            got=f"{checked[int(wrong.argmax())]} in {name_row(wrong)}",
            hint="Leave units out of the design only if they are not in the sample; mask domains with by=.",
        )
    if not checked.any():
        raise DesignError(
            expected="at least one weight above 0",
            got="weights that sum to 0",
            hint="Rows with a weight of 0 stay in the design but count in no estimate.",
        )
    return checked


def encode_labels(labels: Labels | None, n_rows: int, name: str) -> tuple[IntArray, tuple[Hashable, ...]]:
    """Return numbers from 0 for labels in sorted order; a single stratum where there are none.

    Raises
    ------
    DesignError
        If they are not one per row, or one is missing.
    """
    if labels is None:
        return np.zeros(n_rows, dtype=np.int64), ("all",)
    if len(labels) != n_rows:
        raise DesignError(
            expected=f"{n_rows} {name}, one per row",
            got=f"{len(labels)}",
            hint="Take them from the same rows as the weights.",
        )
    codes, uniques = number_labels(labels)
    if codes.min() < 0:
        raise DesignError(
            expected=f"no missing {name}",
            got=f"a missing one in {name_row(codes < 0)}",
            hint="Every sampled unit belongs to a stratum and a PSU of the draw; look it up there.",
        )
    return codes, uniques


def split_stages(values: Labels | Values | None) -> list[pd.Series | np.ndarray]:
    """Take a data frame or a matrix apart into one vector per stage."""
    if values is None:
        return []
    if isinstance(values, pd.DataFrame):
        return [values.iloc[:, position] for position in range(values.shape[1])]
    if isinstance(values, pd.Series):
        return [values]
    array = np.asarray(values)
    return list(array.T) if array.ndim == _MATRIX else [array]


def encode_first_stage(
    strata: Labels | None, clusters: Labels | None, n_rows: int, *, nest: bool
) -> EncodedStage:
    """Encode strata and PSUs.

    Raises
    ------
    DesignError
        If a label is missing, or a PSU lies in two strata.
    """
    stratum, labels = encode_labels(strata, n_rows, "strata")
    psu, psu_labels = _encode_psu(clusters, stratum, n_rows, nest=nest)
    psu_stratum = np.zeros(len(psu_labels), dtype=np.int64)
    psu_stratum[psu] = stratum
    _check_nesting(psu, psu_stratum, stratum, psu_labels, labels)
    return EncodedStage(psu, psu_stratum, labels, np.zeros(len(labels), dtype=np.int64))


def encode_next_stage(
    above: EncodedStage, clusters: Labels, strata: Labels | None, *, stage: int
) -> EncodedStage:
    """Encode the units of a later stage, whose labels may start again in every unit above.

    Parameters
    ----------
    above : EncodedStage
    clusters : array-like, shape (n_rows,)
    strata : array-like, shape (n_rows,), optional
        Strata inside the units above; each is one stratum by default.
    stage : int
        Number of the stage, for messages.
    """
    n_rows = len(above.unit)
    cluster, names = encode_labels(clusters, n_rows, f"clusters of stage {stage}")
    if strata is None:
        stratum, parent = above.unit, np.arange(above.n_units)
    else:
        inner, inner_names = encode_labels(strata, n_rows, f"strata of stage {stage}")
        stratum, pairs = renumber(above.unit * len(inner_names) + inner, above.n_units * len(inner_names))
        parent = pairs // len(inner_names)
    unit, pairs = renumber(stratum * len(names) + cluster, len(parent) * len(names))
    unit_stratum = pairs // len(names)
    labels = tuple(
        f"{above.stratum_labels[above.unit_stratum[unit_above]]}, unit {unit_above + 1}"
        for unit_above in parent
    )
    return EncodedStage(unit, unit_stratum, labels, parent)


def split_certain(stages: Sequence[EncodedStage], is_certain: BoolArray) -> list[EncodedStage]:
    """Make each certainty PSU a stratum of its own, with its units of the second stage as PSUs.

    Their last stage is repeated, as units that hold nothing but themselves.

    Parameters
    ----------
    stages : sequence of EncodedStage
        At least two.
    is_certain : bool array, shape (n_rows,)

    Raises
    ------
    DesignError
        If there is one stage only, or the mask differs within a PSU.
    """
    first = stages[0]
    if len(stages) < _MATRIX:
        raise DesignError(
            expected="two stages of clusters at least",
            got=f"{len(stages)}",
            hint="A certainty PSU needs the units that were drawn inside it, for example villages.",
        )
    psu_is_certain = first.of_units(is_certain.astype(float), "mark of certainty", hint=_CERTAINTY_HINT) > 0
    n_strata = len(first.stratum_labels)
    row_certain = psu_is_certain[first.unit]
    stratum = np.where(row_certain, n_strata + first.unit, first.unit_stratum[first.unit])
    labels = [*first.stratum_labels, *(_certain_label(first, unit) for unit in range(first.n_units))]
    shifted = [*stages[1:], stages[-1]]
    split: list[EncodedStage] = []
    for number, (here, below) in enumerate(zip(stages, shifted, strict=True)):
        unit, _ = renumber(
            np.where(row_certain, here.n_units + below.unit, here.unit), here.n_units + below.n_units
        )
        above = stratum if number == 0 else split[-1].unit
        stratum_code, old = renumber(above, int(above.max()) + 1)
        unit_stratum = np.zeros(unit.max() + 1, dtype=np.int64)
        unit_stratum[unit] = stratum_code
        names = (
            tuple(labels[code] for code in old)
            if number == 0
            else tuple(f"unit {code + 1} of stage {number}" for code in old)
        )
        parent = np.zeros(len(old), dtype=np.int64) if number == 0 else old
        split.append(EncodedStage(unit, unit_stratum, names, parent))
    return split


def _certain_label(first: EncodedStage, unit: int) -> str:
    return f"{first.stratum_labels[first.unit_stratum[unit]]}, certain unit {unit + 1}"


def _encode_psu(
    clusters: Labels | None, stratum: IntArray, n_rows: int, *, nest: bool
) -> tuple[IntArray, Sequence[Hashable]]:
    if clusters is None:
        return np.arange(n_rows), range(n_rows)
    psu, labels = encode_labels(clusters, n_rows, "clusters")
    if not nest:
        return psu, labels
    nested, pairs = renumber(stratum * len(labels) + psu, (int(stratum.max()) + 1) * len(labels))
    return nested, tuple(labels[pair % len(labels)] for pair in pairs.tolist())


def _check_nesting(
    psu: IntArray,
    psu_stratum: IntArray,
    stratum: IntArray,
    psu_labels: Sequence[Hashable],
    stratum_labels: tuple[Hashable, ...],
) -> None:
    wrong: BoolArray = psu_stratum[psu] != stratum
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        strata = sorted(str(stratum_labels[code]) for code in (psu_stratum[psu[row]], stratum[row]))
        raise DesignError(
            expected="every PSU in one stratum",
            got=f"PSU {psu_labels[psu[row]]} in strata {' and '.join(strata)}",
            hint="Correct the stratum, or pass nest=True if PSU labels start again in every stratum.",
        )
