"""Totals, domain indices, groups, means, and provinces that have no total."""

from decimal import Decimal

import pytest

from analysis.methods import criteria_set
from analysis.par import (
    INCOMPLETE,
    SCORED,
    CriteriaSet,
    ParError,
    group_of,
    mean_of_regions,
    national_mean,
    percent_of,
    score_unit,
)


@pytest.fixture
def demo() -> CriteriaSet:
    return criteria_set("DEMO-876-SHAPE").parsed


def share_of_every_leaf(criteria: CriteriaSet, share: str) -> dict[str, Decimal]:
    return {leaf.code: leaf.maximum * Decimal(share) for leaf in criteria.leaves}


def test_the_total_is_the_exact_sum_of_unrounded_parts(demo: CriteriaSet):
    card = score_unit(demo, "01", share_of_every_leaf(demo, "0.89999"))

    assert card.index == Decimal("89.999")
    assert card.group == "B"
    assert card.status == SCORED


def test_a_domain_index_is_its_share_of_its_own_maximum(demo: CriteriaSet):
    points = share_of_every_leaf(demo, "1") | {"8.1": Decimal("8.23")}

    impact = score_unit(demo, "01", points).domains[-1]

    assert impact.points == Decimal("14.73")
    assert impact.index == Decimal("14.73") / Decimal("16.5") * 100


@pytest.mark.parametrize("is_listed", [True, False], ids=["null", "absent"])
def test_a_province_without_sipas_has_no_total(demo: CriteriaSet, *, is_listed: bool):
    points: dict[str, Decimal | None] = dict(share_of_every_leaf(demo, "0.9"))
    points["8.1"] = None
    if not is_listed:
        del points["8.1"]

    card = score_unit(demo, "01", points)

    assert (card.status, card.index, card.group, card.missing) == (INCOMPLETE, None, None, ("8.1",))
    assert card.domains[-1].points is None
    assert card.domains[0].index == 90


def test_a_set_that_is_not_complete_gives_no_totals():
    with pytest.raises(ParError) as caught:
        score_unit(criteria_set("876-2022").parsed, "01", {})

    assert caught.value.code == "not_scorable"


def test_refuses_points_of_unknown_leaves(demo: CriteriaSet):
    with pytest.raises(ParError) as caught:
        score_unit(demo, "01", {"9.9": 1})

    assert caught.value.code == "unknown_leaf"


@pytest.mark.parametrize("points", ["-0.01", "10.01"])
def test_refuses_points_beyond_the_maximum(demo: CriteriaSet, points: str):
    with pytest.raises(ParError) as caught:
        score_unit(demo, "01", {"8.1": points})

    assert caught.value.code == "points_out_of_range"


def test_groups_are_read_on_the_unrounded_index(demo: CriteriaSet):
    letters = [group_of(index, demo.groups) for index in ("90", "89.9999", "80", "79.99", "69.99", "0")]

    assert letters == ["A", "B", "B", "C", "D", "D"]


def test_an_index_below_every_group_is_refused(demo: CriteriaSet):
    with pytest.raises(ParError):
        group_of("-1", demo.groups)


def test_the_national_mean_counts_every_province_once():
    assert national_mean([90, "80.5", 88.0]) == Decimal("258.5") / 3


def test_a_mean_of_nothing_is_refused():
    with pytest.raises(ParError):
        national_mean([])


def test_region_means_need_counts_of_the_same_regions():
    with pytest.raises(ParError):
        mean_of_regions({"north": 80}, {"south": 1})


def test_a_share_of_nothing_is_refused():
    with pytest.raises(ParError):
        percent_of(1, 0)
