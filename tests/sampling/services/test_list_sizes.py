"""Lists drawn by size: refused where units have none, and what drawing by size costs."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import translation

from sampling.design.list_draws import PLACE
from sampling.models import SamplingFrame, SurveyRound
from sampling.services import DrawRefusedError, draft_draw
from sampling.services.draws import check_of, count_strata, has_sizes, size_effects
from sampling.services.draws.dossiers import frame_path
from tests.sampling.engine.list_frames import make_design, make_rows
from tests.sampling.kept_lists import N_ROWS, keep_list
from tests.sampling.makers import make_round

pytestmark = pytest.mark.django_db
BY_SIZE: dict[str, Any] = {"selection": "pareto", "reserve_percent": 0}


@pytest.fixture
def survey_round(settings: Any, tmp_path: Path) -> SurveyRound:
    settings.FRAME_ROOT = tmp_path / "frames"
    survey_round = make_round()
    keep_list(survey_round, settings.FRAME_ROOT)
    return survey_round


def forget_sizes(frame: SamplingFrame) -> None:
    """Leave the list as an import without a column of sizes writes it."""
    path = frame_path(frame)
    table = pq.read_table(path)
    ones = pa.array([1] * table.num_rows, pa.int64())
    pq.write_table(table.set_column(table.column_names.index("size"), "size", ones), path)


def test_list_without_sizes_is_not_drawn_by_size(survey_round: SurveyRound):
    frame = SamplingFrame.objects.get(round=survey_round)
    forget_sizes(frame)
    assert not has_sizes(frame)
    draw = draft_draw(round=survey_round, stage="dossier", design=make_design(**BY_SIZE).document())
    with translation.override("en"):
        (problem,) = check_of(draw).problems
    assert problem.startswith("Expected units of different sizes")
    assert "Import the list again with that column" in problem
    with pytest.raises(DrawRefusedError):
        count_strata(frame, make_design(**BY_SIZE))


def test_list_without_sizes_is_drawn_with_equal_chances(survey_round: SurveyRound):
    frame = SamplingFrame.objects.get(round=survey_round)
    forget_sizes(frame)
    assert sum(count_strata(frame, make_design()).values()) == N_ROWS
    assert size_effects(frame, make_design()) == {"01": 1.0, "48": 1.0, "79": 1.0}


def test_effect_of_sizes_is_their_mean_times_the_mean_of_their_inverse(survey_round: SurveyRound):
    found = size_effects(SamplingFrame.objects.get(round=survey_round), make_design())
    for province, effect in found.items():
        rows = [row for row in make_rows(N_ROWS) if row[PLACE["province"]] == province]
        sizes = [row[PLACE["size"]] for row in rows]
        expected = sum(sizes) * sum(1 / size for size in sizes) / len(sizes) ** 2
        assert effect == pytest.approx(expected)


def test_effect_for_persons_is_that_of_their_first_dossiers(survey_round: SurveyRound):
    frame = SamplingFrame.objects.get(round=survey_round)
    persons = size_effects(frame, make_design(unit="person"))
    assert persons.keys() == {"01", "48", "79"}
    assert persons != size_effects(frame, make_design())
