"""Rounds before 1 July 2025: districts stand above the communes, and are drawn first."""

import datetime
import math
from itertools import pairwise
from typing import Any

import pytest

from sampling.models import Sample, SampledUnit, SamplingTemplate, SurveyRound
from sampling.models.areas import UNKNOWN_START, UnknownPeriodError
from sampling.selectors import case_design_rows
from sampling.services import FrameRefusedError, draw_sample, load_frame, receive_units, verify_sample
from sampling.services.draws import kept_registers, list_rows
from tests.sampling.draws import VALUES, codes, issued, send_registers
from tests.sampling.makers import make_round, make_unit, register

pytestmark = pytest.mark.django_db

LAST_DAY = datetime.date(2025, 6, 30)
REFERENCE_DATE = datetime.date(2025, 3, 1)
N_DISTRICTS, N_COMMUNES, N_VILLAGES = 4, 3, 2


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    settings.FRAME_ROOT = tmp_path / "frames"
    monkeypatch.setitem(VALUES, "district", "73301")


def make_districts() -> None:
    """Two provinces, each with districts of several types, communes and villages."""
    old = {"valid_from": UNKNOWN_START, "valid_to": LAST_DAY}
    for province in ("01", "72"):
        above = make_unit("province", province, f"Tỉnh {province}", unit_type="tỉnh", **old)
        for number in range(1, N_DISTRICTS + 1):
            district = make_unit(
                "district",
                f"{province}{number}",
                f"Huyện {number}",
                unit_type="huyện" if number % 2 else "quận",
                parent=above,
                **old,
            )
            for place in range(1, N_COMMUNES + 1):
                code = f"{district.code}{place:02d}"
                make_unit("commune", code, f"Xã {code}", unit_type="xã", parent=district, **old)


def rows(stage: str) -> list[dict[str, str]]:
    districts = [f"{province}{number}" for province in ("01", "72") for number in range(1, N_DISTRICTS + 1)]
    communes = [f"{district}{place:02d}" for district in districts for place in range(1, N_COMMUNES + 1)]
    listed = {
        "district": [(code, code[:2]) for code in districts],
        "commune": [(code, code[:3]) for code in communes],
        "village": [(f"{code}-{number}", code) for code in communes for number in range(1, N_VILLAGES + 1)],
    }
    return [
        {"code": code, "name": f"Đơn vị {code}", "parent_code": parent, "measure_of_size": str(40 + index)}
        for index, (code, parent) in enumerate(listed[stage])
    ]


def make_template() -> SamplingTemplate:
    sizes = {"district": 2, "commune": 2, "village": 1, "person": 5}
    stages = [
        {
            "code": code,
            "selection": "simple_random" if code == "person" else "pps_systematic",
            "n_units": n,
            "exceptions": [{"stratum": "01", "n_units": 3}] if code == "district" else [],
            "order": ["unit_type", "random"] if code in {"district", "commune"} else ["random"],
            "n_reserve": 1 if code == "person" else 0,
        }
        for code, n in sizes.items()
    ]
    return SamplingTemplate.objects.create(
        code="districts",
        version=1,
        title_vi="Mẫu có huyện",
        title_en="Districts",
        document={"strata": {"level": "province", "valid_on": "2025-06-30"}, "stages": stages},
        digest="0" * 64,
    )


def load(survey_round: SurveyRound, stage: str, only: Any = None) -> None:
    values = {"round": survey_round, "stage": stage, "source": "x", "reference_date": REFERENCE_DATE}
    kept = [row for row in rows(stage) if only is None or row["parent_code"] in only]
    (load_frame if only is None else receive_units)(rows=kept, **values)


def rehearsed() -> Sample:
    make_districts()
    survey_round = make_round(template=make_template())
    for stage in ("district", "commune", "village"):
        load(survey_round, stage)
    return draw_sample(round=survey_round, seed="seed", registers=register)


def test_districts_are_drawn_before_their_communes():
    sample = rehearsed()
    drawn = {stage: sample.units.filter(stage=stage).count() for stage in ("district", "commune", "village")}
    assert drawn == {"district": 5, "commune": 10, "village": 10}
    assert (sample.n_communes, sample.n_villages, sample.n_persons, sample.n_reserves) == (10, 10, 50, 10)
    village = sample.units.filter(stage="village").select_related("parent__parent__frame_unit").first()
    assert village.parent.parent.stage == SampledUnit.Stage.DISTRICT
    assert village.frame_unit.code.startswith(village.parent.parent.frame_unit.code)
    assert set(sample.units.values_list("stratum", flat=True)) == {"01", "72"}


def test_weights_multiply_the_probabilities_of_four_stages():
    sample = rehearsed()
    for case in sample.cases.select_related("village__parent__parent"):
        village = case.village
        probabilities = (
            case.inclusion_probability,
            village.inclusion_probability,
            village.parent.inclusion_probability,
            village.parent.parent.inclusion_probability,
        )
        assert case.design_weight == pytest.approx(1 / math.prod(probabilities))


def test_districts_are_the_primary_units_of_variance_estimation():
    design = list(case_design_rows(rehearsed()))
    assert {len(row.psu) for row in design} == {3}
    assert all(row.village.startswith(row.psu) for row in design)
    drawn = [row for row in design if not row.is_certainty]
    assert all((row.variance_stratum, row.variance_psu) == (row.stratum, row.psu) for row in drawn)
    for row in design:
        if row.is_certainty:
            assert row.variance_stratum.startswith(f"{row.stratum}/{row.psu}")
        weight = 1 / (row.commune_probability * row.village_probability * row.person_probability)
        assert row.design_weight == pytest.approx(weight)


def test_verification_proves_a_draw_with_districts():
    sample = rehearsed()
    assert verify_sample(sample=sample, registers=register).is_proved


def test_four_commitments_give_a_sample_with_districts():
    make_districts()
    survey_round = make_round(template=make_template())
    load(survey_round, "district")
    stages = ("district", "commune", "village")
    for stage, below in pairwise(stages):
        draw = issued(survey_round, stage)
        assert len(list(list_rows(draw))) == draw.n_drawn
        load(survey_round, below, codes(survey_round, stage))
    issued(survey_round, "village")
    send_registers(survey_round)
    issued(survey_round, "person")
    sample = Sample.objects.get()
    assert (sample.n_communes, sample.n_villages, sample.n_persons) == (10, 10, 50)
    assert verify_sample(sample=sample, registers=kept_registers(survey_round)).is_proved


def test_days_before_2025_are_refused_and_wrong_codes_named():
    make_districts()
    survey_round = make_round(template=make_template())
    values = {"round": survey_round, "stage": "district", "source": "x"}
    with pytest.raises(UnknownPeriodError):
        load_frame(rows=rows("district"), reference_date=datetime.date(2024, 12, 31), **values)
    wrong = rows("district")
    wrong[0] |= {"parent_code": "72"}
    wrong[1] |= {"code": "12"}
    with pytest.raises(FrameRefusedError) as caught:
        load_frame(rows=wrong, reference_date=REFERENCE_DATE, **values)
    found = [(problem.row, problem.column, problem.code.value) for problem in caught.value.report.problems]
    assert found == [(2, "parent_code", "wrong_parent"), (3, "code", "lost_zeros")]
