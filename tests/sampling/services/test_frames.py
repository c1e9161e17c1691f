import datetime
from typing import Any

import pytest
from django.utils import translation

from sampling.models import FrameUnit, SamplingFrame, SurveyRound
from sampling.services import (
    FrameInUseError,
    FrameRefusedError,
    RoundStateError,
    describe_problem,
    load_frame,
)
from tests.sampling.makers import (
    REFERENCE_DATE,
    commune_rows,
    load,
    make_round,
    make_sample,
    make_units,
    village_rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey_round():
    make_units()
    return make_round()


def test_accepted_frame_is_written_with_its_digest(survey_round: SurveyRound):
    loaded = load(survey_round, "commune", commune_rows())
    frame = SamplingFrame.objects.get()
    assert (frame.n_units, frame.source, frame.reference_date) == (12, "Công an tỉnh", REFERENCE_DATE)
    assert len(frame.digest) == 64
    assert FrameUnit.objects.filter(frame=frame, administrative_unit__code="72001", code="72001").exists()
    assert loaded.frame == frame


def test_digest_depends_on_content_not_on_order(survey_round: SurveyRound):
    first = load(survey_round, "commune", commune_rows()).frame.digest
    assert load(survey_round, "commune", reversed(commune_rows())).frame.digest == first
    changed = commune_rows()
    changed[0]["measure_of_size"] = "91"
    assert load(survey_round, "commune", changed).frame.digest != first


def test_loading_again_replaces_a_frame_that_was_not_drawn_from(survey_round: SurveyRound):
    load(survey_round, "commune", commune_rows())
    load(survey_round, "commune", commune_rows()[:3])
    assert SamplingFrame.objects.get().n_units == FrameUnit.objects.count() == 3


def test_unit_without_residents_is_kept_with_its_reason(survey_round: SurveyRound):
    rows = commune_rows()
    rows[0]["measure_of_size"] = "0"
    load(survey_round, "commune", rows)
    assert FrameUnit.objects.exclude(exclusion_reason="").get().code == rows[0]["code"]


def test_village_points_at_the_commune_above(survey_round: SurveyRound):
    load(survey_round, "village", village_rows())
    assert FrameUnit.objects.get(code="72001-1").administrative_unit.code == "72001"


def test_refused_frame_writes_nothing_and_keeps_the_earlier_one(survey_round: SurveyRound):
    load(survey_round, "commune", commune_rows())
    rows = commune_rows()
    rows[2]["measure_of_size"] = "-5"
    rows[4]["code"] = "99999"
    with pytest.raises(FrameRefusedError) as caught:
        load(survey_round, "commune", rows)
    assert [(problem.row, problem.column) for problem in caught.value.report.problems] == [
        (4, "measure_of_size"),
        (6, "code"),
    ]
    assert SamplingFrame.objects.get().n_units == 12


def test_code_of_today_is_refused_on_a_day_before_the_merger(survey_round: SurveyRound):
    with pytest.raises(FrameRefusedError) as caught:
        load_frame(
            round=survey_round,
            stage="commune",
            rows=commune_rows(),
            source="x",
            reference_date=datetime.date(2025, 3, 1),
        )
    assert len(caught.value.report.problems) == 12


def test_frames_are_frozen_once_a_sample_is_drawn():
    sample = make_sample()
    with pytest.raises(FrameInUseError):
        load(sample.round, "commune", commune_rows())


def test_frame_of_an_open_round_is_refused(survey_round: SurveyRound):
    type(survey_round).objects.update(status="open")
    with pytest.raises(RoundStateError):
        load(survey_round, "commune", commune_rows())


def test_problems_are_described_for_people(survey_round: SurveyRound):
    with pytest.raises(FrameRefusedError) as caught:
        load(survey_round, "commune", [commune_rows()[0] | {"measure_of_size": ""}])
    with translation.override("en"):
        text = describe_problem(caught.value.report.problems[0])
    assert (text.row, text.column, text.got) == (2, "measure_of_size", "—")
    assert text.expected == "a value"
    assert text.hint


def test_loading_takes_few_queries(survey_round: SurveyRound, django_assert_max_num_queries: Any):
    with django_assert_max_num_queries(21):
        load(survey_round, "village", village_rows())
