"""Means, totals, ratios and proportions, whole and by domain, with their intervals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.estimation import Estimate, SinglePsuError, SurveyDesign, change
from analysis.estimation.designs.variance import Stages
from tests.reference.frames import keep_listed
from tests.reference.runner import (
    RELATIVE,
    Case,
    Folder,
    Operation,
    as_list,
    compare,
    compare_rows,
    domain_labels,
    in_row_order,
    prepare,
)


def check_mean(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    compare_rows(design.mean(frame[case["args"]["var"]]), case, design)


def check_total(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    compare_rows(design.total(frame[case["args"]["var"]]), case, design)


def check_total_multi(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    compare_rows(design.total(frame[as_list(case["args"]["vars"])]), case, design)


def check_ratio(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    compare_rows(design.ratio(frame[case["args"]["num"]], frame[case["args"]["den"]]), case, design)


def check_proportions(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    estimate = design.proportions(frame[case["args"]["var"]])
    assert [str(name).removesuffix(".0") for name in estimate.names] == [row["term"] for row in case["rows"]]
    compare_rows(estimate, case, design)


def check_mean_multi(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args = case["args"]
    items = frame[as_list(args["vars"])]
    if "satisfied" in args:
        items = (items >= float(args["satisfied"].removeprefix(">="))).astype(float).where(items.notna())
    compare_rows(design.mean(items.where(items.notna().all(axis=1))), case, design)


def seeing_all_strata(design: SurveyDesign) -> SurveyDesign:
    """R's covariances between domains treat single PSUs in view of the whole design, its errors do not."""
    if not isinstance(design.structure, Stages):
        return design
    return replace(design, structure=replace(design.structure, single_scope="design"))


def check_by(estimator: str) -> Callable[[Folder, Case], None]:
    def check(folder: Folder, case: Case) -> None:
        frame, design = prepare(folder, case)
        by = as_list(case["args"]["by"])

        def run(used: SurveyDesign) -> Estimate:
            estimate = getattr(used, estimator)(frame[case["args"]["var"]], by=domain_labels(frame, by))
            return in_row_order(estimate, case, by)

        compare_rows(run(design), case, design, joint=run(seeing_all_strata(design)))

    return check


def check_domain(estimator: str) -> Callable[[Folder, Case], None]:
    def check(folder: Folder, case: Case) -> None:
        frame, design = prepare(folder, case)
        inside = keep_listed(frame, case["args"]["where"])
        estimate = getattr(design, estimator)(frame[case["args"]["var"]], by=np.where(inside, "inside", None))
        compare_rows(estimate, case, design, full_df=False)

    return check


INTERVAL_NAMES = {
    "logit": "logit",
    "xlogit": "logit",
    "asin": "arcsine",
    "beta": "korn_graubard",
    "wilson": "wilson",
    "mean": "t",
}
LOGIT_FIT = 1e-7


def is_beyond_r(row: dict[str, Any], limits: list[float]) -> bool:
    """With 1 degree of freedom R's logit has no upper limit, and its arcsine folds back at 0 and 1."""
    is_folded = row["method"] == "asin" and not {0, 1}.isdisjoint(limits)
    return row["low"] is None or row["high"] is None or is_folded


def check_ciprop(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args = case["args"]
    values = frame[args["var"]]
    domain = args.get("domain")
    inside = frame[domain["var"]] == domain["value"] if domain else np.ones(len(frame), dtype=bool)
    estimate = design.proportion(values, by=np.where(inside, "inside", None))
    for row in case["rows"]:
        low, high = estimate.interval(args["level"], INTERVAL_NAMES[row["method"]])
        if not 0 < estimate.value.item() < 1 or estimate.degrees_of_freedom.item() <= 0:
            assert 0 <= low.item() < high.item() <= 1, "an interval of zero width"  # R has none, or such
            continue
        relative = LOGIT_FIT if row["method"] == "logit" else RELATIVE
        limits = [low.item(), high.item()]
        if is_beyond_r(row, limits):
            assert 0 <= limits[0] < row["est"] < limits[1] <= 1
        else:
            compare(limits, [row["low"], row["high"]], row["method"], relative)
        compare(
            [estimate.value.item(), estimate.standard_error.item()],
            [row["est"], row["se"]],
            "value, SE",
            relative,
        )
        compare(estimate.degrees_of_freedom, [row["df"]], "df")


def check_error(folder: Folder, case: Case) -> None:
    variable = case["args"].get("var")
    try:
        frame, design = prepare(folder, case)
        design.mean(frame[variable])
    except SinglePsuError:
        return
    raise AssertionError("a stratum with one PSU did not fail")


def check_change(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args = case["args"]
    compare_rows(change(design, frame[args["var"]], frame[args["by"]]), case, design)


def check_change_by(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args = case["args"]
    found = change(design, frame[args["var"]], frame[args["by"]], by=frame[args["domain"]])
    compare_rows(in_row_order(found, case, [args["domain"]]), case, design)


OPERATIONS: dict[str, Operation] = {
    "mean": check_mean,
    "total": check_total,
    "total_multi": check_total_multi,
    "ratio": check_ratio,
    "proportions": check_proportions,
    "mean_multi": check_mean_multi,
    "mean_by": check_by("mean"),
    "total_by": check_by("total"),
    "mean_domain": check_domain("mean"),
    "total_domain": check_domain("total"),
    "ciprop": check_ciprop,
    "error": check_error,
    "change": check_change,
    "change_by": check_change_by,
}
