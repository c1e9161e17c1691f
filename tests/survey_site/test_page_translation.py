"""Pages are translated by wagtail-localize: from Vietnamese into English, text by text."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from survey_site.core.roles import ensure_roles
from tests.survey_site.makers import make_home

pytestmark = [
    pytest.mark.django_db,
    # Wagtail leaves files of compressed catalogues to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def editor(client: Client) -> None:
    user = get_user_model().objects.create_user(username="editor", password="x")
    user.groups.add(ensure_roles()["editor"])
    client.force_login(user)


def begin(client: Client, page: Page) -> Translation:
    english, _created = Locale.objects.get_or_create(language_code="en")
    url = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    assert client.post(url, {"locales": [english.pk]}).status_code == 302
    return Translation.objects.get(target_locale=english)


def test_an_editor_begins_the_translation_of_a_page(client: Client):
    home = make_home()
    editor(client)
    translation = begin(client, home)
    texts = {segment.string.data for segment in translation.source.stringsegment_set.all()}
    assert home.question in texts
    assert home.introduction in texts


def test_translated_texts_are_published_and_others_stay_as_they_are(client: Client):
    home = make_home()
    editor(client)
    translation = begin(client, home)
    segment = translation.source.stringsegment_set.get(string__data=home.question)
    StringTranslation.objects.create(
        translation_of=segment.string,
        context=segment.context,
        locale=translation.target_locale,
        data="How well do agencies serve you?",
    )
    translation.save_target()
    english = home.get_translation(translation.target_locale)
    assert english.question == "How well do agencies serve you?"
    assert english.introduction == home.introduction


def test_a_page_reworded_in_vietnamese_brings_its_new_text_to_the_translators(client: Client):
    home = make_home()
    editor(client)
    translation = begin(client, home)
    home.question = "Câu hỏi mới?"
    home.save_revision().publish()
    source, _created = TranslationSource.update_or_create_from_instance(home)
    assert source == translation.source
    assert source.stringsegment_set.filter(string__data="Câu hỏi mới?").exists()


def test_the_site_has_its_two_languages_and_their_admin_page(client: Client):
    make_home()
    user = get_user_model().objects.create_superuser(username="root", password="x")
    client.force_login(user)
    assert client.get("/admin/locales/").status_code == 200


def test_translating_pages_needs_its_right(client: Client):
    home = make_home()
    user = get_user_model().objects.create_user(username="methodologist", password="x")
    user.groups.add(ensure_roles()["methodologist"])
    client.force_login(user)
    url = reverse("wagtail_localize:submit_page_translation", args=[home.pk])
    assert client.get(url).status_code in {302, 403}
    assert not Translation.objects.exists()
