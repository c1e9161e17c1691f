import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import Response, ResponseStatus, RoundQuestionnaire, SeparatedResponse
from questionnaires.services import issue_codes
from questionnaires.wizard import storage
from questionnaires.wizard.access import WITHDRAWN
from sampling.models import Case
from tests.questionnaires.rounds import (
    make_cases,
    make_round,
    make_village,
    publish,
    small_document,
    text,
    the_form,
)

pytestmark = pytest.mark.django_db

FIRST = {"SEX": "1", "USED": "0"}
RATINGS = {"B1": "4", "B2": "5", "B3": "na"}
LAST = {"AGE": "40", "CHANNELS": ["1", "3"], "WORDS": "Cảm ơn"}
NAUGHTY = [
    "Nguyễn Thị Bích Ngọc, xã Đắk R'Lấp",
    "<script>alert('x')</script>",
    "'; DROP TABLE questionnaires_response; --",
    "{{ 7|add:7 }} {% debug %} ${7*7} #{7*7}",
    "../../../etc/passwd\x00.png",
    "\u202eđảo ngược\u202c",
    "ភាសាខ្មែរ\u200bសូមអរគុណ",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "=cmd|' /C calc'!A0",
    "\ufeffđầu dòng",
    "null",
    "NaN",
    "-1e999",
    "١٢٣",
]


def invite() -> tuple[Case, str]:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    return case, issue_codes(cases=[case])[case.pk]


def start(client: Client, code: str = "") -> None:
    if not code:
        _case, code = invite()
    client.post(reverse("questionnaires:enter_code"), {"code": code})
    client.post(reverse("questionnaires:consent"), {"use": "on"})


def address(step: str) -> str:
    is_review = step == "_review"
    return reverse("questionnaires:review") if is_review else reverse("questionnaires:answer", args=[step])


def send(client: Client, step: str, answers: Mapping[str, Any], **buttons: str) -> Any:
    draft = Response.objects.first()
    prefix = f"r{draft.pk.hex if draft else 0}"
    return client.post(address(step), {f"{prefix}-current_step": step, "move": "next", **answers, **buttons})


def stored() -> dict[str, Any]:
    return the_form().answers


def place(response: Any) -> str:
    return str(response.headers["Location"])


@pytest.mark.parametrize("step", ["_review", "Z", "a", "../A", "A%00", "ĐẤT", "x" * 300, "__proto__"])
def test_forged_name_of_a_step_leads_to_the_first_open_page(client: Client, step: str) -> None:
    start(client)
    prefix = f"r{Response.objects.get().pk.hex}"
    for url in (address("A"), address("B")):
        response = client.post(url, {f"{prefix}-current_step": step, **FIRST})
        assert place(response) == address("A")
    assert stored() == {}


@pytest.mark.parametrize("step", ["Z", "D", "_review", "x" * 200])
def test_forged_address_of_a_step_is_never_a_server_error(client: Client, step: str) -> None:
    start(client)
    response = client.get(f"/phieu/{step}/")
    assert response.status_code in {302, 404}


@pytest.mark.parametrize("move", ["submit", "done", "__class__", "", "back\x00", "x" * 10_000])
def test_forged_button_is_taken_for_the_next_one(client: Client, move: str) -> None:
    start(client)
    response = send(client, "A", FIRST, move=move)
    assert response.status_code == 302
    assert stored() == {"SEX": 1, "USED": 0}


def test_page_without_its_management_field_keeps_the_place(client: Client) -> None:
    start(client)
    assert place(client.post(address("A"), FIRST)) == address("A")
    assert stored() == {}


def test_answers_to_other_pages_are_not_taken_from_this_one(client: Client) -> None:
    start(client)
    send(client, "A", {**FIRST, "B1": "5", "AGE": "50", "answers": "{}", "version": "9"})
    assert stored() == {"SEX": 1, "USED": 0}


def test_answer_off_the_path_is_not_kept(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    send(client, "B", {**RATINGS, "C1": "1"})
    assert place(send(client, "C", {"C1": "1"})) == address("D")
    assert "C1" not in stored()


@pytest.mark.parametrize("value", ["9", "0", "-1", "1.0", "true", "one", "1 ; 2", "１", "x" * 100_000])
def test_unknown_option_is_refused_kindly_and_the_rest_is_kept(client: Client, value: str) -> None:
    start(client)
    response = send(client, "A", {"SEX": value, "USED": "1"})
    assert response.status_code == 200
    assert 'id="SEX-error"' in response.content.decode()
    assert stored() == {"USED": 1}


def test_many_values_for_one_choice_count_as_the_last(client: Client) -> None:
    start(client)
    send(client, "A", {"SEX": ["1", "2"], "USED": "0"})
    assert stored()["SEX"] == 2


@pytest.mark.parametrize("values", [["1", "1"], ["1", "9"], ["1"] * 5_000])
def test_impossible_lists_are_refused(client: Client, values: list[str]) -> None:
    start(client)
    send(client, "A", FIRST)
    send(client, "B", RATINGS)
    response = send(client, "D", LAST | {"CHANNELS": values})
    assert response.status_code == 200
    assert stored()["AGE"] == 40
    assert "CHANNELS" not in stored()


@pytest.mark.parametrize("field", ["WORDS", "AGE"])
def test_a_megabyte_of_text_is_refused_and_everything_else_kept(client: Client, field: str) -> None:
    start(client)
    send(client, "A", FIRST)
    send(client, "B", RATINGS)
    response = send(client, "D", LAST | {field: "9" * 2**20})
    assert response.status_code == 200
    assert f'id="{field}-error"' in response.content.decode()
    assert stored()["CHANNELS"] == [1, 3]
    assert field not in stored()


@pytest.mark.parametrize("words", NAUGHTY)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_naughty_strings_are_kept_composed_and_shown_escaped(
    client: Client, words: str, language: str
) -> None:
    start(client)
    send(client, "A", FIRST)
    send(client, "B", RATINGS)
    prefix = f"r{Response.objects.get().pk.hex}"
    url = ("/en" if language == "en" else "") + address("D")
    client.post(url, {f"{prefix}-current_step": "D", "move": "next", **LAST, "WORDS": words})
    kept = stored()["WORDS"]
    assert kept == unicodedata.normalize("NFC", kept)
    assert "\x00" not in kept
    page = client.get(address("_review"))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert send(client, "_review", {}).status_code == 302
    assert stored()["WORDS"] == kept


@pytest.mark.parametrize("field", ["SEX", "AGE", "CHANNELS", "B1"])
@pytest.mark.parametrize("words", NAUGHTY)
def test_naughty_strings_in_other_fields_are_never_a_server_error(
    client: Client, field: str, words: str
) -> None:
    start(client)
    pages = {"A": FIRST, "B": RATINGS, "D": LAST}
    for step, answers in pages.items():
        response = send(client, step, answers | ({field: words} if field in answers else {}))
        assert response.status_code in {200, 302}
        if field in answers:
            break
    assert response.status_code == 200
    assert f'id="{field}-error"' in response.content.decode()


def test_vietnamese_typed_decomposed_is_the_same_answer(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    send(client, "B", RATINGS)
    send(client, "D", LAST | {"WORDS": unicodedata.normalize("NFD", "Thủ tục đất đai")})
    assert stored()["WORDS"] == "Thủ tục đất đai"


def test_replayed_page_changes_nothing(client: Client) -> None:
    start(client)
    for _press in range(3):
        assert place(send(client, "A", FIRST)) == address("B")
    assert stored() == {"SEX": 1, "USED": 0}
    assert Response.objects.count() == 1


def test_doubled_sending_gives_one_response_and_one_receipt(client: Client) -> None:
    start(client)
    for step, answers in {"A": FIRST, "B": RATINGS, "D": LAST}.items():
        send(client, step, answers)
    assert place(send(client, "_review", {})) == reverse("questionnaires:receipt")
    number = SeparatedResponse.objects.get().receipt_hash
    assert place(send(client, "_review", {})) == reverse("questionnaires:receipt")
    assert SeparatedResponse.objects.get().receipt_hash == number


def test_page_replayed_after_sending_changes_nothing(client: Client) -> None:
    _case, code = invite()
    other = Client()
    for device in (client, other):
        start(device, code)
    for step, answers in {"A": FIRST, "B": RATINGS, "D": LAST}.items():
        send(client, step, answers)
    send(client, "_review", {})
    before = stored()
    refused = send(other, "A", {"SEX": "2", "USED": "1"})
    assert refused.status_code == 409
    assert stored() == before


def test_questions_withdrawn_meanwhile_keep_the_answers_and_say_so(client: Client) -> None:
    _case, code = invite()
    start(client, code)
    send(client, "A", FIRST)
    RoundQuestionnaire.objects.all().delete()
    response = send(client, "B", RATINGS)
    assert response.status_code == 410
    assert str(WITHDRAWN.text) in response.content.decode()
    assert stored() == {"SEX": 1, "USED": 0}
    assert Response.objects.get().status == ResponseStatus.DRAFT


def test_withdrawn_questions_that_come_back_go_on_where_they_were(client: Client) -> None:
    case, code = invite()
    version = case.sample.round.questionnaire_link.version
    start(client, code)
    send(client, "A", FIRST)
    RoundQuestionnaire.objects.all().delete()
    client.get(address("B"))
    RoundQuestionnaire.objects.create(round=case.sample.round, version=version)
    start(client, code)
    assert client.get(address("B")).status_code == 200
    assert stored() == {"SEX": 1, "USED": 0}


def test_two_devices_on_one_code_share_one_draft(client: Client) -> None:
    _case, code = invite()
    other = Client()
    for device in (client, other):
        start(device, code)
    send(client, "A", FIRST)
    send(other, "B", RATINGS)
    send(client, "D", LAST)
    assert stored().keys() >= {"SEX", "USED", "B1", "B2", "B3", "AGE", "WORDS"}
    assert Response.objects.count() == 1


def test_what_another_device_saves_meanwhile_is_not_overwritten(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(client)
    send(client, "A", FIRST)
    save, is_first = storage.save_draft, [True]

    def save_late(**given: Any) -> Any:
        """Let another device save between reading and writing of this one."""
        if is_first.pop() if is_first else False:
            late = Response.objects.get()
            save(response=late, answers=late.answers | {"SEX": 2, "AGE": 33}, passed_section="A")
        return save(**given)

    monkeypatch.setattr(storage, "save_draft", save_late)
    assert place(send(client, "B", RATINGS)) == address("D")
    assert stored() == {"SEX": 2, "USED": 0, "B1": 4, "B2": 5, "B3": "na", "AGE": 33}


def test_refused_sending_shows_what_stands_in_the_way(client: Client) -> None:
    rule = {
        "code": "OLD",
        "must": {"question": "AGE", "greater": 30},
        "message": text("Xem lại tuổi"),
        "severity": "hard",
    }
    survey_round = make_round()
    document = small_document()
    document["sections"][3]["rules"] = [rule]
    publish(survey_round, document)
    [case] = make_cases(make_village(survey_round))
    start(client, issue_codes(cases=[case])[case.pk])
    for step, answers in {"A": FIRST, "B": RATINGS, "D": LAST}.items():
        send(client, step, answers)
    Response.objects.update(answers=stored() | {"AGE": 20})
    refused = send(client, "_review", {})
    assert place(refused) == address("D") + "?check=1"
    page = client.get(place(refused)).content.decode()
    assert "Xem lại tuổi" in page
    assert 'href="#AGE"' in page
    assert Response.objects.get().status == ResponseStatus.DRAFT


def test_broken_clock_of_the_phone_changes_nothing(client: Client) -> None:
    start(client)
    response = client.post(
        address("A"),
        {f"r{Response.objects.get().pk.hex}-current_step": "A", **FIRST, "sent_at": "1970-01-01T00:00:00"},
        headers={
            "date": "Thu, 01 Jan 1970 00:00:00 GMT",
            "if-modified-since": "Tue, 19 Jan 2038 03:14:07 GMT",
        },
    )
    assert place(response) == address("B")
    assert Response.objects.get().started_at.year > 1970
