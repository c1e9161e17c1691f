import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from questionnaires.models import Mode, Response, Right, RightsRequest, SeparatedResponse
from questionnaires.services import (
    RightsRequestError,
    Submission,
    answer_rights_request,
    receive_rights_request,
    submit_single,
)
from sampling.models import AdministrativeUnit, Case, TerritoryMember
from sampling.models.rounds import RoundStatus
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village, publish

pytestmark = pytest.mark.django_db

ENTER = "wagtailadmin.access_admin"
APPROVE = "questionnaires.approve_response"
RIGHTS = (
    "questionnaires.view_rightsrequest",
    "questionnaires.add_rightsrequest",
    "questionnaires.change_rightsrequest",
)
LETTER = {
    "channel": "letter",
    "right": "view",
    "received_on": "20/11/2026",
    "text": "Cho tôi xem dữ liệu",
    "reply_to": "Thôn 2, xã Mẫu",
}


def sent(count: int = 2, village: str = "Thôn 2") -> list[Case]:
    survey_round = make_round()
    publish(survey_round)
    cases = make_cases(make_village(survey_round, village), count)
    for case in cases:
        submission = Submission(case_id=case.pk, answers={"SEX": 1, "WORDS": "bí mật"}, mode=Mode.PAPER)
        submit_single(round=survey_round, submission=submission)
    return cases


def supervisor(client: Client, *more: str) -> Any:
    user = make_user("giam-sat", ENTER, APPROVE, *more)
    client.force_login(user)
    return user


def page_of(case: Case) -> str:
    return reverse("approvals:round", args=[case.sample.round.pk])


def test_supervisor_sees_counts_and_no_answers(client: Client) -> None:
    first, second = sent()
    supervisor(client)
    page = client.get(page_of(first)).content.decode()
    assert "Thôn 2 (Xã Mẫu)" in page
    assert first.number in page
    assert second.number in page
    assert "bí mật" not in page
    assert "BN " not in page


@pytest.mark.parametrize(("button", "left"), [("ticked", 1), ("village", 0), ("all", 0), ("none", 2)])
def test_forms_are_approved_as_the_button_says(client: Client, button: str, left: int) -> None:
    first, _second = sent()
    supervisor(client)
    values: dict[str, dict[str, Any]] = {
        "ticked": {"cases": [first.pk], "selected": "1"},
        "village": {"village": first.village_id},
        "all": {"all": "1"},
        "none": {"cases": ["0", "x"], "selected": "1"},
    }
    client.post(page_of(first), values[button])
    linked = SeparatedResponse.objects.filter(case_link__isnull=False)
    assert (Response.objects.count(), linked.count(), SeparatedResponse.objects.count()) == (left, left, 2)


def test_approvals_of_other_provinces_are_out_of_reach(client: Client) -> None:
    first, _second = sent()
    elsewhere = AdministrativeUnit.objects.create(
        level="province", code="01", name="Nơi khác", unit_type="tỉnh", sort_key="noi khac"
    )
    TerritoryMember.objects.create(user=supervisor(client), province=elsewhere)
    assert first.number not in client.get(page_of(first)).content.decode()
    client.post(page_of(first), {"all": "1"})
    assert Response.objects.count() == 2


def test_approval_needs_its_right(client: Client) -> None:
    first, _second = sent()
    client.force_login(make_user("other", ENTER))
    assert client.post(page_of(first), {"all": "1"}).status_code in {302, 403}
    assert Response.objects.count() == 2


def test_page_of_approvals_needs_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    first, *_others = sent(30)
    supervisor(client)
    client.get(page_of(first))
    with django_assert_max_num_queries(40):
        client.get(page_of(first))


def officer(client: Client, *rights: str) -> Any:
    user = make_user("can-bo", ENTER, *(rights or RIGHTS))
    client.force_login(user)
    return user


def asked(**changes: Any) -> RightsRequest:
    values = {"right": Right.VIEW, "channel": RightsRequest.Channel.LETTER, "text": "x", "reply_to": "Thôn 2"}
    return receive_rights_request(**(values | changes))


def test_letter_is_entered_with_the_day_it_came(client: Client) -> None:
    officer(client)
    day = timezone.localdate() - datetime.timedelta(days=7)
    page = client.post(reverse("rights:new"), LETTER | {"received_on": f"{day:%d/%m/%Y}"}, follow=True)
    received = RightsRequest.objects.get()
    assert timezone.localdate(received.received_at) == day
    assert received.due_at < timezone.now()
    with translation.override("vi"):
        assert received.number in page.content.decode()
    assert "w-status" in page.content.decode()


def test_letter_from_the_future_is_refused(client: Client) -> None:
    officer(client)
    day = timezone.localdate() + datetime.timedelta(days=1)
    assert client.post(reverse("rights:new"), LETTER | {"received_on": f"{day:%d/%m/%Y}"}).status_code == 200
    assert not RightsRequest.objects.exists()
    with pytest.raises(RightsRequestError):
        asked(received_on=day)


def test_final_answer_erases_how_the_person_is_reached(client: Client) -> None:
    user = officer(client)
    request = asked()
    url = reverse("rights:answer", args=[request.pk])
    client.post(url, {"answer": "Đang kiểm tra"})
    request.refresh_from_db()
    assert (request.status, request.reply_to) == ("extended", "Thôn 2")
    letter = client.get(reverse("rights:letter", args=[request.pk])).content.decode()
    assert "Thôn 2" in letter
    assert "Đang kiểm tra" in letter
    client.post(url, {"answer": "Đã cho xem", "is_final": "on"})
    request.refresh_from_db()
    assert (request.status, request.reply_to, request.handled_by) == ("answered", "", user)
    assert request.answered_at
    assert "Thôn 2" not in client.get(url).content.decode()
    entries = ModelLogEntry.objects.filter(action="questionnaires.answer_rights_request")
    assert [entry.data["is_late"] for entry in entries] == [False, False]
    with pytest.raises(RightsRequestError):
        answer_rights_request(request=request, answer="again", user=user)


def test_empty_answer_is_none(client: Client) -> None:
    user = officer(client)
    request = asked()
    with pytest.raises(RightsRequestError):
        answer_rights_request(request=request, answer="  ", user=user)


def test_who_may_look_may_not_answer(client: Client) -> None:
    officer(client, RIGHTS[0])
    request = asked()
    url = reverse("rights:answer", args=[request.pk])
    assert "<textarea" not in client.get(url).content.decode()
    client.post(url, {"answer": "x", "is_final": "on"})
    request.refresh_from_db()
    assert request.status == "received"


def test_people_of_a_province_serve_no_requests(client: Client) -> None:
    user = officer(client)
    case = make_cases(make_village(make_round(status=RoundStatus.OPEN)))[0]
    TerritoryMember.objects.create(user=user, province=case.village.province)
    request = asked()
    assert client.get(reverse("rights:index")).status_code in {302, 403}
    with pytest.raises(PermissionDenied):
        answer_rights_request(request=request, answer="x", user=user)


def test_announced_holidays_move_the_day_of_the_answer(settings: Any) -> None:
    monday = datetime.date(2026, 2, 16)
    before = asked(received_on=datetime.date(2026, 2, 13)).due_at
    settings.PUBLIC_HOLIDAYS = {monday + datetime.timedelta(days=number) for number in range(5)}
    after = asked(received_on=datetime.date(2026, 2, 13)).due_at
    assert (timezone.localdate(before), timezone.localdate(after)) == (
        datetime.date(2026, 2, 17),
        datetime.date(2026, 2, 24),
    )
