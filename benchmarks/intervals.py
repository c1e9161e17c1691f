"""How often 95 % intervals of the national three-stage design hold the truth.

A nation on the real list of communes, but with made-up people, is drawn again and again by
`sampling.design`: 63 strata, 6 communes each (12 in the two largest cities), 3 villages, 31 adults. A
sample gives an interval for the 34 provinces and for the nation by `analysis.estimation`. The nation differs
by how alike the people of a village are (intraclass correlation), and the list by its order inside a type of
commune: fixed, where neighbours resemble each other, or in a fresh random order for each draw, as the
sampling template wants it. A fixed list has few possible samples, so that chance cannot undo how one nation
happens to lie in it: it is drawn in many nations of one model, and in a single one.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr, ndtri

from analysis.estimation import SurveyDesign
from sampling.design.area_selection import TYPE_ORDER
from sampling.design.seeds import random_order
from sampling.design.selection import pps_systematic
from sampling.design.stage_plans import StagePlan
from sampling.design.stages import VillageUnit, draw_villages

type Floats = npt.NDArray[np.float64]
type Integers = npt.NDArray[np.int64]

REFERENCE = Path(__file__).parents[1] / "sampling" / "reference"
REPORT = Path(__file__).parent / "results" / "intervals.json"
LARGE_STRATA = ("01", "79")
PLAN = StagePlan(communes=6, villages=3, persons=31, communes_in=dict.fromkeys(LARGE_STRATA, 12))
ICCS, N_NATIONS = (0.03, 0.05, 0.08), 100
LEVEL, SHARE = 0.95, 0.83
ADULTS_BY_TYPE = {"phường": 24_000.0, "xã": 15_000.0, "đặc khu": 7_000.0}
ADULTS_PER_VILLAGE = 950.0
COMMUNE_PART, NEIGHBOUR_CORRELATION, PROVINCE_SPREAD = 0.4, 0.5, 0.2
NATION = "nation"


def read_communes() -> pd.DataFrame:
    """Read the communes of today with their province and the former province that they mostly come from."""
    units = pd.read_csv(REFERENCE / "administrative_units.csv", dtype=str)
    successions = pd.read_csv(REFERENCE / "unit_successions.csv", dtype=str)
    placements = pd.read_csv(REFERENCE / "predecessor_placements.csv", dtype=str)
    former = units[units["valid_to"].notna()].set_index(["level", "code"])["parent_code"]
    today = units[(units["level"] == "commune") & units["valid_to"].isna()]
    votes: dict[str, Counter[str]] = {}
    for row in successions[successions["level"] == "commune"].itertuples(index=False):
        province = former["district", former["commune", row.old_code]]
        votes.setdefault(row.new_code, Counter())[province] += 1
    stratum = {code: counted.most_common(1)[0][0] for code, counted in votes.items()}
    stratum |= dict(zip(placements["code"], placements["predecessor_province_code"], strict=True))
    communes = today[["code", "type", "parent_code"]].rename(columns={"parent_code": "province"})
    return communes.assign(stratum=communes["code"].map(stratum)).sort_values(["stratum", "code"])


@dataclass(frozen=True)
class Cell:
    """A row of the table: how alike people of a village are, the order of the list, and how many nations."""

    icc: float
    order: str
    n_nations: int

    @classmethod
    def plan(cls, n_nations: int) -> list["Cell"]:
        """Return all cells: the fixed list over many nations and in one, the random order in one."""
        kinds = (("sorted", n_nations), ("sorted", 1), ("randomised", 1))
        return [cls(icc, order, nations) for icc in ICCS for order, nations in kinds]


@dataclass(frozen=True)
class World:
    """A nation of villages, with the share satisfied in each."""

    communes: pd.DataFrame
    commune_of: Integers
    adults: Integers
    satisfied: Integers

    @classmethod
    def build(cls, icc: float, seed: int) -> "World":
        """Build the nation; the spread between villages is set so that their correlation is as asked."""
        rng = np.random.default_rng(seed)
        communes = read_communes().reset_index(drop=True)
        typical = communes["type"].map(ADULTS_BY_TYPE).to_numpy()
        wanted = typical * rng.lognormal(0.0, 0.45, len(communes))
        n_villages = np.maximum(3, np.round(wanted / ADULTS_PER_VILLAGE)).astype(np.int64)
        commune_of = np.repeat(np.arange(len(communes)), n_villages)
        adults = np.maximum(40, np.round(ADULTS_PER_VILLAGE * rng.gamma(12.0, 1 / 12.0, len(commune_of))))
        level, effect = _latent(communes, commune_of, rng)
        share = ndtr(level + _spread_for(icc, level, effect) * effect)
        satisfied = rng.binomial(adults.astype(np.int64), share)
        return cls(communes, commune_of, adults.astype(np.int64), satisfied)

    @cached_property
    def truth(self) -> dict[str, float]:
        """True share satisfied by province and in the nation."""
        province = self.communes["province"].to_numpy()[self.commune_of]
        sums = pd.DataFrame({"adults": self.adults, "satisfied": self.satisfied}).groupby(province).sum()
        shares = sums["satisfied"] / sums["adults"]
        return {**shares.to_dict(), NATION: float(self.satisfied.sum() / self.adults.sum())}

    @cached_property
    def icc(self) -> float:
        """Correlation between people of a village, inside provinces."""
        province = self.communes["province"].to_numpy()[self.commune_of]
        mean = pd.Series(province).map(self.truth).to_numpy()
        share = self.satisfied / self.adults
        between = np.average((share - mean) ** 2 - share * (1 - share) / self.adults, weights=self.adults)
        return float(between / np.average(mean * (1 - mean), weights=self.adults))

    @cached_property
    def lists(self) -> dict[str, list[tuple[str, int, int]]]:
        """By stratum: the communes (code, place in the nation, adults), by type and then by code."""
        sizes = np.bincount(self.commune_of, weights=self.adults).astype(np.int64)
        listed: dict[str, list[tuple[str, int, int]]] = {}
        rank = [TYPE_ORDER.index(kind) for kind in self.communes["type"]]
        for place in np.lexsort((self.communes["code"], rank)).tolist():
            row = self.communes.iloc[place]
            listed.setdefault(row["stratum"], []).append((row["code"], place, int(sizes[place])))
        return listed

    @cached_property
    def villages(self) -> list[list[VillageUnit]]:
        """The villages of every commune; a village is called by its place in the nation."""
        units: list[list[VillageUnit]] = [[] for _commune in range(len(self.communes))]
        for village, commune in enumerate(self.commune_of.tolist()):
            units[commune].append(VillageUnit(str(village), str(commune), int(self.adults[village])))
        return units


def _latent(communes: pd.DataFrame, commune_of: Integers, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Level of each village's province, and an effect of variance 1 made of its commune and itself."""
    codes = communes["province"].astype("category").cat.codes.to_numpy()
    level = ndtri(SHARE) + rng.normal(0.0, PROVINCE_SPREAD, codes.max() + 1)[codes][commune_of]
    noise = rng.normal(size=len(communes))
    commune = noise.copy()
    fresh = np.sqrt(1 - NEIGHBOUR_CORRELATION**2)
    for place in range(1, len(commune)):
        commune[place] = NEIGHBOUR_CORRELATION * commune[place - 1] + fresh * noise[place]
    village = rng.normal(size=len(commune_of))
    return level, np.sqrt(COMMUNE_PART) * commune[commune_of] + np.sqrt(1 - COMMUNE_PART) * village


def _spread_for(icc: float, level: Floats, effect: Floats) -> float:
    """Find the spread of the effect that gives the correlation, by bisection."""
    low, high = 0.0, 3.0
    for _step in range(40):
        middle = (low + high) / 2
        share = ndtr(level + middle * effect)
        mean = ndtr(level / np.sqrt(1 + middle**2))
        found = np.mean((share - mean) ** 2) / np.mean(mean * (1 - mean))
        low, high = (middle, high) if found < icc else (low, middle)
    return (low + high) / 2


def draw(world: World, order: str, seed: int) -> pd.DataFrame:
    """Draw one sample: a row per village with its weight, answers and satisfied answers."""
    rng = np.random.default_rng([seed, 1])
    rows = [
        (stratum, place, village, probability)
        for stratum, listed in world.lists.items()
        for place, village, probability in _draw_stratum(world, stratum, listed, order, str(seed))
    ]
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "village", "probability"])
    adults, satisfied = world.adults[frame["village"]], world.satisfied[frame["village"]]
    frame["n"] = np.minimum(PLAN.persons, adults)
    frame["y"] = rng.hypergeometric(satisfied, adults - satisfied, frame["n"])
    frame["weight"] = adults / (frame["n"] * frame["probability"])
    return frame.assign(province=world.communes["province"].to_numpy()[frame["psu"]])


def _draw_stratum(
    world: World, stratum: str, listed: Sequence[tuple[str, int, int]], order: str, seed: str
) -> Iterator[tuple[int, int, float]]:
    """Draw the communes of a stratum and their villages."""
    ordered = list(listed) if order == "sorted" else _shuffled(world, listed, seed, stratum)
    sizes = [size for _code, _place, size in ordered]
    for chosen in pps_systematic(sizes, PLAN.communes_of(stratum), seed, "commune", "start", stratum):
        code, place, _size = ordered[chosen.index]
        for village in draw_villages(code, world.villages[place], PLAN, seed):
            yield place, int(village.code), float(chosen.probability * village.probability)


def _shuffled(
    world: World, listed: Sequence[tuple[str, int, int]], seed: str, stratum: str
) -> list[tuple[str, int, int]]:
    by_code = {entry[0]: entry for entry in listed}
    types = world.communes["type"].to_numpy()
    fresh = [by_code[code] for code in random_order(by_code, seed, "commune", "order", stratum)]
    return sorted(fresh, key=lambda entry: TYPE_ORDER.index(types[entry[1]]))


def estimate(sample: pd.DataFrame) -> pd.DataFrame:
    """Estimate the share of the nation and the provinces, with its interval."""
    design = SurveyDesign.from_frame(sample, weight="weight", strata="stratum", clusters="psu")
    shares = design.ratio(sample["y"], sample["n"], by=sample["province"], overall=True)
    limits = replace(shares, bounds=(0.0, 1.0)).interval(LEVEL, "logit")
    return pd.DataFrame(
        {
            "value": shares.value,
            "variance": shares.standard_error**2,
            "low": limits.low,
            "high": limits.high,
            "df": shares.degrees_of_freedom,
        },
        index=[NATION, *shares.domains[1:]],
    )


def repeat(cell: Cell, n_draws: int, seed: int) -> dict[str, Any]:
    """Draw and estimate again and again, as often in every nation; summarise by domain."""
    results, iccs = [], []
    for nation, numbers in enumerate(np.array_split(np.arange(n_draws), cell.n_nations)):
        world = World.build(cell.icc, seed + nation)
        iccs.append(world.icc)
        for number in numbers.tolist():
            estimated = estimate(draw(world, cell.order, seed + 1 + number))
            truth = estimated.index.map(world.truth)
            results.append(
                estimated.assign(truth=truth, held=estimated["low"].le(truth) & estimated["high"].ge(truth))
            )
    stacked = {name: np.array([result[name] for result in results]) for name in results[0].columns}
    domains = pd.DataFrame(_by_domain(stacked, cell.n_nations), index=results[0].index)
    return {
        **asdict(cell),
        "icc_reached": float(np.mean(iccs)),
        "provinces_error": float(monte_carlo_error(stacked["held"][:, 1:].mean(axis=1), cell.n_nations)),
        "domains": domains.to_dict("index"),
    }


def _by_domain(stacked: dict[str, npt.NDArray[Any]], n_nations: int) -> dict[str, Floats]:
    """Summarise draws by domain; every error is one around the truth of its own nation."""
    errors = stacked["value"] - stacked["truth"]
    return {
        "coverage": stacked["held"].mean(axis=0),
        "coverage_error": monte_carlo_error(stacked["held"], n_nations),
        "too_low": (stacked["high"] < stacked["truth"]).mean(axis=0),
        "too_high": (stacked["low"] > stacked["truth"]).mean(axis=0),
        "variance_ratio": stacked["variance"].mean(axis=0) / (errors**2).mean(axis=0),
        "half_width": (stacked["high"] - stacked["low"]).mean(axis=0) / 2,
        "df": stacked["df"].mean(axis=0),
    }


def monte_carlo_error(held: npt.NDArray[Any], n_nations: int) -> Floats:
    """Return the standard error of a mean over draws, which are alike inside one of many nations."""
    groups = np.array_split(held, n_nations) if n_nations > 1 else held[:, np.newaxis]
    means = np.array([group.mean(axis=0) for group in groups])
    return np.asarray(means.std(axis=0, ddof=1) / np.sqrt(len(means)))


def summarise(report: dict[str, Any]) -> dict[str, Any]:
    """Return the row of the table: provinces together, the worst of them, and the nation."""
    domains = pd.DataFrame.from_dict(report["domains"], orient="index")
    provinces, nation = domains.drop(index=NATION), domains.loc[NATION]
    mean = provinces.mean()
    return {
        "icc": report["icc"],
        "order": report["order"],
        "n_nations": report["n_nations"],
        "provinces": mean["coverage"],
        "provinces_error": report["provinces_error"],
        "worst": provinces["coverage"].min(),
        "worst_province": provinces["coverage"].idxmin(),
        "provinces_too_low": mean["too_low"],
        "provinces_too_high": mean["too_high"],
        "provinces_variance_ratio": mean["variance_ratio"],
        "provinces_half_width": mean["half_width"],
        "nation": nation["coverage"],
        "nation_error": nation["coverage_error"],
        "nation_too_low": nation["too_low"],
        "nation_too_high": nation["too_high"],
        "nation_variance_ratio": nation["variance_ratio"],
        "nation_half_width": nation["half_width"],
    }


def simulate(n_draws: int, seed: int, n_nations: int = N_NATIONS, processes: int = 2) -> dict[str, Any]:
    """Run all nine cells, two at a time."""
    started = time.monotonic()
    with ProcessPoolExecutor(processes) as pool:
        reports = list(pool.map(partial(repeat, n_draws=n_draws, seed=seed), Cell.plan(n_nations)))
    return {
        "n_draws": n_draws,
        "seed": seed,
        "seconds": round(time.monotonic() - started, 1),
        "rows": [summarise(report) for report in reports],
        "cells": reports,
    }


COLUMNS = (
    ("village ICC", lambda row: f"{row['icc']:.2f}"),
    ("order inside a type", lambda row: row["order"]),
    ("nations", lambda row: str(row["n_nations"])),
    ("provinces, %", lambda row: f"{100 * row['provinces']:.1f}"),
    ("± MC", lambda row: f"{100 * row['provinces_error']:.2f}"),
    ("worst province, %", lambda row: f"{100 * row['worst']:.1f}"),
    ("truth above / below, %", lambda row: _tails(row, "provinces")),
    ("V̂ / V", lambda row: f"{row['provinces_variance_ratio']:.2f}"),
    ("half width, points", lambda row: f"{100 * row['provinces_half_width']:.2f}"),
    ("nation, %", lambda row: f"{100 * row['nation']:.1f}"),
    ("± MC", lambda row: f"{100 * row['nation_error']:.2f}"),
    ("truth above / below, %", lambda row: _tails(row, "nation")),
    ("V̂ / V", lambda row: f"{row['nation_variance_ratio']:.2f}"),
    ("half width, points", lambda row: f"{100 * row['nation_half_width']:.2f}"),
)


def _tails(row: dict[str, Any], domain: str) -> str:
    return f"{100 * row[f'{domain}_too_low']:.1f} / {100 * row[f'{domain}_too_high']:.1f}"


def table(report: dict[str, Any]) -> str:
    """Return the table of the documentation, in Markdown."""
    lines = [[heading for heading, _cell in COLUMNS], ["---"] * len(COLUMNS)]
    lines += [[cell(row) for _heading, cell in COLUMNS] for row in report["rows"]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Simulate, print the table and keep all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nations", type=int, default=N_NATIONS, help="nations for the fixed list")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=REPORT, help="JSON file for all figures")
    chosen = parser.parse_args()
    report = simulate(chosen.draws, chosen.seed, chosen.nations, chosen.processes)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(table(report) + "\n")
    sys.stdout.write(f"{report['n_draws']} draws a cell, {report['seconds']} s\n")


if __name__ == "__main__":
    main()
