"""How records call themselves in lists, logs and headings."""

from typing import Any

import pytest
from django.utils.translation import override

from sampling.models import FrameUnit, Sample, SampledUnit, SamplingFrame, SurveyRound


@pytest.mark.parametrize(("language", "size"), [("vi", "20.088"), ("en", "20,088")])
def test_counts_are_grouped_as_the_language_does(language: str, size: str) -> None:
    survey_round = SurveyRound(code="r")
    with override(language):
        assert str(Sample(round=survey_round, n_persons=20_088)) == f"r: {size}"
        frame = SamplingFrame(round=survey_round, stage=SamplingFrame.Stage.COMMUNE, n_units=20_088)
        assert str(frame).endswith(f"({size})")


@pytest.mark.parametrize("stage", SampledUnit.Stage)
def test_drawn_unit_is_called_by_its_name(stage: Any) -> None:
    unit = SampledUnit(stage=stage, frame_unit=FrameUnit(name="Thôn 25", code="3200125"))
    assert str(unit) == "Thôn 25 (3200125)"
