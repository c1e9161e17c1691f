"""Weights with a story: every step keeps its factor and its effect."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, FloatArray
from analysis.estimation.domains import Labels
from analysis.weighting.cells import CellMerge, CellMinimum, Parents
from analysis.weighting.nonresponse import adjust_nonresponse
from analysis.weighting.raking import Margin, rake

DESIGN, NONRESPONSE, RAKING = "design", "nonresponse", "raking"
NO_MARGINS = "No population margins were given: weighting stops after the nonresponse adjustment."


def kish_deff(weights: FloatArray) -> float:
    r"""Design effect of unequal weights, :math:`n \sum w^2 / (\sum w)^2` (Kish 1965).

    Examples
    --------
    >>> kish_deff(np.array([1.0, 3.0]))
    1.25
    """
    return float(len(weights) * np.sum(weights**2) / np.sum(weights) ** 2)


@dataclass(frozen=True, eq=False)
class WeightingStep:
    """One step of the weighting.

    Attributes
    ----------
    name : str
        ``design``, ``nonresponse`` or ``raking``.
    factor : float array, shape (n_respondents,)
        What the weights were multiplied with; the design weights themselves in the first step.
    deff_before, deff_after : float
        Kish's design effect of the weights.
    weights_sum : float
        Sum of the weights after the step.
    merges : tuple of CellMerge
        Thin cells that were merged.
    note : str
        What a reader of the weights must know.
    """

    name: str
    factor: FloatArray
    deff_before: float
    deff_after: float
    weights_sum: float
    merges: tuple[CellMerge, ...] = ()
    note: str = ""


@dataclass(frozen=True, eq=False)
class Weighting:
    """The steps from design weights to final weights of the respondents, in order.

    Attributes
    ----------
    steps : tuple of WeightingStep
    margins : tuple of Margin
        Margins that the weights meet, thin categories merged; none without raking.
    """

    steps: tuple[WeightingStep, ...]
    margins: tuple[Margin, ...] = ()

    @property
    def weights(self) -> FloatArray:
        """Final weights: the product of all factors."""
        return np.asarray(np.prod([step.factor for step in self.steps], axis=0))

    @property
    def base_weights(self) -> FloatArray:
        """Weights before raking, which the variance of calibrated estimates needs."""
        factors = [step.factor for step in self.steps if step.name != RAKING]
        return np.asarray(np.prod(factors, axis=0))

    @property
    def is_calibrated(self) -> bool:
        """Whether the weights meet population margins."""
        return self.steps[-1].name == RAKING

    @property
    def notes(self) -> tuple[str, ...]:
        """All that a reader must know of the weights."""
        return tuple(step.note for step in self.steps if step.note)

    def then(
        self, name: str, factor: FloatArray, *, merges: tuple[CellMerge, ...] = (), note: str = ""
    ) -> "Weighting":
        """Return the weighting with one more step."""
        before = self.weights
        after = before * factor
        step = WeightingStep(
            name, factor, kish_deff(before), kish_deff(after), float(after.sum()), merges, note
        )
        return replace(self, steps=(*self.steps, step))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step: range of its factor, sum of weights, Kish deff before and after."""
        return pd.DataFrame(
            [
                {
                    "step": step.name,
                    "factor_min": step.factor.min(),
                    "factor_max": step.factor.max(),
                    "weights_sum": step.weights_sum,
                    "deff_before": step.deff_before,
                    "deff_after": step.deff_after,
                    "n_merges": len(step.merges),
                    "note": step.note,
                }
                for step in self.steps
            ]
        )


def start_weighting(design_weights: FloatArray) -> Weighting:
    """Begin with the design weights of the respondents."""
    deff = kish_deff(design_weights)
    return Weighting((WeightingStep(DESIGN, design_weights, deff, deff, float(design_weights.sum())),))


def weight_respondents(
    design_weights: FloatArray,
    responded: BoolArray,
    classes: Labels,
    *,
    psu: Labels,
    margins: Sequence[Margin] = (),
    class_parents: Parents | None = None,
    minimum: CellMinimum | None = None,
) -> Weighting:
    """Weight respondents: design, then nonresponse by classes, then raking to margins if there are any.

    Parameters
    ----------
    design_weights, responded, classes, psu
        Of everybody in the sample, see :func:`adjust_nonresponse`.
    margins : sequence of Margin
        With a label for everybody in the sample; those of nonrespondents are not looked at.
    class_parents : mapping of class to parent, or several from near to wide, optional
    minimum : CellMinimum, optional
        For classes and for categories of margins.

    Returns
    -------
    Weighting
        Of the respondents, in the order of the sample.

    Raises
    ------
    WeightingError
        As :func:`adjust_nonresponse` and :func:`rake`.
    """
    answered = np.asarray(responded, dtype=bool)
    base = np.asarray(design_weights, dtype=float)
    adjustment = adjust_nonresponse(base, answered, classes, psu=psu, parents=class_parents, minimum=minimum)
    weighting = start_weighting(base[answered]).then(
        NONRESPONSE, adjustment.factor, merges=adjustment.merges, note="" if margins else NO_MARGINS
    )
    if not margins:
        return weighting
    psu_answered = np.asarray(psu, dtype=object)[answered]
    merged = [margin.subset(answered).merged(psu_answered, minimum) for margin in margins]
    kept = tuple(margin for margin, _ in merged)
    raking = rake(weighting.weights, kept)
    reported = tuple(merge for _, merges in merged for merge in merges)
    return replace(weighting.then(RAKING, raking.factor, merges=reported), margins=kept)
