"""Files as offices send them, loaded in the admin: dry run, differences, confirmation."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sampling.files.letters import to_tcvn3
from sampling.models import FrameUnit, SamplingFrame, SurveyRound
from tests.sampling.files.makers import MOTTO, workbook, xls
from tests.sampling.makers import MERGER, commune_rows, make_round, make_unit, make_units

pytestmark = pytest.mark.django_db

TITLES = ("STT", "Mã xã", "Tên xã", "Mã tỉnh", "Số người")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def loader(admin_client: Client):
    make_units()
    survey_round = make_round()

    def load(*files: SimpleUploadedFile, **changes: Any) -> Any:
        fields = {"stage": "commune", "source": "Công an tỉnh", "reference_date": "01/03/2026"}
        url = reverse("surveyround:frame", args=[survey_round.pk])
        return admin_client.post(
            url, fields | {"file": list(files)} | changes, headers={"accept-language": "en"}
        )

    return load


def lines(rows: Any, write: Callable[[str], str] = str) -> list[list[Any]]:
    return [
        [number, row["code"], write(row["name"]), row["parent_code"], int(row["measure_of_size"])]
        for number, row in enumerate(rows, 1)
    ]


def office_file(name: str = "xã.xlsx", rows: Any = None, maker: Any = workbook) -> SimpleUploadedFile:
    table = lines(rows or commune_rows(), to_tcvn3)
    letterhead = [["UBND TỈNH TÂY NINH", None, None, MOTTO], [], ["DANH SÁCH XÃ"]]
    return SimpleUploadedFile(name, maker(*letterhead, TITLES, *table, [], ["Người lập biểu"]))


def confirm(client: Client, report: Any) -> Any:
    survey_round = SurveyRound.objects.get()
    url = reverse("surveyround:frame_confirm", args=[survey_round.pk])
    return client.post(url, {"token": report.context["token"]})


@pytest.mark.parametrize(("name", "maker"), [("xã.xlsx", workbook), ("xã.xls", xls)])
def test_what_was_put_right_is_shown_and_loaded_when_confirmed(
    loader: Any, admin_client: Client, name: str, maker: Any
):
    report = loader(office_file(name, maker=maker))
    page = report.content.decode()
    told = report.context["differences"]
    assert {found.column for found in told} == {"", "A “STT”", "C “Tên xã”"}
    assert "TCVN3 (ABC)" in page
    assert "DANH SÁCH XÃ" in page
    assert not SamplingFrame.objects.exists()
    confirm(admin_client, report)
    assert FrameUnit.objects.get(code="72001").name == commune_rows()[0]["name"]
    assert SamplingFrame.objects.get().n_units == 12


def test_problems_are_named_as_the_spreadsheet_shows_them(loader: Any):
    rows = commune_rows()
    rows[1]["measure_of_size"] = "-2"
    report = loader(office_file(rows=rows))
    problem = report.context["problems"][0]
    assert (problem.row, problem.column, problem.got) == (6, "E “Số người”", "-2")
    assert not SamplingFrame.objects.exists()


def test_cells_that_cannot_be_read_are_listed(loader: Any):
    table = [*lines(commune_rows())[:1], [2, "72002", "Xã", "80", "=E2"]]
    report = loader(SimpleUploadedFile("a.xlsx", workbook(TITLES, *table)))
    problem = report.context["problems"][0]
    assert (problem.row, problem.column) == (3, "E “Số người”")
    assert "token" not in report.context


def test_several_files_are_one_list_and_collisions_name_the_file(loader: Any, admin_client: Client):
    rows = commune_rows()
    report = loader(office_file("a.xlsx", rows[:6]), office_file("b.xlsx", rows[6:]))
    assert {found.file for found in report.context["differences"]} == {"a.xlsx", "b.xlsx"}
    confirm(admin_client, report)
    assert SamplingFrame.objects.get().n_units == 12
    collision = loader(office_file("a.xlsx", rows), office_file("b.xlsx", rows[6:7]))
    problem = collision.context["problems"][0]
    assert (problem.file, problem.row) == ("b.xlsx", 5)
    assert "11 (a.xlsx)" in problem.expected
    assert SamplingFrame.objects.get().n_units == 12


def test_files_that_are_too_large_together_are_refused(loader: Any, settings: Any):
    content = b"x" * (600 * 1024)
    settings.MAX_UPLOAD_MB = 1
    report = loader(SimpleUploadedFile("a.csv", content), SimpleUploadedFile("b.csv", content))
    assert "1 MB" in str(report.context["form"].errors["file"])


def test_form_without_a_file_says_so(loader: Any):
    assert list(loader().context["form"].errors) == ["file"]


def test_encoding_and_sheet_may_be_said(loader: Any):
    header = ",".join(TITLES)
    text = f"{header}\n1,72001,Bé,80,5\n"
    content = to_tcvn3(text).encode("cp1252")
    report = loader(SimpleUploadedFile("a.csv", content), encoding="tcvn3")
    assert report.context["frame"].n_units == 1
    wrong = loader(office_file(), sheet="Không có")
    assert "Không có" in str(wrong.context["form"].errors["file"])


def test_lost_zeros_are_proposed(loader: Any, admin_client: Client):
    province = make_unit("province", "01", "Hà Nội", unit_type="thành phố", valid_from=MERGER)
    make_unit("commune", "00004", "Ba Đình", unit_type="phường", valid_from=MERGER, parent=province)
    report = loader(SimpleUploadedFile("a.xlsx", workbook(TITLES, [1, 4, "Ba Đình", 1, 21000])))
    told = [(found.got, found.becomes) for found in report.context["differences"]]
    assert {("4", "00004"), ("1", "01")} <= set(told)
    confirm(admin_client, report)
    assert FrameUnit.objects.get().code == "00004"
