import json

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from tests.survey_site import makers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("prefix", "language"), [("", "vi"), ("/en", "en")])
def test_manifest_speaks_the_language_of_its_address(client: Client, prefix: str, language: str) -> None:
    answer = client.get(f"{prefix}/manifest.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    content = json.loads(answer.content)
    assert content["lang"] == language
    assert content["start_url"] == f"{prefix}/tham-gia/"
    assert content["name"]
    assert len(content["short_name"]) <= 12


def test_icons_are_there_in_the_sizes_that_the_manifest_states(client: Client) -> None:
    icons = json.loads(client.get("/manifest.webmanifest").content)["icons"]
    assert [icon["sizes"] for icon in icons] == ["any", "192x192", "512x512"]
    for icon in icons:
        path = finders.find(icon["src"].removeprefix(settings.STATIC_URL))
        assert path, icon
        if icon["type"] == "image/png":
            with Image.open(str(path)) as picture:
                assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_only_the_landing_page_links_the_manifest(client: Client) -> None:
    makers.make_home()
    assert 'rel="manifest"' in client.get("/").content.decode()
    assert 'rel="manifest"' not in client.get("/tham-gia/").content.decode()


def test_no_page_needs_a_service_worker() -> None:
    folder = settings.BASE_DIR / "survey_site" / "static" / "js"
    assert not [path.name for path in folder.glob("*.js") if "serviceWorker" in path.read_text("utf-8")]
