"""Calibration of a case from its arguments: margins, known totals, weights and designs of our own."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation import FloatArray, SurveyDesign
from analysis.weighting import (
    Auxiliary,
    KnownTotal,
    Margin,
    calibrate,
    calibrate_design,
    cross_labels,
    poststratify,
    poststratify_design,
    rake,
    rake_design,
)

type ReadTable = Callable[[str], pd.DataFrame]

TOLERANCE = 1e-13
R_SWEEPS = 10
PREFIX = "calibrate_"


class KnownPopulation:
    """The population table of a case and the totals of numbers that stand in tables of their own."""

    def __init__(self, totals: str, columns: Sequence[str], read: ReadTable) -> None:
        first, *others = totals.split(";")
        self.table = read(first.split()[0])
        self.others = {name.strip(): read(file.strip()) for name, file in (o.split(":") for o in others)}
        (self.count,) = [column for column in self.table if column not in columns]

    @property
    def size(self) -> float:
        return float(self.table[self.count].sum())

    def margin(self, frame: pd.DataFrame, variables: list[str]) -> Margin:
        cells = pd.Series(cell_labels(self.table, variables))
        totals = self.table[self.count].groupby(cells).sum().astype(float).to_dict()
        return Margin(" and ".join(variables), cell_labels(frame, variables), totals)

    def number(self, frame: pd.DataFrame, name: str) -> KnownTotal:
        if name in self.others:
            return KnownTotal(name, frame[name], float(self.others[name].iloc[0, -1]))
        return KnownTotal(name, frame[name], float(self.table[name] @ self.table[self.count]))


def cell_labels(frame: pd.DataFrame, variables: list[str]) -> np.ndarray:
    """Labels of crossed cells; codes are whole numbers even in a column that holds missing values."""
    return cross_labels(frame[variables].convert_dtypes())


def term_variables(formula: str) -> list[list[str]]:
    """Variables of every term: `1 + a + factor(b) + a:c` is [[a], [b], [a, c]]."""
    terms = [re.sub(r"factor\((\w+)\)", r"\1", term.strip(" ~")) for term in formula.split("+")]
    return [re.split(r"\s*[:*]\s*", term) for term in terms if term not in ("0", "1", "-1")]


def has_constant(formula: str) -> bool:
    return not re.search(r"(^|[~+\s])0(\s*\+|$)|-\s*1", formula)


def is_number(name: str, population: KnownPopulation) -> bool:
    known = population.table.get(name)
    return name in population.others or (known is not None and pd.api.types.is_float_dtype(known))


def formula_auxiliaries(formula: str, population: KnownPopulation, frame: pd.DataFrame) -> list[Auxiliary]:
    auxiliaries: list[Auxiliary] = [
        population.number(frame, term[0])
        if len(term) == 1 and is_number(term[0], population)
        else population.margin(frame, term)
        for term in term_variables(formula)
    ]
    if has_constant(formula) and not any(isinstance(one, Margin) for one in auxiliaries):
        auxiliaries.append(KnownTotal("people", np.ones(len(frame)), population.size))
    return auxiliaries


def bounds_of(args: dict[str, Any]) -> tuple[float, float] | None:
    """R's bounds; one that is missing or infinite (null in JSON) bounds nothing."""
    if not args.get("bounds"):
        return None
    low, high = args["bounds"]
    return -np.inf if low is None else low, np.inf if high is None else high


class CaseCalibration:
    """What a case calibrates to, and how."""

    def __init__(self, method: str, args: dict[str, Any], frame: pd.DataFrame, read: ReadTable) -> None:
        self.method, self.args, self.frame = method, args, frame
        self.population = KnownPopulation(args["totals"], list(frame.columns), read)

    @property
    def margins(self) -> list[Margin]:
        names = self.args["margins"]
        return [
            self.population.margin(self.frame, [name])
            for name in (names if isinstance(names, list) else [names])
        ]

    @property
    def post_strata(self) -> Margin:
        names = self.args["vars"]
        return self.population.margin(self.frame, names if isinstance(names, list) else [names])

    @property
    def auxiliaries(self) -> list[Auxiliary]:
        return formula_auxiliaries(self.args["formula"], self.population, self.frame)

    def weights(self, base: FloatArray) -> FloatArray:
        """Our own calibrated weights, as near as they come."""
        functions: dict[str, Callable[[], FloatArray]] = {
            "poststratify": lambda: poststratify(base, self.post_strata).factor,
            "rake_ipf": lambda: rake(base, self.margins, tolerance=TOLERANCE).factor,
        }
        return base * functions.get(self.method, lambda: self._calibration_factor(base))()

    def design(self, design: SurveyDesign) -> SurveyDesign:
        """Return the design calibrated, with errors as R gives them."""
        functions: dict[str, Callable[[], SurveyDesign]] = {
            "poststratify": lambda: poststratify_design(design, self.post_strata),
            "rake_ipf": lambda: rake_design(design, self.margins, n_sweeps=R_SWEEPS),
        }
        return functions.get(self.method, lambda: self._calibrated_design(design))()

    @property
    def _distance(self) -> str:
        if not self.method.startswith(PREFIX):
            raise KeyError(f"calibration {self.method!r} is not known")
        return self.method.removeprefix(PREFIX)

    def _calibration_factor(self, base: FloatArray) -> FloatArray:
        bounds = bounds_of(self.args)
        return calibrate(base, self.auxiliaries, method=self._distance, bounds=bounds).factor

    def _calibrated_design(self, design: SurveyDesign) -> SurveyDesign:
        bounds = bounds_of(self.args)
        return calibrate_design(design, self.auxiliaries, method=self._distance, bounds=bounds)
