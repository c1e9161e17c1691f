import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.vietnamese import (
    ALPHABET,
    SEARCH_KEY_LENGTH,
    SORT_KEY_LENGTH,
    person_sort_key,
    search_key,
    shorten_at_word,
    sort_key,
)

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
names = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + string.digits + " -'.", max_size=120)


def test_letters_follow_the_vietnamese_alphabet():
    backwards = ALPHABET[::-1]
    assert sorted(backwards, key=sort_key) == ALPHABET


def test_tones_follow_the_dictionary():
    assert sorted(["mạ", "mã", "má", "ma", "mả", "mà"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Quận 2", "Quận 10"),
        ("Phường 9", "Phường 11"),
        ("Hà Nam", "Hà Nội"),
        ("Hà Anh", "Hạ Bình"),
        ("An", "An Giang"),
        ("An Giang", "Ân"),
        ("Dương", "Đà Nẵng"),
        ("Tổ 1", "Tổ dân phố"),
        ("Lê", "Lễ"),
        ("Bùi", "Bưởi"),
        ("Zürich", "Ωmega"),
    ],
)
def test_known_pairs(first: str, second: str):
    assert sort_key(first) < sort_key(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hoà Bình", "Hòa Bình"), ("QUẬN 02", "quận 2"), ("Ea H'leo", "Ea H’leo"), ("Vũng-Tàu", "Vũng Tàu")],
)
def test_spellings_of_one_name_share_keys(one: str, other: str):
    assert sort_key(one) == sort_key(other)


def test_hoa_is_found_in_either_spelling():
    assert search_key("Hoà") == search_key("hòa") == search_key("HOA") == "hoa"


def test_search_key_drops_marks_and_punctuation():
    assert search_key("  Bà Rịa - Vũng Tàu ") == "ba ria vung tau"
    assert search_key("Đắk R'lấp") == "dak rlap"


def test_persons_are_listed_by_given_name_then_family_name():
    expected = ["Lê Văn An", "Nguyễn An", "Nguyễn Văn An", "Lê Thị Ánh", "Đỗ Bình", "Trần Đức"]
    backwards = expected[::-1]
    assert sorted(backwards, key=person_sort_key) == expected


def test_tone_of_the_given_name_counts_before_the_family_name():
    assert person_sort_key("Vũ Văn An") < person_sort_key("Bùi Văn Án")


@given(names)
def test_keys_fit_their_columns(text: str):
    assert len(sort_key(text)) <= SORT_KEY_LENGTH
    assert len(person_sort_key(text)) <= SORT_KEY_LENGTH
    assert len(search_key(text)) <= SEARCH_KEY_LENGTH


@given(st.text(max_size=150))
def test_sort_keys_are_digits_whatever_the_text(text: str):
    assert set(sort_key(text) + person_sort_key(text)) <= set(string.digits)


@given(names)
def test_keys_do_not_depend_on_the_encoding_of_marks(text: str):
    decomposed = unicodedata.normalize("NFD", text)
    assert sort_key(text) == sort_key(decomposed)
    assert search_key(text) == search_key(decomposed)


@given(names)
def test_search_key_is_plain_ascii_and_stable(text: str):
    assert search_key(text).isascii()
    assert search_key(search_key(text)) == search_key(text)


@given(names, names)
def test_a_cut_key_never_reverses_an_order(one: str, other: str):
    first, second = sorted([one, other], key=lambda text: sort_key(text, max_length=10_000))
    assert sort_key(first, max_length=30) <= sort_key(second, max_length=30)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_numbers_are_compared_as_numbers(one: int, other: int):
    assert (sort_key(f"Khu {one}") < sort_key(f"Khu {other}")) == (one < other)


@given(names, st.integers(2, 60), st.sampled_from(["characters", "bytes"]))
def test_shortened_text_fits(text: str, limit: int, unit: str):
    limit = limit + 3
    shortened = shorten_at_word(text, limit, unit=unit)
    assert (len(shortened) if unit == "characters" else len(shortened.encode())) <= limit
    assert shortened == text or text.startswith(shortened.removesuffix("…"))


def test_shortening_ends_at_a_word():
    text = "Thời gian giải quyết thủ tục hành chính"
    assert shorten_at_word(text, 22) == "Thời gian giải quyết…"
    assert shorten_at_word(text, 23) == "Thời gian giải quyết…"
    assert shorten_at_word(text, 200) == text
    assert shorten_at_word(text, 24, unit="bytes") == "Thời gian giải…"


def test_shortening_refuses_what_cannot_work():
    with pytest.raises(ValueError, match="limit above 1"):
        shorten_at_word("abc", 1)
    with pytest.raises(ValueError, match="characters"):
        shorten_at_word("abc", 5, unit="pages")
