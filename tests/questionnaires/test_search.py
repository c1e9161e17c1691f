"""The search box over drafts of questionnaires."""

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import Questionnaire
from questionnaires.services import import_form
from tests.questionnaires.rounds import make_user, small_document

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize("typed", ["phieu do luong", "Phiếu đo lường", "ĐO LƯỜNG", "measurement", "do LUO"])
def test_drafts_are_found_without_tone_marks(client: Client, typed: str) -> None:
    questionnaire = import_form(small_document())
    Questionnaire.objects.update(
        title_vi="Phiếu đo lường sự hài lòng", title_en="Measurement of satisfaction"
    )
    address = reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[questionnaire.pk])
    assert address in found(client, typed)
    assert address not in found(client, "chuyện khác")


def found(client: Client, typed: str) -> str:
    user = make_user("staff", "wagtailadmin.access_admin", "questionnaires.change_questionnaire")
    client.force_login(user)
    url = reverse("wagtailsnippets_questionnaires_questionnaire:list_results")
    content: str = client.get(url, {"q": typed}).content.decode()
    user.delete()
    return content
