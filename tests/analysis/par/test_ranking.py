"""Competition ranks and ties."""

from analysis.par import competition_ranks


def test_equal_values_share_the_better_rank():
    ranks = competition_ranks({"a": "90", "b": "91", "c": "90", "d": "89"})

    assert [(rank.unit, rank.rank, rank.is_tied) for rank in ranks] == [
        ("b", 1, False),
        ("a", 2, True),
        ("c", 2, True),
        ("d", 4, False),
    ]


def test_values_that_print_alike_are_ranked_apart_but_flagged():
    first, second, third = competition_ranks({"a": "90.104", "b": "90.101", "c": "90.09"})

    assert (first.rank, second.rank) == (1, 2)
    assert not first.is_tied
    assert first.is_tied_as_shown
    assert second.is_tied_as_shown
    assert not third.is_tied_as_shown


def test_units_without_a_value_are_listed_last_without_rank():
    ranks = competition_ranks({"a": None, "b": 80})

    assert [(rank.unit, rank.rank) for rank in ranks] == [("b", 1), ("a", None)]
