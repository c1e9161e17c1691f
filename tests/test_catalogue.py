"""The catalogues are whole: every text is translated, its places agree, and what is compiled is current."""

import re
import shutil
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import polib
import pytest
from django.core.management import call_command
from django.utils.translation import gettext, ngettext, override

ROOT = Path(__file__).parents[1]
VIETNAMESE = ROOT / "locale" / "vi" / "LC_MESSAGES" / "django.po"
ENGLISH = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
SUFFIXES = (".py", ".html", ".txt")
PLACES = re.compile(r"%\(\w+\)[-#0+ ]*[\d.]*[a-z]|%%|\{[^{}]*\}|</?\w+>|“[^”]*%[^”]*”")
"""What stays as it is in a translation: named places, doubled per cent signs, braces and tags."""
UNWANTED = re.compile(r"\b(bạn|quý khách|tạm tính|sơ bộ|TTHC)\b|!(?!=)", re.IGNORECASE)
UNWANTED_CAPITALS = re.compile(r"\b[A-ZĐÀ-Ỹ]{3,}\b")
ABBREVIATIONS = {
    "CSV", "HTML", "INDEX", "JPEG", "JSON", "OTP", "PAR", "PDF", "PNG", "PORT", "SHA", "SIPAS", "SMS", "UTF",
    "WAV", "XLS", "XLSX", "ZIP",
}  # fmt: skip
LETTERED_ON_THE_MAP = {"sea, first line", "sea, second line"}
KEPT_IN_ENGLISH = ("Save and continue", "Officials cannot see your answers.", "Provisional method")
NOT_ANSWERED = ("%(n)d question is not answered yet", "%(n)d questions are not answered yet")
"""Texts to look up stand here: a call with a literal would make this file a source of texts."""

type Key = tuple[str | None, str]


def entries(path: Path) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(path) if not entry.obsolete]


def key(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid


def translations(entry: polib.POEntry) -> list[str]:
    """Return every form of a translation; Vietnamese has one."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def compiled(path: Path) -> dict[Key, list[str]]:
    return {key(entry): translations(entry) for entry in polib.mofile(path)}


@pytest.fixture
def extracted(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> set[Key]:
    """Collect the texts of a copy of the sources as ``make messages`` does; the sources stay untouched."""
    for package in ROOT.glob("*/__init__.py"):
        if package.parent.name != "tests":
            shutil.copytree(package.parent, tmp_path / package.parent.name, ignore=not_a_source)
    (tmp_path / "locale").mkdir()
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["vi"], no_location=True, keep_pot=True, verbosity=0)
    return set(map(key, polib.pofile(tmp_path / "locale" / "django.pot")))


def not_a_source(folder: str, names: list[str]) -> list[str]:
    """Name what extraction need not see; a folder of migrations holds no texts of its own."""
    return [
        name
        for name in names
        if name in {"__pycache__", "migrations", "static"}
        or not (name.endswith(SUFFIXES) or Path(folder, name).is_dir())
    ]


def test_every_text_of_the_sources_is_in_the_catalogue_and_none_besides(extracted: set[Key]) -> None:
    catalogue = set(map(key, entries(VIETNAMESE)))
    untranslated, unused = extracted - catalogue, catalogue - extracted
    assert list(untranslated) == [], "New texts: run make messages and translate them."
    assert list(unused) == [], "Texts that no source has any more: run make messages."


def test_every_text_is_translated() -> None:
    assert entries(VIETNAMESE)
    assert not [entry.msgid for entry in entries(VIETNAMESE) if entry.fuzzy]
    assert not [entry.msgid for entry in entries(VIETNAMESE) if not all(translations(entry))]


def test_vietnamese_has_one_plural_form() -> None:
    assert polib.pofile(VIETNAMESE).metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert all(len(translations(entry)) == 1 for entry in entries(VIETNAMESE))


def test_places_of_both_texts_agree() -> None:
    differing = {
        entry.msgid: text
        for entry in entries(VIETNAMESE)
        for text in translations(entry)
        if Counter(PLACES.findall(entry.msgid_plural or entry.msgid)) != Counter(PLACES.findall(text))
    }
    assert not differing


def test_spaces_at_the_ends_agree() -> None:
    differing = [
        entry.msgid
        for entry in entries(VIETNAMESE)
        for text in translations(entry)
        if edges(entry.msgid) != edges(text)
    ]
    assert not differing


def edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def test_voice_is_that_of_an_office() -> None:
    texts = [text for entry in entries(VIETNAMESE) for text in translations(entry)]
    assert not [text for text in texts if UNWANTED.search(text)]
    assert not [text for text in texts if not unicodedata.is_normalized("NFC", text)]


def test_citizens_are_addressed_at_most_once_in_a_sentence() -> None:
    sentences = [
        sentence
        for entry in entries(VIETNAMESE)
        for text in translations(entry)
        for sentence in re.split(r"[.?;]\s", text)
    ]
    assert not [sentence for sentence in sentences if sentence.count("Ông/Bà") > 1]


def test_no_word_is_set_in_capitals() -> None:
    shouted = {
        word
        for entry in entries(VIETNAMESE)
        if entry.msgctxt not in LETTERED_ON_THE_MAP
        for text in translations(entry)
        for word in UNWANTED_CAPITALS.findall(PLACES.sub("", PLACES.sub("", text)))
    }
    assert shouted <= ABBREVIATIONS


def test_english_catalogue_leaves_the_source_texts_alone() -> None:
    assert not [entry.msgid for entry in entries(ENGLISH) if any(translations(entry))]
    with override("en"):
        assert [text for text in KEPT_IN_ENGLISH if gettext(text) != text] == []


@pytest.mark.parametrize("path", [VIETNAMESE, ENGLISH], ids=["vi", "en"])
def test_compiled_catalogue_is_up_to_date(path: Path) -> None:
    assert compiled(path.with_suffix(".mo")) == {key(entry): translations(entry) for entry in entries(path)}


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        (
            "16 digits, printed on your letter. Spaces may be left out.",
            "16 chữ số, in trên thư mời. Có thể bỏ dấu cách.",
        ),
        (
            "This code is not right yet. Check the last 4 digits on the letter and enter it again.",
            "Mã này chưa đúng. Xem lại 4 số cuối trên thư mời rồi nhập lại.",
        ),
        (
            "This code has already been used to send answers. "
            "If it was not you, call the number on the letter.",
            "Mã này đã được dùng để gửi câu trả lời. Nếu không phải Ông/Bà gửi, gọi số trên thư mời.",
        ),
        ("Your other answers are kept.", "Các câu đã trả lời vẫn được giữ nguyên."),
        (
            "To skip them, press “Save and continue” again.",
            "Muốn bỏ qua, bấm “Lưu và tiếp tục” lần nữa.",
        ),
        (
            "Choose an answer to question %(number)s, or choose “Does not apply to me”.",
            "Chọn một câu trả lời cho câu %(number)s, hoặc chọn “Không áp dụng với tôi”.",
        ),
        (
            "Saved. You can continue on another device with your code.",
            "Đã lưu. Ông/Bà có thể làm tiếp trên máy khác bằng mã tham gia.",
        ),
        (
            "This page timed out. Your answers are still there; enter the same code to continue.",
            "Trang này đã hết giờ chờ. Câu trả lời vẫn còn; nhập lại đúng mã đó để làm tiếp.",
        ),
        ("Officials cannot see your answers.", "Công chức không xem được câu trả lời của Ông/Bà."),
        (
            "Thank you. Your answers have been recorded.",
            "Cảm ơn Ông/Bà. Câu trả lời đã được ghi nhận.",
        ),
        ("Demonstration data – not real results", "Dữ liệu minh họa – không phải kết quả thật"),
        ("Provisional method", "Phương pháp chưa chính thức"),
        ("Your answers are kept confidential", "Câu trả lời được giữ kín"),
        ("Not distinguishable from the nation", "Chưa phân biệt được với mức cả nước"),
        ("Stop, continue later", "Dừng, làm tiếp sau"),
    ],
)
def test_key_sentences_read_as_agreed(english: str, vietnamese: str) -> None:
    assert gettext(english) == vietnamese


@pytest.mark.parametrize("count", [1, 2])
def test_counted_sentence_reads_as_agreed(count: int) -> None:
    assert ngettext(*NOT_ANSWERED, count) % {"n": count} == f"Còn {count} câu chưa trả lời"
