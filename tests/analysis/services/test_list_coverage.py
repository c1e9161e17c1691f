"""Repeated draws of made-up lists: intervals of the method that releases use cover the truth."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import SurveyDesign
from analysis.services.list_variances import BREWER, FRACTION, STRATUM, variance_columns
from analysis.weighting import Margin, poststratify_design
from sampling.design.schemes import METHODS, Unit, select
from sampling.design.schemes.units import target_probabilities
from sampling.selectors.cases import CERTAIN, WHOLE_LIST

SEED = 20261122
N_DRAWS, MANY_DRAWS = 120, 1_000
STRATA = {"01": (180, 60), "48": (300, 60), "79": (120, 48)}
"""Units of a stratum, and how many are drawn: a third of the list or more."""
Z_99 = 2.576


def make_frame(*, by_size: bool) -> pd.DataFrame:
    """A list whose answers go with the size, and with the stratum; some sizes make certain units."""
    chance = np.random.default_rng(SEED)
    parts = []
    for place, (stratum, (n_units, _n)) in enumerate(STRATA.items()):
        sizes = chance.integers(4, 13, n_units) if by_size else np.ones(n_units, dtype=np.int64)
        if by_size:
            sizes[:3] = 60
        is_satisfied = chance.random(n_units) < 0.4 + 0.1 * place + 0.02 * np.minimum(sizes, 12)
        ids = [f"{stratum}-{number:03d}" for number in range(n_units)]
        parts.append(pd.DataFrame({"id": ids, "stratum": stratum, "size": sizes, "y": is_satisfied}))
    return pd.concat(parts, ignore_index=True)


def draw(frame: pd.DataFrame, method: str, seed: str) -> pd.DataFrame:
    """Draw by the method of a design, as a list is drawn, and name its variance strata as cases do."""
    drawn = []
    for stratum, part in frame.groupby("stratum"):
        units = [Unit(one.id, int(one.size)) for one in part[["id", "size"]].itertuples(index=False)]
        selected = select(method, units, STRATA[str(stratum)][1], seed, "dossier", str(stratum))
        drawn += [(part.index[one.index], float(one.probability)) for one in selected]
    index, chances = zip(*drawn, strict=True)
    rows = frame.loc[list(index)].reset_index(drop=True).assign(base_weight=1 / np.array(chances))
    is_certain = rows["base_weight"] <= 1
    strata = rows["stratum"] + np.where(is_certain, f"/{CERTAIN}", "")
    return rows.assign(**{STRATUM: strata if METHODS[method].has_fixed_size else WHOLE_LIST})


def respond(rows: pd.DataFrame, rate: float, chance: np.random.Generator) -> pd.DataFrame:
    """Let a share answer, and weight those up by stratum."""
    answered = rows[chance.random(len(rows)) < rate]
    weights = rows.groupby("stratum")["base_weight"].sum()
    factors = weights / answered.groupby("stratum")["base_weight"].sum()
    return answered.assign(nonresponse_factor=answered["stratum"].map(factors)).reset_index(drop=True)


def designs(
    method: str, rate: float, n_draws: int, *, with_counts: bool = False
) -> Iterator[tuple[pd.DataFrame, SurveyDesign]]:
    """Draw again and again."""
    frame = make_frame(by_size=METHODS[method].needs_size)
    chance = np.random.default_rng(SEED + 1)
    counts = frame["stratum"].value_counts().astype(float).to_dict()
    for repetition in range(n_draws):
        rows = respond(draw(frame, method, str(repetition)), rate, chance)
        rows = rows.assign(weight=rows["base_weight"] * rows["nonresponse_factor"])
        rows = rows.assign(**variance_columns(rows))
        design = SurveyDesign.from_frame(
            rows, weight="weight", strata=STRATUM, fpc=FRACTION, single_psu="certainty", pps=BREWER
        )
        if with_counts:
            design = poststratify_design(design, Margin("stratum", rows["stratum"], counts))
        yield rows, design


def check_coverage(method: str, rate: float, n_draws: int, *, with_counts: bool = False) -> None:
    """Intervals hold the truth and errors are those of repeated draws, within the error of simulation."""
    truth = make_frame(by_size=METHODS[method].needs_size)["y"].mean()
    drawn = designs(method, rate, n_draws, with_counts=with_counts)
    found = [design.mean(rows["y"].to_numpy(float)) for rows, design in drawn]
    limits = [estimate.interval(0.95, "t") for estimate in found]
    hits = [one.low.item() <= truth <= one.high.item() for one in limits]
    assert np.mean(hits) > 0.95 - Z_99 * np.sqrt(0.95 * 0.05 / n_draws)
    errors = [estimate.standard_error.item() for estimate in found]
    spread = np.std([estimate.value.item() for estimate in found])
    assert np.mean(errors) / spread == pytest.approx(1, abs=Z_99 / np.sqrt(2 * n_draws))


CASES = [
    ("simple_random", 0.7, False),
    ("sampford", 1.0, False),
    ("pareto", 0.7, False),
    ("pareto", 0.8, True),
    ("bernoulli", 1.0, False),
]
"""Method, share that answers, and whether the weights are brought to the counts of the list."""


@pytest.mark.parametrize(("method", "rate", "with_counts"), CASES)
def test_intervals_of_a_list_cover_the_truth(method: str, rate: float, *, with_counts: bool) -> None:
    check_coverage(method, rate, N_DRAWS, with_counts=with_counts)


@pytest.mark.simulation
@pytest.mark.parametrize(("method", "rate", "with_counts"), CASES)
def test_intervals_cover_the_truth_in_many_draws(method: str, rate: float, *, with_counts: bool) -> None:
    check_coverage(method, rate, MANY_DRAWS, with_counts=with_counts)


def test_error_by_size_is_that_of_the_design() -> None:
    """Hájek's variance of the whole list, certain units apart, which no sample has to guess."""
    frame = make_frame(by_size=True)
    variance = 0.0
    for stratum, part in frame.assign(e=frame["y"] - frame["y"].mean()).groupby("stratum"):
        targets = target_probabilities(part["size"].tolist(), STRATA[str(stratum)][1])
        chance = np.array([float(target) for target in targets])
        is_open = chance < 1
        open_chance = chance[is_open]
        expanded = part["e"].to_numpy()[is_open] / open_chance
        weight = open_chance * (1 - open_chance)
        centre = weight @ expanded / weight.sum()
        variance += weight @ (expanded - centre) ** 2 * len(weight) / (len(weight) - 1)
    drawn = designs("sampford", 1.0, 40)
    found = [design.mean(rows["y"].to_numpy(float)).standard_error.item() ** 2 for rows, design in drawn]
    assert np.mean(found) == pytest.approx(variance / len(frame) ** 2, rel=0.03)


def test_with_replacement_the_errors_of_a_third_were_a_quarter_too_large() -> None:
    frame = make_frame(by_size=False)
    rows = respond(draw(frame, "simple_random", "1"), 1.0, np.random.default_rng(SEED))
    rows = rows.assign(weight=rows["base_weight"])
    rows = rows.assign(**variance_columns(rows))
    before = SurveyDesign.from_frame(rows, weight="weight", strata=STRATUM)
    after = SurveyDesign.from_frame(rows, weight="weight", strata=STRATUM, fpc=FRACTION, pps=BREWER)
    values = rows["y"].to_numpy(float)
    ratio = before.mean(values).standard_error.item() / after.mean(values).standard_error.item()
    assert 1.1 < ratio < 1.3
