"""A citizen answers an open round: link, consent, sections, receipt; no code, and nothing left behind."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus, ResponseStatus, SpentToken
from questionnaires.open_tokens import make_token
from questionnaires.services.open_rounds import close_open_round
from tests.questionnaires.open_rounds import make_open_round, make_sent, make_version

pytestmark = pytest.mark.django_db

PAGES = (
    ("A", {"SEX": "1", "USED": "0"}),
    ("B", {"B1": "4", "B2": "5", "B3": "na"}),
    ("D", {"AGE": "40", "CHANNELS": ["2"], "WORDS": "Tốt"}),
)


def begin(client: Client, open_round: OpenRound, place: str = "", **values: Any) -> Any:
    path = reverse("questionnaires:open_round", args=[open_round.code])
    return client.post(f"{path}{place}", {"use": "on", **values})


def target(client: Client, page: str) -> str:
    """Where a page leads."""
    return client.get(page).headers["Location"]


def prefix() -> str:
    return f"r{OpenResponse.objects.get(status=ResponseStatus.DRAFT).pk.hex}"


def send_page(client: Client, step: str, data: dict[str, Any], move: str = "next") -> Any:
    sent = data | {f"{prefix()}-current_step": step, "move": move}
    url = reverse("questionnaires:open_answer", args=[step])
    if step == "_review":
        url = reverse("questionnaires:open_review")
    return client.post(url, sent)


def answer_all(client: Client) -> Any:
    for step, data in PAGES:
        assert send_page(client, step, data).status_code == 302
    return send_page(client, "_review", {})


def receipt_of(client: Client) -> str:
    return str(client.session["receipt"]["number"])


def test_opening_the_link_changes_nothing_and_names_the_agency(client: Client) -> None:
    open_round = make_open_round()
    page = client.get("/mo/quay1/").text
    assert OpenResponse.objects.count() == 0
    assert '<meta property="og:site_name" content="Ủy ban nhân dân xã Minh Họa">' in page
    assert "12/QĐ-UBND" in page
    assert "checked" not in page
    assert "ẩn danh" not in page
    with translation.override("en"):
        assert open_round.agency in client.get("/en/mo/quay1/").text


def test_whole_form_is_sent_and_back_shows_nothing(client: Client) -> None:
    open_round = make_open_round()
    assert begin(client, open_round, "quay-2/").url == "/phieu-mo/"
    draft = OpenResponse.objects.get()
    assert target(client, "/phieu-mo/") == "/phieu-mo/A/"
    assert answer_all(client).url == "/bien-nhan/"
    sent = OpenResponse.objects.get()
    assert sent.pk != draft.pk
    assert sent.answers["B3"] == "na"
    assert (sent.place, sent.flags, sent.submitted_on) == ("quay-2", [], timezone.localdate())
    assert receipt_of(client) in client.get("/bien-nhan/").text
    for page in ("/phieu-mo/A/", "/xem-lai-phieu-mo/", "/phieu-mo/"):
        assert target(client, page) == "/bien-nhan/"
    client.get("/mo/quay1/")
    assert "receipt" not in client.session
    assert target(client, "/bien-nhan/") == "/tham-gia/"


def test_second_press_of_the_send_button_sends_once(client: Client) -> None:
    begin(client, make_open_round())
    data = {f"{prefix()}-current_step": "_review", "move": "next"}
    answer_all(client)
    assert client.post("/xem-lai-phieu-mo/", data).headers["Location"] == "/bien-nhan/"
    assert OpenResponse.objects.count() == 1


def test_consent_is_needed_and_nothing_is_kept_of_who_declines(client: Client) -> None:
    make_open_round()
    page = client.post("/mo/quay1/", {})
    assert page.status_code == 200
    assert 'href="#use"' in page.text
    assert client.post("/mo/quay1/", {"decline": "1"}).status_code == 200
    assert OpenResponse.objects.count() == 0


def test_stop_deletes_what_was_answered(client: Client) -> None:
    begin(client, make_open_round())
    send_page(client, "A", {"SEX": "1", "USED": "0"})
    assert send_page(client, "B", {"B1": "4"}, "stop").url == "/dung-phieu-mo/"
    assert OpenResponse.objects.count() == 0
    assert client.get("/dung-phieu-mo/").status_code == 200
    assert target(client, "/phieu-mo/B/") == "/phieu-mo-het-gio/"
    assert client.get("/phieu-mo-het-gio/").status_code == 200


def test_forged_pause_and_steps_lead_back_into_the_form(client: Client) -> None:
    begin(client, make_open_round())
    assert send_page(client, "A", {"SEX": "1"}, "pause").url == "/phieu-mo/"
    assert target(client, "/phieu-mo/D/") == "/phieu-mo/A/"
    assert target(client, "/phieu-mo/NOWHERE/") == "/phieu-mo/A/"
    assert OpenResponse.objects.get().answers == {"SEX": 1}


def test_form_of_another_session_cannot_be_read(client: Client) -> None:
    begin(client, make_open_round())
    assert target(Client(), "/phieu-mo/A/") == "/phieu-mo-het-gio/"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": OpenRoundStatus.PREPARING}, 403),
        ({"status": OpenRoundStatus.CLOSED}, 410),
        ({"opens_at": timezone.now() + datetime.timedelta(days=2)}, 403),
    ],
)
def test_round_that_takes_no_answers_says_so(client: Client, changes: Any, status: int) -> None:
    make_open_round(**changes)
    assert client.get("/mo/quay1/").status_code == status
    assert client.post("/mo/quay1/", {"use": "on"}).status_code == status


def test_round_closed_in_the_middle_says_so(client: Client) -> None:
    open_round = make_open_round()
    begin(client, open_round)
    OpenRound.objects.update(status=OpenRoundStatus.CLOSED)
    assert client.get("/phieu-mo/A/").status_code == 410


def test_unknown_round_is_not_found(client: Client) -> None:
    assert client.get("/mo/nothing/").status_code == 404


def test_receipt_is_found_and_withdraws_while_the_round_is_open(client: Client) -> None:
    open_round = make_open_round()
    number = make_sent(open_round)
    assert client.post("/bien-nhan/kiem-tra/", {"number": number}).status_code == 302
    page = client.get("/bien-nhan/kiem-tra/").text
    assert number in page
    assert "/bien-nhan/rut-lai/" in page
    client.post("/bien-nhan/rut-lai/", {"number": number})
    assert number in client.get("/bien-nhan/rut-lai/").text
    client.post("/bien-nhan/rut-lai/", {"number": number, "confirm": "1"})
    assert OpenResponse.objects.count() == 0
    gone = client.get("/bien-nhan/rut-lai/")
    assert gone.status_code == 200
    assert "/tham-gia/" not in gone.text


def test_receipt_of_a_closed_round_still_counts_and_stays(client: Client) -> None:
    open_round = make_open_round()
    number = make_sent(open_round)
    close_open_round(round=open_round)
    client.post("/bien-nhan/rut-lai/", {"number": number, "confirm": "1"})
    assert number in client.get("/bien-nhan/kiem-tra/").text
    assert OpenResponse.objects.count() == 1


def test_third_form_of_a_device_and_forms_of_the_office_are_marked_and_kept(client: Client) -> None:
    open_round = make_open_round()
    for _form in range(3):
        begin(client, open_round)
        answer_all(client)
    assert sorted(len(sent.flags) for sent in OpenResponse.objects.all()) == [0, 0, 1]
    OpenRound.objects.update(office_networks="127.0.0.0/8\n")
    begin(Client(), open_round)
    stranger = Client()
    begin(stranger, open_round)
    OpenResponse.objects.filter(status=ResponseStatus.DRAFT).exclude(
        pk=stranger.session["open_form"]["response_id"]
    ).delete()
    answer_all(stranger)
    assert ["office"] in [sent.flags for sent in OpenResponse.objects.all()]


def test_many_forms_of_a_network_within_an_hour_are_marked(settings: Any) -> None:
    settings.OPEN_FORMS_PER_NETWORK_HOUR = 2
    open_round = make_open_round()
    for _form in range(3):
        device = Client()
        begin(device, open_round)
        answer_all(device)
    assert sorted(sent.flags for sent in OpenResponse.objects.all()) == [[], [], ["network"]]


def test_tampered_cookie_begins_anew(client: Client) -> None:
    open_round = make_open_round()
    client.cookies[f"open-{open_round.pk}"] = "99:forged"
    begin(client, open_round)
    answer_all(client)
    assert OpenResponse.objects.get().flags == []


def test_flood_is_stopped_and_others_go_on(settings: Any) -> None:
    settings.OPEN_STARTS_PER_NETWORK = 2
    open_round = make_open_round()
    first = Client()
    begin(first, open_round)
    begin(Client(), open_round)
    refused = begin(Client(), open_round)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert first.get("/phieu-mo/A/").status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.9").get("/mo/quay1/").status_code == 200
    assert begin(Client(REMOTE_ADDR="203.0.113.9"), open_round).status_code == 302


def test_token_opens_one_form_and_dossier_is_not_kept(client: Client) -> None:
    open_round = make_open_round(needs_token=True)
    token = make_token("H26.12-0001", open_round.code, timezone.localdate())
    page = client.get(f"/mo/quay1/so/{token}/", follow=True).text
    assert f'value="{token[:4]} {token[4:8]}' in page
    begin(client, open_round, _token=token)
    answer_all(client)
    spent = SpentToken.objects.get()
    assert "H26" not in f"{spent.token_hash}{spent.dossier_hash}"
    assert token not in f"{OpenResponse.objects.get().__dict__}"
    assert OpenResponse.objects.get().had_token
    again = begin(Client(), open_round, _token=token)
    assert again.status_code == 409


def test_two_forms_begun_with_one_token_are_sent_once(client: Client) -> None:
    open_round = make_open_round(needs_token=True)
    token = make_token("1", open_round.code, timezone.localdate())
    begin(client, open_round, _token=token)
    begun = OpenResponse.objects.get().pk
    other = Client()
    begin(other, open_round, _token=token)
    second = OpenResponse.objects.exclude(pk=begun).get()
    OpenResponse.objects.filter(pk=second.pk).update(answers={"SEX": 1}, passed_sections=["A", "B", "D"])
    data = {f"r{second.pk.hex}-current_step": "_review", "move": "next"}
    assert other.post("/xem-lai-phieu-mo/", data).headers["Location"] == "/bien-nhan/"
    assert answer_all(client).status_code == 409
    assert OpenResponse.objects.filter(status=ResponseStatus.SUBMITTED).count() == 1


@pytest.mark.parametrize(
    ("typed", "status"),
    [("", 200), ("1234", 200), ("0" * 24, 200), ("x" * 5_000, 200), ("\u202e\u202e", 200)],
)
def test_wrong_token_gets_a_kind_message(client: Client, typed: str, status: int) -> None:
    open_round = make_open_round(needs_token=True)
    answer = begin(client, open_round, _token=typed)
    assert answer.status_code == status
    assert 'href="#_token"' in answer.text
    assert OpenResponse.objects.count() == 0


def test_expired_token_gets_a_kind_page(client: Client) -> None:
    open_round = make_open_round(needs_token=True)
    token = make_token("1", open_round.code, timezone.localdate() - datetime.timedelta(days=14))
    assert begin(client, open_round, _token=token).status_code == 410


def test_guessing_tokens_is_limited(client: Client, settings: Any) -> None:
    settings.TOKEN_ATTEMPTS_PER_SESSION = 2
    open_round = make_open_round(needs_token=True)
    for slip in ("1", "1" * 24, ""):
        assert begin(client, open_round, _token=slip).status_code == 200
    for _guess in range(2):
        assert begin(client, open_round, _token="0" * 24).status_code == 200
    assert begin(client, open_round, _token="0" * 24).status_code == 429


@pytest.mark.parametrize(("age", "status"), [(0, 409), (14, 410)])
def test_asking_which_tokens_were_used_is_limited(
    client: Client, settings: Any, age: int, status: int
) -> None:
    settings.TOKEN_ATTEMPTS_PER_SESSION = 2
    open_round = make_open_round(needs_token=True)
    token = make_token("1", open_round.code, timezone.localdate() - datetime.timedelta(days=age))
    if not age:
        begin(client, open_round, _token=token)
        answer_all(client)
    poller = Client()
    asked = [begin(poller, open_round, _token=token).status_code for _time in range(3)]
    assert asked == [status, status, 429]


def test_number_of_a_link_is_posted_to_an_address_without_it(client: Client) -> None:
    open_round = make_open_round(needs_token=True)
    token = make_token("1", open_round.code, timezone.localdate())
    assert 'method="post" action="/mo/quay1/"' in client.get(f"/mo/quay1/so/{token}/", follow=True).text
    led = client.get(f"/mo/quay1/so/{token}/", {"utm_source": "zalo"})
    assert (led.status_code, led.headers["Location"]) == (302, "/mo/quay1/")
    assert token.encode() not in bytes.fromhex(led.cookies["link_token"].value)
    make_open_round("quay2", version=open_round.version)
    assert 'action="/mo/quay2/counter-2/"' in client.get("/mo/quay2/counter-2/").text


def test_number_of_a_link_is_filled_in_for_its_own_round_alone(client: Client) -> None:
    open_round = make_open_round(needs_token=True)
    make_open_round("quay2", version=open_round.version, needs_token=True)
    token = make_token("1", open_round.code, timezone.localdate())
    client.get(f"/mo/quay1/so/{token}/")
    assert token[:4] in client.get("/mo/quay1/").text
    other = client.get("/mo/quay2/")
    assert not other.context["from_link"]
    assert token[:4] not in other.text


@pytest.mark.parametrize(("length", "status"), [(80, 302), (81, 404), (500, 404)])
def test_place_with_too_long_a_name_is_not_found(client: Client, length: int, status: int) -> None:
    assert begin(client, make_open_round(), f"{'a' * length}/").status_code == status


def test_form_without_consent_text_begins_with_the_button(client: Client) -> None:
    make_open_round(version=make_version(consent=None))
    assert client.post("/mo/quay1/", {}).status_code == 302


def test_genuine_page_names_the_open_round(client: Client) -> None:
    make_open_round()
    make_open_round("quay2", version=OpenRound.objects.get().version, agency_vi="Sở Tư pháp")
    page = client.get("/co-that-khong/?mo=quay2").text
    assert "Sở Tư pháp" in page
    assert "xã Minh Họa" not in page
