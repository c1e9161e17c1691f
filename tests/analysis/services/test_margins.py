import datetime
from pathlib import Path

import pytest

from analysis.models import PopulationMargin
from analysis.selectors import margins_of
from analysis.services import MarginTableError, load_margins
from sampling.models import SamplingFrame
from tests.analysis.rounds import add_margins, margin_rows
from tests.questionnaires.rounds import make_round

pytestmark = pytest.mark.django_db
DATE = datetime.date(2019, 4, 1)


def test_margins_come_with_source_and_date() -> None:
    survey_round = make_round()
    add_margins(survey_round, "01")
    margins = margins_of(survey_round)
    assert (margins.source, margins.date) == ("Tổng điều tra dân số 2019", DATE)
    assert margins.table.groupby("variable")["population"].sum().tolist() == [10_000] * 3


def test_round_without_margins_has_none() -> None:
    assert margins_of(make_round()) is None


def test_round_of_a_list_takes_no_population_of_adults() -> None:
    survey_round = make_round()
    frame = {"source": "x", "reference_date": DATE, "n_units": 1, "digest": "0" * 64}
    SamplingFrame.objects.create(round=survey_round, stage=SamplingFrame.Stage.DOSSIER, **frame)
    with pytest.raises(MarginTableError):
        add_margins(survey_round, "01")
    assert margins_of(survey_round) is None


def test_loading_again_replaces() -> None:
    survey_round = make_round()
    add_margins(survey_round, "01", "04")
    add_margins(survey_round, "01")
    assert set(PopulationMargin.objects.values_list("province_code", flat=True)) == {"01"}


def test_csv_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("province,variable,category,population\n01,sex,male,10\n01,sex,female,12\n", "utf-8-sig")
    assert load_margins(round=make_round(), rows=path, source="x", date=DATE) == 2
    assert PopulationMargin.objects.get(category="female").population == 12


def test_every_problem_is_reported_and_nothing_is_written() -> None:
    survey_round = make_round()
    add_margins(survey_round, "01")
    wrong = [
        {"province": "01", "variable": "income", "category": "high", "population": 1},
        {"province": "01", "variable": "sex", "category": "male", "population": -1},
        {"province": "", "variable": "sex", "category": "male", "population": 1},
        {"province": "01", "variable": "sex", "category": "female", "population": 7},
        {"province": "01", "variable": "sex", "category": "female", "population": 7},
        {"province": "01", "variable": "urban", "category": "urban", "population": 8},
    ]
    with pytest.raises(MarginTableError) as raised:
        load_margins(round=survey_round, rows=wrong, source="x", date=DATE)
    assert len(str(raised.value).splitlines()) == 5
    assert PopulationMargin.objects.count() == len(margin_rows("01"))
