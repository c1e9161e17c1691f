import pytest

from questionnaires.schema import LocalizedText


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", "Hài lòng"),
        ("en", "Satisfied"),
        ("en-GB", "Satisfied"),
        ("en_GB", "Satisfied"),
        ("km", "Hài lòng"),
    ],
)
def test_text_falls_back_to_vietnamese(language: str, expected: object):
    assert LocalizedText.of({"vi": "Hài lòng", "en": "Satisfied"}).in_language(language) == expected


def test_empty_translation_falls_back_too():
    assert LocalizedText.of({"vi": "Xã", "en": "  "}).in_language("en") == "Xã"


def test_text_without_vietnamese_gives_what_there_is():
    assert LocalizedText.of({"en": "Ward"}).in_language("tyz") == "Ward"


def test_no_text_is_empty_and_does_not_fail():
    assert LocalizedText().in_language("vi") == ""


def test_decomposed_vietnamese_equals_composed():
    assert LocalizedText.of({"vi": "Xa\u0303"}) == LocalizedText.of({"vi": "Xã"})


def test_behaves_as_a_mapping():
    text = LocalizedText.of({"vi": "Xã", "en": "Commune"})
    assert (dict(text), len(text), "km" in text) == ({"vi": "Xã", "en": "Commune"}, 2, False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("một\r\nhai", "một\nhai"),
        ("a\x00b\x1b[1m", "ab[1m"),
        ("\ud83d", ""),
        ("ការ\u200bងារ", "ការ\u200bងារ"),
    ],
)
def test_control_characters_go_and_khmer_spaces_stay(typed: str, kept: str):
    assert LocalizedText.of({"vi": typed})["vi"] == kept


def test_cannot_be_changed():
    with pytest.raises(AttributeError):
        LocalizedText.of({"vi": "Xã"}).entries = ()
