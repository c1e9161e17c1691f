import numpy as np
import pandas as pd
import pytest

from analysis.quality.uniqueness import group_sizes, joint_uniqueness, protect

SIX = pd.DataFrame(
    {
        "province": ["01", "01", "01", "01", "04", "04"],
        "sex": ["f", "f", "m", "m", "f", "f"],
        "age": ["18-24", "18-24", "18-24", "61+", None, None],
    }
)


def test_group_sizes_count_the_row_itself_and_take_missing_as_a_value() -> None:
    assert group_sizes(SIX).tolist() == [2, 2, 1, 1, 2, 2]
    assert group_sizes(SIX[["province"]]).tolist() == [4, 4, 4, 4, 2, 2]


def test_no_variable_at_all_tells_nobody_apart() -> None:
    assert group_sizes(SIX[[]]).tolist() == [6] * 6


def test_uniqueness_says_how_many_and_which_variable_adds_most() -> None:
    found = joint_uniqueness(SIX)
    assert (found.n_rows, found.n_combinations, found.n_unique, found.smallest) == (6, 4, 2, 1)
    assert found.share_unique == pytest.approx(1 / 3)
    assert dict(found.gains) == {"age": 2, "sex": 1, "province": 0}
    assert found.worst == "age"


def test_empty_table_has_no_unique_row() -> None:
    found = joint_uniqueness(SIX.head(0))
    assert (found.n_rows, found.n_unique, found.smallest, found.share_unique, found.worst) == (
        0,
        0,
        0,
        0.0,
        "",
    )


def test_order_of_rows_and_columns_changes_nothing() -> None:
    shuffled = SIX.sample(frac=1, random_state=3)[["age", "province", "sex"]]
    assert joint_uniqueness(shuffled).n_unique == joint_uniqueness(SIX).n_unique


def test_numbers_are_compared_as_numbers() -> None:
    assert group_sizes(pd.DataFrame({"weight": [1.5, 1.5, 2.0, np.nan]})).tolist() == [2, 2, 1, 1]


def test_table_that_is_safe_stays_as_it_is() -> None:
    table = pd.DataFrame({"sex": ["f"] * 3 + ["m"] * 3})
    done = protect(table, minimum=3, coarser={"sex": {"f": "x", "m": "x"}}, suppress=["sex"])
    assert done.table["sex"].tolist() == table["sex"].tolist()
    assert (done.steps, dict(done.n_suppressed)) == ((), {})


@pytest.mark.parametrize("seed", range(5))
def test_every_group_that_says_anything_is_large_enough(seed: int) -> None:
    chance = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "province": chance.choice(["01", "04", "79"], 200),
            "sex": chance.choice(["f", "m"], 200),
            "age": chance.choice(["18-24", "25-34", "35-49", "50-60", "61+"], 200),
            "adults": chance.choice([1, 2, 3, 9], 200, p=[0.5, 0.3, 0.19, 0.01]),
        }
    )
    coarser = {"age": {"18-24": "18-34", "25-34": "18-34", "35-49": "35-60", "50-60": "35-60"}}
    done = protect(table, minimum=3, coarser=coarser, suppress=["adults", "age", "sex", "province"])
    says = done.table.notna().any(axis=1).to_numpy()
    assert group_sizes(done.table)[says].min() >= 3
    assert says.mean() > 0.9
    kept = done.table["province"].notna()
    assert (done.table["province"][kept] == table["province"][kept]).all()
