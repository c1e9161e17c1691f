import numpy as np
import pytest

from sampling.design.exchanges import MOST_EXCHANGED, Search


def search_of(n_strata: int, asked: list[int]) -> Search:
    """A search with one limit for all strata, which notes where it asks whether the limit holds."""
    weights = np.linspace(1.0, 4.0, n_strata)
    everywhere = frozenset(range(n_strata))

    def losses(takes: np.ndarray) -> np.ndarray:
        return np.where(takes > 1, weights / np.maximum(takes - 1, 1) - weights / takes, np.inf)

    def holds(takes: np.ndarray, place: int) -> bool:
        asked.append(place)
        return bool((weights / takes).sum() <= n_strata / 2)

    limits = (np.full(n_strata, 1.0), np.full(n_strata, 50.0))
    return Search(np.ones(n_strata), *limits, losses, holds, [everywhere] * n_strata)


@pytest.mark.parametrize("n_strata", [6, MOST_EXCHANGED + 1])
def test_no_unit_can_go_from_a_plan_of_few_or_many_strata(n_strata: int):
    search = search_of(n_strata, [])
    found = search.thriftiest(np.full(n_strata, 12.0))
    assert search.holds(found, 0)
    for place in range(n_strata):
        fewer = found - (np.arange(n_strata) == place)
        assert fewer.min() < 1 or not search.holds(fewer, place)


def test_work_of_many_strata_grows_with_the_units_taken_away_only():
    asked: list[int] = []
    n_strata = MOST_EXCHANGED + 1
    found = search_of(n_strata, asked).thriftiest(np.full(n_strata, 12.0))
    assert len(asked) <= (12.0 - found).sum() + n_strata
