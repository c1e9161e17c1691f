"""The admin speaks Vietnamese throughout: the packages' catalogues and ours together leave no gap."""

import importlib.util
import re
import unicodedata
from collections import Counter
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils.translation import gettext, ngettext, override
from django.views.i18n import JavaScriptCatalog

FOLDER = Path(settings.BASE_DIR) / "locale" / "admin"
DOMAINS = ("django", "djangojs")
PLACES = re.compile(r"%\(\w+\)[a-z]|%[sd]|%%|\{\w*\}|<[^>]+>")
"""What stays as it is in a translation: named and unnamed places, and tags with their attributes."""
UNWANTED = re.compile(r"\bbạn\b|!", re.IGNORECASE)
COVERED = 100
"""Per cent of each package's texts; after an upgrade the failure names what is new."""
SOURCES = {
    "wagtail": "en",
    "wagtail.admin": "en",
    "wagtail.contrib.settings": "en",
    "wagtail.documents": "en",
    "wagtail.embeds": "en",
    "wagtail.images": "en",
    "wagtail.locales": "en",
    "wagtail.search": "en",
    "wagtail.sites": "en",
    "wagtail.snippets": "en",
    "wagtail.users": "en",
    "import_export": "fr",  # comes without English; any complete catalogue lists its texts
    "taggit": "en",
    "wagtail_localize": "en",
    "django.contrib.auth": "en",
    "django.contrib.postgres": "en",
}
"""Each package with the catalogue that lists all of its texts."""
CATALOGUES = [
    *((package, "django") for package in SOURCES),
    ("wagtail.admin", "djangojs"),
    ("wagtail_localize", "djangojs"),
]

type Key = tuple[str | None, str]


def catalogue(package: str, language: str, domain: str = "django") -> list[polib.POEntry]:
    """Read the catalogue that comes with a package; one that does not come is empty."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    return [entry for entry in polib.pofile(path) if not entry.obsolete] if path.exists() else []


def ours(domain: str = "django") -> list[polib.POEntry]:
    return list(polib.pofile(FOLDER / "vi" / "LC_MESSAGES" / f"{domain}.po"))


def key(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid


def text(entry: polib.POEntry) -> str:
    """Return the translation; Vietnamese has one form."""
    return entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr


def shown(package: str, domain: str = "django") -> dict[Key, str]:
    """Return what a reader gets for each text of a package: our words before the package's own."""
    theirs = {key(entry): text(entry) for entry in catalogue(package, "vi", domain) if entry.translated()}
    own = {key(entry): text(entry) for entry in ours(domain)}
    words = theirs | own
    listed = map(key, catalogue(package, SOURCES[package], domain))
    return {each: words[each] for each in listed if each in words}


@pytest.mark.parametrize(("package", "domain"), CATALOGUES)
def test_texts_of_the_package_are_covered(package: str, domain: str) -> None:
    listed = set(map(key, catalogue(package, SOURCES[package], domain)))
    missing = listed - set(shown(package, domain))
    assert listed
    assert 100 * (len(listed) - len(missing)) >= COVERED * len(listed), sorted(each[1] for each in missing)


@pytest.mark.parametrize(("package", "domain"), CATALOGUES)
def test_no_reader_is_addressed_casually(package: str, domain: str) -> None:
    assert not [words for words in shown(package, domain).values() if UNWANTED.search(words)]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_entry_is_translated_in_one_form(domain: str) -> None:
    assert ours(domain)
    assert polib.pofile(FOLDER / "vi" / "LC_MESSAGES" / f"{domain}.po").metadata["Plural-Forms"] == (
        "nplurals=1; plural=0;"
    )
    assert not [entry.msgid for entry in ours(domain) if entry.fuzzy or not text(entry).strip()]
    assert not [entry.msgid for entry in ours(domain) if entry.msgid_plural and len(entry.msgstr_plural) != 1]


@pytest.mark.parametrize("domain", DOMAINS)
def test_entries_are_unique(domain: str) -> None:
    assert not [each for each, count in Counter(map(key, ours(domain))).items() if count > 1]


@pytest.mark.parametrize("domain", DOMAINS)
def test_places_and_tags_of_both_texts_agree(domain: str) -> None:
    differing = {
        entry.msgid: text(entry)
        for entry in ours(domain)
        if Counter(PLACES.findall(entry.msgid_plural or entry.msgid)) != Counter(PLACES.findall(text(entry)))
    }
    assert not differing


@pytest.mark.parametrize("domain", DOMAINS)
def test_spaces_at_the_ends_agree(domain: str) -> None:
    assert not [entry.msgid for entry in ours(domain) if edges(entry.msgid) != edges(text(entry))]


def edges(words: str) -> tuple[str, str]:
    return words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]


@pytest.mark.parametrize("domain", DOMAINS)
def test_words_are_those_of_an_office(domain: str) -> None:
    assert not [text(entry) for entry in ours(domain) if UNWANTED.search(text(entry))]
    assert not [text(entry) for entry in ours(domain) if not unicodedata.is_normalized("NFC", text(entry))]


@pytest.mark.parametrize("domain", DOMAINS)
def test_compiled_catalogue_is_up_to_date(domain: str) -> None:
    compiled = polib.mofile(FOLDER / "vi" / "LC_MESSAGES" / f"{domain}.mo")
    assert {key(entry): text(entry) for entry in compiled} == {
        key(entry): text(entry) for entry in ours(domain)
    }


def test_settings_know_the_folder_after_the_catalogue_of_the_project() -> None:
    places = list(map(Path, settings.LOCALE_PATHS))
    assert FOLDER in places
    assert places.index(FOLDER) > places.index(FOLDER.parent)


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("Dashboard", "Trang tổng quan"),
        ("Save draft", "Lưu bản nháp"),
        ("Submit for moderation", "Gửi kiểm duyệt"),
        ("Unpublish", "Gỡ xuất bản"),
        ("Snippets", "Mục nội dung"),
        ("Site history", "Nhật ký hệ thống"),
        ("Confirm import", "Xác nhận nhập"),
        ("Your password can’t be entirely numeric.", "Mật khẩu không được chỉ gồm chữ số."),
    ],
)
def test_key_words_read_as_agreed(english: str, vietnamese: str) -> None:
    with override("vi"):
        assert gettext(english) == vietnamese


@pytest.mark.parametrize("count", [1, 3])
def test_counted_words_carry_the_count(count: int) -> None:
    with override("vi"):
        words = ngettext("Delete 1 page", "Delete %(counter)s pages", count) % {"counter": count}
    assert words == f"Xóa {count} trang"


def test_scripts_of_the_editor_get_the_words_too(rf: RequestFactory) -> None:
    with override("vi"):
        response = JavaScriptCatalog.as_view(packages=["wagtail.admin"])(rf.get("/"))
    assert "Nh\\u1eadp \\u00fd ki\\u1ebfn..." in response.content.decode()
