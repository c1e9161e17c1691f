"""The composite index, its differences, ranks and comparisons."""

from dataclasses import replace

import numpy as np

from analysis.estimation import Estimate, SurveyDesign, adjust_p_values
from analysis.index import compare_pairs
from analysis.quality import interval_rank_sets
from tests.reference.index_cases import estimate_item_index
from tests.reference.runner import (
    Case,
    Folder,
    Operation,
    as_list,
    compare,
    compare_rows,
    in_row_order,
    prepare,
)

KLEIN = "Klein-Wright-Wieczorek"


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
    assert args.get("method", KLEIN).startswith(KLEIN), args["method"]
    origin = folder.cases[args["from"]]
    by = as_list(origin["args"]["by"])
    source = {tuple(row[name] for name in by): row for row in origin["rows"]}
    ranked = [source[tuple(row[name] for name in by)] for row in rows]
    value = np.array([row["est"] for row in ranked])
    error = np.array([row["se"] for row in ranked])
    low, high = interval_rank_sets(value, error, level=args["level"], adjustment=args["adjust"])
    assert low.tolist() == [row["rank_low"] for row in rows]
    assert high.tolist() == [row["rank_high"] for row in rows]


def args_agree(case: Case, n_domains: int) -> bool:
    n_pairs = n_domains * (n_domains - 1) // 2
    return bool(case["args"].get("n_pairs_all", n_pairs) == n_pairs)


def check_pairwise(folder: Folder, case: Case) -> None:
    frame, design = prepare(folder, case)
    provinces = design.mean(frame[case["args"]["var"]], by=frame[case["args"]["by"]])
    pairs = compare_pairs(provinces, adjustment="none", degrees_of_freedom=np.inf)
    assert args_agree(case, len(pairs.labels)), "another number of pairs"
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


OPERATIONS: dict[str, Operation] = {
    "elements": check_elements,
    "index": check_index,
    "index_by": check_index_by,
    "index_diff": check_index_diff,
    "index_diff_overall": check_index_diff_overall,
    "ranks": check_ranks,
    "pairwise": check_pairwise,
    "pairwise_counts": check_pairwise_counts,
}
