"""Nonresponse classes, calibration and what weights cost."""

import numpy as np

from analysis.weighting import CellMinimum, Margin, adjust_nonresponse, kish_deff, rake
from tests.reference.runner import RAKING_RELATIVE, Case, Folder, Operation, UnsupportedError, compare


def check_nonresponse(folder: Folder, case: Case) -> None:
    frame = folder.frame(case)
    args = case["args"]
    classes = frame[args["classes"]].astype(str).agg(" ".join, axis=1)
    responded = frame[args["responded"]].to_numpy() == 1
    adjustment = adjust_nonresponse(
        frame["design_weight"].to_numpy(), responded, classes, psu=frame["psu"], minimum=CellMinimum(0, 0)
    )
    for row in case["rows"]:
        compare(adjustment.class_factors[row["class"]], row["factor"], row["class"])
    compare(frame["design_weight"][responded] * adjustment.factor, case["weights"], "weights")


def raked_weights(folder: Folder, case: Case, variables: list[str]) -> np.ndarray:
    frame = folder.frame(case)
    population = folder.read_data("D_population.csv")
    margins = [Margin(name, frame[name], population.groupby(name)["N"].sum().to_dict()) for name in variables]
    weights = frame[case["design"]["weights"]].to_numpy()
    return weights * rake(weights, margins, tolerance=1e-13).factor


def check_calibrated_weights(folder: Folder, case: Case) -> None:
    if case["args"]["method"] != "rake_ipf":
        raise UnsupportedError("calibrated_weights")
    compare(raked_weights(folder, case, case["args"]["margins"]), case["weights"], "weights", RAKING_RELATIVE)


def check_kish(folder: Folder, case: Case) -> None:
    frame = folder.frame(case)
    got = {
        "nr_weight": kish_deff(frame["nr_weight"].to_numpy()),
        "rake": kish_deff(raked_weights(folder, case, ["province", "sex", "age_group"])),
    }
    for row in case["rows"]:
        compare(got[row["set"]], row["deff_w"], row["set"], RAKING_RELATIVE)


OPERATIONS: dict[str, Operation] = {
    "nonresponse_classes": check_nonresponse,
    "calibrated_weights": check_calibrated_weights,
    "kish": check_kish,
}
