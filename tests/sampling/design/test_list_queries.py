"""Bounds that leave enough in, and texts that say what they were asked."""

import pytest

from sampling.design.list_queries import NO_BOUND, hash_bound, kept_text, random_strata
from sampling.design.seeds import derive


def test_a_bound_leaves_more_in_than_is_wanted():
    for n_all, n_units in ((1, 10**9), (40, 1000), (300, 80_000), (10_000, 12_000)):
        share = int(hash_bound(n_all, n_units), 16) / 16**16
        assert n_all + 6 * n_all**0.5 < share * n_units < n_all + 7 * n_all**0.5 + 20


@pytest.mark.parametrize(("n_all", "n_units"), [(5, 5), (1, 1), (100, 120), (7, 3)])
def test_small_strata_have_no_bound(n_all: int, n_units: int):
    assert hash_bound(n_all, n_units) == NO_BOUND


def test_a_bound_has_all_its_digits():
    assert len(hash_bound(1, 10**15)) == 16


def test_strata_without_units_wanted_are_left_out():
    table = random_strata({"48": 3, "01": 2, "79": 0}, {"01": 9, "48": 2, "79": 4}, "2026")
    assert table["stratum"] == ["01", "48"]
    assert table["n_all"] == [2, 2]
    assert table["order_prefix"][0] == f"{derive('2026', 'dossier', '01').hex()}:"


def test_values_of_a_filter_never_stand_in_the_text():
    text = kept_text(["is_urban", "field"], ["party", "is_urban"])
    assert "IN (SELECT value FROM kept_party)" in text
    assert "IN (SELECT value FROM kept_is_urban)" in text


def test_a_design_without_strata_has_one():
    assert "SELECT '' AS stratum" in kept_text([], [])
