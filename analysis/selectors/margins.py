"""Population margins of a round."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.models import PopulationMargin
from sampling.models import SurveyRound

TABLE_COLUMNS = ("province", "variable", "category", "population")


@dataclass(frozen=True, eq=False)
class Margins:
    """Known adult populations, with where they come from and which day they describe.

    `table` has the columns province, variable (sex, age_group or urban), category and population.
    """

    source: str
    date: datetime.date
    table: pd.DataFrame


@dataclass(frozen=True, slots=True)
class FrameTotals:
    """How many units each stratum of a transaction list has, with where the list comes from and its day.

    `provinces` names the province of every stratum where provinces are among what makes the strata.
    """

    source: str
    date: datetime.date
    counts: Mapping[str, int]
    provinces: Mapping[str, str] = field(default_factory=dict)


def margins_of(survey_round: SurveyRound) -> Margins | None:
    """Return the margins of a round, or None where it has none."""
    stored = PopulationMargin.objects.filter(round=survey_round).order_by(
        "province_code", "variable", "category"
    )
    rows = list(stored.values_list("province_code", "variable", "category", "population"))
    if not rows:
        return None
    source, date = stored.values_list("source", "reference_date")[0]
    return Margins(source=source, date=date, table=pd.DataFrame(rows, columns=list(TABLE_COLUMNS)))
