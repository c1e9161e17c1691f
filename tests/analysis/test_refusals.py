"""Refusals of the statistical cores are framed in the reader's language."""

import pytest
from django.utils.translation import override

from analysis.estimation import AnalysisError
from analysis.estimation.errors import DomainError, EstimandError, IntervalError, SinglePsuError
from analysis.index.errors import IndexEstimationError, IndexMethodError
from analysis.par.errors import CriteriaSetError
from analysis.quality.errors import (
    DispositionError,
    PrecisionError,
    RankError,
    RepresentativityError,
    SmallAreaError,
    SuppressionError,
)
from analysis.refusals import CAUSES, described
from analysis.weighting.errors import ConvergenceError, MarginError, WeightingError

WORDS = {"expected": "at least two PSUs in every stratum", "got": "one PSU in 04", "hint": "Choose a policy."}


def test_cause_and_frame_are_translated_and_the_details_kept() -> None:
    with override("vi"):
        text = described(SinglePsuError(**WORDS))
    assert text.startswith("Có tầng chỉ có câu trả lời từ một đơn vị được chọn")
    assert text.endswith(
        "Yêu cầu: at least two PSUs in every stratum. Nhận được: one PSU in 04. Cách xử lý: Choose a policy."
    )


def test_error_without_a_cause_of_its_own_is_framed_all_the_same() -> None:
    with override("en"):
        text = described(AnalysisError(**WORDS))
    assert text.splitlines()[0] == "The computation was refused."
    assert "Got: one PSU in 04." in text


def test_error_with_a_code_of_its_own_is_explained_by_its_class() -> None:
    with override("en"):
        text = described(CriteriaSetError("repeated_code", **WORDS))
    assert text.startswith("The criteria set, or what was scored by it")


@pytest.mark.parametrize(
    "error",
    [
        SinglePsuError,
        DomainError,
        EstimandError,
        IntervalError,
        WeightingError,
        MarginError,
        ConvergenceError,
        IndexMethodError,
        IndexEstimationError,
        DispositionError,
        PrecisionError,
        RankError,
        RepresentativityError,
        SmallAreaError,
        SuppressionError,
        CriteriaSetError,
    ],
)
def test_refusals_that_people_meet_have_a_cause(error: type[AnalysisError]) -> None:
    assert error.code in CAUSES
