"""Executes cases of a reference folder; see public/README.md for their grammar."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimation import Estimate, SinglePsuError, SurveyDesign, adjust_p_values
from analysis.index import compare_pairs, joint_rank_sets
from analysis.weighting import CellMinimum, Margin, adjust_nonresponse, kish_deff, rake
from tests.reference.frames import keep_listed, read_frame
from tests.reference.index_cases import estimate_item_index

type Case = dict[str, Any]
type Expectation = tuple[Any, Any]

RELATIVE = 1e-9
RAKING_RELATIVE = 1e-8
NEAR_ZERO = 1e-12


class UnsupportedError(Exception):
    """The library cannot do this yet; the message is a key of NOT_YET."""


NOT_YET = {
    "multistage": "finite population corrections beyond the first stage",
    "pps": "Brewer, Overton, Hartley-Rao and joint-probability variances",
    "calibration": "calibration to totals of a continuous variable",
    "vcov under average": "R scales it by the design's strata, but its SEs by the domain's, as ours",
    "calibrated_weights": "post-stratification, GREG, bounded and logit calibration (raking is checked)",
    "ciprop_likelihood": "profile likelihood intervals of a share",
    "quantile": "quantiles and their intervals",
    "chisq": "Rao-Scott tests",
    "glm": "regression",
    "ranktest": "rank tests",
    "var": "population variance",
    "term_test": "term tests of regressions",
    "standardized_by": "direct standardisation",
    "trim": "trimming with redistribution",
    "rep_mean": "replicate weights",
    "rep_total": "replicate weights",
    "rep_ratio": "replicate weights",
    "rep_mean_by": "replicate weights",
    "rep_quantile": "replicate weights",
    "fay_herriot": "small area model",
    "inclusion_probabilities": "belongs to the sampling core",
    "joint_probabilities": "belongs to the sampling core",
    "allocation": "belongs to the sampling core",
    "bethel": "belongs to the sampling core",
    "total_multi": "PPS variances",
}


@dataclass(frozen=True)
class Folder:
    """A reference folder: data/ and expected/."""

    path: Path

    @cached_property
    def cases(self) -> dict[str, Case]:
        cases: dict[str, Case] = {}
        for file in sorted((self.path / "expected").glob("*.json")):
            for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
                cases |= {part["id"]: part for part in split_likelihood(case)}
        return cases

    @cached_property
    def read_data(self) -> Callable[[str], pd.DataFrame]:
        return lru_cache(lambda name: pd.read_csv(self.path / "data" / name, low_memory=False))

    def frame(self, case: Case) -> pd.DataFrame:
        return read_frame(self.read_data(case["dataset"]), case.get("derive"), self.cases)


def split_likelihood(case: Case) -> list[Case]:
    """Make the profile-likelihood row of a case one of its own, so that it is counted as missing."""
    if case["op"] != "ciprop":
        return [case]
    profile = [row for row in case["rows"] if row["method"] == "likelihood"]
    others = [row for row in case["rows"] if row["method"] != "likelihood"]
    apart = {**case, "id": f"{case['id']}:likelihood", "op": "ciprop_likelihood", "rows": profile}
    return [{**case, "rows": others}, apart] if profile else [case]


def check_case(folder: Folder, case: Case) -> None:
    """Execute a case; UnsupportedError where the library cannot do it yet, KeyError for the unknown."""
    operation = case["op"]
    if operation in OPERATIONS:
        OPERATIONS[operation](folder, case)
    elif operation in NOT_YET:
        raise UnsupportedError(operation)
    else:
        raise KeyError(
            f"operation {operation!r} of case {case['id']} is neither supported nor listed in NOT_YET"
        )


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def build_design(case: Case, frame: pd.DataFrame) -> SurveyDesign:
    spec = case["design"]
    if spec.get("pps"):
        raise UnsupportedError("pps")
    clusters, fpc = as_list(spec.get("ids")), as_list(spec.get("fpc"))
    if len(fpc) > 1:
        raise UnsupportedError("multistage")
    return SurveyDesign.from_frame(
        frame,
        weight=spec["weights"],
        strata=spec.get("strata"),
        clusters=clusters[0] if clusters else None,
        fpc=fpc[0] if fpc else None,
        single_psu=spec["lonely_psu"],
        single_in_domain=bool(spec.get("adjust_domain_lonely")),
        nest=bool(spec.get("nest")) and bool(clusters),
    )


def prepare(folder: Folder, case: Case) -> tuple[pd.DataFrame, SurveyDesign]:
    frame = folder.frame(case)
    if "calibration" in case["args"]:
        return frame, calibrate_design(folder, case, frame)
    return frame, build_design(case, frame)


def calibrate_design(folder: Folder, case: Case, frame: pd.DataFrame) -> SurveyDesign:
    """Take R's calibrated weights: the variance is checked here, weights by a case of their own."""
    margins = calibration_margins(case["args"], frame)
    base = frame[case["design"]["weights"]].to_numpy(dtype=float)
    if case["args"]["calibration"] == "rake_ipf":
        base = np.ones_like(base)  # R's sweeps over the margins fit without weights
    weights = folder.cases[f"{case['id'].split(':')[0]}:weights"]["weights"]
    design = build_design(
        {**case, "design": {**case["design"], "weights": "final"}}, frame.assign(final=weights)
    )
    return design.with_calibration(base, margins)


def calibration_margins(args: dict[str, Any], frame: pd.DataFrame) -> list[pd.Series | pd.DataFrame]:
    if args["calibration"] == "poststratify":
        return [frame[args["vars"]]]
    variables = args["margins"] if args["calibration"] == "rake_ipf" else args["formula"].split("+")[1:]
    if not set(variables) <= {"province", "sex", "age_group"}:
        raise UnsupportedError("calibration")
    return [frame[variable] for variable in variables]


def compare(got: Any, expected: Any, what: str, relative: float = RELATIVE) -> None:
    wanted = np.array(expected, dtype=float)
    np.testing.assert_allclose(
        np.asarray(got, dtype=float),
        wanted,
        rtol=relative,
        atol=NEAR_ZERO * np.nanmax(np.abs(wanted), initial=1),
        err_msg=what,
    )


def compare_rows(estimate: Estimate, case: Case, design: SurveyDesign, *, full_df: bool = True) -> None:
    """Compare value, SE, df, both intervals, deff and covariance with the rows of a case."""
    rows = as_list(case["rows"])
    compare(estimate.value, [row["est"] for row in rows], "value")
    compare(estimate.standard_error, [row["se"] for row in rows], "standard error")
    df = design.degrees_of_freedom if full_df else estimate.degrees_of_freedom
    plain = replace(estimate, bounds=None)
    compare(np.broadcast_to(df, len(rows)), [row.get("df", row.get("df_full")) for row in rows], "df")
    intervals = {
        "ci_t": plain.interval(degrees_of_freedom=df),
        "ci_z": plain.interval(method="wald"),
        "ci_tdom": plain.interval(degrees_of_freedom=np.maximum(estimate.degrees_of_freedom, 1)),
    }
    for name, limits in intervals.items():
        if f"{name}_low" in rows[0]:
            compare(limits.low, [row[f"{name}_low"] for row in rows], f"{name} low")
            compare(limits.high, [row[f"{name}_high"] for row in rows], f"{name} high")
    if "df_domain" in rows[0]:
        compare(estimate.degrees_of_freedom, [row["df_domain"] for row in rows], "df of the domain")
    if rows[0].get("deff") is not None:
        compare(estimate.deff, [row["deff"] for row in rows], "deff")
    compare_covariance(estimate, case)


def compare_covariance(estimate: Estimate, case: Case) -> None:
    if case.get("vcov") is None:
        return
    if case["design"]["lonely_psu"] == "average" and len(estimate) > 1:
        raise UnsupportedError("vcov under average")
    compare(estimate.covariance, case["vcov"], "covariance")


def domain_labels(frame: pd.DataFrame, by: list[str]) -> pd.Series | pd.DataFrame:
    return frame[by[0]] if len(by) == 1 else frame[by]


def in_row_order(estimate: Estimate, case: Case, by: list[str]) -> Estimate:
    """Order the domains as the case does."""
    keys = [tuple(str(row[name]) for name in by) for row in case["rows"]]
    labels = [tuple(map(str, label if isinstance(label, tuple) else (label,))) for label in estimate.domains]
    assert sorted(keys) == sorted(labels), "the domains are not those of the case"
    return estimate.select([labels.index(key) for key in keys])


# ---- operations


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


def index_parts(
    folder: Folder, case: Case, *, by: str | None = None, overall: bool = False
) -> tuple[Estimate, SurveyDesign]:
    """Return all element ratios, by domain if asked, jointly."""
    frame, design = prepare(folder, case)
    args = case["args"]
    labels = None if by is None else frame[by]
    return design.ratio(frame[args["num"]], frame[args["den"]], by=labels, overall=overall), design


def check_elements(folder: Folder, case: Case) -> None:
    estimate, design = index_parts(folder, case)
    compare_rows(estimate, case, design)


def check_index(folder: Folder, case: Case) -> None:
    if case["args"]["kind"] == "mean_of_item_proportions":
        frame, design = prepare(folder, case)
        compare_rows(estimate_item_index(design, frame, case["args"]), case, design)
        return
    estimate, design = index_parts(folder, case)
    compare_rows(estimate.contrast([case["args"]["w"]], ["index"]), case, design)


def check_index_by(folder: Folder, case: Case) -> None:
    by = case["args"]["by"]
    if case["args"]["kind"] == "mean_of_item_proportions":
        frame, design = prepare(folder, case)
        estimate = estimate_item_index(design, frame, case["args"], frame[by])
    else:
        parts, design = index_parts(folder, case, by=by)
        labels = list(dict.fromkeys(parts.domains))
        estimate = parts.contrast(np.kron(np.eye(len(labels)), case["args"]["w"]), labels)
        estimate = replace(estimate, domains=tuple(labels))
    compare_rows(in_row_order(estimate, case, [by]), case, design)


def index_difference(folder: Folder, case: Case, first: str, second: str) -> None:
    args = case["args"]
    parts, design = index_parts(folder, case, by=args["by"], overall=True)
    sign = np.select([np.array(parts.domains) == first, np.array(parts.domains) == second], [1.0, -1.0], 0.0)
    weights = sign * np.resize(args["w"], len(parts))
    compare_rows(parts.contrast([weights], ["difference"]), case, design)


def check_index_diff(folder: Folder, case: Case) -> None:
    index_difference(folder, case, *case["args"]["values"])


def check_index_diff_overall(folder: Folder, case: Case) -> None:
    index_difference(folder, case, case["args"]["value"], "overall")


def check_ranks(folder: Folder, case: Case) -> None:
    args, rows = case["args"], case["rows"]
    source = {row["province"]: row for row in folder.cases[args["from"]]["rows"]}
    value = np.array([source[row["province"]]["est"] for row in rows])
    error = np.array([source[row["province"]]["se"] for row in rows])
    low, high = joint_rank_sets(value, error, level=args["level"], adjustment=args["adjust"])
    assert low.tolist() == [row["rank_low"] for row in rows]
    assert high.tolist() == [row["rank_high"] for row in rows]


def check_pairwise(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    provinces = design.mean(frame[case["args"]["var"]], by=frame[case["args"]["by"]])
    pairs = compare_pairs(provinces, adjustment="none", degrees_of_freedom=np.inf)
    position = {label: place for place, label in enumerate(pairs.labels)}
    for row in case["rows"]:
        at = position[row["a"]], position[row["b"]]
        got = [pairs.difference[at], pairs.standard_error[at], pairs.p_value[at]]
        compare(got, [row["diff"], row["se"], row["p"]], f"{row['a']} - {row['b']}")


def check_pairwise_counts(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    provinces = design.mean(frame[case["args"]["var"]], by=frame[case["args"]["by"]])
    pairs = compare_pairs(provinces, adjustment="none", degrees_of_freedom=np.inf)
    p_values = pairs.p_value[np.triu_indices(len(provinces), 1)]
    for row in case["rows"]:
        assert (adjust_p_values(p_values, row["adjust"].lower()) < 0.05).sum() == row["n_sig_05"], row[
            "adjust"
        ]


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


OPERATIONS: dict[str, Callable[[Folder, Case], None]] = {
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
    "elements": check_elements,
    "index": check_index,
    "index_by": check_index_by,
    "index_diff": check_index_diff,
    "index_diff_overall": check_index_diff_overall,
    "ranks": check_ranks,
    "pairwise": check_pairwise,
    "pairwise_counts": check_pairwise_counts,
    "change": check_change,
    "change_by": check_change_by,
    "ttest": check_ttest,
    "nonresponse_classes": check_nonresponse,
    "calibrated_weights": check_calibrated_weights,
    "kish": check_kish,
}
