import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from sampling.models import Case, Contact, Disposition, Draw, Household, Sample, SampledUnit
from sampling.proof import verify_draw, verify_replacements
from sampling.selectors import case_design_rows, replacement_villages
from sampling.services import (
    RegisterError,
    close_round,
    receive_replacement_registers,
    receive_replacement_villages,
    replace_commune,
    replace_unit,
    verify_sample,
)
from sampling.services.bundles import write_bundle
from sampling.services.draws import kept_registers
from tests.sampling.households import heads, household_list, listed, open_households
from tests.sampling.makers import REFERENCE_DATE, register, village_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Path):
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def village() -> SampledUnit:
    return open_households()[0].village


def replaced(village: SampledUnit) -> SampledUnit:
    return replace_unit(unit=village, reason="Lũ quét", register=household_list(""), heads=heads(""))


def replaced_commune(sample: Sample) -> SampledUnit:
    commune = sample.units.filter(stage="commune").order_by("pk").first()
    new = replace_commune(unit=commune, reason="Sạt lở")
    rows = [row for row in village_rows() if row["parent_code"] == new.frame_unit.code]
    receive_replacement_villages(commune=new, rows=rows, source="Công an xã", reference_date=REFERENCE_DATE)
    codes = new.children.values_list("frame_unit__code", flat=True)
    receive_replacement_registers(
        commune=new, registers=household_list, heads={code: heads(code) for code in codes}
    )
    return new


def failures(path: Path) -> list[str]:
    bundle = verify_replacements.proof.Bundle(path)
    return [
        what
        for _name, checks in verify_replacements.verify(bundle)
        for what, expected, got in checks
        if expected != got
    ]


def closed_bundle(sample: Sample) -> Path:
    close_round(round=sample.round)
    return write_bundle(draw=Draw.objects.get(stage="household"))


def test_households_of_the_next_village_are_drawn_and_their_numbers_sealed(village: SampledUnit):
    new = replaced(village)
    assert new.replaces == village
    assert new.cases.active().count() == 4
    assert new.cases.sealed_reserves().count() == 2
    seals = Household.objects.filter(case__village=new).values_list("seal_digest", flat=True)
    assert len(set(seals)) == 6
    assert set(village.cases.active().values_list("disposition", flat=True)) == {"2.3"}


def test_only_drawn_households_leave_their_heads(village: SampledUnit):
    new = replaced(village)
    names = Contact.objects.filter(case__village=new).values_list("full_name", flat=True)
    drawn = new.cases.values_list("register_number", flat=True)
    assert sorted(names) == sorted(f"Chủ hộ {int(number)}" for number in drawn)
    assert ModelLogEntry.objects.filter(action="sampling.add_contacts").latest("pk").data == {"contacts": 6}


def test_adult_of_a_replacement_is_chosen_by_the_sealed_number(village: SampledUnit):
    case = replaced(village).cases.active().first()
    household = listed(case, 3)
    assert household.chosen in {1, 2, 3}


def test_register_of_adults_does_not_replace_a_village_of_households(village: SampledUnit):
    with pytest.raises(RegisterError):
        replace_unit(unit=village, reason="Lũ quét", register=register(""))
    assert not village.replacements.exists()


def test_villages_of_the_commune_are_weighted_for_what_was_released(village: SampledUnit):
    before = dict(village.sample.cases.values_list("number", "design_weight"))
    new = replaced(village)
    for unit in (village, new):
        weights = set(unit.cases.values_list("design_weight", flat=True))
        assert len(weights) == 1
        assert weights != {before[village.cases.first().number]}
    others = village.sample.cases.exclude(village__parent=village.parent)
    assert all(before[case.number] == case.design_weight for case in others)


def test_replacements_are_marked_for_figures_with_and_without_them(village: SampledUnit):
    new = replaced(village)
    assert replacement_villages(village.sample.round) == {new.frame_unit.code: village.frame_unit.code}
    rows = list(case_design_rows(village.sample))
    assert {row.village for row in rows if row.is_replacement} == {new.frame_unit.code}


def test_draw_stays_proved_after_villages_and_communes_were_replaced(village: SampledUnit):
    sample = village.sample
    new = replaced_commune(sample)
    other = sample.units.filter(stage="village").exclude(parent=new).exclude(parent=new.replaces).first()
    replaced(other)
    assert verify_sample(sample=sample, registers=kept_registers(sample.round)).differences == ()


def test_bundle_proves_households_and_adults_of_replacements(village: SampledUnit):
    sample = village.sample
    new = replaced_commune(sample)
    for case in Case.objects.filter(village__parent=new).active():
        listed(case, 4)
        Case.objects.filter(pk=case.pk).update(disposition=Disposition.COMPLETE)
    path = closed_bundle(sample)
    assert failures(path) == []
    checks = verify_draw.verify(verify_draw.Bundle(path))
    assert [what for what, expected, got in checks if expected != got] == []
    with zipfile.ZipFile(path) as archive:
        documents = json.loads(archive.read("replacements.json"))["replacements"]
    assert sum(len(each["below"]["adults"]) for each in documents) == 8


def test_adult_exchanged_in_a_replacement_is_found_out(village: SampledUnit):
    new = replaced(village)
    household = listed(new.cases.active().first(), 4)
    Household.objects.filter(pk=household.pk).update(chosen=household.chosen % 4 + 1)
    assert failures(closed_bundle(village.sample)) == ["adults"]


def test_seal_exchanged_in_a_replacement_is_found_out(village: SampledUnit):
    household = Household.objects.filter(case__village=replaced(village)).first()
    Household.objects.filter(pk=household.pk).update(seal_digest="0" * 64)
    assert failures(closed_bundle(village.sample)) == ["list"]
