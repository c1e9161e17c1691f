import io
import json
from typing import Any

import openpyxl
import pytest
from django.test import Client

from tests.analysis.rounds import make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_snapshots")]


@pytest.mark.parametrize(
    ("file_format", "name", "content_type"),
    [
        ("csv", "sipas-R1-vi.csv", "text/csv; charset=utf-8"),
        ("csv-semicolon", "sipas-R1-vi-semicolon.csv", "text/csv; charset=utf-8"),
        ("json", "sipas-R1-vi.json", "application/json"),
    ],
)
def test_estimates_are_public(client: Client, file_format: str, name: str, content_type: str) -> None:
    make_release()
    response = client.get(f"/ket-qua/tai-ve/R1/{file_format}/")
    assert response.status_code == 200
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_json_is_complete_and_marked(client: Client) -> None:
    release = make_release()
    document = json.loads(client.get("/en/ket-qua/tai-ve/R1/json/").content)
    assert len(document["rows"]) == release.estimates.count()
    assert document["rows"][0]["is_provisional"] == 1
    labels = {column["name"]: column["label"] for column in document["columns"]}
    assert labels["standard_error"] == "standard error"
    titles = {row["node_code"]: row["node_title"] for row in document["rows"]}
    assert titles["S-1"] == "Access to service"


def test_xlsx_can_be_opened(client: Client) -> None:
    release = make_release()
    content = client.get("/ket-qua/tai-ve/R1/xlsx/").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet.max_row == release.estimates.count() + 2


@pytest.mark.parametrize("address", ["R1/parquet", "R1/sav", "R1/exe", "R9/csv", "%00/csv", "R1/%00"])
def test_other_formats_and_releases_are_not_found(client: Client, address: str) -> None:
    make_release()
    assert client.get(f"/ket-qua/tai-ve/{address}/").status_code == 404


def test_second_download_asks_the_database_for_the_release_only(
    client: Client, django_assert_num_queries: Any
) -> None:
    make_release()
    first = client.get("/ket-qua/tai-ve/R1/csv/").content
    with django_assert_num_queries(1):
        assert client.get("/ket-qua/tai-ve/R1/csv/").content == first


def test_nothing_is_taken_in(client: Client) -> None:
    make_release()
    assert client.post("/ket-qua/tai-ve/R1/csv/").status_code == 405


def test_english_download_is_english_throughout(client: Client) -> None:
    release = make_release()
    rows = json.loads(client.get("/en/ket-qua/tai-ve/R1/json/").content)["rows"]
    assert {row["domain_name"] for row in rows if row["domain_level"] == "nation"} == {"Whole country"}
    assert {row["node_title"] for row in rows if row["node"] == "index"} == {release.method.title_en}


@pytest.mark.parametrize(
    ("file_format", "name"),
    [
        ("csv", "sipas-R1-scorecards-vi.csv"),
        ("csv-semicolon", "sipas-R1-scorecards-vi-semicolon.csv"),
        ("xlsx", "sipas-R1-scorecards-vi.xlsx"),
        ("json", "sipas-R1-scorecards-vi.json"),
    ],
)
def test_points_are_public(client: Client, file_format: str, name: str) -> None:
    make_release()
    response = client.get(f"/ket-qua/tai-ve/R1/diem/{file_format}/")
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_points_are_marked_and_kept_apart_from_the_estimates(client: Client) -> None:
    release = make_release()
    estimates = client.get("/en/ket-qua/tai-ve/R1/json/").content
    document = json.loads(client.get("/en/ket-qua/tai-ve/R1/diem/json/").content)
    assert len(document["rows"]) == release.scorecards.count()
    assert {row["is_provisional"] for row in document["rows"]} == {1}
    assert client.get("/en/ket-qua/tai-ve/R1/json/").content == estimates
    assert client.get("/ket-qua/tai-ve/R1/diem/sav/").status_code == 404
