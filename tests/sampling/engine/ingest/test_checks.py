"""Every rule names the row as a person sees it."""

import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from sampling.engine.ingest import AGENCY_SCHEMA
from tests.sampling.lists import found, frame_rows, row, rows, run, write_csv

WRONG = {
    "no id": ({"id": ""}, "missing", "id"),
    "id with a space": ({"id": "HS 01"}, "id_malformed", "id"),
    "id too long": ({"id": "x" * 33}, "id_malformed", "id"),
    "no agency": ({"agency": ""}, "missing", "agency"),
    "agency with a bar": ({"agency": "H80|01"}, "agency_malformed", "agency"),
    "no province": ({"province": ""}, "missing", "province"),
    "no such province": ({"province": "99"}, "province_unknown", "province"),
    "province that is no more": ({"province": "72"}, "province_of_other_period", "province"),
    "no such commune": ({"commune": "99999"}, "commune_unknown", "commune"),
    "commune that is no more": ({"commune": "25456"}, "commune_of_other_period", "commune"),
    "commune not yet there": (
        {"commune": "25459", "settled_on": "01/03/2025"},
        "commune_of_other_period",
        "commune",
    ),
    "commune of another province": ({"commune": "00004", "agency": "H80.09"}, "commune_elsewhere", "commune"),
    "unknown level": ({"level": "thôn"}, "level_unknown", "level"),
    "no field": ({"field": ""}, "missing", "field"),
    "field with a bar": ({"field": "đất|đai"}, "field_malformed", "field"),
    "no day": ({"settled_on": ""}, "missing", "settled_on"),
    "day that is none": ({"settled_on": "30/02/2026"}, "day_malformed", "settled_on"),
    "day as a number": ({"settled_on": "46086"}, "day_malformed", "settled_on"),
    "month first": ({"settled_on": "12/31/2026"}, "day_malformed", "settled_on"),
    "day after the period": ({"settled_on": "01/01/2027"}, "day_outside", "settled_on"),
    "no party": ({"party": ""}, "missing", "party"),
    "unknown party": ({"party": "khách"}, "party_unknown", "party"),
    "no size": ({"size": ""}, "missing", "size"),
    "size with a comma": ({"size": "1,5"}, "size_malformed", "size"),
    "size zero": ({"size": "0"}, "size_malformed", "size"),
    "size below zero": ({"size": "-2"}, "size_malformed", "size"),
    "grouped size": ({"size": "1.000"}, "size_malformed", "size"),
    "endless size": ({"size": "9" * 30}, "size_malformed", "size"),
    "short number of a person": ({"person_id": "012345678"}, "person_malformed", "person_id"),
    "number of a person as a float": ({"person_id": "1.09203E+10"}, "person_malformed", "person_id"),
    "endless name": ({"full_name": "A" * 121}, "too_long", "full_name"),
    "endless telephone": ({"phone": "0" * 21}, "too_long", "phone"),
    "endless e-mail": ({"email": "a" * 255}, "too_long", "email"),
    "endless address": ({"address": "a" * 201}, "too_long", "address"),
    "endless agency": ({"agency_name": "a" * 121}, "too_long", "agency_name"),
    "endless channel": ({"channel": "a" * 25}, "too_long", "channel"),
}


@pytest.mark.parametrize("name", WRONG)
def test_names_what_is_wrong(tmp_path: Path, name: str) -> None:
    changes, rule, column = WRONG[name]
    file = write_csv(tmp_path / "list.csv", [*rows(40), row(**{"id": "wrong", **changes})])
    report = run(tmp_path / "job", file)
    errors = [each for each in report.findings if each.severity == "error"]
    assert (rule, column) in {(each.rule, each.examples[0].column) for each in errors}
    assert {place.row for each in errors for place in each.examples} == {42}


def test_a_clean_list_has_no_findings(tmp_path: Path) -> None:
    assert run(tmp_path / "job", write_csv(tmp_path / "list.csv", rows(5))).findings == ()


WARNED = {
    "a zero that a spreadsheet ate": ({"province": "1", "agency": "H01.01"}, "zero_lost"),
    "a person's number without its zeros": ({"person_id": "1092034567"}, "person_zero_lost"),
    "a person without a number": ({"person_id": ""}, "person_missing"),
    "another channel": ({"channel": "Zalo"}, "channel_unknown"),
    "nobody to reach": ({"full_name": "", "phone": "", "email": "", "address": ""}, "contact_missing"),
}


@pytest.mark.parametrize("name", WARNED)
def test_warns_and_goes_on(tmp_path: Path, name: str) -> None:
    changes, rule = WARNED[name]
    report = run(tmp_path / "job", write_csv(tmp_path / "list.csv", [row(**changes)]))
    assert report.is_accepted
    assert [each.rule for each in report.findings] == [rule]


def test_lost_zeros_of_a_person_are_given_back(tmp_path: Path) -> None:
    run(
        tmp_path / "job", write_csv(tmp_path / "list.csv", [row(id="a"), row(id="b", person_id="1092034567")])
    )
    first, second = frame_rows(tmp_path / "job")
    assert first["person_key"] == second["person_key"]


def test_days_before_the_tables_are_taken_with_a_warning(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "list.csv", [row(settled_on="05/03/2024", province="72")])
    report = run(tmp_path / "job", file, first_day=datetime.date(2024, 1, 1))
    assert [each.rule for each in report.findings] == ["units_not_known"]


def test_the_same_dossier_twice_is_told_with_both_rows(tmp_path: Path) -> None:
    report = run(tmp_path / "job", write_csv(tmp_path / "list.csv", [*rows(3), row(id="H80.01-0001")]))
    (place,) = report.findings[0].examples
    assert found(report) == {("duplicate_id", "id"): 1}
    assert (place.row, place.also_row, place.got) == (5, 3, "H80.01-0001")


def test_an_agency_has_one_province(tmp_path: Path) -> None:
    lines = [row(id="a"), row(id="b", province="01")]
    report = run(tmp_path / "job", write_csv(tmp_path / "list.csv", lines))
    assert report.findings[0].examples[0].value == "01, 80"
    assert found(report) == {("agency_in_two_provinces", "agency"): 1}


def test_agencies_may_be_limited_to_a_list(tmp_path: Path) -> None:
    agencies = pa.Table.from_pylist([{"code": "H80.01", "name": "Sở Tư pháp tỉnh"}], AGENCY_SCHEMA)
    file = write_csv(tmp_path / "list.csv", [row(id="a"), row(id="b", agency="H80.99")])
    assert found(run(tmp_path / "job", file, agencies=agencies)) == {("agency_unknown", "agency"): 1}


def test_a_round_of_a_province_takes_its_dossiers_alone(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "list.csv", [row(id="a"), row(id="b", province="01", agency="H01.01")])
    assert found(run(tmp_path / "job", file, territory="80")) == {("outside_territory", "province"): 1}


def test_counts_all_and_shows_twenty(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "list.csv", [row(id=f"a{number}", party="?") for number in range(45)])
    (finding,) = run(tmp_path / "job", file).findings
    assert (finding.count, len(finding.examples)) == (45, 20)
