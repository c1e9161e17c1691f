"""A small clustered sample for the tests of models."""

import numpy as np
import pandas as pd

from analysis.estimation import SurveyDesign


def make_sample(seed: int = 7, *, n_strata: int = 6, n_psu: int = 4, n_rows: int = 25) -> pd.DataFrame:
    """Answers of people in communes in provinces, with some missing."""
    random = np.random.default_rng(seed)
    commune = np.repeat(np.arange(n_strata * n_psu), n_rows)
    n = len(commune)
    effect = random.normal(0, 0.5, n_strata * n_psu)[commune]
    age = random.integers(18, 80, n).astype(float)
    frame = pd.DataFrame(
        {
            "province": [f"P{number}" for number in commune // n_psu],
            "commune": commune,
            "village": np.arange(n) // 5,
            "n_communes": 30,
            "n_villages": 12,
            "weight": random.uniform(1, 5, n),
            "age": age,
            "sex": random.choice(["F", "M"], n),
            "area": np.where(commune % 3 == 0, "urban", "rural"),
            "group": random.choice(["a", "b", "c"], n),
        }
    )
    frame["satisfied"] = (random.uniform(size=n) < 1 / (1 + np.exp(-0.4 - effect))).astype(float)
    frame["score"] = 60 + 5 * effect + 0.1 * age + random.normal(0, 8, n)
    frame["visits"] = random.poisson(np.exp(0.2 + 0.01 * age)).astype(float)
    frame.loc[random.uniform(size=n) < 0.05, ["satisfied", "score"]] = np.nan
    return frame


def make_design(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weight="weight", strata="province", clusters="commune")


def make_two_stage_design(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(
        frame,
        weight="weight",
        strata="province",
        clusters=["commune", "village"],
        fpc=["n_communes", "n_villages"],
    )


def make_calibrated_design(frame: pd.DataFrame) -> SurveyDesign:
    margins = [frame["province"], frame["sex"]]
    return make_design(frame).with_calibration(frame["weight"].to_numpy(), margins)


DESIGNS = [make_design, make_two_stage_design, make_calibrated_design]
