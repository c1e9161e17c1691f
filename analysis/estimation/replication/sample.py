"""What replication reads from the structure of a design."""

import numpy as np

from analysis.estimation.arrays import IntArray
from analysis.estimation.designs.stage import Stage
from analysis.estimation.designs.variance import Stages, VarianceStructure
from analysis.estimation.errors import DesignError
from analysis.estimation.replication.factors import PsuSample, ResamplingStage

LEAVING_OUT = frozenset({"remove", "certainty"})


def read_sample(structure: VarianceStructure) -> PsuSample:
    """Return the PSUs of a design, and its further stages if they enter the variance.

    Parameters
    ----------
    structure : VarianceStructure

    Returns
    -------
    PsuSample

    Raises
    ------
    DesignError
        If the variance of the design is one of successive differences, which replicates do not have.
    """
    first = structure.first_stage
    if first.order is not None:
        raise DesignError(
            expected="a design whose PSUs count as drawn at random within strata",
            got="one with a systematic order",
            hint="Build it without systematic_order; the replicates then leave out the gain of the order.",
        )
    return PsuSample(
        stratum=first.unit_stratum,
        labels=first.stratum_labels,
        sampling_fraction=first.sampling_fraction,
        single_psu=first.single_psu,
        stages=_read_stages(structure),
    )


def _read_stages(structure: VarianceStructure) -> tuple[ResamplingStage, ...]:
    """All stages by variance unit; none if the first, with equal chances, is all there is."""
    if isinstance(structure, Stages):
        pairs = list(zip(structure.stages, structure.units_above, strict=True))
    else:
        pairs = [(structure.first_stage, None)]
    first = structure.first_stage
    if not first.fraction.any() or (len(pairs) == 1 and _has_equal_chances(first)):
        return ()
    return tuple(_read_stage(stage, above) for stage, above in pairs)


def _read_stage(stage: Stage, above: IntArray | None) -> ResamplingStage:
    unit = np.arange(len(stage.unit_stratum)) if above is None else above
    is_left_out = stage.is_single & (stage.single_psu in LEAVING_OUT)
    probability = np.where(is_left_out[stage.unit_stratum], 1.0, stage.fraction)
    return ResamplingStage(
        units=unit,
        probability=probability[unit],
        strata=stage.unit_stratum[unit],
        has_equal_chances=_has_equal_chances(stage),
    )


def _has_equal_chances(stage: Stage) -> bool:
    return bool(np.isclose(stage.fraction, stage.sampling_fraction[stage.unit_stratum], rtol=1e-9).all())
