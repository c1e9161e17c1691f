import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.messages.segments import GSM_7, GSM_BASIC, UCS_2, count_segments, unaccent


@pytest.mark.parametrize(
    ("length", "segments"), [(0, 0), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)]
)
def test_plain_text_is_billed_by_160_and_then_by_153(length: int, segments: int) -> None:
    counted = count_segments("a" * length)
    assert (counted.encoding, counted.n_segments, counted.n_units) == (GSM_7, segments, length)


@pytest.mark.parametrize(
    ("length", "segments"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_accented_text_is_billed_by_70_and_then_by_67(length: int, segments: int) -> None:
    counted = count_segments("ế" * length)
    assert (counted.encoding, counted.n_segments, counted.foreign) == (UCS_2, segments, ("ế",))


def test_one_accent_moves_the_whole_text() -> None:
    assert count_segments("a" * 159 + "a").n_segments == 1
    assert count_segments("a" * 159 + "ạ").n_segments == 3


def test_decomposed_vietnamese_costs_what_composed_does() -> None:
    assert count_segments("e\u0302\u0301" * 70).n_segments == 1


@pytest.mark.parametrize("sign", "^{}\\[~]|€")
def test_escaped_sign_takes_two_septets(sign: str) -> None:
    assert count_segments(sign).n_units == 2


def test_escaped_sign_is_not_split_between_segments() -> None:
    assert count_segments("a" * 152 + "€" + "a" * 152).n_segments == 3
    assert count_segments("a" * 151 + "€" + "a" * 153).n_segments == 2


def test_pair_of_surrogates_is_not_split_between_segments() -> None:
    assert count_segments("ế" * 66 + "🌾" + "ế" * 66).n_segments == 3
    assert count_segments("🌾" * 35).n_segments == 1


def test_vowels_with_a_grave_accent_that_gsm_knows_cost_nothing() -> None:
    assert count_segments("cà phê".replace("ê", "e")).encoding == GSM_7


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Đường Điện Biên Phủ, quận Bình Thạnh", "Duong Dien Bien Phu, quan Binh Thanh"),
        ("ĂÂĐÊÔƠƯ ăâđêôơư", "AADEOOU aadeoou"),
        ("ẰẮẲẴẶ ềếểễệ ừứửữự ỳýỷỹỵ", "AAAAA eeeee uuuuu yyyyy"),
        ("“Hỏi – đáp”…", '"Hoi - dap"...'),
        ("e\u0302\u0301", "e"),
        ("ភាសាខ្មែរ", "ភាសាខ្មែរ"),
    ],
)
def test_unaccented_text_keeps_its_letters(text: str, plain: str) -> None:
    assert unaccent(text) == plain


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậềếểễệ ốồổỗộ", max_size=200))
def test_unaccented_vietnamese_is_gsm_of_the_same_length(text: str) -> None:
    plain = unaccent(text)
    assert set(plain) <= GSM_BASIC
    assert len(plain) == len(text)


@given(st.text(max_size=400))
def test_segments_hold_every_unit(text: str) -> None:
    counted = count_segments(text)
    room = counted.encoding.single if counted.n_segments < 2 else counted.n_segments * counted.encoding.joined
    assert counted.n_units + counted.left <= room or counted.n_segments == 0
    assert counted.left >= 0
