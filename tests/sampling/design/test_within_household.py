import hashlib
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest

from sampling.design.selection import SelectionError
from sampling.design.within_household import (
    digest_of_seal,
    sealed_number,
    select_adult,
    select_last_birthday,
)

NUMBER = sealed_number("2026", "00004-01-017")


def test_adults_are_selected_equally_often():
    adults = ["1", "2", "3", "4"]
    counts = Counter(select_adult(adults, sealed_number("2026", str(house))).adult for house in range(4_000))
    assert all(abs(counts[adult] - 1_000) < 4.5 * (4_000 * 3 / 16) ** 0.5 for adult in adults)


def test_recipe_can_be_followed_by_hand():
    smallest = min("123", key=lambda adult: hashlib.sha256(f"{NUMBER}:{adult}".encode()).hexdigest())
    assert select_adult(["1", "2", "3"], NUMBER).adult == smallest


def test_order_of_the_list_is_irrelevant():
    assert select_adult(["a", "b", "c"], NUMBER) == select_adult(["c", "a", "b"], NUMBER)


def test_weight_of_the_household_is_multiplied_by_its_adults():
    chosen = select_adult(["1", "2", "3"], NUMBER)
    assert (chosen.probability, chosen.weight_factor, chosen.is_quasi_random) == (Fraction(1, 3), 3, False)
    assert select_adult(["1"], NUMBER).weight_factor == 1


def test_seal_is_fixed_by_seed_and_household_and_hides_the_number():
    assert sealed_number("2026", "00004-01-017") == NUMBER
    assert len({sealed_number(seed, house) for seed in "ab" for house in "cd"}) == 4
    assert digest_of_seal(NUMBER) == hashlib.sha256(NUMBER.encode()).hexdigest() != NUMBER


@pytest.mark.parametrize(
    ("on", "adult"),
    [
        (date(2026, 5, 1), "March"),
        (date(2026, 3, 14), "March"),
        (date(2026, 3, 13), "leap day"),
        (date(2026, 2, 28), "November"),
        (date(2026, 12, 31), "November"),
    ],
)
def test_last_birthday_goes_round_the_year(on: date, adult: str):
    birthdays = {"March": (3, 14), "November": (11, 2), "leap day": (2, 29)}
    chosen = select_last_birthday(birthdays, on, NUMBER)
    assert (chosen.adult, chosen.probability, chosen.is_quasi_random) == (adult, Fraction(1, 3), True)


def test_twins_are_told_apart_by_the_sealed_number():
    twins = {"1": (6, 1), "2": (6, 1), "3": (1, 1)}
    chosen = {select_last_birthday(twins, date(2026, 7, 1), str(number)).adult for number in range(30)}
    assert chosen == {"1", "2"}


@pytest.mark.parametrize("birthday", [(0, 1), (13, 1), (4, 31), (2, 30), (1, 0)])
def test_impossible_birthdays_are_named(birthday: tuple[int, int]):
    with pytest.raises(SelectionError, match="for 'x'"):
        select_last_birthday({"x": birthday}, date(2026, 7, 1), NUMBER)


def test_empty_and_double_lists_are_refused():
    with pytest.raises(SelectionError, match="at least one adult"):
        select_adult([], NUMBER)
    with pytest.raises(SelectionError, match="'1' again"):
        select_adult(["1", "2", "1"], NUMBER)
    with pytest.raises(SelectionError, match="at least one adult"):
        select_last_birthday({}, date(2026, 7, 1), NUMBER)
