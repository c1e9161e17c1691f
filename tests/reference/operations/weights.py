"""Nonresponse classes, calibration, trimming and what weights cost."""

import numpy as np
import pandas as pd

from analysis.weighting import CellMinimum, adjust_nonresponse, kish_deff, trim
from tests.reference.calibrations import CaseCalibration
from tests.reference.runner import RAKING_RELATIVE, Case, Folder, Operation, as_list, build_design, compare

CALIBRATION_RELATIVE = 1e-7
NO_CLUSTERS_NEEDED = CellMinimum(0, 0)
METHOD_NAMES = {"rake": "rake_ipf"}
"""How rows of `kish` name a calibration that the case itself does not define."""


def check_nonresponse(folder: Folder, case: Case) -> None:
    frame = folder.frame(case)
    args = case["args"]
    classes = frame[as_list(args["classes"])].astype(str).agg(" ".join, axis=1)
    responded = frame[args["responded"]].to_numpy() == 1
    base = frame[case["design"]["weights"]].to_numpy(dtype=float)
    psu = np.arange(len(frame))
    adjustment = adjust_nonresponse(base, responded, classes, psu=psu, minimum=NO_CLUSTERS_NEEDED)
    for row in as_list(case["rows"]):
        compare(adjustment.class_factors[row["class"]], row["factor"], row["class"])
    compare(base[responded] * adjustment.factor, case["weights"], "weights")


def check_calibrated_weights(folder: Folder, case: Case) -> None:
    method = case["args"]["method"]
    got = calibrated_weights(folder, case, case)
    relative = RAKING_RELATIVE if method == "rake_ipf" else CALIBRATION_RELATIVE
    compare(got, case["weights"], "weights", relative)
    for name in ("sum", "min", "max"):
        if name in case:
            compare(getattr(got, name)(), case[name], name, relative)


def check_trim(folder: Folder, case: Case) -> None:
    args = case["args"]
    weights = weights_of_set(folder, case, args["after"])
    limits = {name: args[name] for name in ("lower", "upper") if args.get(name) is not None}
    trimmed = weights * trim(weights, **limits, is_strict=bool(args["strict"])).factor
    compare(trimmed, case["weights"], "weights", CALIBRATION_RELATIVE)


def check_kish(folder: Folder, case: Case) -> None:
    for row in as_list(case["rows"]):
        got = kish_deff(weights_of_set(folder, case, row["set"]))
        compare(got, row["deff_w"], row["set"], RAKING_RELATIVE)


def calibrated_weights(folder: Folder, case: Case, definition: Case) -> np.ndarray:
    """Weights of a case by the calibration that the same or another case defines."""
    frame = folder.frame(case)
    args = definition["args"]
    base = build_design(case, frame).weights
    return CaseCalibration(args["method"], args, frame, folder.read_data).weights(base)


def weights_of_set(folder: Folder, case: Case, name: str) -> np.ndarray:
    """Weights that a case names: a column, or the calibration of another case on the same rows."""
    frame = folder.frame(case)
    if name in frame:
        return pd.Series(frame[name]).to_numpy(dtype=float)
    wanted = METHOD_NAMES.get(name, name)
    definition = next(
        other
        for other in folder.cases.values()
        if other["op"] == "calibrated_weights"
        and (other["dataset"], other.get("derive")) == (case["dataset"], case.get("derive"))
        and wanted in (other["args"]["method"], other["id"].split(":")[0])
    )
    return calibrated_weights(folder, case, definition)


OPERATIONS: dict[str, Operation] = {
    "nonresponse_classes": check_nonresponse,
    "calibrated_weights": check_calibrated_weights,
    "trim": check_trim,
    "kish": check_kish,
}
