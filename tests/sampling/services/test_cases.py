from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from wagtail.models import ModelLogEntry

from sampling.models import Case, Disposition, Sample, SampledUnit
from sampling.services import (
    CaseError,
    RoundStateError,
    close_round,
    freeze_round,
    open_round,
    record_disposition,
    record_dispositions,
    release_list_reserve,
    release_reserve,
)
from tests.sampling.makers import MERGER, make_sample, make_unit
from tests.sampling.services.issuing.people import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample():
    sample = make_sample()
    open_round(round=sample.round)
    return sample


@pytest.fixture
def village(sample: Sample):
    return SampledUnit.objects.filter(sample=sample, stage="village").first()


def test_outcome_is_recorded_with_a_trace(sample: Sample, admin_user: Any):
    case = sample.cases.active().first()
    record_disposition(case=case, disposition=Disposition.REFUSAL, user=admin_user)
    case.refresh_from_db()
    assert case.disposition == Disposition.REFUSAL
    assert ModelLogEntry.objects.get(action="sampling.record_disposition").data == {
        "from": "0.0",
        "to": "2.11",
    }


def test_outcome_is_not_written_over_an_answer_that_came_meanwhile(sample: Sample):
    case = sample.cases.active().first()
    Case.objects.filter(pk=case.pk).update(disposition=Disposition.COMPLETE)
    with pytest.raises(CaseError):
        record_disposition(case=case, disposition=Disposition.REFUSAL)
    assert Case.objects.get(pk=case.pk).has_answered


def test_unknown_outcome_is_refused(sample: Sample):
    with pytest.raises(CaseError, match=r"9\.9"):
        record_disposition(case=sample.cases.active().first(), disposition="9.9")


def test_many_outcomes_are_recorded_at_once(sample: Sample, django_assert_max_num_queries: Any):
    outcomes = dict.fromkeys(sample.cases.active().values_list("pk", flat=True), Disposition.COMPLETE)
    with django_assert_max_num_queries(12):
        assert record_dispositions(sample=sample, outcomes=outcomes) == 40
    assert sample.cases.filter(disposition=Disposition.COMPLETE).count() == 40


def test_sealed_reserves_take_no_outcome(sample: Sample):
    reserve = sample.cases.sealed_reserves().first()
    with pytest.raises(CaseError, match=reserve.number):
        record_disposition(case=reserve, disposition=Disposition.COMPLETE)
    with pytest.raises(CaseError, match="1"):
        record_dispositions(sample=sample, outcomes={reserve.pk: Disposition.COMPLETE})


def test_frozen_round_takes_no_outcome(sample: Sample):
    close_round(round=sample.round)
    freeze_round(round=sample.round)
    with pytest.raises(RoundStateError):
        record_disposition(case=sample.cases.active().first(), disposition=Disposition.COMPLETE)


def test_reserves_are_released_in_the_order_of_the_draw(village: SampledUnit):
    released = [release_reserve(village=village, reason="Chuyển đi").draw_order for _ in range(3)]
    assert released == [6, 7, 8]
    assert village.cases.active().count() == 8
    with pytest.raises(CaseError):
        release_reserve(village=village, reason="Chuyển đi")


def test_released_reserve_makes_everybody_in_the_village_count_less(village: SampledUnit):
    before = village.cases.first()
    release_reserve(village=village, reason="Chuyển đi")
    after = village.cases.get(pk=before.pk)
    assert before.inclusion_probability == pytest.approx(5 / 20)
    assert after.inclusion_probability == pytest.approx(6 / 20)
    assert after.design_weight == pytest.approx(before.design_weight * 5 / 6)


def test_release_needs_a_reason(village: SampledUnit):
    with pytest.raises(CaseError):
        release_reserve(village=village, reason="  ")
    assert not village.cases.exclude(released_at=None).exists()


def test_people_of_another_province_release_no_reserve(village: SampledUnit):
    elsewhere = make_unit("province", "79", "TP Hồ Chí Minh", unit_type="thành phố", valid_from=MERGER)
    user = member("elsewhere", province=elsewhere)
    village.sample.round.territory = village.province
    village.sample.round.save()
    village.cases.update(stratum="01|land")
    with pytest.raises(PermissionDenied):
        release_reserve(village=village, reason="Chuyển đi", user=user)
    with pytest.raises(PermissionDenied):
        release_list_reserve(sample=village.sample, stratum="01|land", reason="Không gặp", user=user)
    assert not Case.objects.exclude(released_at=None).exists()
    own = member("own", province=village.province)
    assert release_reserve(village=village, reason="Chuyển đi", user=own).released_at


def test_release_leaves_a_trace(village: SampledUnit, admin_user: Any):
    release_reserve(village=village, reason="Ốm nặng", user=admin_user)
    entry = ModelLogEntry.objects.get(action="sampling.release_reserve")
    assert entry.data == {"reason": "Ốm nặng"}
    assert entry.user == admin_user


def test_reserve_of_a_list_counts_in_its_stratum_only(sample: Sample):
    cases = sample.cases.order_by("pk")
    SampledUnit.objects.filter(cases__sample=sample).update(stage=SampledUnit.Stage.AGENCY)
    for place, case in enumerate(cases[:8]):
        Case.objects.filter(pk=case.pk).update(
            stratum="01|land" if place < 4 else "01|civil",
            is_reserve=place % 4 == 3,
            inclusion_probability=3 / 700,
            design_weight=700 / 3,
            draw_order=place % 4 + 1,
        )
    released = release_list_reserve(sample=sample, stratum="01|land", reason="Không gặp")
    assert released.number == cases[3].number
    weights = sample.cases.exclude(stratum="").values_list("stratum", "design_weight").distinct()
    assert dict(weights) == {"01|land": 700 / 4, "01|civil": 700 / 3}
    with pytest.raises(CaseError):
        release_list_reserve(sample=sample, stratum="01|land", reason="Không gặp")
