"""Inclusion probabilities, joint probabilities and allocation."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from sampling.design import allocation
from sampling.design.bethel import PrecisionTarget, allocate
from sampling.design.joint_probabilities import METHODS, conditional_poisson, joint_probabilities
from sampling.design.probabilities import inclusion_probabilities
from tests.reference.frames import keep_listed
from tests.reference.runner import Case, Folder, Operation, as_list, compare

JOINT_RELATIVE = {"sampford": 1e-6, "tille": 1e-6}
OTHER_JOINT_RELATIVE = 1e-8
R_STOPS_AT = 1e-6
"""R ends its search for working probabilities when they change by less, in sum."""

WITHIN_R = 1e-4
BETHEL_RELATIVE = 1e-6


def check_inclusion_probabilities(folder: Folder, case: Case) -> None:
    pi = inclusion_probabilities(folder.frame(case)[case["args"]["mos"]], case["args"]["n"])
    compare(pi, [row["pik"] for row in as_list(case["rows"])], "pik")


def check_joint_probabilities(folder: Folder, case: Case) -> None:
    method = case["args"]["method"]
    if method not in METHODS:
        raise KeyError(f"method {method!r} of case {case['id']} is not known")
    pi = inclusion_probabilities(folder.frame(case)[case["args"]["mos"]], case["args"]["n"])
    joint = joint_probabilities(pi, method)
    if method == "max_entropy":
        np.testing.assert_allclose(joint, case["pi2"], rtol=WITHIN_R, atol=R_STOPS_AT, err_msg="pi2")
        joint = max_entropy_as_r(pi)
    compare(joint, case["pi2"], "pi2", JOINT_RELATIVE.get(method, OTHER_JOINT_RELATIVE))


def max_entropy_as_r(pi: np.ndarray) -> np.ndarray:
    """Our conditional Poisson probabilities, inside R's search and its way from odds to pairs."""
    joint = np.outer(pi, pi)
    chance = np.flatnonzero((pi > 0) & (pi < 1))
    if chance.size:
        joint[np.ix_(chance, chance)] = pairs_as_r(pi[chance])
    np.fill_diagonal(joint, pi)
    return joint


def pairs_as_r(pi: np.ndarray) -> np.ndarray:
    n = round(pi.sum())
    working, change = pi, np.inf
    while change > R_STOPS_AT:
        moved = working + pi - conditional_poisson(np.log(working / (1 - working)), n)
        working, change = moved, np.abs(moved - working).sum()
    odds = working / (1 - working)
    is_tied = np.equal.outer(pi, pi)
    with np.errstate(invalid="ignore", divide="ignore"):
        pairs = (np.outer(pi, odds) - np.outer(odds, pi)) / np.subtract.outer(odds, odds).T
    known = np.where(is_tied, 0.0, pairs)
    np.fill_diagonal(known, pi)
    n_tied = np.maximum(is_tied.sum(axis=1) - 1, 1)
    shared = (n * pi - known.sum(axis=1)) / n_tied
    return np.where(is_tied, shared[:, None], pairs)


type Rule = Callable[[pd.DataFrame, float, re.Match[str]], Any]

RULES: list[tuple[str, Rule]] = [
    ("equal", lambda frame, n, _: allocation.equal(len(frame), n)),
    ("proportional", lambda frame, n, _: allocation.proportional(frame["N"], n)),
    (r"neyman_(\w+)", lambda frame, n, name: allocation.optimal(frame["N"], frame[name[1]], n)),
    (
        r"optimal_cost_(\w+)",
        lambda frame, n, name: allocation.optimal(frame["N"], frame[name[1]], n, frame["cost"]),
    ),
    (r"power_([\d.]+)_(\w+)", lambda frame, n, name: power(frame, n, float(name[1]), name[2])),
]
"""Columns of an allocation case: a rule, with the standard deviation it is for."""


def power(frame: pd.DataFrame, n: float, exponent: float, sd: str) -> np.ndarray:
    mean = frame["m" + sd.removeprefix("s")]
    return allocation.power(frame["N"] * mean, frame[sd] / mean, n, exponent)


def check_allocation(folder: Folder, case: Case) -> None:
    frame, expected = folder.frame(case), pd.DataFrame(as_list(case["rows"]))
    for column in expected.columns.drop("stratum"):
        compare(allocate_by_name(frame, case["args"]["n"], column), expected[column], column)


def allocate_by_name(frame: pd.DataFrame, n: float, column: str) -> np.ndarray:
    for pattern, rule in RULES:
        match = re.fullmatch(pattern, column)
        if match:
            return rule(frame, n, match)
    raise KeyError(f"allocation {column!r} is not known")


def check_bethel(folder: Folder, case: Case) -> None:
    frame, args = folder.frame(case), case["args"]
    domains = read_domains(args.get("domains") or "all", frame)
    targets = [precision_target(name, cv, frame, args["vars"], domains) for name, cv in args["cv"].items()]
    costs = frame[args["cost"]] if args.get("cost") else 1.0
    got = allocate(frame["N"], targets, costs=costs, fpc=bool(args.get("fpc")), maximum=np.inf)
    compare(got.sizes, [row["n"] for row in as_list(case["rows"])], "n", BETHEL_RELATIVE)
    compare(got.cost, case["total_cost"], "total cost", BETHEL_RELATIVE)
    for values, key in ((got.load, "constraint_values"), (got.multipliers, "multipliers")):
        if case.get(key) is not None:
            expected = as_list(case[key])
            np.testing.assert_allclose(values, expected, atol=BETHEL_RELATIVE, err_msg=key)


def read_domains(text: str, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Read domains: `all`, a column, or NAME = odd rows, even rows, every Kth row from J, COLUMN=='VALUE'."""
    domains = {"all": np.ones(len(frame), dtype=bool)}
    for part in text.split(";"):
        name, _, rule = (piece.strip() for piece in part.partition("="))
        if not rule and name in frame:
            domains |= {str(value): (frame[name] == value).to_numpy() for value in frame[name].unique()}
        for each in re.findall(r"(\w+) = ((?:[^,=]|==)+)", part):
            domains[each[0]] = read_rows(each[1].strip(), frame)
    return domains


def read_rows(rule: str, frame: pd.DataFrame) -> np.ndarray:
    numbers = np.arange(1, len(frame) + 1)
    steps = re.fullmatch(r"every (\d+)\w* row from (\d+)", rule)
    if steps:
        return (numbers - int(steps[2])) % int(steps[1]) == 0
    if rule in {"odd rows", "even rows"}:
        return numbers % 2 == (rule == "odd rows")
    return keep_listed(frame, rule)


def precision_target(
    name: str, cv: float, frame: pd.DataFrame, variables: Any, domains: dict[str, np.ndarray]
) -> PrecisionTarget:
    """Read `v2_D1`: the second variable in domain D1."""
    number, domain = name.split("_", 1)
    variable = as_list(variables)[int(number.removeprefix("v")) - 1]
    return PrecisionTarget.of(name, frame[variable["mean"]], frame[variable["sd"]], cv, domains[domain])


OPERATIONS: dict[str, Operation] = {
    "inclusion_probabilities": check_inclusion_probabilities,
    "joint_probabilities": check_joint_probabilities,
    "allocation": check_allocation,
    "bethel": check_bethel,
}
"""Every operation of the reference cases, by the name that the cases give it."""
