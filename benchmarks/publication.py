"""How long do the steps of a publication take? Synthetic arrays of the size of a national round, no database.

36,270 adults of 390 communes in 63 strata and 34 provinces, nine of ten answering 33 criteria: nonresponse
adjustment, raking to three margins inside each province, the index with errors of the residuals for 35
domains, and the comparisons of the provinces. Each step is run once for nothing and then timed.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.estimation import SurveyDesign
from analysis.index import IndexMethod, IndexResult, compare_pairs, compare_with_nation, estimate_index
from analysis.methods import index_method
from analysis.weighting import Margin, Weighting, weight_respondents

N_PROVINCES, LARGE_STRATA, N_STRATA = 34, (0, 62), 63
COMMUNES, LARGE = 6, 12
PERSONS_PER_COMMUNE = 93
RESPONSE, ANSWERED = 0.9, 0.93
POPULATION = 2_000_000


@dataclass(frozen=True)
class Round:
    """A round as arrays."""

    people: pd.DataFrame
    responded: npt.NDArray[np.bool_]
    answers: dict[str, npt.NDArray[np.float64]]
    margins: tuple[Margin, ...]
    method: IndexMethod

    @classmethod
    def make(cls, seed: int) -> "Round":
        """Make up a round of the size of the template 63 × 6."""
        rng = np.random.default_rng(seed)
        sizes = [LARGE if stratum in LARGE_STRATA else COMMUNES for stratum in range(N_STRATA)]
        stratum = np.repeat(np.repeat(np.arange(N_STRATA), sizes), PERSONS_PER_COMMUNE)
        n = len(stratum)
        people = pd.DataFrame(
            {
                "stratum": stratum.astype(str),
                "province": (stratum % N_PROVINCES).astype(str),
                "psu": (np.arange(n) // PERSONS_PER_COMMUNE).astype(str),
                "weight": rng.uniform(800, 3_000, n),
                "sex": rng.integers(0, 2, n).astype(str),
                "age_group": rng.integers(0, 5, n).astype(str),
                "urban": (np.arange(n) // PERSONS_PER_COMMUNE % 2).astype(str),
            }
        )
        method = index_method("M2023").parsed
        responded = rng.random(n) < RESPONSE
        shape = (len(method.questions), int(responded.sum()))
        ratings = np.where(rng.random(shape) < ANSWERED, rng.integers(1, 6, shape), np.nan)
        answers = dict(zip(method.questions, ratings, strict=True))
        margins = tuple(_margin(people, variable) for variable in ("sex", "age_group", "urban"))
        return cls(people, responded, answers, margins, method)

    def weigh(self) -> Weighting:
        """Adjust for nonresponse and rake."""
        classes = self.people["stratum"] + "/" + self.people["urban"]
        return weight_respondents(
            self.people["weight"].to_numpy(),
            self.responded,
            classes,
            psu=self.people["psu"],
            margins=self.margins,
            class_parents=dict(zip(classes, self.people["stratum"], strict=True)),
        )

    def estimate(self, weighting: Weighting, *, is_calibrated: bool) -> IndexResult:
        """Estimate the index of the nation and the provinces."""
        respondents = self.people[self.responded]
        design = SurveyDesign.from_arrays(
            weighting.weights, strata=respondents["stratum"], clusters=respondents["psu"]
        )
        if is_calibrated:
            design = design.with_calibration(weighting.base_weights, [m.labels for m in weighting.margins])
        return estimate_index(design, self.answers, self.method, respondents["province"])


def _margin(people: pd.DataFrame, variable: str) -> Margin:
    labels = people["province"] + "/" + people[variable]
    n_categories = people[variable].nunique()
    totals = dict.fromkeys(sorted(set(labels)), POPULATION / n_categories)
    return Margin(variable, labels, totals, parents={label: label.split("/")[0] for label in totals})


def compare(result: IndexResult) -> None:
    """Compare all provinces with one another and with the nation."""
    compare_pairs(result.by_domain()).rank_intervals()
    compare_with_nation(result)


def steps_of(made: Round) -> dict[str, Callable[[], object]]:
    """Return what is timed, by name."""
    weighting = made.weigh()
    result = made.estimate(weighting, is_calibrated=True)
    return {
        "weighting": made.weigh,
        "index, errors of residuals": lambda: made.estimate(weighting, is_calibrated=True),
        "index, weights as fixed": lambda: made.estimate(weighting, is_calibrated=False),
        "table of figures": result.to_frame,
        "comparisons": lambda: compare(result),
    }


def measure(n_runs: int, seed: int) -> dict[str, Any]:
    """Time every step in turn, as often as asked, after a run that does not count."""
    steps = steps_of(Round.make(seed))
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _run in range(n_runs):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            seconds[name].append(round(time.perf_counter() - started, 3))
    return {"n_runs": n_runs, "seed": seed, "seconds": seconds}


def main() -> None:
    """Measure, print medians with ranges and keep all single times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="JSON file for all single times")
    chosen = parser.parse_args()
    report = measure(chosen.runs, chosen.seed)
    for name, times in report["seconds"].items():
        median = statistics.median(times)
        sys.stdout.write(f"{name:<28}{median:8.2f} s  ({min(times):.2f} to {max(times):.2f})\n")
    if chosen.out:
        chosen.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
