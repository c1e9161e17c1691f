import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.access_codes import (
    LENGTH,
    MalformedCodeError,
    check_digit,
    in_groups,
    keyed_hash,
    normalize,
    random_codes,
    repeatable_codes,
)

bodies = st.text(alphabet="0123456789", min_size=LENGTH - 1, max_size=LENGTH - 1)
codes = bodies.map(lambda body: body + check_digit(body))


@given(codes)
def test_code_is_read_however_it_is_typed(code: str) -> None:
    full_width = code.translate({ord(digit): ord(digit) - ord("0") + 0xFF10 for digit in "0123456789"})
    for typed in (code, in_groups(code), in_groups(code).replace(" ", "-"), f"  {full_width}\u00a0"):
        assert normalize(typed) == code


@given(codes, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(code: str, position: int, step: int) -> None:
    wrong = str((int(code[position]) + step) % 10)
    with pytest.raises(MalformedCodeError):
        normalize(code[:position] + wrong + code[position + 1 :])


@given(codes, st.integers(0, LENGTH - 2))
def test_any_swap_of_neighbours_is_found(code: str, position: int) -> None:
    left, right = code[position], code[position + 1]
    swapped = code[:position] + right + left + code[position + 2 :]
    if left == right:
        assert normalize(swapped) == code
    else:
        with pytest.raises(MalformedCodeError):
            normalize(swapped)


@given(st.text(max_size=40))
def test_no_text_breaks_reading(text: str) -> None:
    try:
        code = normalize(text)
    except MalformedCodeError:
        return
    assert len(code) == LENGTH
    assert code.isascii()
    assert code.isdigit()


def test_published_check_digit_is_reproduced() -> None:
    assert check_digit("572") == "4"


def test_issued_codes_are_valid_and_differ() -> None:
    some = list(itertools.islice(random_codes(), 200))
    assert [normalize(code) for code in some] == some
    assert len(set(some)) == 200


def test_seeded_codes_repeat_and_depend_on_the_seed() -> None:
    first, again, other = (list(itertools.islice(repeatable_codes(seed), 5)) for seed in ("a", "a", "b"))
    assert first == again
    assert not set(first) & set(other)


def test_hash_depends_on_the_key() -> None:
    assert keyed_hash("1" * 16, "a") != keyed_hash("1" * 16, "b")
