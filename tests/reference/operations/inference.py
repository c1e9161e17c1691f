"""Regression, tests of association and of ranks, population variance, standardisation, profile likelihood."""

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from analysis.estimation import (
    association_test,
    cross_table,
    difference_test,
    population_covariances,
    rank_test,
    regress,
    standardised_mean,
)
from tests.reference.profiles import r_limits
from tests.reference.runner import (
    Case,
    Folder,
    Operation,
    as_list,
    compare,
    compare_covariance,
    domain_labels,
    in_row_order,
    prepare,
)

MODEL = 1e-7
LIKELIHOOD = 1e-4
SCORES = {
    "wilcoxon": "wilcoxon",
    "KruskalWallis": "wilcoxon",
    "vanderWaerden": "van_der_waerden",
    "median": "median",
}


def check_chisq(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    rows, columns = frame[case["args"]["rows"]], frame[case["args"]["cols"]]
    if "table" in case:
        compare(cross_table(design, rows, columns).counts, case["table"], "table")
    for row in as_list(case["rows"]):
        test = association_test(design, rows, columns, statistic=row["statistic"])
        got = {
            "value": test.statistic,
            "ndf": test.numerator_df,
            "ddf": test.denominator_df,
            "p": test.p_value,
        }
        for key, value in got.items():
            if row[key] is not None:
                compare(value, row[key], f"{row['statistic']} {key}")


def check_glm(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args, rows = case["args"], as_list(case["rows"])
    model = regress(design, frame, args["formula"], family=args["family"], convergence="r")
    assert list(model.coefficients.names) == [row["term"] for row in rows]
    got = {
        "est": model.coefficients.value,
        "se": model.coefficients.standard_error,
        "t": model.t_statistic,
        "p": model.p_value,
        "df_resid": np.full(len(rows), model.residual_df),
    }
    for key in got.keys() & rows[0].keys():
        compare(got[key], [row[key] for row in rows], key, MODEL)
    if case.get("vcov") is not None:
        compare(model.coefficients.covariance, np.atleast_2d(case["vcov"]), "covariance", MODEL)
    exact = regress(design, frame, args["formula"], family=args["family"])
    compare(exact.coefficients.value, [row["est"] for row in rows], "fully converged", LIKELIHOOD)


def check_term_test(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args, (row,) = case["args"], as_list(case["rows"])
    model = regress(design, frame, args["formula"], family=args["family"], convergence="r")
    test = model.term_test(*as_list(args["term"]))
    got = [test.statistic, test.numerator_df, test.denominator_df, test.p_value]
    compare(got, [row[key] for key in ("F", "df", "ddf", "p")], "term test", MODEL)


def check_ranktest(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args, (row,) = case["args"], as_list(case["rows"])
    groups = frame[args["group"]]
    test = rank_test(design, frame[args["y"]], groups, scores=SCORES[args["test"]])
    compare(test.p_value, row["p"], "p")
    if test.statistic_name != "t":
        return
    span = np.ptp(groups.dropna().unique()) if pd.api.types.is_numeric_dtype(groups) else 1
    got = {"t": test.statistic, "df": test.denominator_df, "estimate": test.estimate.value.item() / span}
    for key, value in got.items():
        compare(value, row[key], key)


def check_ttest(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args, (row,) = case["args"], as_list(case["rows"])
    test = difference_test(design, frame[args["y"]], frame[args["group"]])
    low, high = test.estimate.interval()
    got = [
        test.estimate.value.item(),
        test.statistic,
        test.denominator_df,
        test.p_value,
        low.item(),
        high.item(),
    ]
    compare(got, [row[key] for key in ("diff", "t", "df", "p", "ci_low", "ci_high")], "t test")


def check_var(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    variables = as_list(case["args"]["vars"])
    estimate = population_covariances(design, frame[variables])
    pairs = list(combinations_with_replacement(range(len(variables)), 2))
    matrix = [(min(i, j), max(i, j)) for i in range(len(variables)) for j in range(len(variables))]
    full = estimate.select([pairs.index(pair) for pair in matrix])
    compare(full.value, np.ravel(case["est"]), "variance")
    compare_covariance(full, {**case, "vcov": np.atleast_2d(case["vcov"])})


def standard_population(classes: pd.Series | pd.DataFrame, population: object) -> dict[object, float]:
    """Give the counts, named or in sorted order, the labels of the data."""
    grouped = classes if isinstance(classes, pd.DataFrame) else classes.to_frame()
    labels = list(grouped.groupby(list(grouped.columns)).size().index)
    if isinstance(population, list):
        return dict(zip(labels, population, strict=True))
    names = [
        ".".join(map(str, label)) if isinstance(label, tuple) else f"{label}".removesuffix(".0")
        for label in labels
    ]
    return {label: population[name] for label, name in zip(labels, names, strict=True)}


def check_standardized(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args, rows = case["args"], as_list(case["rows"])
    by = as_list(args["by"])
    classes = domain_labels(frame, as_list(args["over"]))
    estimate = standardised_mean(
        design,
        frame[args["var"]],
        classes,
        standard_population(classes, args["population"]),
        by=domain_labels(frame, by),
        empty="rescale",
    )
    ordered = in_row_order(estimate, case, by)
    compare(ordered.value, [row["est"] for row in rows], "value")
    compare(ordered.standard_error, [row["se"] for row in rows], "standard error")


def check_likelihood(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    args, (row,) = case["args"], as_list(case["rows"])
    domain = args.get("domain")
    inside = frame[domain["var"]] == domain["value"] if domain else np.ones(len(frame), dtype=bool)
    share = design.proportion(frame[args["var"]], by=np.where(inside, "inside", None))
    limits = np.ravel(share.interval(args["level"], "likelihood"))
    compare(share.degrees_of_freedom, [row["df"]], "df")
    if "at_bound" in share.flags[0]:
        assert limits[0] < limits[1], "a share of none or all has an interval; R has no profile there"
        return
    compare([share.value.item(), share.standard_error.item()], [row["est"], row["se"]], "value, SE", MODEL)
    moments = share.value, share.standard_error, share.n, share.degrees_of_freedom
    by_r = r_limits(*(moment.item() for moment in moments), args["level"])
    if by_r is None:
        assert 0 <= limits[0] < row["est"] < limits[1] <= 1
        return
    compare(by_r, [row["low"], row["high"]], "profile likelihood as R reads it", LIKELIHOOD)
    coarseness = np.abs(limits / by_r - 1).max()
    compare(limits, [row["low"], row["high"]], "profile likelihood", LIKELIHOOD + coarseness)


OPERATIONS: dict[str, Operation] = {
    "chisq": check_chisq,
    "glm": check_glm,
    "term_test": check_term_test,
    "ranktest": check_ranktest,
    "ttest": check_ttest,
    "var": check_var,
    "standardized_by": check_standardized,
    "ciprop_likelihood": check_likelihood,
}
