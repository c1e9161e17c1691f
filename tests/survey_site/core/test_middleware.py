import pytest
from django.test import Client
from django.urls import reverse
from wagtail.users.models import UserProfile

from tests.questionnaires.rounds import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "words"), [("en", "you do not have permission"), ("vi", "không có quyền")]
)
def test_admin_refuses_in_the_language_of_the_person(client: Client, language: str, words: str) -> None:
    person = make_user("reader", "wagtailadmin.access_admin")
    UserProfile.objects.create(user=person, preferred_language=language)
    client.force_login(person)
    refused = client.get(reverse("wagtailusers_users:index"), follow=True).content.decode()
    assert words in refused
