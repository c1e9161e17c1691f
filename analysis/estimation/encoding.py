"""From labels to numbers: the checks that a design must pass before anything is estimated."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, Values
from analysis.estimation.domains import Labels
from analysis.estimation.errors import DesignError


@dataclass(frozen=True, eq=False)
class EncodedDesign:
    """A checked design in numbers; attributes as in ``SurveyDesign``."""

    weights: FloatArray
    psu: IntArray
    psu_stratum: IntArray
    stratum_labels: tuple[Hashable, ...]
    sampling_fraction: FloatArray


def encode_design(
    weights: Values, *, strata: Labels | None, clusters: Labels | None, fpc: Values | None, nest: bool
) -> EncodedDesign:
    """Check and encode a design; parameters as in ``SurveyDesign.from_arrays``.

    Raises
    ------
    DesignError
        Naming the first row, stratum or PSU that does not fit.
    """
    checked = _check_weights(np.asarray(weights, dtype=float))
    n_rows = len(checked)
    stratum, stratum_labels = _encode_labels(strata, n_rows, "strata")
    psu, psu_labels = _encode_psu(clusters, stratum, n_rows, nest=nest)
    psu_stratum = np.zeros(len(psu_labels), dtype=np.int64)
    psu_stratum[psu] = stratum
    _check_nesting(psu, psu_stratum, stratum, psu_labels, stratum_labels)
    n_psu = np.bincount(psu_stratum, minlength=len(stratum_labels))
    fraction = (
        np.zeros(len(stratum_labels))
        if fpc is None
        else _sampling_fraction(fpc, stratum, n_psu, stratum_labels)
    )
    return EncodedDesign(checked, psu, psu_stratum, stratum_labels, fraction)


def _check_weights(weights: FloatArray) -> FloatArray:
    if weights.ndim != 1 or not len(weights):
        raise DesignError(
            expected="one weight per row and at least one row",
            got=f"an array of shape {weights.shape}",
            hint="An empty round cannot be estimated.",
        )
    wrong = ~(np.isfinite(weights) & (weights > 0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DesignError(
            expected="finite weights above 0",
            got=f"{weights[row]} in row {row} ({int(wrong.sum())} such rows)",
            hint="Leave units out of the design only if they are not in the sample; mask domains with by=.",
        )
    return weights


def _encode_labels(labels: Labels | None, n_rows: int, name: str) -> tuple[IntArray, tuple[Hashable, ...]]:
    if labels is None:
        return np.zeros(n_rows, dtype=np.int64), ("all",)
    if len(labels) != n_rows:
        raise DesignError(
            expected=f"{n_rows} {name}, one per row",
            got=f"{len(labels)}",
            hint="Take them from the same rows as the weights.",
        )
    codes, uniques = pd.factorize(pd.Series(np.asarray(labels)), sort=True)
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0])
        raise DesignError(
            expected=f"no missing {name}",
            got=f"a missing one in row {row} ({int((codes < 0).sum())} such rows)",
            hint="Every sampled unit belongs to a stratum and a PSU of the draw; look it up there.",
        )
    return np.asarray(codes, dtype=np.int64), tuple(uniques.tolist())


def _encode_psu(
    clusters: Labels | None, stratum: IntArray, n_rows: int, *, nest: bool
) -> tuple[IntArray, tuple[Hashable, ...]]:
    if clusters is None:
        return np.arange(n_rows), tuple(range(n_rows))
    psu, labels = _encode_labels(clusters, n_rows, "clusters")
    if not nest:
        return psu, labels
    nested, pairs = pd.factorize(stratum * len(labels) + psu, sort=True)
    return np.asarray(nested, dtype=np.int64), tuple(labels[pair % len(labels)] for pair in pairs.tolist())


def _check_nesting(
    psu: IntArray,
    psu_stratum: IntArray,
    stratum: IntArray,
    psu_labels: tuple[Hashable, ...],
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


def _sampling_fraction(
    fpc: Values, stratum: IntArray, n_psu: IntArray, labels: tuple[Hashable, ...]
) -> FloatArray:
    values = np.asarray(fpc, dtype=float)
    if values.shape != stratum.shape:
        raise DesignError(
            expected=f"{len(stratum)} population counts, one per row",
            got=f"shape {values.shape}",
            hint="Give the first stage only; repeat a stratum's count in all its rows.",
        )
    by_stratum = np.zeros(len(labels))
    by_stratum[stratum] = values
    _refuse_strata(
        ~np.isclose(by_stratum[stratum], values, rtol=1e-12, atol=0.0),
        stratum,
        labels,
        expected="one population count in all rows of a stratum",
    )
    fraction = by_stratum if (by_stratum <= 1).all() else n_psu / by_stratum
    _refuse_strata(
        ~((fraction > 0) & (fraction <= 1))[stratum],
        stratum,
        labels,
        expected="a population of at least as many PSUs as the sample has, or a fraction in (0, 1]",
    )
    return np.asarray(fraction, dtype=float)


def _refuse_strata(
    is_wrong: BoolArray, stratum: IntArray, labels: tuple[Hashable, ...], *, expected: str
) -> None:
    if is_wrong.any():
        raise DesignError(
            expected=expected,
            got=f"something else in stratum {labels[stratum[np.flatnonzero(is_wrong)[0]]]}",
            hint="Check the finite population correction, or leave it out.",
        )
