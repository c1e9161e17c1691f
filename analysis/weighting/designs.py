"""Designs with weights that meet known totals, and whose errors know it: R's verbs, one step each."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.estimation import FloatArray, SurveyDesign
from analysis.estimation.designs.calibration import refuse_second
from analysis.weighting.calibration import calibrate
from analysis.weighting.distances import Bounds
from analysis.weighting.margins import Auxiliary, KnownTotal, Margin
from analysis.weighting.raking import poststratify, rake


def poststratify_design(design: SurveyDesign, margin: Margin) -> SurveyDesign:
    """Bring a design to post-strata totals; its errors are those of residuals from post-stratum means.

    Parameters
    ----------
    design : SurveyDesign
    margin : Margin
        Post-strata, crossed if several variables make them.

    Returns
    -------
    SurveyDesign

    Raises
    ------
    DesignError
        If the design is calibrated already.
    MarginError
        As :func:`~analysis.weighting.raking.poststratify`.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays([1.0, 1.0, 1.0, 1.0])
    >>> margin = Margin("sex", ["f", "f", "m", "m"], {"f": 6.0, "m": 4.0})
    >>> poststratify_design(design, margin).total([1.0, 1.0, 0.0, 0.0]).standard_error.round(9).tolist()
    [0.0]
    """
    refuse_second(design.calibration)
    return with_known_totals(design, poststratify(design.weights, margin).factor, [margin])


def rake_design(
    design: SurveyDesign, margins: Sequence[Margin], *, n_sweeps: int | None = None
) -> SurveyDesign:
    """Rake a design to margins; its errors are those of residuals.

    Parameters
    ----------
    design : SurveyDesign
    margins : sequence of Margin
    n_sweeps : int, optional
        Residuals of so many unweighted sweeps over the margins: 10 gives the errors of R's ``rake``. By
        default those of the regression with the weights before raking, as for every other calibration.

    Returns
    -------
    SurveyDesign

    Raises
    ------
    DesignError
        If the design is calibrated already.
    MarginError, ConvergenceError
        As :func:`~analysis.weighting.raking.rake`.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays([1.0, 1.0, 1.0, 1.0])
    >>> margin = Margin("sex", ["f", "f", "m", "m"], {"f": 6.0, "m": 4.0})
    >>> rake_design(design, [margin]).weights.tolist()
    [3.0, 3.0, 2.0, 2.0]
    """
    refuse_second(design.calibration)
    return with_known_totals(design, rake(design.weights, margins).factor, margins, n_sweeps=n_sweeps)


def calibrate_design(
    design: SurveyDesign,
    auxiliaries: Sequence[Auxiliary],
    *,
    method: str = "linear",
    bounds: Bounds | None = None,
) -> SurveyDesign:
    """Calibrate a design to known totals; its errors are those of regression residuals.

    Parameters
    ----------
    design : SurveyDesign
    auxiliaries : sequence of Margin and KnownTotal
    method, bounds
        As :func:`~analysis.weighting.calibration.calibrate`.

    Returns
    -------
    SurveyDesign

    Raises
    ------
    DesignError
        If the design is calibrated already.
    WeightingError
        As :func:`~analysis.weighting.calibration.calibrate`.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays([10.0, 10.0])
    >>> calibrate_design(design, [KnownTotal("people", [1.0, 1.0], 30.0)]).weights.tolist()
    [15.0, 15.0]
    """
    refuse_second(design.calibration)
    factors = calibrate(design.weights, auxiliaries, method=method, bounds=bounds)
    return with_known_totals(design, factors.factor, auxiliaries)


def with_known_totals(
    design: SurveyDesign,
    factor: FloatArray,
    auxiliaries: Sequence[Auxiliary],
    *,
    n_sweeps: int | None = None,
) -> SurveyDesign:
    """Multiply the weights of a design with factors that bring it to known totals, and let its errors know.

    Parameters
    ----------
    design : SurveyDesign
        Before calibration.
    factor : float array, shape (n_rows,)
    auxiliaries : sequence of Margin and KnownTotal
        What the factors bring the weights to.
    n_sweeps : int, optional
        As :func:`rake_design`.

    Returns
    -------
    SurveyDesign

    Raises
    ------
    DesignError
        If the design is calibrated already: its errors would know the last known totals only.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays([1.0, 1.0])
    >>> with_known_totals(design, np.array([2.0, 3.0]), [KnownTotal("one", [1.0, 1.0], 5.0)]).weights.tolist()
    [2.0, 3.0]
    """
    margins = [auxiliary.labels for auxiliary in auxiliaries if isinstance(auxiliary, Margin)]
    numbers = [
        np.asarray(auxiliary.values, dtype=float)
        for auxiliary in auxiliaries
        if isinstance(auxiliary, KnownTotal)
    ]
    return replace(design, weights=design.weights * factor).with_calibration(
        design.weights if n_sweeps is None else np.ones(design.n_rows),
        margins,
        numbers=np.column_stack(numbers) if numbers else None,
        n_sweeps=n_sweeps,
    )
