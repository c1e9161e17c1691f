"""How often do the published intervals hold the truth? Repeated samples from a nation whose index is known.

Each repetition draws communes and villages by `sampling.design`, lets the adults of the demonstration's model
answer, weights them by `analysis.weighting` and estimates by `analysis.index`: the same cores as a
publication, without a database. Three ways to the error are compared on the same samples:

* ``raked``: raked weights, errors of the residuals from the margins, as published;
* ``raked, weights as fixed``: the same weights, errors as if the weights had been drawn with them;
* ``nonresponse only``: weighting stops after the nonresponse adjustment, as without margins.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.estimation import Estimate, SurveyDesign
from analysis.index import IndexMethod, IndexResult, compare_pairs, estimate_index
from analysis.index.nodes import map_nodes
from analysis.methods import index_method
from analysis.weighting import Margin, Weighting, weight_respondents
from sampling.design.stage_plans import StagePlan
from sampling.design.stages import CommuneUnit, VillageUnit, draw_communes, draw_villages
from survey_site.demo.answers import Person, ratings, responds
from survey_site.demo.population import AGE_GROUPS, Commune, Nation, build_nation, true_index

type Floats = npt.NDArray[np.float64]

STRATA_OF_PROVINCE = {"01": 1, "02": 2, "03": 3, "04": 1, "05": 1, "06": 2}
LARGE_STRATUM = "04-1"
COMMUNES_PER_STRATUM, LARGE_COMMUNES = 53, 126
URBAN_EVERY = 3
PLAN = StagePlan(communes=6, villages=3, persons=31, communes_in={LARGE_STRATUM: 12})
LEVEL = 0.95
PUBLISHED, FIXED, UNRAKED = "raked", "raked, weights as fixed", "nonresponse only"
NATION, PLAIN_MEAN = "nation", "plain mean"


@dataclass(frozen=True)
class World:
    """The nation that samples are drawn from, and what is true of it."""

    nation: Nation
    method: IndexMethod

    @classmethod
    def build(cls, seed: int) -> "World":
        """Build provinces of one to three strata, as large as those of the real list on average."""
        method = index_method("M2023").parsed
        return cls(build_nation(list(_communes()), method.questions, seed), method)

    @cached_property
    def truth(self) -> dict[str, float]:
        """True index in per cent by province, of the nation, and the plain mean of provinces."""
        nodes = map_nodes(self.method)
        truth = true_index(self.nation, dict(zip(nodes.questions, nodes.weights[0].tolist(), strict=True)))
        provinces = {code: value for code, value in truth.items() if code}
        return provinces | {NATION: truth[""], PLAIN_MEAN: float(np.mean(list(provinces.values())))}

    @cached_property
    def frame(self) -> list[CommuneUnit]:
        """The communes with their adults."""
        sizes = np.bincount(self.nation.commune_of, weights=self.nation.village_sizes).astype(int).tolist()
        return [
            CommuneUnit(commune.code, commune.stratum, commune.unit_type, size)
            for commune, size in zip(self.nation.communes, sizes, strict=True)
        ]

    @cached_property
    def villages(self) -> dict[str, dict[str, int]]:
        """Position of every village by its code, by commune."""
        found: dict[str, dict[str, int]] = {commune.code: {} for commune in self.nation.communes}
        for village, commune in enumerate(self.nation.commune_of.tolist()):
            code = self.nation.communes[commune].code
            found[code][self.nation.village_code(village)] = village
        return found

    @cached_property
    def commune_by_code(self) -> dict[str, Commune]:
        """The communes by code."""
        return {commune.code: commune for commune in self.nation.communes}

    @cached_property
    def population(self) -> pd.DataFrame:
        """Adults by province, sex, age group and town or country."""
        communes = [self.nation.communes[place] for place in self.nation.commune_of.tolist()]
        cells = pd.DataFrame(self.nation.adults)
        cells["province"] = [commune.province for commune in communes]
        cells["urban"] = [commune.unit_type == "phường" for commune in communes]
        long = cells.melt(["province", "urban"], var_name="cell", value_name="adults")
        return long.assign(sex=long["cell"] // len(AGE_GROUPS), age_group=long["cell"] % len(AGE_GROUPS))

    def margin(self, variable: str, people: pd.DataFrame) -> Margin:
        """Return the margin of a variable inside provinces, with the cells of some people."""
        totals = self.population.groupby(["province", variable])["adults"].sum()
        return Margin(
            name=variable,
            labels=people["province"] + "/" + people[variable].astype(str),
            totals={f"{province}/{category}": float(n) for (province, category), n in totals.items()},
            parents={f"{province}/{category}": str(province) for province, category in totals.index},
        )


def _communes() -> Iterator[Commune]:
    for province, n_strata in STRATA_OF_PROVINCE.items():
        for number in range(1, n_strata + 1):
            stratum = f"{province}-{number}"
            size = LARGE_COMMUNES if stratum == LARGE_STRATUM else COMMUNES_PER_STRATUM
            for place in range(size):
                kind = "xã" if place % URBAN_EVERY else "phường"
                yield Commune(f"{stratum}-{place:03d}", province, stratum, kind)


def draw_people(world: World, seed: int) -> pd.DataFrame:
    """Draw communes, villages and adults; the adults by the law of a simple random sample of each village."""
    rng = np.random.default_rng([seed, 0])
    rows = []
    for commune in draw_communes(world.frame, PLAN, str(seed)):
        listed = world.villages[commune.code]
        units = [
            VillageUnit(code, commune.code, int(world.nation.village_sizes[village]))
            for code, village in listed.items()
        ]
        for drawn in draw_villages(commune.code, units, PLAN, str(seed)):
            adults = world.nation.adults[listed[drawn.code]]
            taken = rng.multivariate_hypergeometric(adults, PLAN.persons)
            weight = float(adults.sum() / (PLAN.persons * commune.probability * drawn.probability))
            cells = np.repeat(np.arange(len(adults)), taken)
            rows.append(_village_rows(world.commune_by_code[commune.code], listed[drawn.code], weight, cells))
    return pd.concat(rows, ignore_index=True)


def _village_rows(
    commune: Commune, village: int, weight: float, cells: npt.NDArray[np.int64]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "province": commune.province,
            "stratum": commune.stratum,
            "psu": commune.code,
            "urban": commune.unit_type == "phường",
            "village": village,
            "cell": cells,
            "sex": cells // len(AGE_GROUPS),
            "age_group": cells % len(AGE_GROUPS),
            "weight": weight,
        }
    )


@dataclass(frozen=True)
class Sample:
    """The people of one repetition, who answered, and what."""

    people: pd.DataFrame
    responded: npt.NDArray[np.bool_]
    answers: Mapping[str, Floats]

    @classmethod
    def draw(cls, world: World, seed: int) -> "Sample":
        """Draw a sample and let its people answer or not."""
        people = draw_people(world, seed)
        persons = [
            Person(village, cell, urban)
            for village, cell, urban in people[["village", "cell", "urban"]].itertuples(index=False)
        ]
        responded = responds(persons, seed)
        answering = [person for person, yes in zip(persons, responded, strict=True) if yes]
        rated = ratings(world.nation, answering, seed)
        answers = {code: np.where(values > 0, values, np.nan) for code, values in rated.items()}
        return cls(people, responded, answers)

    def weighted(self, margins: Sequence[Margin]) -> Weighting:
        """Weight the respondents in classes of stratum and town or country, then to the margins."""
        classes = self.people["stratum"] + "/" + self.people["urban"].astype(str)
        return weight_respondents(
            self.people["weight"].to_numpy(),
            self.responded,
            classes,
            psu=self.people["psu"],
            margins=margins,
            class_parents=dict(zip(classes, self.people["stratum"], strict=True)),
        )

    def design(self, weights: Floats) -> SurveyDesign:
        """Return the design of the respondents."""
        respondents = self.people[self.responded]
        return SurveyDesign.from_arrays(weights, strata=respondents["stratum"], clusters=respondents["psu"])


def estimate(world: World, sample: Sample) -> dict[str, IndexResult]:
    """Estimate the index of one sample in the three ways."""
    margins = [world.margin(variable, sample.people) for variable in ("sex", "age_group", "urban")]
    raked, unraked = sample.weighted(margins), sample.weighted([])
    fixed = sample.design(raked.weights)
    designs = {
        PUBLISHED: fixed.with_calibration(raked.base_weights, [margin.labels for margin in raked.margins]),
        FIXED: fixed,
        UNRAKED: sample.design(unraked.weights),
    }
    provinces = sample.people["province"][sample.responded]
    return {
        way: estimate_index(design, sample.answers, world.method, provinces)
        for way, design in designs.items()
    }


@dataclass
class Tally:
    """Estimates, errors and hits of one way, by what is estimated."""

    truth: Mapping[str, float]
    values: dict[str, list[float]] = field(default_factory=dict)
    variances: dict[str, list[float]] = field(default_factory=dict)
    covers: dict[str, list[bool]] = field(default_factory=dict)
    ranks_hold: list[bool] = field(default_factory=list)
    df: dict[str, float] = field(default_factory=dict)

    def add(self, result: IndexResult) -> None:
        """Take in one repetition."""
        index = result.with_nation()
        for name, entry in zip(
            map(str, index.domains), map(index.select, zip(range(len(index)))), strict=True
        ):
            self._add(name, entry)
        self._add(PLAIN_MEAN, result.plain_mean())
        self.ranks_hold.append(self._ranks_hold(result))

    def _add(self, name: str, entry: Estimate) -> None:
        limits = entry.interval(LEVEL, "logit")
        self.values.setdefault(name, []).append(entry.value.item())
        self.variances.setdefault(name, []).append(entry.covariance.item())
        self.covers.setdefault(name, []).append(limits.low.item() <= self.truth[name] <= limits.high.item())
        self.df[name] = entry.degrees_of_freedom.item()

    def _ranks_hold(self, result: IndexResult) -> bool:
        """Tell whether all rank intervals hold the true ranks at once."""
        ranks = compare_pairs(result.by_domain()).rank_intervals()
        true = pd.Series([self.truth[str(code)] for code in ranks["domain"]]).rank(ascending=False)
        return bool(((ranks["rank_low"] <= true) & (true <= ranks["rank_high"])).all())

    def row(self, names: Sequence[str]) -> dict[str, float]:
        """Summarise some estimands: coverage, mean error over its true size, bias in true errors."""
        spreads = np.array([np.std(self.values[name], ddof=1) for name in names])
        errors = np.array([np.sqrt(np.mean(self.variances[name])) for name in names])
        biases = np.array([np.mean(self.values[name]) - self.truth[name] for name in names])
        hits = np.array([self.covers[name] for name in names])
        return {
            "n_intervals": int(hits.size),
            "coverage": float(hits.mean()),
            "coverage_error": float(np.sqrt(hits.mean() * (1 - hits.mean()) / hits.size)),
            "se_over_sd": float(np.mean(errors / spreads)),
            "bias_in_sd": float(np.mean(biases / spreads)),
            "mean_se": float(errors.mean()),
        }

    def groups(self) -> dict[str, list[str]]:
        """Group the provinces by their degrees of freedom, and put nation and plain mean beside them."""
        provinces = sorted(STRATA_OF_PROVINCE)
        by_df: dict[str, list[str]] = {"provinces": provinces}
        for name in provinces:
            by_df.setdefault(f"provinces, {self.df[name]:.0f} df", []).append(name)
        return by_df | {NATION: [NATION], PLAIN_MEAN: [PLAIN_MEAN]}

    def report(self) -> dict[str, Any]:
        """Return the rows of all groups and how often all rank intervals held at once."""
        rows: dict[str, Any] = {group: self.row(names) for group, names in self.groups().items()}
        return rows | {"all_ranks_hold": float(np.mean(self.ranks_hold))}


def simulate(n_samples: int, seed: int) -> dict[str, Any]:
    """Draw and estimate repeated samples and report on the three ways."""
    world = World.build(seed)
    tallies = {way: Tally(world.truth) for way in (PUBLISHED, FIXED, UNRAKED)}
    started = time.monotonic()
    for repetition in range(n_samples):
        for way, result in estimate(world, Sample.draw(world, seed + 1 + repetition)).items():
            tallies[way].add(result)
    return {
        "n_samples": n_samples,
        "seed": seed,
        "truth": world.truth,
        "seconds": round(time.monotonic() - started, 1),
        "ways": {way: tally.report() for way, tally in tallies.items()},
    }


def main() -> None:
    """Simulate, print a table and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="JSON file for all figures")
    chosen = parser.parse_args()
    report = simulate(chosen.samples, chosen.seed)
    for way, rows in report["ways"].items():
        ranks = rows.pop("all_ranks_hold")
        table = pd.DataFrame(rows).T.round(3).to_string()
        sys.stdout.write(f"{way} (all rank intervals hold in {ranks:.1%} of samples)\n{table}\n\n")
        rows["all_ranks_hold"] = ranks
    sys.stdout.write(f"{report['n_samples']} samples, {report['seconds']} s\n")
    if chosen.out:
        chosen.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
