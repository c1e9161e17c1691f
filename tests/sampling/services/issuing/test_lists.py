import csv
import io
import zipfile
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from sampling.models import Disposition, Sample
from sampling.models.rounds import RoundStatus
from sampling.services import issue_draw, release_reserve
from sampling.services.issuing import (
    ExportTooEarlyError,
    IssuedFile,
    ListFormat,
    Request,
    Split,
    make_respondent_lists,
    scope_of,
)
from tests.sampling import draws
from tests.sampling.makers import make_unit
from tests.sampling.services.issuing.people import member, named_sample, supervisor, village_of

pytestmark = pytest.mark.django_db


def made(
    sample: Sample,
    user: Any,
    file_format: ListFormat = ListFormat.CSV,
    split: Split = Split.NONE,
    **scope: int,
) -> IssuedFile:
    request = Request(scope_of(sample, **scope), file_format, split)
    return make_respondent_lists(request=request, user=user)


def rows_of(file: IssuedFile) -> list[list[str]]:
    return list(csv.reader(file.content.decode("utf-8-sig").splitlines()))


def test_list_of_a_village_goes_by_given_names():
    sample = named_sample()
    rows = rows_of(made(sample, supervisor(), unit_id=village_of(sample).pk))
    names = [row[8] for row in rows[1:]]
    assert names == ["Nguyễn Văn An", "Lê Thị Ánh", "Trần Văn Bình", "Đỗ Văn Cường", "Phạm Thị Dung"]


def test_sealed_reserves_are_in_no_list_of_any_kind():
    sample = named_sample()
    user = supervisor()
    sealed = set(sample.cases.sealed_reserves().values_list("number", flat=True))
    for file_format in (ListFormat.CSV, ListFormat.HTML):
        text = made(sample, user, file_format).content.decode()
        assert not any(number in text for number in sealed)
    book = load_workbook(io.BytesIO(made(sample, user, ListFormat.XLSX).content))
    assert {row[6].value for row in list(book.active.rows)[1:]}.isdisjoint(sealed)


def test_released_reserve_joins_the_list():
    sample = named_sample()
    case = release_reserve(village=village_of(sample), reason="moved away")
    rows = rows_of(made(sample, supervisor(), unit_id=village_of(sample).pk))
    assert case.number in {row[6] for row in rows}


def test_whoever_refused_is_listed_without_name_address_or_number():
    sample = named_sample()
    case = village_of(sample).cases.get(draw_order=1)
    case.disposition = Disposition.REFUSAL
    case.save()
    [row] = [row for row in rows_of(made(sample, supervisor())) if row[6] == case.number]
    assert (row[7], row[8], row[11], row[12]) == ("", "", "", "")
    assert row[13] == Disposition.REFUSAL.label


@pytest.mark.parametrize(
    ("split", "n_files"), [(Split.COMMUNE, 4), (Split.VILLAGE, 8)], ids=["communes", "villages"]
)
def test_lists_of_a_province_are_split(split: Split, n_files: int):
    sample = named_sample()
    file = made(sample, supervisor(), split=split, province_id=village_of(sample).province_id)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert len(archive.namelist()) == n_files
        assert all(name.startswith("80-") and name.endswith(".csv") for name in archive.namelist())
    assert file.n_rows == 40


def test_page_to_print_names_places_and_leaves_room_to_sign():
    sample = named_sample()
    page = made(sample, supervisor(), ListFormat.HTML, unit_id=village_of(sample).pk).content.decode()
    assert "Nguyễn Văn An" in page
    assert "tỉnh Tây Ninh" in page
    assert 'class="signatures"' in page
    assert "counter(page)" in page


def test_list_is_printed():
    sample = named_sample()
    file = made(sample, supervisor(), ListFormat.PDF, unit_id=village_of(sample).pk)
    assert file.content.startswith(b"%PDF")


def test_every_list_is_on_record_with_rows_and_scope():
    sample = named_sample()
    user = supervisor()
    made(sample, user, province_id=village_of(sample).province_id)
    entry = ModelLogEntry.objects.get(action="sampling.export_respondents")
    assert entry.user == user
    assert entry.data == {"rows": 40, "villages": 8, "scope": "80", "format": "csv", "split": "none"}


def test_list_needs_the_right():
    sample = named_sample()
    with pytest.raises(PermissionDenied):
        made(sample, member("nobody", "sampling.view_sample"))
    assert not ModelLogEntry.objects.filter(action="sampling.export_respondents").exists()


@pytest.mark.parametrize("status", [RoundStatus.PREPARING, RoundStatus.FROZEN])
def test_names_are_given_out_from_opening_to_freezing_only(status: str):
    sample = named_sample(status)
    with pytest.raises(ExportTooEarlyError):
        made(sample, supervisor())


def test_whoever_issues_draws_gets_names_once_every_stage_is_issued():
    survey_round = draws.framed_round()
    draws.issued(survey_round)
    draws.send_villages(survey_round)
    draws.issued(survey_round, "village")
    draws.send_registers(survey_round)
    last = draws.drawn(survey_round, "person")
    sample = survey_round.sample
    statistician = member("statistician", "sampling.export_contact", "sampling.issue_draw")
    with pytest.raises(ExportTooEarlyError):
        made(sample, statistician)
    issue_draw(draw=last)
    assert made(sample, statistician).n_rows == 40
    with pytest.raises(ExportTooEarlyError):
        made(sample, supervisor())


def test_rehearsal_gives_no_names_before_it_opens():
    sample = named_sample(RoundStatus.PREPARING)
    with pytest.raises(ExportTooEarlyError):
        made(sample, member("statistician", "sampling.export_contact", "sampling.issue_draw"))


def test_person_of_a_province_sees_that_province_only():
    sample = named_sample()
    elsewhere = make_unit("province", "01", "Hà Nội", unit_type="thành phố")
    own = supervisor(province=village_of(sample).province)
    assert made(sample, own).n_rows == 40
    other = member("other", "sampling.export_contact", province=elsewhere)
    assert made(sample, other).n_rows == 0
    with pytest.raises(PermissionDenied):
        made(sample, other, unit_id=village_of(sample).pk)
