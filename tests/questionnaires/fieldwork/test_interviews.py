from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from questionnaires.models import Response, SeparatedResponse
from questionnaires.services import Submission, assign_village, submit_single
from sampling.models import Case, Disposition, SampledUnit
from sampling.models.contacts import Contact
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village, publish

pytestmark = pytest.mark.django_db

RIGHT = "questionnaires.conduct_interviews"


def field(client: Client) -> tuple[AbstractBaseUser, SampledUnit, Case]:
    survey_round = make_round()
    publish(survey_round)
    village = make_village(survey_round)
    [case] = make_cases(village)
    Contact.objects.create(case=case, full_name="Nguyễn Văn An", sort_key="an")
    enumerator = make_user("dtv-014", RIGHT)
    assign_village(village=village, enumerator=enumerator)
    client.force_login(enumerator)
    return enumerator, village, case


def detail(case: Case) -> str:
    return reverse("questionnaires:case_detail", args=[case.pk])


def test_enumerator_sees_own_village_and_its_respondents(client: Client) -> None:
    _enumerator, village, case = field(client)
    listed = client.get(reverse("questionnaires:village_list")).content.decode()
    assert "Thôn 2" in listed
    assert "Xã Mẫu, tỉnh Minh Họa" in listed
    page = client.get(reverse("questionnaires:village_detail", args=[village.pk])).content.decode()
    assert case.number in page
    assert "Nguyễn Văn An" in page
    assert "tag--none" in page


def test_sealed_reserves_are_hidden(client: Client) -> None:
    _enumerator, village, _case = field(client)
    [reserve] = make_cases(village, is_reserve=True)
    page = client.get(reverse("questionnaires:village_detail", args=[village.pk])).content.decode()
    assert reserve.number not in page
    assert client.get(detail(reserve)).status_code == 404


def test_village_of_somebody_else_is_not_found(client: Client) -> None:
    _enumerator, village, case = field(client)
    other = Client()
    other.force_login(make_user("dtv-015", RIGHT))
    assert other.get(reverse("questionnaires:village_list")).status_code == 200
    assert other.get(reverse("questionnaires:village_detail", args=[village.pk])).status_code == 404
    assert other.get(detail(case)).status_code == 404
    assert other.post(detail(case), {"interview": "1"}).status_code == 404


def test_strangers_sign_in_and_others_are_refused(client: Client) -> None:
    url = reverse("questionnaires:village_list")
    assert client.get(url).status_code == 302
    client.force_login(make_user("somebody"))
    assert client.get(url).status_code == 403


def interview(client: Client, case: Case) -> Any:
    client.post(detail(case), {"interview": "1"})
    return client.post(reverse("questionnaires:consent"), {"use": "on"}, follow=True)


def test_interview_goes_through_the_same_wizard(client: Client) -> None:
    enumerator, village, case = field(client)
    assert interview(client, case).status_code == 200
    response = Response.objects.get(case=case)
    assert (response.mode, response.recorded_by) == ("interview", enumerator)
    prefix = f"r{response.pk.hex}"
    for step in ("A", "B", "D"):
        url = reverse("questionnaires:answer", args=[step])
        client.post(url, {f"{prefix}-current_step": step, "reminded": step, "SEX": "1"})
    client.post(reverse("questionnaires:review"), {f"{prefix}-current_step": "_review"})
    assert "BN " in client.get(reverse("questionnaires:receipt")).content.decode()
    page = client.get(reverse("questionnaires:village_detail", args=[village.pk])).content.decode()
    assert "tag--done" in page
    entry = ModelLogEntry.objects.get(action="questionnaires.submit")
    assert entry.user == enumerator
    assert "answers" not in entry.data


def test_paused_interview_goes_on_from_the_list_of_villages(client: Client) -> None:
    _enumerator, _village, case = field(client)
    interview(client, case)
    page = client.get(reverse("questionnaires:pause")).content.decode()
    assert reverse("questionnaires:village_list") in page
    assert reverse("questionnaires:enter_code") not in page


def test_interview_ends_when_the_village_is_taken_away(client: Client) -> None:
    _enumerator, village, case = field(client)
    interview(client, case)
    assign_village(village=village, enumerator=make_user("dtv-015", RIGHT))
    assert client.get(reverse("questionnaires:answer", args=["A"])).status_code == 404


def test_outcome_of_a_visit_is_recorded(client: Client) -> None:
    enumerator, _village, case = field(client)
    client.post(detail(case), {"outcome": Disposition.NON_CONTACT})
    case.refresh_from_db()
    assert case.disposition == Disposition.NON_CONTACT
    entry = ModelLogEntry.objects.get(action="sampling.record_disposition")
    assert entry.user == enumerator


def test_sent_case_keeps_its_outcome(client: Client) -> None:
    _enumerator, _village, case = field(client)
    submission = Submission(case_id=case.pk, answers={"B1": 1, "B2": 2}, mode="web")
    submit_single(round=case.sample.round, submission=submission)
    client.post(detail(case), {"outcome": Disposition.REFUSAL})
    case.refresh_from_db()
    assert case.disposition == Disposition.COMPLETE
    assert "interview" not in SeparatedResponse.objects.get().mode


def test_look_at_a_contact_is_logged(client: Client) -> None:
    _enumerator, _village, case = field(client)
    client.get(detail(case))
    assert ModelLogEntry.objects.filter(action="questionnaires.open_case", object_id=case.pk).count() == 1


def test_listing_needs_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    _enumerator, village, _case = field(client)
    make_cases(village, 30)
    url = reverse("questionnaires:village_detail", args=[village.pk])
    with django_assert_max_num_queries(14):
        assert client.get(url).status_code == 200


def test_list_of_villages_needs_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    enumerator, village, _case = field(client)
    for number in range(3, 9):
        other = make_village(village.sample.round, f"Thôn {number}")
        assign_village(village=other, enumerator=enumerator)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("questionnaires:village_list")).status_code == 200


@pytest.mark.parametrize("outcome", [Disposition.REFUSAL, Disposition.WITHHELD])
def test_who_is_left_in_peace_is_nameless_to_enumerators(client: Client, outcome: Disposition) -> None:
    _enumerator, village, case = field(client)
    [other] = make_cases(village)
    Contact.objects.create(case=other, full_name="Trần Thị Bình", sort_key="binh", phone="0912")
    Case.objects.filter(pk=case.pk).update(disposition=outcome)
    listed = client.get(reverse("questionnaires:village_detail", args=[village.pk])).content.decode()
    assert "Nguyễn Văn An" not in listed
    assert "Trần Thị Bình" in listed
    shown = client.get(detail(case))
    assert shown.context["contact"] is None
    assert "Nguyễn Văn An" not in shown.content.decode()
    assert not ModelLogEntry.objects.filter(action="questionnaires.open_case").exists()


@pytest.mark.parametrize("outcome", [Disposition.REFUSAL, Disposition.WITHHELD])
def test_outcome_of_who_is_left_in_peace_stays(client: Client, outcome: Disposition) -> None:
    _enumerator, _village, case = field(client)
    Case.objects.filter(pk=case.pk).update(disposition=outcome)
    page = client.get(detail(case)).content.decode()
    assert 'name="outcome"' not in page
    client.post(detail(case), {"outcome": Disposition.NON_CONTACT.value})
    case.refresh_from_db()
    assert case.disposition == outcome


def test_who_refused_may_still_agree_and_who_objected_is_not_asked(client: Client) -> None:
    _enumerator, _village, case = field(client)
    Case.objects.filter(pk=case.pk).update(disposition=Disposition.WITHHELD)
    assert client.post(detail(case), {"interview": "1"}).url == detail(case)
    Case.objects.filter(pk=case.pk).update(disposition=Disposition.REFUSAL)
    assert client.post(detail(case), {"interview": "1"}).url == reverse("questionnaires:consent")
