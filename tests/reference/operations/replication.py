"""Quantiles and replicate weights."""

import numpy as np
import pandas as pd

from analysis.estimation import QuantileEstimate, ReplicateDesign, quantile
from tests.reference.runner import (
    Case,
    Folder,
    Operation,
    as_list,
    build_design,
    compare,
    compare_covariance,
    compare_rows,
    domain_labels,
    in_row_order,
    prepare,
)

QUANTILE_LIMIT = 1e-6
FROM_DESIGN = {"JKn": "jkn", "JK1": "jk1", "BRR": "brr", "Fay": "fay"}


def check_quantile(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args = case["args"]
    estimate = quantile(
        design,
        frame[args["var"]],
        as_list(args["probs"]),
        rule=args["qrule"],
        interval=args["interval"],
        level=args.get("level", 0.95),
    )
    compare_quantiles(estimate, case)


def compare_quantiles(estimate: QuantileEstimate, case: Case) -> None:
    rows = as_list(case["rows"])
    compare(estimate.probs, [row["p"] for row in rows], "probability")
    compare(estimate.value, [row["est"] for row in rows], "quantile")
    compared = {"se": estimate.standard_error, "ci_low": estimate.low, "ci_high": estimate.high}
    for name, got in compared.items():
        if name in rows[0]:
            compare(got, [row[name] for row in rows], name, QUANTILE_LIMIT)


def replicate_design(folder: Folder, case: Case) -> tuple[pd.DataFrame, ReplicateDesign]:
    frame, args = folder.frame(case), case["args"]
    if not args.get("weights_file"):
        return frame, replicates_from_design(case, frame)
    replicates = folder.read_data(args["weights_file"])
    made_by, n_replicates = args.get("method"), replicates.shape[1]
    assert args.get("n_rep", n_replicates) == n_replicates, f"other weights than those of {made_by}"
    assert 0 <= (args.get("rho") or 0) < 1, "the weights of a file have their rho already"
    design = ReplicateDesign.from_weights(
        frame[weights_column(folder, case)],
        replicates.to_numpy(),
        scale=args["scale"],
        rscales=as_list(args["rscales"]),
        is_combined=args.get("combined", True),
        mse=args["mse"],
    )
    return frame, design


def weights_column(folder: Folder, case: Case) -> str:
    """Weights of the full sample; a case without a design has those of its data in the other cases."""
    specs = [case["design"]] + [
        other["design"] for other in folder.cases.values() if other["dataset"] == case["dataset"]
    ]
    return next((spec["weights"] for spec in specs if spec), "weight")


def replicates_from_design(case: Case, frame: pd.DataFrame) -> ReplicateDesign:
    """Make the replicates as R does and require its scales."""
    args = case["args"]
    method = args["method"].split(" ")[0]
    assert args.get("combined", True), "replicates that are made hold the weights"
    if method not in FROM_DESIGN:
        raise KeyError(f"replicates by {method!r} without given weights are not known")
    design = build_design(_without_strata(case) if method == "JK1" else case, frame)
    made = ReplicateDesign.from_design(
        design, FROM_DESIGN[method], mse=args["mse"], rho=args.get("rho") or 0.0
    )
    assert made.n_replicates == args["n_rep"]
    compare(made.replicates.scales, args["scale"] * np.array(as_list(args["rscales"])), "scales")
    return made


def _without_strata(case: Case) -> Case:
    return {**case, "design": {**case["design"], "strata": None}}


def check_rep_mean(folder: Folder, case: Case) -> None:
    frame, design = replicate_design(folder, case)
    compare_rows(design.mean(frame[case["args"]["var"]]), case, design)


def check_rep_total(folder: Folder, case: Case) -> None:
    frame, design = replicate_design(folder, case)
    compare_rows(design.total(frame[case["args"]["var"]]), case, design)


def check_rep_ratio(folder: Folder, case: Case) -> None:
    frame, design = replicate_design(folder, case)
    compare_rows(design.ratio(frame[case["args"]["num"]], frame[case["args"]["den"]]), case, design)


def check_rep_mean_by(folder: Folder, case: Case) -> None:
    frame, design = replicate_design(folder, case)
    by = as_list(case["args"]["by"])
    estimate = design.mean(frame[case["args"]["var"]], by=domain_labels(frame, by))
    estimate = in_row_order(estimate, case, by)
    compare(estimate.value, [row["est"] for row in case["rows"]], "value")
    compare(estimate.standard_error, [row["se"] for row in case["rows"]], "standard error")
    compare_covariance(estimate, case)


def check_rep_quantile(folder: Folder, case: Case) -> None:
    frame, design = replicate_design(folder, case)
    args = case["args"]
    estimate = design.quantile(
        frame[args["var"]],
        as_list(args["probs"]),
        rule=args.get("qrule") or "math",
        interval=args.get("interval") or "quantile",
        level=args.get("level", 0.95),
    )
    compare_quantiles(estimate, case)


OPERATIONS: dict[str, Operation] = {
    "quantile": check_quantile,
    "rep_mean": check_rep_mean,
    "rep_total": check_rep_total,
    "rep_ratio": check_rep_ratio,
    "rep_mean_by": check_rep_mean_by,
    "rep_quantile": check_rep_quantile,
}
