import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.files.letters import READINGS, LetterError, from_tcvn3, from_vni, to_tcvn3, to_vni
from tests.sampling.files.makers import to_1258, vietnamese_letters

LETTERS = vietnamese_letters()
TEXTS = st.text(st.sampled_from([*LETTERS, *"abcdđeghiklmnopqrstuvxy 0123456789-/,."]))
TCVN3_CAPITALS = "ĂÂÊÔƠƯĐ"


def test_there_are_as_many_letters_as_the_alphabet_has():
    assert len(set(LETTERS)) == 134


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_comes_back_from_every_convention(letter: str):
    assert from_vni(to_vni(letter)) == letter
    kept = letter if letter in TCVN3_CAPITALS else letter.lower()
    assert from_tcvn3(to_tcvn3(letter)) == kept
    assert unicodedata.normalize("NFC", to_1258(letter).decode("cp1258")) == letter


@given(TEXTS.map(str.lower))
def test_small_text_comes_back_from_tcvn3(text: str):
    assert from_tcvn3(to_tcvn3(text)) == text


@given(st.lists(st.sampled_from(["Đà Nẵng", "Ươm", "ỴÝ", "Thừa Thiên Huế", "Ô Môn", "Ia H'Drai"])))
def test_words_come_back_from_vni(words: list[str]):
    text = " ".join(words)
    assert from_vni(to_vni(text)) == text


def test_capital_fonts_are_read_as_capitals():
    assert from_tcvn3("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM") == "CỘNG HÒA Xã HỘI CHỦ NGHĨA VIỆT NAM"


@pytest.mark.parametrize(("read", "text"), [(from_tcvn3, "Hµ N\u00c0i"), (from_vni, "Ha\u00f8 N\u00d8")])
def test_signs_without_a_meaning_are_named(read: object, text: str):
    with pytest.raises(LetterError, match="position") as caught:
        read(text)  # type: ignore[operator]
    assert caught.value.position == text.index(caught.value.sign)


@given(st.text())
def test_any_text_is_read_without_strictness(text: str):
    assert all(isinstance(read(text, is_strict=False), str) for read in READINGS.values())
