"""Parts of the design of a case that need reading: weights from expressions, variances for PPS."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis.estimation import Brewer, HartleyRao, JointProbabilities, Overton, PpsMethod

type ReadTable = Callable[[str], pd.DataFrame]

WEIGHT = "weight of the design"
INVERSE = r"1/\(?([\w*]+)\)?"
ESTIMATORS = {"Horvitz-Thompson": "horvitz_thompson", "Yates-Grundy": "yates_grundy"}


def with_weights(frame: pd.DataFrame, weights: str | None) -> tuple[pd.DataFrame, str | None]:
    """Return the frame and the name of its weights: a column, or 1/(A*B) computed into one."""
    if weights is None or weights in frame.columns:
        return frame, weights
    match = re.fullmatch(INVERSE, weights.replace(" ", ""))
    if match is None:
        raise KeyError(f"weights {weights!r} are not known")
    return frame.assign(**{WEIGHT: 1 / frame[match[1].split("*")].prod(axis=1)}), WEIGHT


def read_pps(spec: Mapping[str, Any], read_data: ReadTable | None) -> PpsMethod | None:
    """Return the variance that `pps` names."""
    name = spec.get("pps")
    if not name:
        return None
    plain = {"brewer": Brewer(), "overton": Overton(), "HR()": HartleyRao()}
    if name in plain:
        return plain[name]
    if match := re.fullmatch(r"HR\(([-+.\deE]+)\)", name):
        return HartleyRao(float(match[1]))
    method, _, estimator = name.partition(", ")
    if method != "joint" or estimator not in ESTIMATORS or read_data is None:
        raise KeyError(f"pps {name!r} is not known")
    return JointProbabilities(read_data(spec["jointprob"]).to_numpy(dtype=float), ESTIMATORS[estimator])
