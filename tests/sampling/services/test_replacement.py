from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.models import ModelLogEntry

from sampling.design.enlarged_samples import enlarged_probabilities
from sampling.design.fingerprints import digest_of_document
from sampling.design.seeds import uniform_number
from sampling.design.stage_plans import StagePlan
from sampling.design.stages import draw_persons
from sampling.models import Case, Disposition, ListedUnit, SampledUnit
from sampling.models.rounds import RoundStatus
from sampling.selectors import replacement_villages
from sampling.services import (
    CaseError,
    ReplacementError,
    RoundStateError,
    open_round,
    release_reserve,
    replace_unit,
    verify_sample,
)
from sampling.services.inclusion import area_probability, unit_probability
from sampling.services.replacement import next_of_list
from sampling.services.replacement_records import record_of
from tests.sampling.makers import make_sample, register
from tests.sampling.services.issuing.people import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def village() -> SampledUnit:
    sample = make_sample()
    open_round(round=sample.round)
    return sample.units.filter(stage="village").order_by("pk").first()


def replaced(village: SampledUnit, **values: Any) -> SampledUnit:
    return replace_unit(unit=village, reason="lũ quét", register=register(""), **values)


def undrawn(village: SampledUnit) -> Any:
    listed = ListedUnit.objects.filter(
        list__sample=village.sample, list__stratum=village.parent.frame_unit.code
    )
    drawn = village.parent.children.values("frame_unit")
    return listed.exclude(frame_unit__in=drawn).order_by("position")


def test_undrawn_village_with_the_smallest_number_for_its_size_takes_the_place(village: SampledUnit):
    commune = village.parent.frame_unit.code

    def rank(listed: ListedUnit) -> Fraction:
        code = listed.frame_unit.code
        number = uniform_number(village.sample.seed, "replace", commune, code)
        return Fraction(number, listed.measure_of_size)

    expected = min(undrawn(village), key=rank)
    new = replaced(village)
    assert new.frame_unit == expected.frame_unit
    assert new.replaces == village
    assert new.replacement_reason == "lũ quét"


def test_large_villages_tend_to_take_the_place(village: SampledUnit):
    small, large = undrawn(village)
    ListedUnit.objects.filter(pk=small.pk).update(measure_of_size=10)
    ListedUnit.objects.filter(pk=large.pk).update(measure_of_size=90)
    found = []
    for number in range(200):
        village.sample.seed = f"seed {number}"
        found.append(next_of_list(village).pk)
    assert found.count(large.pk) == pytest.approx(200 * (1 - 10 / 90 / 2), abs=10)


def test_replaced_village_keeps_its_cases_as_nonrespondents(village: SampledUnit):
    refused = village.cases.get(draw_order=1)
    refused.disposition = Disposition.REFUSAL
    refused.save()
    new = replaced(village)
    outcomes = list(village.cases.active().order_by("draw_order").values_list("disposition", flat=True))
    assert outcomes == ["2.11", "2.3", "2.3", "2.3", "2.3"]
    assert set(village.cases.sealed_reserves().values_list("disposition", flat=True)) == {"0.0"}
    assert new.cases.active().count() == 5
    assert new.cases.sealed_reserves().count() == 3


def test_case_numbers_go_on_in_the_commune(village: SampledUnit):
    new = replaced(village)
    prefix = village.cases.order_by("number").first().number.rsplit("-", 2)[0]
    assert [number.rsplit("-", 1)[0] for number in new.cases.values_list("number", flat=True)] == [
        f"{prefix}-03"
    ] * 8


def test_whole_commune_is_weighted_for_the_enlarged_sample(village: SampledUnit):
    replaced(village)
    listed = ListedUnit.objects.filter(list__stratum=village.parent.frame_unit.code).order_by("position")
    sizes = list(listed.values_list("measure_of_size", flat=True))
    expected = dict(zip(sizes, enlarged_probabilities(sizes, 2, 1), strict=True))
    for each in SampledUnit.objects.filter(parent=village.parent):
        probability = expected[each.frame_unit.measure_of_size]
        assert each.inclusion_probability == pytest.approx(probability, abs=1e-12)
        assert probability == pytest.approx(0.75, abs=0.05)
        weight = float(1 / (unit_probability(each.parent) * unit_probability(each) * Fraction(5, 20)))
        assert set(each.cases.values_list("design_weight", flat=True)) == {weight}


def test_other_ways_of_selecting_are_weighted_as_one_more_by_size(village: SampledUnit):
    template = village.sample.template
    template.document["stages"][1]["selection"] = "sampford"
    template.save()
    listed = ListedUnit.objects.filter(list__stratum=village.parent.frame_unit.code)
    total = sum(listed.values_list("measure_of_size", flat=True))
    SampledUnit.objects.create(
        sample=village.sample,
        stage=village.stage,
        frame_unit=undrawn(village)[0].frame_unit,
        parent=village.parent,
        province=village.province,
        stratum=village.stratum,
        frame_order=1,
        draw_order=3,
        inclusion_probability=1,
        replaces=village,
    ).cases.add(village.cases.first())
    assert unit_probability(village) == Fraction(3 * village.frame_unit.measure_of_size, total)


def test_other_communes_keep_their_weights(village: SampledUnit):
    others = Case.objects.exclude(village__parent=village.parent)
    before = dict(others.values_list("number", "design_weight"))
    replaced(village)
    assert dict(others.values_list("number", "design_weight")) == before


def respondents(village: SampledUnit) -> list[str]:
    return list(village.cases.order_by("draw_order").values_list("register_number", flat=True))


def test_same_register_gives_the_same_respondents(village: SampledUnit):
    with transaction.atomic():
        first = respondents(replaced(village))
        transaction.set_rollback(True)
    assert len(set(first)) == 8
    assert respondents(replaced(village)) == first


def test_respondents_of_a_replacement_follow_from_no_seed_that_people_know(village: SampledUnit):
    with transaction.atomic():
        first = replaced(village)
        known = draw_persons(
            first.frame_unit.code,
            register("").ids,
            StagePlan.from_document(village.sample.template.document),
            village.sample.seed,
        )
        drawn = respondents(first)
        transaction.set_rollback(True)
    assert drawn != [*known.main, *known.reserve]


def test_no_reason_changes_which_village_or_which_respondents_come(village: SampledUnit):
    found = set()
    for reason in ("lũ quét", "sạt lở", "đường bị chia cắt"):
        with transaction.atomic():
            new = replace_unit(unit=village, reason=reason, register=register(""))
            found.add((new.frame_unit.code, *respondents(new)))
            transaction.set_rollback(True)
    assert len(found) == 1


def test_village_that_was_replaced_releases_no_reserve(village: SampledUnit):
    replaced(village)
    with pytest.raises(CaseError, match=village.frame_unit.name):
        release_reserve(village=village, reason="Chuyển đi")
    assert not village.cases.filter(released_at__isnull=False).exists()


def test_people_of_a_province_replace_no_village(village: SampledUnit):
    user = member("provincial", province=village.province)
    with pytest.raises(PermissionDenied):
        replaced(village, user=user)
    village.sample.round.territory = village.province
    village.sample.round.save()
    with pytest.raises(PermissionDenied):
        replaced(village, user=user)
    assert not village.replacements.exists()


def test_replacement_can_be_replaced_until_the_list_is_empty(village: SampledUnit):
    second = replaced(replaced(village))
    with pytest.raises(ReplacementError):
        replaced(second)


def test_only_a_village_without_answers_and_replacement_is_replaced(village: SampledUnit):
    with pytest.raises(ReplacementError):
        replaced(village.parent)
    with pytest.raises(ReplacementError):
        replace_unit(unit=village, reason=" ", register=register(""))
    replaced(village)
    with pytest.raises(ReplacementError):
        replaced(village)
    other = village.parent.children.exclude(pk=village.pk).first()
    other.cases.filter(draw_order=1).update(disposition=Disposition.COMPLETE)
    with pytest.raises(ReplacementError):
        replaced(other)


def test_nothing_is_replaced_before_the_fieldwork():
    sample = make_sample()
    assert sample.round.status == RoundStatus.PREPARING
    with pytest.raises(RoundStateError):
        replaced(sample.units.filter(stage="village").first())


def test_draw_stays_proved_after_a_replacement(village: SampledUnit):
    replaced(village)
    assert verify_sample(sample=village.sample, registers=register).differences == ()


def test_replacements_are_told_apart_by_the_code_of_their_village(village: SampledUnit):
    assert replacement_villages(village.sample.round) == {}
    new = replaced(village)
    assert replacement_villages(village.sample.round) == {new.frame_unit.code: village.frame_unit.code}


def test_replacement_is_on_record_with_the_hash_of_its_register(village: SampledUnit):
    replaced(village)
    data = ModelLogEntry.objects.get(action="sampling.replace_unit").data
    assert data["replaces"] == village.frame_unit.code
    assert (data["reason"], data["cases"], len(data["register_sha256"])) == ("lũ quét", 5, 64)
    assert data["record"]["replaced"] == village.frame_unit.code
    assert data["record_sha256"] == digest_of_document(data["record"])
    assert data["record"]["below_sha256"] == {"person": ""}


def test_record_of_a_replacement_stays_the_same_when_more_are_replaced(village: SampledUnit):
    first = replaced(village)
    kept = record_of(first).digest()
    second = replaced(first)
    assert record_of(first).digest() == kept != record_of(second).digest()


def test_weights_after_a_release_are_those_of_a_larger_draw(village: SampledUnit):
    for n in (6, 7, 8):
        release_reserve(village=village, reason="Chuyển đi")
        probability = Fraction(n, 20)
        assert set(village.cases.values_list("inclusion_probability", flat=True)) == {float(probability)}
        weight = float(1 / (area_probability(village) * probability))
        assert set(village.cases.values_list("design_weight", flat=True)) == {weight}


def test_reserve_of_an_agency_is_that_of_its_stratum(village: SampledUnit):
    village.stage = SampledUnit.Stage.AGENCY
    with pytest.raises(CaseError):
        release_reserve(village=village, reason="Chuyển đi")
