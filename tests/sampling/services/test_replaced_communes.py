import datetime
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.models import ModelLogEntry

from sampling.design.enlarged_samples import enlarged_probabilities
from sampling.design.replacements import replacement_order
from sampling.models import (
    Case,
    Disposition,
    Draw,
    ListedUnit,
    ListSubmission,
    Sample,
    SampledUnit,
)
from sampling.proof import verify_draw, verify_replacements
from sampling.selectors import case_design_rows, replacement_villages
from sampling.selectors.replacements import commune_states
from sampling.services import (
    CaseError,
    FrameRefusedError,
    RegisterError,
    ReplacementError,
    close_draw,
    close_round,
    open_round,
    receive_replacement_registers,
    receive_replacement_villages,
    release_reserve,
    replace_commune,
    replace_unit,
    verify_sample,
)
from sampling.services.bundles import write_bundle
from sampling.services.draws import kept_registers
from tests.sampling.draws import framed_round, walk
from tests.sampling.makers import REFERENCE_DATE, make_sample, make_template, register, village_rows
from tests.sampling.services.issuing.people import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Path):
    settings.FRAME_ROOT = tmp_path / "frames"


def committed_sample() -> Sample:
    """A round drawn with commitments: only drawn communes have listed their villages."""
    survey_round = walk(framed_round())
    return Sample.objects.get(round=open_round(round=survey_round))


def commune_of(sample: Sample) -> SampledUnit:
    return sample.units.filter(stage="commune").order_by("pk").first()


def rows_of(commune: SampledUnit) -> list[dict[str, str]]:
    return [row for row in village_rows() if row["parent_code"] == commune.frame_unit.code]


def listed(commune: SampledUnit, **changes: Any) -> list[SampledUnit]:
    values = {"rows": rows_of(commune), "source": "Công an xã", "reference_date": REFERENCE_DATE} | changes
    return receive_replacement_villages(commune=commune, **values)


def complete(sample: Sample) -> SampledUnit:
    """Replace the first commune with everything that belongs to it."""
    commune = replace_commune(unit=commune_of(sample), reason="Lũ quét")
    listed(commune)
    receive_replacement_registers(commune=commune, registers=register)
    return commune


def test_seed_of_the_draw_orders_the_communes_that_may_follow():
    sample = committed_sample()
    commune = commune_of(sample)
    units = ListedUnit.objects.filter(list__sample=sample, list__stratum=commune.stratum)
    drawn = sample.units.values("frame_unit")
    free = units.exclude(frame_unit__in=drawn).values_list("frame_unit__code", "measure_of_size")
    seed = Draw.objects.get(stage="commune").seed
    order = replacement_order(dict(free), seed, commune.stratum)
    first = replace_commune(unit=commune, reason="Lũ quét")
    second = replace_commune(unit=first, reason="Sạt lở")
    assert [first.frame_unit.code, second.frame_unit.code] == order[:2]
    assert (first.replaces, first.replacement_reason, first.stratum) == (commune, "Lũ quét", commune.stratum)


def test_replaced_commune_keeps_its_cases_as_nonrespondents():
    sample = committed_sample()
    commune = commune_of(sample)
    first = Case.objects.filter(village__parent=commune).active().first()
    first.disposition = Disposition.REFUSAL
    first.save()
    replace_commune(unit=commune, reason="Lũ quét")
    cases = Case.objects.filter(village__parent=commune).active()
    assert sorted(set(cases.values_list("disposition", flat=True))) == ["2.11", "2.3"]


def test_villages_are_listed_and_drawn_after_the_commune_and_adults_after_them():
    sample = committed_sample()
    commune = replace_commune(unit=commune_of(sample), reason="Lũ quét")
    assert not commune.children.exists()
    with pytest.raises(ReplacementError):
        receive_replacement_registers(commune=commune, registers=register)
    villages = listed(commune)
    assert [village.draw_order for village in villages] == [1, 2]
    assert {village.frame_unit.parent_code for village in villages} == {commune.frame_unit.code}
    with pytest.raises(RegisterError):
        receive_replacement_registers(commune=commune, registers={})
    assert receive_replacement_registers(commune=commune, registers=register) == 10
    numbers = Case.objects.filter(village__parent=commune).values_list("number", flat=True)
    assert {number[:7] for number in numbers} == {"80-0005"}
    assert len(numbers) == 16


def test_list_in_the_frame_is_drawn_from_at_once():
    sample = make_sample()
    open_round(round=sample.round)
    commune = replace_commune(unit=commune_of(sample), reason="Lũ quét")
    assert commune.children.count() == 2
    with pytest.raises(ReplacementError):
        listed(commune)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"parent_code": "80001"}, ReplacementError),
        ({"measure_of_size": "-3"}, FrameRefusedError),
    ],
)
def test_list_of_other_villages_is_refused(change: dict[str, str], error: type[Exception]):
    commune = replace_commune(unit=commune_of(committed_sample()), reason="Lũ quét")
    first, *others = rows_of(commune)
    with pytest.raises(error):
        listed(commune, rows=[first | change, *others])
    assert not ListSubmission.objects.filter(unit_code=commune.frame_unit.code).exists()
    assert not commune.children.exists()


def test_codes_of_other_villages_are_refused():
    sample = committed_sample()
    commune = replace_commune(unit=commune_of(sample), reason="Lũ quét")
    known = sample.units.filter(stage="village").first().frame_unit.code
    first, *others = rows_of(commune)
    with pytest.raises(ReplacementError, match=known):
        listed(commune, rows=[first | {"code": known}, *others])


def test_stratum_is_weighted_for_what_was_released_once_the_adults_are_drawn():
    sample = committed_sample()
    commune = commune_of(sample)
    before = dict(sample.cases.values_list("number", "design_weight"))
    new = replace_commune(unit=commune, reason="Lũ quét")
    listed(new)
    assert dict(sample.cases.values_list("number", "design_weight")) == before
    receive_replacement_registers(commune=new, registers=register)
    rows = ListedUnit.objects.filter(list__sample=sample, list__stratum=commune.stratum).order_by("position")
    sizes = list(rows.values_list("measure_of_size", flat=True))
    enlarged = dict(
        zip(rows.values_list("frame_unit", flat=True), enlarged_probabilities(sizes, 2, 1), strict=True)
    )
    for each in sample.units.filter(stage="commune", stratum=commune.stratum):
        assert each.inclusion_probability == pytest.approx(enlarged[each.frame_unit_id], abs=1e-12)
        for case in Case.objects.filter(village__parent=each).select_related("village"):
            above = each.inclusion_probability * case.village.inclusion_probability
            assert case.design_weight == pytest.approx(1 / (above * case.inclusion_probability))
    others = sample.cases.exclude(village__stratum=commune.stratum)
    assert all(before[case.number] == case.design_weight for case in others)


def test_list_and_registers_of_a_replacement_leave_the_proof_alone():
    sample = committed_sample()
    complete(sample)
    assert verify_sample(sample=sample, registers=kept_registers(sample.round)).differences == ()


def test_replacement_is_told_apart_and_marked_in_the_design_of_the_cases():
    sample = committed_sample()
    commune = complete(sample)
    villages = {village.frame_unit.code for village in commune.children.select_related("frame_unit")}
    assert replacement_villages(sample.round) == dict.fromkeys(villages, commune.replaces.frame_unit.code)
    rows = list(case_design_rows(sample))
    assert {row.village for row in rows if row.is_replacement} == villages
    assert {row.psu for row in rows if row.was_replaced} == {commune.replaces.frame_unit.code}
    assert {row.stratum for row in rows if row.is_approximate} == {commune.stratum}


def test_village_replaced_marks_its_commune_only_as_approximate():
    sample = make_sample()
    open_round(round=sample.round)
    village = sample.units.filter(stage="village").first()
    assert not any(row.is_approximate for row in case_design_rows(sample))
    replace_unit(unit=village, reason="Lũ quét", register=register(""))
    marked = {row.psu for row in case_design_rows(sample) if row.is_approximate}
    assert marked == {village.parent.frame_unit.code}


def test_commune_with_answers_or_without_reason_or_replaced_before_is_not_replaced():
    sample = committed_sample()
    commune, other = sample.units.filter(stage="commune").order_by("pk")[:2]
    with pytest.raises(ReplacementError):
        replace_commune(unit=commune, reason=" ")
    with pytest.raises(ReplacementError):
        replace_commune(unit=commune.children.first(), reason="Lũ quét")
    Case.objects.filter(village__parent=other).update(disposition=Disposition.COMPLETE)
    with pytest.raises(ReplacementError):
        replace_commune(unit=other, reason="Lũ quét")
    replace_commune(unit=commune, reason="Lũ quét")
    with pytest.raises(ReplacementError):
        replace_commune(unit=commune, reason="Lũ quét")


def test_villages_of_a_replaced_commune_release_nothing_and_are_not_replaced():
    sample = committed_sample()
    commune = commune_of(sample)
    village = commune.children.first()
    replace_commune(unit=commune, reason="Lũ quét")
    with pytest.raises(CaseError):
        release_reserve(village=village, reason="Chuyển đi")
    with pytest.raises(ReplacementError):
        replace_unit(unit=village, reason="Lũ quét", register=register(""))


def test_village_of_a_replacement_is_replaced_from_its_own_list():
    sample = committed_sample()
    commune = complete(sample)
    village = commune.children.order_by("draw_order").first()
    new = replace_unit(unit=village, reason="Sạt lở", register=register(""))
    assert new.frame_unit.parent_code == commune.frame_unit.code
    assert new.cases.first().number.startswith("80-0005-03")


def test_people_of_a_province_replace_no_commune():
    commune = commune_of(committed_sample())
    with pytest.raises(PermissionDenied):
        replace_commune(unit=commune, reason="Lũ quét", user=member("provincial", province=commune.province))


def test_state_of_communes_says_what_is_awaited():
    sample = committed_sample()
    province = commune_of(sample).province
    commune = replace_commune(unit=commune_of(sample), reason="Lũ quét")

    def state() -> Any:
        return next(each for each in commune_states(sample, province) if each.unit == commune)

    assert state().awaits_villages
    listed(commune)
    assert len(state().awaited_registers) == 2
    receive_replacement_registers(commune=commune, registers=register)
    assert (state().awaits_villages, state().awaited_registers) == (False, ())
    assert state().may_be_replaced


def test_every_step_is_on_record():
    sample = committed_sample()
    complete(sample)
    entries = ModelLogEntry.objects.filter(action__contains="replace").order_by("pk")
    assert [entry.action for entry in entries] == [
        "sampling.replace_commune",
        "sampling.draw_replacement_villages",
        "sampling.draw_replacement_persons",
    ]
    record = entries[0].data["record"]
    assert record["draw_sha256"] == Draw.objects.get(stage="commune").commitment_digest
    below = Draw.objects.filter(stage__in=["village", "person"])
    assert record["below_sha256"] == dict(below.values_list("stage", "commitment_digest"))
    assert entries[1].data["reference_date"] == datetime.date.isoformat(REFERENCE_DATE)


def failures(path: Path) -> list[tuple[str, str]]:
    return [
        (name, what)
        for name, checks in verify_replacements.verify(verify_replacements.proof.Bundle(path))
        for what, expected, got in checks
        if expected != got
    ]


def draw_failures(path: Path) -> list[str]:
    checks = verify_draw.verify(verify_draw.Bundle(path))
    return [what for what, expected, got in checks if expected != got]


@pytest.mark.parametrize("stage", ["commune", "village", "person"])
def test_bundle_proves_the_draw_and_its_replacements(stage: Any):
    sample = committed_sample()
    commune = complete(sample)
    villages = sample.units.filter(stage="village", parent__replaces__isnull=True)
    village = villages.exclude(parent=commune.replaces).first()
    replace_unit(unit=village, reason="Sạt lở", register=register(""))
    path = write_bundle(draw=Draw.objects.get(stage=stage))
    assert draw_failures(path) == []
    assert failures(path) == []
    with zipfile.ZipFile(path) as archive:
        assert "verify_replacements.py" in archive.namelist()
        text = archive.read("replacements.json").decode()
    assert ('"stage": "person",\n        "unit"' in text) == (stage == "person")


def test_commune_chosen_by_hand_is_found_out():
    sample = committed_sample()
    commune = complete(sample)
    listed_units = ListedUnit.objects.filter(list__sample=sample, list__stratum=commune.stratum)
    drawn = sample.units.values("frame_unit")
    commune.frame_unit = listed_units.exclude(frame_unit__in=drawn).first().frame_unit
    commune.save()
    path = write_bundle(draw=Draw.objects.get(stage="commune"))
    assert {what for _name, what in failures(path)} == {"record", "order"}


def test_adult_exchanged_in_a_replacement_is_found_out():
    sample = committed_sample()
    commune = complete(sample)
    case = Case.objects.filter(village__parent=commune).first()
    case.register_number = "chosen"
    case.save()
    path = write_bundle(draw=Draw.objects.get(stage="person"))
    assert {what for _name, what in failures(path)} == {"list"}


def test_no_reason_changes_the_villages_and_adults_of_a_commune():
    sample = committed_sample()
    found = set()
    for reason in ("Lũ quét", "Sạt lở"):
        with transaction.atomic():
            commune = replace_commune(unit=commune_of(sample), reason=reason)
            villages = [village.frame_unit.code for village in listed(commune)]
            receive_replacement_registers(commune=commune, registers=register)
            cases = Case.objects.filter(village__parent=commune).order_by("number")
            found.add((*villages, *cases.values_list("register_number", flat=True)))
            transaction.set_rollback(True)
    assert len(found) == 1


def test_seed_of_a_list_needs_the_committed_secret(settings: Any):
    sample = committed_sample()
    commune = replace_commune(unit=commune_of(sample), reason="Lũ quét")
    settings.COORDINATION_KEY = "another key, long enough to be one"
    with pytest.raises(CaseError, match="SURVEY_COORDINATION_KEY"):
        listed(commune)


def test_reason_changed_afterwards_is_found_out():
    sample = committed_sample()
    commune = complete(sample)
    commune.replacement_reason = "Khác"
    commune.save()
    path = write_bundle(draw=Draw.objects.get(stage="commune"))
    assert {what for _name, what in failures(path)} == {"record"}


def test_seed_of_a_list_that_came_later_is_checked(tmp_path: Path):
    sample = committed_sample()
    commune = complete(sample)
    replace_unit(unit=commune.children.first(), reason="Sạt lở", register=register(""))
    path = write_bundle(draw=Draw.objects.get(stage="village"))
    assert failures(path) == []
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "bundle")
    document = tmp_path / "bundle" / "replacements.json"
    entries = json.loads(document.read_text(encoding="utf-8"))["replacements"]
    entries[-1]["seed"] = "0" * 64
    document.write_text(json.dumps({"replacements": entries}), encoding="utf-8")
    assert {what for _name, what in failures(tmp_path / "bundle")} == {"draw seed"}


def test_villages_exchanged_below_a_replacement_are_found_out():
    sample = committed_sample()
    commune = complete(sample)
    village = commune.children.first()
    village.frame_unit = (
        commune.children.last()
        .frame_unit.frame.units.exclude(pk__in=sample.units.values("frame_unit"))
        .filter(parent_code=commune.frame_unit.code)[0]
    )
    village.save()
    path = write_bundle(draw=Draw.objects.get(stage="village"))
    assert {what for _name, what in failures(path)} == {"list"}


def test_script_says_in_words_what_it_found(tmp_path: Path):
    complete(committed_sample())
    path = write_bundle(draw=Draw.objects.get(stage="commune"))
    assert verify_replacements.main([str(path), "--language", "en"]) == 0
    assert verify_replacements.main([str(tmp_path / "nothing.zip")]) == 2


def test_bundle_without_replacements_carries_no_script():
    survey_round = walk(framed_round())
    with zipfile.ZipFile(write_bundle(draw=Draw.objects.get(round=survey_round, stage="commune"))) as archive:
        assert "replacements.json" not in archive.namelist()


def test_closed_draws_show_replacements_of_places_to_everybody():
    sample = committed_sample()
    complete(sample)
    close_round(round=sample.round)
    draw = close_draw(draw=Draw.objects.get(stage="commune"))
    assert failures(write_bundle(draw=draw)) == []


def test_bundle_proves_replacements_of_equal_chances():
    template = make_template()
    for stage in template.document["stages"][:2]:
        stage["selection"] = "simple_random"
    template.save()
    sample = Sample.objects.get(round=open_round(round=walk(framed_round(template=template))))
    complete(sample)
    for stage in ("commune", "person"):
        assert failures(write_bundle(draw=Draw.objects.get(stage=stage))) == []
