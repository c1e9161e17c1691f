"""Populations come in the form in which people have them, and print in short."""

import numpy as np
import pandas as pd

from analysis.weighting import KnownTotal, Margin, rake, start_weighting

LABELS = ["f", "m", "m"]


def test_totals_may_be_a_column_indexed_by_category() -> None:
    column = pd.Series([60.0, 40.0], index=["f", "m"])
    given = rake(np.ones(3), [Margin("sex", LABELS, column)])
    expected = rake(np.ones(3), [Margin("sex", LABELS, {"f": 60.0, "m": 40.0})])
    assert given.factor.tolist() == expected.factor.tolist()
    assert Margin("sex", LABELS, column).total == 100.0


def test_weights_may_be_a_column() -> None:
    assert type(start_weighting(pd.Series([1.0, 2.0])).weights) is np.ndarray


def test_margins_and_weightings_print_in_short() -> None:
    margin = Margin("sex", LABELS, {"f": 60.0, "m": 40.0})
    weighting = start_weighting(np.ones(3)).then_rake([margin])
    assert repr(margin) == "<Margin sex: 2 categories, total 100>"
    assert repr(KnownTotal("income", [1.0], 1500.0)) == "<KnownTotal income: 1,500>"
    assert repr(weighting).startswith("<Weighting of 2 steps>")
    assert "raking" in str(weighting)
    assert repr(weighting.steps[1]) == "<WeightingStep raking: deff 1.00 to 1.32>"
