"""The bridge from a spreadsheet's figure to the published one, a row for every step of the weighting."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.estimation import Estimate, SurveyDesign
from analysis.weighting.designs import with_known_totals
from analysis.weighting.steps import Weighting

UNWEIGHTED = "unweighted"

type Estimand = Callable[[SurveyDesign], Estimate]
"""What is estimated, as a function of the design: for example ``lambda design: design.mean(score)``."""


def weighting_bridge(
    design: SurveyDesign, weighting: Weighting, estimand: Estimand, *, level: float = 0.95, method: str = "t"
) -> pd.DataFrame:
    """Estimate the same thing without weights and after every step of the weighting.

    Parameters
    ----------
    design : SurveyDesign
        Of the respondents, in the order of the weighting; its own weights are not looked at.
    weighting : Weighting
    estimand : function of SurveyDesign to Estimate
    level, method
        Of the intervals, as :meth:`~analysis.estimation.Estimate.interval`.

    Returns
    -------
    data frame
        For every step, one row per entry of the estimate: ``step``, the columns of
        :meth:`~analysis.estimation.Estimate.to_frame`, ``change`` of the value since the step before
        (NaN in the first), and Kish's ``weights_deff``. The last step is the published estimate.

    Notes
    -----
    Clusters and strata are those of the design at every step, also without weights: an interval that took
    the respondents for a simple random sample would be too short at all of them. The interval of a step
    that meets known totals is that of the residuals.

    Examples
    --------
    >>> from analysis.weighting.steps import start_weighting
    >>> design = SurveyDesign.from_arrays([1.0, 3.0])
    >>> weighting = start_weighting(np.array([1.0, 3.0]))
    >>> bridge = weighting_bridge(design, weighting, lambda design: design.mean([0.0, 1.0]))
    >>> bridge[["step", "value", "change"]].values.tolist()
    [['unweighted', 0.5, nan], ['design', 0.75, 0.25]]
    """
    plain = replace(design, weights=np.ones(design.n_rows), calibration=None)
    stages = [(UNWEIGHTED, plain, 1.0)]
    for n_steps, step in enumerate(weighting.steps, start=1):
        stages.append((step.name, weighted_design(design, weighting.up_to(n_steps)), step.deff_after))
    frames, before = [], None
    for name, stage, deff in stages:
        estimate = estimand(stage)
        change = np.nan if before is None else estimate.value - before
        before = estimate.value
        frame = estimate.to_frame(level, method)
        frame.insert(0, "step", name)
        frames.append(frame.assign(change=change, weights_deff=deff))
    return pd.concat(frames, ignore_index=True)


def weighted_design(design: SurveyDesign, weighting: Weighting) -> SurveyDesign:
    """Give a design the final weights of a weighting, and the known totals that these meet.

    Parameters
    ----------
    design : SurveyDesign
        Of the respondents, in the order of the weighting.
    weighting : Weighting

    Returns
    -------
    SurveyDesign

    Examples
    --------
    >>> from analysis.weighting.steps import start_weighting
    >>> weighted_design(SurveyDesign.from_arrays([1.0, 1.0]), start_weighting(np.array([2.0, 3.0]))).weights
    array([2., 3.])
    """
    base = replace(design, weights=weighting.base_weights, calibration=None)
    if not weighting.is_calibrated:
        return base
    return with_known_totals(base, weighting.steps[-1].factor, weighting.auxiliaries)
