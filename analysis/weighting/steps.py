"""Weights with a story: every step keeps its factor and its effect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, FloatArray
from analysis.estimation.arrays import as_floats, as_truth
from analysis.estimation.labels import Labels
from analysis.weighting.calibration import calibrate
from analysis.weighting.cells import CellMerge, CellMinimum, Parents
from analysis.weighting.distances import Bounds
from analysis.weighting.errors import WeightingError
from analysis.weighting.margins import Auxiliary, Margin
from analysis.weighting.multiplicity import share_weights
from analysis.weighting.nonresponse import adjust_nonresponse
from analysis.weighting.propensity import PropensityAdjustment
from analysis.weighting.raking import poststratify, rake
from analysis.weighting.trimming import trim

DESIGN, NONRESPONSE, PROPENSITY, TRIMMING = "design", "nonresponse", "propensity", "trimming"
MULTIPLICITY = "multiplicity"
POSTSTRATIFICATION, RAKING, CALIBRATION = "poststratification", "raking", "calibration"
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
        ``design``, ``multiplicity``, ``nonresponse``, ``propensity``, ``poststratification``, ``raking``,
        ``calibration`` or ``trimming``.
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
    auxiliaries : tuple of Margin and KnownTotal
        Known totals that the weights meet after this step, thin categories merged.
    """

    name: str
    factor: FloatArray
    deff_before: float
    deff_after: float
    weights_sum: float
    merges: tuple[CellMerge, ...] = ()
    note: str = ""
    auxiliaries: tuple[Auxiliary, ...] = ()

    def __repr__(self) -> str:
        return f"<WeightingStep {self.name}: deff {self.deff_before:.2f} to {self.deff_after:.2f}>"


@dataclass(frozen=True, eq=False)
class Weighting:
    """The steps from design weights to final weights of the respondents, in order.

    Attributes
    ----------
    steps : tuple of WeightingStep
    """

    steps: tuple[WeightingStep, ...]

    def __str__(self) -> str:
        return self.to_frame().to_string(index=False)

    def __repr__(self) -> str:
        return f"<Weighting of {len(self.steps)} steps>\n{self}"

    @property
    def weights(self) -> FloatArray:
        """Final weights: the product of all factors."""
        return np.asarray(np.prod([step.factor for step in self.steps], axis=0))

    @property
    def base_weights(self) -> FloatArray:
        """Weights before known totals were met, which the variance of calibrated estimates needs."""
        steps = self.steps[:-1] if self.is_calibrated else self.steps
        return np.asarray(np.prod([step.factor for step in steps], axis=0))

    @property
    def auxiliaries(self) -> tuple[Auxiliary, ...]:
        """Known totals that the final weights meet; none if the last step is not one of calibration."""
        return self.steps[-1].auxiliaries

    @property
    def margins(self) -> tuple[Margin, ...]:
        """Margins among the known totals that the final weights meet."""
        return tuple(one for one in self.auxiliaries if isinstance(one, Margin))

    @property
    def is_calibrated(self) -> bool:
        """Whether the final weights meet known totals."""
        return bool(self.auxiliaries)

    @property
    def notes(self) -> tuple[str, ...]:
        """All that a reader must know of the weights."""
        return tuple(step.note for step in self.steps if step.note)

    def subset(self, rows: BoolArray) -> "Weighting":
        """Return the steps of some rows: before nonresponse, those of the respondents among everybody."""
        first, *others = self.steps
        kept = start_weighting(first.factor[rows])
        for step in others:
            kept = kept.then(step.name, step.factor[rows], note=step.note)
        return kept

    def then_share(self, multiplicity: FloatArray) -> "Weighting":
        """Return weights of units, see :func:`~analysis.weighting.multiplicity.share_weights`."""
        return self.then(MULTIPLICITY, share_weights(multiplicity))

    def up_to(self, n_steps: int) -> "Weighting":
        """Return the weighting as it stood after so many steps."""
        return Weighting(self.steps[:n_steps])

    def then(
        self,
        name: str,
        factor: FloatArray,
        *,
        merges: tuple[CellMerge, ...] = (),
        note: str = "",
        auxiliaries: Sequence[Auxiliary] = (),
    ) -> "Weighting":
        """Return the weighting with one more step."""
        before = self.weights
        after = before * factor
        step = WeightingStep(
            name=name,
            factor=factor,
            deff_before=kish_deff(before),
            deff_after=kish_deff(after),
            weights_sum=float(after.sum()),
            merges=merges,
            note=note,
            auxiliaries=tuple(auxiliaries),
        )
        return Weighting((*self.steps, step))

    def then_propensity(self, adjustment: PropensityAdjustment) -> "Weighting":
        """Return the weights adjusted by a model of response."""
        return self.then(PROPENSITY, adjustment.factor, merges=adjustment.merges)

    def then_poststratify(self, margin: Margin) -> "Weighting":
        """Return the weights brought to post-strata, see :func:`~analysis.weighting.raking.poststratify`."""
        return self.then(POSTSTRATIFICATION, poststratify(self.weights, margin).factor, auxiliaries=[margin])

    def then_rake(self, margins: Sequence[Margin], *, merges: tuple[CellMerge, ...] = ()) -> "Weighting":
        """Return the weights raked to margins, see :func:`~analysis.weighting.raking.rake`."""
        raking = rake(self.weights, margins)
        return self.then(RAKING, raking.factor, merges=merges, auxiliaries=margins)

    def then_calibrate(
        self, auxiliaries: Sequence[Auxiliary], *, method: str = "linear", bounds: Bounds | None = None
    ) -> "Weighting":
        """Return the weights calibrated, see :func:`~analysis.weighting.calibration.calibrate`."""
        factors = calibrate(self.weights, auxiliaries, method=method, bounds=bounds)
        return self.then(CALIBRATION, factors.factor, note=factors.note, auxiliaries=auxiliaries)

    def then_trim(self, *, lower: float = -np.inf, upper: float = np.inf) -> "Weighting":
        """Return the weights cut to limits, see :func:`~analysis.weighting.trimming.trim`.

        Trimmed weights meet no known totals any more: trim first, or calibrate again.
        """
        return self.then(TRIMMING, trim(self.weights, lower=lower, upper=upper).factor)

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
    weights = np.asarray(design_weights, dtype=float)
    deff = kish_deff(weights)
    return Weighting((WeightingStep(DESIGN, weights, deff, deff, float(weights.sum())),))


def weight_respondents(
    design_weights: FloatArray | Weighting,
    responded: BoolArray,
    classes: Labels,
    *,
    psu: Labels,
    persons_per_unit: FloatArray | None = None,
    margins: Sequence[Margin] = (),
    class_parents: Parents | None = None,
    minimum: CellMinimum | None = None,
) -> Weighting:
    """Weight respondents: design, then nonresponse by classes, then raking to margins if there are any.

    Parameters
    ----------
    design_weights, responded, classes, psu
        Of everybody in the sample, see :func:`adjust_nonresponse`. Where more than the draw makes the weights
        of the units that count, `design_weights` are a weighting of everybody: it begins with the design
        weights, and each further factor is a step of its own, such as that of :meth:`Weighting.then_share`.
    persons_per_unit : array of float, optional
        Adults of the household of which somebody was drawn; 1 where they are not known. The design weights
        contain them, and classes compare the weights without them: a household answers or does not.
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
    answered = as_truth(responded, "responses", WeightingError)
    started = _started(design_weights)
    base = started.weights
    units = base if persons_per_unit is None else base / persons_per_unit
    adjustment = adjust_nonresponse(units, answered, classes, psu=psu, parents=class_parents, minimum=minimum)
    weighting = started.subset(answered).then(
        NONRESPONSE, adjustment.factor, merges=adjustment.merges, note="" if margins else NO_MARGINS
    )
    if not margins:
        return weighting
    psu_answered = np.asarray(psu, dtype=object)[answered]
    merged = [margin.subset(answered).merged(psu_answered, minimum) for margin in margins]
    kept = tuple(margin for margin, _ in merged)
    reported = tuple(merge for _, merges in merged for merge in merges)
    return weighting.then_rake(kept, merges=reported)


def _started(design_weights: FloatArray | Weighting) -> Weighting:
    """Return the steps before nonresponse."""
    if isinstance(design_weights, Weighting):
        return design_weights
    return start_weighting(as_floats(design_weights, "design weights", WeightingError))
