import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from questionnaires.access_codes import repeatable_codes
from questionnaires.models import AccessCode, Response, ResponseStatus, SeparatedResponse
from questionnaires.services import find_counted, issue_codes
from questionnaires.wizard import storage
from sampling.models import Case, Disposition
from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish, publish_sipas

pytestmark = pytest.mark.django_db

ERASED = "notice notice--warn"
"""How the page of the consent says that answers go."""
FIRST = {"SEX": "1", "USED": "0"}
RATINGS = {"B1": "4", "B2": "5", "B3": "na"}
LAST = {"AGE": "40", "CHANNELS": ["1", "3"], "WORDS": "Cảm ơn"}


def invite(**changes: Any) -> tuple[Case, str]:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    code = issue_codes(cases=[case])[case.pk]
    if changes:
        type(survey_round).objects.filter(pk=survey_round.pk).update(**changes)
    return case, code


def enter(client: Client, code: str) -> Any:
    return client.post(reverse("questionnaires:enter_code"), {"code": code})


def agree(client: Client) -> Any:
    return client.post(reverse("questionnaires:consent"), {"use": "on"}, follow=True)


def send(client: Client, step: str, answers: Mapping[str, Any], **buttons: str) -> Any:
    name = "questionnaires:review" if step == "_review" else "questionnaires:answer"
    url = reverse(name) if step == "_review" else reverse(name, args=[step])
    draft = Response.objects.order_by("started_at").last()
    prefix = f"r{draft.pk.hex if draft else 0}"
    return client.post(url, {f"{prefix}-current_step": step, "move": "next", **answers, **buttons})


def start(client: Client) -> Case:
    case, code = invite()
    enter(client, code)
    agree(client)
    return case


def answer_all(client: Client) -> None:
    send(client, "A", FIRST)
    send(client, "B", RATINGS)
    send(client, "D", LAST)


def place(response: Any) -> str:
    return str(response.headers["Location"])


def test_citizen_answers_from_code_to_receipt(client: Client) -> None:
    case = start(client)
    answer_all(client)
    review = client.get(reverse("questionnaires:review"))
    assert "2/2" in review.content.decode()
    receipt = client.get(place(send(client, "_review", {}))).content.decode()
    assert not Response.objects.exists()
    response = SeparatedResponse.objects.get()
    [number] = re.findall(r"BN \w{5} \w{5}", receipt)
    assert find_counted(number)
    assert response.answers == {
        "SEX": 1, "USED": 0, "B1": 4, "B2": 5, "B3": "na", "AGE": 40, "CHANNELS": [1, 3], "WORDS": "Cảm ơn",
    }  # fmt: skip
    assert (response.consent_version, response.consent_statements) == ("2", ["use"])
    assert (response.mode, response.language) == ("web", "vi")
    case.refresh_from_db()
    assert case.disposition == Disposition.COMPLETE


def test_no_heading_leads_away_from_a_page_with_answers(client: Client) -> None:
    start(client)
    section = client.get(reverse("questionnaires:answer", args=["A"])).content.decode()
    answer_all(client)
    review = client.get(reverse("questionnaires:review")).content.decode()
    for page in (section, review):
        assert "<strong>" in page
        assert '<strong><a href="/">' not in page


def test_link_fills_in_the_code_and_changes_nothing(client: Client) -> None:
    case, code = invite()
    response = client.get(reverse("questionnaires:enter_with_code", args=[code]), follow=True)
    assert f"{code[:4]} {code[4:8]}" in response.content.decode()
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert not Response.objects.filter(case=case).exists()
    assert "answering" not in client.session


def test_link_with_a_slip_says_what_to_look_at(client: Client) -> None:
    address = reverse("questionnaires:enter_with_code", args=["1234567890123456"])
    assert "code-error" in client.get(address, follow=True).content.decode()


def test_link_leaves_its_code_in_no_address_and_not_readable_on_the_device(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    _case, code = invite()
    browser = Client(enforce_csrf_checks=True)
    led = browser.get(f"/tham-gia/{code}/", {"utm_source": "zalo"}, secure=True)
    assert (led.status_code, led.headers["Location"], led.content) == (302, "/tham-gia/", b"")
    cookie = led.cookies["link_code"]
    assert code.encode() not in bytes.fromhex(cookie.value)
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert 0 < cookie["max-age"] <= 600
    page = browser.get("/tham-gia/", secure=True).content.decode()
    for address in ("/tham-gia/", "/en/tham-gia/"):
        assert f'value="{code[:4]} {code[4:8]}' in browser.get(address, secure=True).content.decode()
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    values = {"code": code, "csrfmiddlewaretoken": token}
    headers = {"origin": "https://testserver"}
    entered = browser.post("/tham-gia/", values, secure=True, headers=headers)
    assert entered.headers["Location"] == "/dong-y/"
    assert browser.cookies["link_code"].value == ""


def test_cookie_of_a_link_that_was_changed_fills_in_nothing(client: Client) -> None:
    _case, code = invite()
    client.get(f"/tham-gia/{code}/")
    for changed in ("x", "00", client.cookies["link_code"].value[:-2]):
        client.cookies["link_code"] = changed
        page = client.get("/tham-gia/")
        assert page.status_code == 200
        assert code[:4] not in page.content.decode()


def test_same_code_goes_on_on_another_device(client: Client) -> None:
    _case, code = invite()
    enter(client, code)
    agree(client)
    send(client, "A", FIRST)
    elsewhere = Client()
    assert place(elsewhere.get(place(enter(elsewhere, code)))) == reverse("questionnaires:continue")
    assert place(elsewhere.get(reverse("questionnaires:continue"))).endswith("/B/")
    assert Response.objects.get().answers == {"SEX": 1, "USED": 0}


@pytest.mark.parametrize("carrier", AccessCode.Carrier)
def test_another_code_of_the_case_reads_nothing_and_begins_empty(carrier: AccessCode.Carrier) -> None:
    citizen, reader = Client(), Client()
    case, code = invite()
    enter(citizen, code)
    agree(citizen)
    send(citizen, "A", FIRST)
    [later] = issue_codes(cases=[case], carrier=carrier).values()
    consent = reader.get(place(enter(reader, later)))
    assert consent.status_code == 200
    for address in ("/phieu/", "/xem-lai/", "/phieu/A/"):
        assert place(reader.get(address)) == reverse("questionnaires:consent")
    assert Response.objects.get().answers == {"SEX": 1, "USED": 0}
    agree(reader)
    draft = Response.objects.get(case=case)
    assert (draft.answers, draft.passed_sections, draft.helper) == ({}, [], "")
    assert "checked" not in reader.get("/phieu/A/").content.decode()


def test_whoever_enters_another_code_is_told_that_answers_would_be_erased() -> None:
    citizen, reader = Client(), Client()
    case, code = invite()
    assert ERASED not in citizen.get(place(enter(citizen, code))).content.decode()
    agree(citizen)
    [later] = issue_codes(cases=[case]).values()
    assert ERASED not in reader.get(place(enter(reader, later))).content.decode()
    send(citizen, "A", FIRST)
    assert ERASED in reader.get(place(enter(reader, later))).content.decode()
    agree(reader)
    assert ERASED not in reader.get(place(enter(reader, later)), follow=True).content.decode()


def test_what_is_typed_under_an_earlier_code_is_not_read_with_a_later_one() -> None:
    citizen, reader = Client(), Client()
    case, code = invite()
    enter(citizen, code)
    agree(citizen)
    [later] = issue_codes(cases=[case]).values()
    enter(reader, later)
    agree(reader)
    assert place(send(citizen, "A", FIRST)) == reverse("questionnaires:consent")
    assert Response.objects.get(case=case).answers == {}


def test_draft_taken_over_while_a_page_is_saved_keeps_nothing_of_the_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = start(client)
    [later] = issue_codes(cases=[case]).values()
    real = storage.save_draft

    def overtaken(**values: Any) -> Any:
        monkeypatch.setattr(storage, "save_draft", real)
        reader = Client()
        enter(reader, later)
        agree(reader)
        return real(**values)

    monkeypatch.setattr(storage, "save_draft", overtaken)
    assert place(send(client, "A", FIRST)) == reverse("questionnaires:consent")
    assert Response.objects.get(case=case).answers == {}


@pytest.mark.parametrize("typed", ["", "12", "0000 0000 0000 0001", "khong phai so"])
def test_wrong_code_is_refused_and_kept_on_screen(client: Client, typed: str) -> None:
    response = enter(client, typed)
    page = response.content.decode()
    assert response.status_code == 200
    assert "error-summary" in page
    assert f'value="{typed}"' in page


@pytest.mark.parametrize(
    ("typed", "n_digits"), [("1234 5678 9012 345", "15"), ("1234 5678 9012 3456 7", "17")]
)
def test_missing_or_surplus_digits_are_counted_once_on_the_page(
    client: Client, typed: str, n_digits: str
) -> None:
    response = enter(client, typed)
    [message] = response.context["form"].errors["code"]
    assert n_digits in message
    page = response.content.decode()
    assert page.count(message) == 1
    assert 'href="#id_code"' in page


def test_pause_without_answers_under_way_leads_to_the_code(client: Client) -> None:
    response = client.get(reverse("questionnaires:pause"))
    assert place(response) == reverse("questionnaires:enter_code")


def test_provisional_mark_stands_on_the_consent_page_and_on_no_section(client: Client) -> None:
    _case, code = invite()
    consent = client.get(place(enter(client, code))).content.decode()
    assert "mark-provisional" in consent
    assert "Chưa có quyết định" in consent
    assert "mark-provisional" not in agree(client).content.decode()


def test_well_formed_code_that_nobody_has_is_refused(client: Client) -> None:
    invite()
    assert "error-summary" in enter(client, "0000 0000 0000 0000").content.decode()


def guesses(number: int) -> list[str]:
    """Return codes that are well formed and that nobody has."""
    return list(islice(repeatable_codes("guesses"), number))


def test_only_guesses_count_against_a_network(settings: Any) -> None:
    settings.CODE_ATTEMPTS_PER_NETWORK = 3
    _case, code = invite()
    for _attempt in range(5):
        assert enter(Client(), code).status_code == 302
    for slip in ("1", "1234 5678 9012 3456", ""):
        for _attempt in range(3):
            assert enter(Client(), slip).status_code == 200
    assert enter(Client(), code).status_code == 302
    for guess in guesses(3):
        assert enter(Client(), guess).status_code == 200
    blocked = enter(Client(), code)
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) > 0
    elsewhere = Client(REMOTE_ADDR="2001:db8::1")
    assert enter(elsewhere, code).status_code == 302


def test_failures_count_against_a_session(client: Client, settings: Any) -> None:
    settings.CODE_ATTEMPTS_PER_SESSION = 2
    for _attempt in range(3):
        assert enter(client, "1").status_code == 200
    statuses = [enter(client, guess).status_code for guess in guesses(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize("is_known", [True, False], ids=["letter", "guess"])
def test_entries_of_one_code_are_limited_from_wherever_and_leave_others_alone(
    settings: Any, *, is_known: bool
) -> None:
    settings.CODE_ENTRIES_PER_CODE = 3
    case, code = invite()
    [neighbour] = make_cases(make_village(case.sample.round, "Thôn 3"))
    entered = code if is_known else "0000 0000 0000 0000"
    for network in range(3):
        assert enter(Client(REMOTE_ADDR=f"192.0.2.{network}"), entered).status_code != 429
    with override("en"):
        blocked = enter(Client(REMOTE_ADDR="198.51.100.1"), entered.replace(" ", "-"))
        assert enter(Client(), issue_codes(cases=[neighbour])[neighbour.pk]).status_code == 302
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) > 0
    assert "This code was entered too often" in blocked.content.decode()


def test_nothing_is_ticked_beforehand_and_required_consent_is_asked_for(client: Client) -> None:
    case, code = invite()
    page = client.get(place(enter(client, code))).content.decode()
    assert "checked" not in page
    refused = client.post(reverse("questionnaires:consent"), {"recall": "on"})
    assert "error-summary" in refused.content.decode()
    assert not Response.objects.filter(case=case).exists()


def test_declining_keeps_no_answers_and_can_be_undone(client: Client) -> None:
    case, code = invite()
    enter(client, code)
    client.post(reverse("questionnaires:consent"), {"decline": "1"})
    case.refresh_from_db()
    assert case.disposition == Disposition.REFUSAL
    assert not Response.objects.filter(case=case).exists()
    enter(client, code)
    assert agree(client).status_code == 200


@pytest.mark.parametrize("step", ["B", "D", "C", "nowhere"])
def test_cannot_skip_ahead(client: Client, step: str) -> None:
    start(client)
    for attempt in (client.get(reverse("questionnaires:answer", args=[step])), send(client, step, RATINGS)):
        assert place(attempt) == reverse("questionnaires:answer", args=["A"])
    assert place(client.get(reverse("questionnaires:review"))) == reverse("questionnaires:answer", args=["A"])
    assert Response.objects.get().answers == {}


def test_every_post_redirects(client: Client) -> None:
    start(client)
    assert place(send(client, "A", FIRST)) == reverse("questionnaires:answer", args=["B"])
    assert place(send(client, "B", RATINGS)) == reverse("questionnaires:answer", args=["D"])


def test_one_soft_reminder_then_on(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    first = send(client, "B", {"B1": "4"})
    page = first.content.decode()
    assert first.status_code == 200
    assert page.count("question--error") == 2
    assert "<title>Lỗi:" in page or "<title>Error:" in page
    assert 'href="#B2-1"' in page
    assert Response.objects.get().answers["B1"] == 4
    second = send(client, "B", {"B1": "4"}, reminded="B")
    assert place(second) == reverse("questionnaires:answer", args=["D"])


def test_texts_are_not_reminded_of(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    send(client, "B", RATINGS)
    assert send(client, "D", {"AGE": "40", "CHANNELS": ["1"]}).status_code == 302


def test_hard_rule_holds_on_the_second_press_and_keeps_what_was_typed(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    send(client, "B", RATINGS)
    for reminded in ("", "D"):
        response = send(client, "D", {"AGE": "17", "CHANNELS": ["1"]}, reminded=reminded)
        assert response.status_code == 200
        assert 'value="17"' in response.content.decode()
    assert Response.objects.get().answers.get("CHANNELS") == [1]
    assert "AGE" not in Response.objects.get().answers


def test_going_back_loses_nothing(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    back = send(client, "B", {"B1": "4"}, move="back")
    assert place(back) == reverse("questionnaires:answer", args=["A"])
    assert "checked" in client.get(place(back)).content.decode()
    assert 'value="4" checked' in client.get(reverse("questionnaires:answer", args=["B"])).content.decode()


def test_answers_continue_on_another_device(client: Client) -> None:
    _case, code = invite()
    enter(client, code)
    agree(client)
    send(client, "A", FIRST)
    assert place(send(client, "B", {"B1": "2"}, move="pause")) == reverse("questionnaires:pause")
    client.get(reverse("questionnaires:pause"))
    assert "answering" not in client.session
    other = Client()
    page = enter(other, code)
    response = other.get(place(page), follow=True)
    assert response.redirect_chain[-1][0] == reverse("questionnaires:answer", args=["B"])
    assert 'value="2" checked' in response.content.decode()


def test_language_switch_keeps_the_place(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    page = client.get("/en" + reverse("questionnaires:answer", args=["B"])).content.decode()
    assert "Save and continue" in page
    assert 'lang="en"' in page


def test_changed_mind_opens_and_closes_a_section(client: Client) -> None:
    start(client)
    send(client, "A", FIRST | {"USED": "1"})
    assert place(send(client, "B", RATINGS)) == reverse("questionnaires:answer", args=["C"])
    send(client, "C", {"C1": "1"})
    assert Response.objects.get().answers["C1"] == 1
    send(client, "A", FIRST)
    assert "C1" not in Response.objects.get().answers
    assert client.get(reverse("questionnaires:answer", args=["C"])).status_code == 302


def test_section_newly_opened_is_asked_before_the_review(client: Client) -> None:
    start(client)
    answer_all(client)
    send(client, "A", FIRST | {"USED": "1"})
    assert place(client.get(reverse("questionnaires:review"))) == reverse("questionnaires:answer", args=["C"])


def test_change_from_the_review_leads_back_there(client: Client) -> None:
    start(client)
    answer_all(client)
    prefix = f"r{Response.objects.get().pk.hex}"
    url = reverse("questionnaires:answer", args=["A"]) + "?review=1"
    response = client.post(url, {f"{prefix}-current_step": "A", **FIRST, "SEX": "2"})
    assert place(response) == reverse("questionnaires:review")
    assert Response.objects.get().answers["SEX"] == 2


def test_opening_an_address_never_sends(client: Client) -> None:
    start(client)
    answer_all(client)
    client.get(reverse("questionnaires:review"))
    client.get(reverse("questionnaires:answer", args=["done"]))
    assert Response.objects.get().status == ResponseStatus.DRAFT


def test_after_sending_back_shows_nothing(client: Client) -> None:
    start(client)
    answer_all(client)
    assert client.get(reverse("questionnaires:review")).headers["Cache-Control"] == "no-store, private"
    send(client, "_review", {})
    for url in (reverse("questionnaires:review"), reverse("questionnaires:answer", args=["A"])):
        assert place(client.get(url)) == reverse("questionnaires:receipt")
    assert "answering" not in client.session


def test_second_submission_is_refused_kindly(client: Client) -> None:
    _case, code = invite()
    other = Client()
    for device in (client, other):
        enter(device, code)
        agree(device)
    answer_all(client)
    send(client, "_review", {})
    receipt = SeparatedResponse.objects.get().receipt_hash
    refused = send(other, "_review", {})
    assert refused.status_code == 409
    again = client.get(place(enter(client, code)))
    assert again.status_code == 409
    assert SeparatedResponse.objects.get().receipt_hash == receipt


def test_expired_session_asks_for_the_code_and_promises_the_answers(client: Client) -> None:
    start(client)
    send(client, "A", FIRST)
    session = client.session
    session["answering"] = session["answering"] | {"seen_at": 0}
    session.save()
    response = client.get(reverse("questionnaires:answer", args=["B"]), follow=True)
    assert response.redirect_chain[-1][0] == reverse("questionnaires:enter_code") + "?expired=1"
    assert "notice--info" in response.content.decode()
    with override("en"):
        again = client.get(f"{reverse('questionnaires:enter_code')}?expired=1").content.decode()
    assert "enter the same code" in again
    assert Response.objects.get().answers["SEX"] == 1


def test_page_of_another_response_is_not_taken(client: Client) -> None:
    start(client)
    url = reverse("questionnaires:answer", args=["A"])
    assert place(client.post(url, {"r0-current_step": "A", **FIRST})) == url
    assert Response.objects.get().answers == {}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": RoundStatus.PREPARING}, 403),
        ({"status": RoundStatus.CLOSED}, 410),
        ({"status": RoundStatus.FROZEN}, 410),
    ],
)
def test_round_that_takes_no_answers_says_so(client: Client, changes: dict[str, Any], status: int) -> None:
    case, code = invite(**changes)
    assert client.get(place(enter(client, code))).status_code == status
    assert not Response.objects.filter(case=case).exists()


def test_round_closing_meanwhile_keeps_the_draft(client: Client) -> None:
    case = start(client)
    type(case.sample.round).objects.update(status=RoundStatus.CLOSED)
    assert send(client, "A", FIRST).status_code == 410
    assert Response.objects.get(case=case).status == ResponseStatus.DRAFT


def test_round_without_questionnaire_cannot_be_answered(client: Client) -> None:
    survey_round = make_round()
    [case] = make_cases(make_village(survey_round))
    code = issue_codes(cases=[case])[case.pk]
    assert client.get(place(enter(client, code))).status_code == 403


def test_sealed_reserve_cannot_answer(client: Client) -> None:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round), is_reserve=True)
    code = issue_codes(cases=[case])[case.pk]
    assert client.get(place(enter(client, code))).status_code == 403


def test_code_is_stored_as_a_hash_only() -> None:
    _case, code = invite()
    assert code not in str(list(AccessCode.objects.values_list()))


def test_first_question_page_is_small() -> None:
    survey_round = make_round()
    publish_sipas(survey_round)
    [case] = make_cases(make_village(survey_round))
    client = Client(headers={"accept-encoding": "gzip"})
    enter(client, issue_codes(cases=[case])[case.pk])
    page = client.post(reverse("questionnaires:consent"), {"use": "on", "analysis": "on"}, follow=True)
    assert page.status_code == 200
    assert len(page.content) < 8 * 1024


def test_whole_sipas_form_can_be_gone_through_without_answers(client: Client) -> None:
    survey_round = make_round()
    version = publish_sipas(survey_round)
    [case] = make_cases(make_village(survey_round))
    enter(client, issue_codes(cases=[case])[case.pk])
    statements = version.document["consent"]["statements"]
    client.post(reverse("questionnaires:consent"), {part["code"]: "on" for part in statements})
    for section in version.document["sections"]:
        page = client.get(reverse("questionnaires:answer", args=[section["code"]]))
        assert page.status_code == 200, section["code"]
        assert send(client, section["code"], {}, reminded=section["code"]).status_code == 302
    assert client.get(reverse("questionnaires:review")).status_code == 200
    assert place(send(client, "_review", {})) == reverse("questionnaires:receipt")
    case.refresh_from_db()
    assert case.disposition == Disposition.PARTIAL
