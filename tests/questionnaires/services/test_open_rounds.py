"""Open rounds: states, territory, forms, remarks, exports; never part of an index."""

import csv
import datetime
import io
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus, Response, ResponseStatus
from questionnaires.selectors import open_counts, question_counts, response_rows
from questionnaires.services import DuplicateSubmissionError, RoundNotOpenError, WithdrawalError, find_counted
from questionnaires.services.open_exports import NO_SAMPLE, export_open_answers
from questionnaires.services.open_papers import chat_text, open_address, poster_page, qr_picture
from questionnaires.services.open_responses import (
    start_open_response,
    submit_open_response,
    withdraw_open_response,
)
from questionnaires.services.open_rounds import (
    OpenRoundStateError,
    change_open_round,
    close_open_round,
    create_open_round,
    start_open_round,
)
from questionnaires.services.responses import AnswersRefusedError
from sampling.models import TerritoryMember
from sampling.models.rounds import RoundStatus
from sampling.printing import pdf_from_html
from sampling.services.territories import TerritoryError
from sampling.spreadsheets import SheetRows, csv_lines, workbook_file
from tests.questionnaires.open_rounds import ANSWERS, make_open_round, make_sent, make_version
from tests.questionnaires.rounds import make_round, make_user, make_village

pytestmark = pytest.mark.django_db

EXPORT = "questionnaires.export_openround"


def someone(name: str, *rights: str) -> Any:
    return make_user(name, *rights)


FLAG = OpenResponse.Flag


def values(**changes: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "version": make_version(),
        "name_vi": "Góp ý",
        "agency_vi": "Xã Minh Họa",
        "opens_at": now,
        "closes_at": now + datetime.timedelta(days=30),
    } | changes


def someone_of_a_province(name: str = "provincial") -> Any:
    user = someone(name, EXPORT)
    TerritoryMember.objects.create(user=user, province=make_village(make_round()).province)
    return user


def test_round_is_made_opened_and_closed_once() -> None:
    made = create_open_round(**values())
    assert (made.status, len(made.code)) == (OpenRoundStatus.PREPARING, 6)
    opened = start_open_round(round=made)
    assert opened.accepts_answers()
    with pytest.raises(OpenRoundStateError):
        start_open_round(round=opened)
    start_open_response(round=opened, language="vi")
    closed = close_open_round(round=opened)
    assert (closed.status, OpenResponse.objects.count()) == (OpenRoundStatus.CLOSED, 0)
    with pytest.raises(OpenRoundStateError):
        close_open_round(round=closed)


def test_round_whose_last_day_is_over_cannot_be_opened() -> None:
    past = timezone.now() - datetime.timedelta(days=9)
    made = create_open_round(**values(opens_at=past, closes_at=past + datetime.timedelta(days=1)))
    with pytest.raises(OpenRoundStateError):
        start_open_round(round=made)


@pytest.mark.parametrize("networks", ["nowhere", "10.0.0.0/33", "10.0.0.1\nx"])
def test_networks_that_are_none_are_refused(networks: str) -> None:
    with pytest.raises(ValidationError):
        create_open_round(**values(office_networks=networks))


def test_address_and_version_stay_once_opened_and_texts_may_change() -> None:
    opened = make_open_round()
    with pytest.raises(OpenRoundStateError):
        change_open_round(round=opened, values={"code": "other"})
    changed = change_open_round(round=opened, values={"contact_phone": "1022", "code": opened.code})
    assert changed.contact_phone == "1022"


def test_person_of_a_province_runs_rounds_of_that_province_only() -> None:
    user = someone_of_a_province()
    made = create_open_round(user=user, **values())
    assert made.territory == user.territory.province
    national = make_open_round(version=made.version)
    with pytest.raises(TerritoryError):
        close_open_round(round=national, user=user)
    with pytest.raises(PermissionDenied):
        export_open_answers(round=national, file_format="csv", language="vi", user=user)
    assert start_open_round(round=made, user=user).status == OpenRoundStatus.OPEN


def test_form_is_sent_once_under_a_fresh_identifier_and_without_the_hour() -> None:
    open_round = make_open_round()
    draft = start_open_response(round=open_round, language="vi")
    draft.answers = ANSWERS | {"C1": 3}
    draft.save()
    number = submit_open_response(response=draft, flags=[FLAG.OFFICE])
    sent = OpenResponse.objects.get()
    assert sent.pk != draft.pk
    assert "C1" not in sent.answers
    assert sent.flags == ["office"]
    assert number not in f"{sent.__dict__}"
    with pytest.raises(DuplicateSubmissionError):
        submit_open_response(response=draft)
    entry = ModelLogEntry.objects.get(action="questionnaires.submit_open")
    assert timezone.localtime(entry.timestamp).time() == datetime.time()
    assert (entry.user_id, entry.data) == (None, {"n": 1})


def test_answers_that_break_a_rule_and_closed_rounds_are_refused() -> None:
    open_round = make_open_round()
    draft = start_open_response(round=open_round, language="vi")
    draft.answers = {"AGE": 3}
    draft.save()
    with pytest.raises(AnswersRefusedError):
        submit_open_response(response=draft)
    OpenRound.objects.update(status=OpenRoundStatus.CLOSED)
    with pytest.raises(RoundNotOpenError):
        submit_open_response(response=draft)
    assert OpenResponse.objects.get().status == ResponseStatus.DRAFT


def test_forms_that_nobody_can_reach_are_deleted() -> None:
    open_round = make_open_round()
    old = start_open_response(round=open_round, language="vi")
    OpenResponse.objects.update(started_on=timezone.localdate() - datetime.timedelta(days=2))
    fresh = start_open_response(round=open_round, language="vi")
    assert list(OpenResponse.objects.all()) == [fresh]
    assert old != fresh


def test_receipt_withdraws_until_the_round_is_closed() -> None:
    open_round = make_open_round()
    first, second = make_sent(open_round), make_sent(open_round)
    counted = find_counted(first.lower().replace(" ", ""))
    assert counted is not None
    assert (counted.round, counted.is_open_round, counted.is_frozen) == (open_round, True, False)
    assert withdraw_open_response(number=first) == open_round
    assert find_counted(first) is None
    close_open_round(round=open_round)
    with pytest.raises(WithdrawalError):
        withdraw_open_response(number=second)
    with pytest.raises(WithdrawalError):
        withdraw_open_response(number=first)


def test_counts_tell_remarks_places_and_options() -> None:
    open_round = make_open_round()
    make_sent(open_round, FLAG.DEVICE, FLAG.OFFICE)
    make_sent(open_round, B1=2, CHANNELS=[1, 3])
    counts = open_counts(open_round)
    assert (counts.n_sent, counts.n_flagged, counts.by_flag) == (2, 1, {"device": 1, "office": 1})
    by_code = {count.code: count for count in question_counts(open_round, "vi")}
    assert [option.n for option in by_code["B1"].options] == [0, 1, 0, 1, 0, 0]
    assert by_code["CHANNELS"].n == 2
    assert [option.percent for option in by_code["CHANNELS"].options] == [50, 50, 50]
    unflagged = {count.code: count.n for count in question_counts(open_round, "vi", is_unflagged=True)}
    assert unflagged["B1"] == 1
    assert "WORDS" not in by_code


def test_export_marks_every_row_and_computes_no_cell() -> None:
    open_round = make_open_round(is_demo=True)
    make_sent(open_round, FLAG.NETWORK, WORDS="=HYPERLINK(1)")
    table = export_open_answers(
        round=open_round, file_format="csv", language="vi", user=someone("exporter", EXPORT)
    )
    [row] = csv.DictReader(io.StringIO("".join(csv_lines(table.header, table.rows())), newline=""))
    assert row["kind"] == NO_SAMPLE
    assert (row["is_demo"], row["flag_network"], row["flag_device"]) == ("1", "1", "0")
    assert (row["WORDS"], row["CHANNELS_2"], row["B3"]) == ("'=HYPERLINK(1)", "1", "na")
    with workbook_file([SheetRows("Phiếu", table.worded_header, table.worded_rows())]) as file:
        sheet = openpyxl.load_workbook(file).active
        cells = {cell.value: cell for cell in sheet[2]}
    assert cells["=HYPERLINK(1)"].data_type == "s"
    assert "Không áp dụng với tôi" in cells
    assert [row[0] for row in table.codebook_rows()][:2] == ["SEX", "USED"]


def test_no_column_joins_two_files_of_an_open_round(monkeypatch: pytest.MonkeyPatch) -> None:
    open_round = make_open_round()
    for number in range(4):
        make_sent(open_round, WORDS=f"{number}")
    keys = {str(key) for key in OpenResponse.objects.values_list("pk", flat=True)}
    user = someone("exporter", EXPORT)
    orders = iter((reversed, sorted))
    monkeypatch.setattr(
        "questionnaires.services.open_exports.secrets.SystemRandom.shuffle",
        lambda _chance, order: order.__setitem__(slice(None), list(next(orders)(order))),
    )
    tables = [
        export_open_answers(round=open_round, file_format="csv", language="vi", user=user) for _time in "ab"
    ]
    rows = [[dict(zip(table.header, row, strict=True)) for row in table.rows()] for table in tables]
    assert [[row["form"] for row in file] for file in rows] == [[1, 2, 3, 4]] * 2
    assert [row["WORDS"] for row in rows[0]] == [row["WORDS"] for row in reversed(rows[1])]
    assert not keys & {str(value) for file in rows for row in file for value in row.values()}
    assert [row[-1] for row in tables[0].worded_rows()] == [row[-1] for row in tables[0].worded_rows()]


def test_form_withdrawn_while_a_file_is_written_is_left_out() -> None:
    open_round = make_open_round()
    for _time in range(2):
        make_sent(open_round)
    table = export_open_answers(
        round=open_round, file_format="csv", language="vi", user=someone("exporter", EXPORT)
    )
    OpenResponse.objects.first().delete()
    assert [row[0] for row in table.rows()] == [1]


def test_export_needs_the_right_and_is_on_record() -> None:
    open_round = make_open_round()
    with pytest.raises(PermissionDenied):
        export_open_answers(round=open_round, file_format="csv", language="vi", user=someone("no"))
    export_open_answers(round=open_round, file_format="xlsx", language="vi", user=someone("yes", EXPORT))
    assert ModelLogEntry.objects.get(action="questionnaires.export_open").data == {
        "format": "xlsx",
        "n_rows": 0,
    }


def test_poster_and_message_say_who_asks_and_how_to_check(settings: Any) -> None:
    settings.WAGTAILADMIN_BASE_URL = "https://example.vn"
    open_round = make_open_round()
    page = poster_page(open_round, place="quay-2")
    for words in ("xã Minh Họa", "Minh Hoa", "12/QĐ-UBND", "1900 0000", "example.vn/co-that-khong/"):
        assert words in page
    assert page.count("<svg") == 2
    assert "example.vn/mo/quay1/quay-2/" in page
    assert pdf_from_html(page).startswith(b"%PDF")
    assert open_address(open_round) == "https://example.vn/mo/quay1/"
    with translation.override("en"):
        message = chat_text(open_round)
    assert message.count("https://example.vn/mo/quay1/") == 2
    assert "Góp ý tại quầy" in message
    assert "Opinions at the counter" in message
    assert qr_picture("https://example.vn").startswith(b"\x89PNG")


def test_nothing_of_an_open_round_is_read_for_figures() -> None:
    survey_round = make_round("sipas-2030", status=RoundStatus.CLOSED)
    open_round = make_open_round()
    for _form in range(3):
        make_sent(open_round)
    assert list(response_rows(survey_round)) == []
    assert Response.objects.count() == 0


def test_no_module_of_the_analysis_knows_open_rounds(settings: Any) -> None:
    modules = sorted((settings.BASE_DIR / "analysis").rglob("*.py"))
    words = ("OpenResponse", "OpenRound", "open_rounds")
    assert modules
    assert [path.name for path in modules if any(word in path.read_text("utf-8") for word in words)] == []
