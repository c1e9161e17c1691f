import datetime

import pytest
from django.test import Client, RequestFactory

from questionnaires.models import Mode, Response
from questionnaires.receipt_keys import new_number, receipt_keys
from questionnaires.services.separation import write_separated
from survey_site.core.published import results_url
from tests.questionnaires.rounds import make_cases, make_village, publish
from tests.questionnaires.rounds import make_round as make_planned_round
from tests.survey_site.makers import make_home, make_release, make_results_page

pytestmark = pytest.mark.django_db


def test_round_leads_to_its_published_results_and_to_no_others(client: Client, rf: RequestFactory) -> None:
    release = make_release()
    page = make_results_page(make_home(), release)
    found = results_url(rf.get("/"), release.snapshot.round)
    assert client.get(found).status_code == 200
    assert results_url(rf.get("/"), make_planned_round("sipas-2027")) == ""
    page.unpublish()
    assert results_url(rf.get("/"), release.snapshot.round) == ""


def test_receipt_leads_to_the_published_results_of_its_round(client: Client, rf: RequestFactory) -> None:
    release = make_release()
    survey_round = release.snapshot.round
    [case] = make_cases(make_village(survey_round))
    number = new_number()
    form = Response(version=publish(survey_round), mode=Mode.WEB, submitted_on=datetime.date(2026, 11, 1))
    write_separated([(form, case, receipt_keys(number))])
    values = {"number": number}
    assert "flag" not in client.post("/bien-nhan/kiem-tra/", values, follow=True).content.decode()
    make_results_page(make_home(), release)
    address = results_url(rf.get("/"), survey_round)
    page = client.post("/bien-nhan/kiem-tra/", values, follow=True).content.decode()
    assert f'<a href="{address}">' in page
