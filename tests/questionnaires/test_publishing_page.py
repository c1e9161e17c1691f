from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import Questionnaire, QuestionnaireVersion
from questionnaires.services import draft_digest, freeze_version, import_form
from tests.questionnaires.rounds import make_user, options, small_document

pytestmark = pytest.mark.django_db


def second_draft() -> Questionnaire:
    """Return a draft in which the options of a published question have changed places."""
    freeze_version(questionnaire=import_form(small_document()))
    document = small_document()
    document["sections"][0]["questions"][0]["options"] = options("Nữ", "Nam")
    return import_form(document)


def publisher(client: Client) -> Client:
    user = make_user("publisher", "wagtailadmin.access_admin", "questionnaires.freeze_questionnaire")
    client.force_login(user)
    return client


def address(questionnaire: Questionnaire) -> str:
    return reverse("questionnaires_freeze", args=[questionnaire.pk])


def send(client: Client, questionnaire: Questionnaire, mapping: str) -> Any:
    fields = {"digest": draft_digest(questionnaire), "mapping": mapping}
    return client.post(address(questionnaire), fields)


def test_page_lists_what_became_of_each_question(client: Client) -> None:
    questionnaire = second_draft()
    page = publisher(client).get(address(questionnaire)).content.decode()
    assert "<code>SEX</code>" in page
    assert "<code>AGE</code>" not in page


def test_mapping_is_kept_with_the_version(client: Client) -> None:
    questionnaire = second_draft()
    mapping = '{"questions": {"SEX": {"values": {"1": 2, "2": 1}}}}'
    assert send(publisher(client), questionnaire, mapping).status_code == 302
    version = QuestionnaireVersion.objects.get(number=2)
    assert {"code": "SEX", "change": "recoded", "source": "SEX", "options": [1, 2]} in version.comparison


@pytest.mark.parametrize("mapping", ["{", "[1]", "[" * 100_000, '{"questions": {"X": {}}}'])
def test_mapping_that_cannot_be_used_publishes_nothing_and_stays_on_the_page(
    client: Client, mapping: str
) -> None:
    questionnaire = second_draft()
    response = send(publisher(client), questionnaire, mapping)
    assert response.status_code == 200
    assert response.context["mapping"] == mapping
    assert QuestionnaireVersion.objects.count() == 1
