import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from questionnaires.models import Mode, Response, SeparatedResponse
from sampling.models import Case, Disposition
from tests.questionnaires.rounds import (
    DAY,
    form_of,
    make_cases,
    make_round,
    make_village,
    publish,
    publish_sipas,
)

pytestmark = pytest.mark.django_db

HEADER = "case;SEX;USED;B1;B2;B3;C1;AGE;CHANNELS"


@pytest.fixture
def cases() -> list[Case]:
    survey_round = make_round()
    publish(survey_round)
    return make_cases(make_village(survey_round), 3)


def write(folder: Path, *lines: str) -> Path:
    path = folder / "answers.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def run(path: Path, **options: Any) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("import_answers", "sipas-2026", str(path), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def refused(path: Path, **options: Any) -> str:
    out = StringIO()
    with translation.override("en"), pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_answers", "sipas-2026", str(path), stdout=out, stderr=StringIO(), **options)
    assert not Response.objects.exists()
    return out.getvalue()


def test_rows_become_responses_with_typed_answers(tmp_path: Path, cases: list[Case]) -> None:
    first, second, _third = (case.number for case in cases)
    path = write(tmp_path, HEADER, f"{first};1;1;5;4;na;3;41;1 3", f"{second};2;0;4;4;4;;;")
    assert "2 interviews taken; 0 had been sent" in run(path)
    response = form_of(cases[0])
    assert response.mode == Mode.PAPER
    assert response.answers == {
        "SEX": 1, "USED": 1, "B1": 5, "B2": 4, "B3": "na", "C1": 3, "AGE": 41, "CHANNELS": [1, 3]
    }  # fmt: skip
    assert Case.objects.get(number=first).disposition == Disposition.COMPLETE


def test_mode_and_day_are_those_given(tmp_path: Path, cases: list[Case]) -> None:
    day = timezone.localdate() - datetime.timedelta(days=3)
    cases[0].sample.round.opens_at = timezone.now() - 10 * DAY
    cases[0].sample.round.save()
    path = write(tmp_path, "case,SEX,B1", f"{cases[0].number},1,4")
    run(path, mode="interview", received=f"{day:%d/%m/%Y}")
    response = SeparatedResponse.objects.get()
    assert (response.mode, response.submitted_on) == (Mode.INTERVIEW, day)


def test_a_second_file_changes_nothing(tmp_path: Path, cases: list[Case]) -> None:
    run(write(tmp_path, "case,SEX,B1", f"{cases[0].number},1,4"))
    assert "0 interviews taken; 1 had been sent" in run(
        write(tmp_path, "case,SEX,B1", f"{cases[0].number},1,1")
    )
    assert SeparatedResponse.objects.get().answers["B1"] == 4


def test_every_refused_cell_is_listed_and_nothing_is_written(tmp_path: Path, cases: list[Case]) -> None:
    first, second, third = (case.number for case in cases)
    path = write(tmp_path, "case,SEX,B1,AGE", f"{first},1,4,30", f"{second},3,6,30", f"{third},2,5,7")
    lines = refused(path).splitlines()
    assert [line.split()[1:3] for line in lines[1:]] == [["3", "SEX"], ["3", "B1"], ["4", "AGE"]]
    assert "one of 1, 2, 3, 4, 5, na" in lines[2]
    assert "a number (18–120)" in lines[3]


def test_unknown_and_double_cases_are_listed(tmp_path: Path, cases: list[Case]) -> None:
    number = cases[0].number
    printed = refused(write(tmp_path, "case,SEX", "9-9,1", f"{number},1", f"{number},2"))
    assert "9-9" in printed
    assert "each case once; it is in row 3 already" in printed


def test_sealed_reserve_is_not_asked(tmp_path: Path, cases: list[Case]) -> None:
    [reserve] = make_cases(cases[0].village, is_reserve=True)
    assert "sealed reserves" in refused(write(tmp_path, "case,SEX", f"{reserve.number},1"))


def test_unknown_columns_are_listed(tmp_path: Path, cases: list[Case]) -> None:
    printed = refused(write(tmp_path, "number,SEX,Q99", f"{cases[0].number},1,2"))
    assert "the column case" in printed
    assert "Q99" in printed


def test_variables_of_the_data_files_are_understood(tmp_path: Path) -> None:
    survey_round = make_round()
    publish_sipas(survey_round)
    [case] = make_cases(make_village(survey_round))
    run(write(tmp_path, "case,P_A1,S_1_1", f"{case.number},2,na"))
    assert SeparatedResponse.objects.get().answers == {"P-A1": 2, "S-1.1": "na"}


@pytest.mark.parametrize("received", ["01/01/2020", "yesterday"])
def test_day_outside_the_round_is_refused(tmp_path: Path, cases: list[Case], received: str) -> None:
    with pytest.raises(CommandError):
        run(write(tmp_path, "case,SEX", f"{cases[0].number},1"), received=received)
    assert not Response.objects.exists()


def test_round_without_questionnaire_and_unreadable_file_are_refused(tmp_path: Path) -> None:
    make_round()
    with pytest.raises(CommandError, match="questionnaire"):
        run(write(tmp_path, "case,SEX", "1,1"))
    with pytest.raises(CommandError, match=r"\.csv"):
        run(tmp_path / "answers.doc")
