"""Means, totals, ratios and proportions, whole and by domain, with their intervals."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import stats

from analysis.estimation import SinglePsuError
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
    items = frame[case["args"]["vars"]]
    satisfied = (items >= 4).astype(float).where(items.notna().all(axis=1))
    compare_rows(design.mean(satisfied), case, design)


def check_by(estimator: str) -> Callable[[Folder, Case], None]:
    def check(folder: Folder, case: Case) -> None:
        frame, design = prepare(folder, case)
        by = as_list(case["args"]["by"])
        estimate = getattr(design, estimator)(frame[case["args"]["var"]], by=domain_labels(frame, by))
        compare_rows(in_row_order(estimate, case, by), case, design)

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


def check_ciprop(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args = case["args"]
    values = frame[args["var"]]
    domain = args.get("domain")
    inside = frame[domain["var"]] == domain["value"] if domain else np.ones(len(frame), dtype=bool)
    estimate = design.proportion(values, by=np.where(inside, "inside", None))
    for row in case["rows"]:
        low, high = estimate.interval(args["level"], INTERVAL_NAMES[row["method"]])
        relative = LOGIT_FIT if row["method"] == "logit" else RELATIVE
        compare([low.item(), high.item()], [row["low"], row["high"]], row["method"], relative)
        compare(
            [estimate.value.item(), estimate.standard_error.item()],
            [row["est"], row["se"]],
            "value, SE",
            relative,
        )
        compare(estimate.degrees_of_freedom, [row["df"]], "df")


def check_error(folder: Folder, case: Case) -> None:
    try:
        prepare(folder, case)
    except SinglePsuError:
        return
    raise AssertionError("a stratum with one PSU did not fail")


def check_change(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    years = design.mean(frame[case["args"]["var"]], by=frame[case["args"]["by"]])
    compare_rows(years.contrast([[-1, 1]], ["change"]), case, design)


def check_change_by(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args = case["args"]
    cells = design.mean(frame[args["var"]], by=frame[[args["domain"], args["by"]]])
    labels = [label for label, _ in cells.domains[::2]]
    change = cells.contrast(np.kron(np.eye(len(labels)), [-1, 1]), labels)
    compare_rows(in_row_order(replace(change, domains=tuple(labels)), case, [args["domain"]]), case, design)


def check_ttest(folder: Folder, case: Case) -> None:
    """The regression on a two-valued group is the difference of two domain means."""
    frame, design = prepare(folder, case)
    args, (row,) = case["args"], as_list(case["rows"])
    values = frame[args["y"]]
    groups = design.mean(values, by=frame[args["group"]])
    everybody = design.mean(values.where(frame[args["group"]].notna()))
    difference = groups.contrast([[-1, 1]], ["difference"])
    df = everybody.degrees_of_freedom - 1
    limits = difference.interval(degrees_of_freedom=df)
    t = difference.value / difference.standard_error
    got = [difference.value, t, df, 2 * stats.t.sf(abs(t), df), limits.low, limits.high]
    wanted = [row[key] for key in ("diff", "t", "df", "p", "ci_low", "ci_high")]
    compare(np.array(got).ravel(), wanted, "t test", 1e-8)


OPERATIONS: dict[str, Operation] = {
    "mean": check_mean,
    "total": check_total,
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
    "ttest": check_ttest,
}
