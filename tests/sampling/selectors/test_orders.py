"""The order of the lists, replayed from the database alone."""

import pytest

from sampling.design.area_selection import TYPE_ORDER
from sampling.design.ordering import digest_of_random_order
from sampling.design.seeds import random_order
from sampling.design.stages import drawn_units
from sampling.models import ListedUnit, SampledUnit, SelectionList
from sampling.selectors import listed_units, stored_list_digests, stored_lists
from sampling.services import verify_sample
from tests.sampling.makers import N_COMMUNES, N_VILLAGES, make_sample, register

pytestmark = pytest.mark.django_db


def test_every_unit_of_every_list_is_kept():
    sample = make_sample()
    units = ListedUnit.objects.filter(list__sample=sample)
    assert units.filter(list__stage="commune").count() == 2 * N_COMMUNES
    assert units.filter(list__stage="village").count() == sample.n_communes * N_VILLAGES
    assert set(SelectionList.objects.values_list("stage", "n_wanted")) == {
        ("commune", 2),
        ("village", 2),
        ("person", 5),
    }


def test_stored_order_alone_gives_the_drawn_units():
    sample = make_sample()
    replayed = {
        (ordered.stage, unit.code, unit.frame_order, unit.draw_order, float(unit.probability))
        for ordered in stored_lists(sample)
        for unit in drawn_units(ordered)
    }
    fields = ("stage", "frame_unit__code", "frame_order", "draw_order", "inclusion_probability")
    assert replayed == set(SampledUnit.objects.filter(sample=sample).values_list(*fields))
    assert len(replayed) == sample.n_communes + sample.n_villages


def test_random_start_and_cumulated_sizes_alone_give_the_drawn_units():
    sample = make_sample()
    for kept in SelectionList.objects.exclude(stage="person"):
        hits = [kept.random_start + step * kept.total_size for step in range(kept.n_wanted)]
        replayed = [
            unit.is_drawn
            == any(
                kept.n_wanted * unit.cumulated_size
                <= hit
                < kept.n_wanted * (unit.cumulated_size + unit.measure_of_size)
                for hit in hits
            )
            for unit in listed_units(sample).filter(list=kept)
        ]
        assert len(replayed) == kept.n_units
        assert all(replayed)


def test_communes_stand_by_type():
    sample = make_sample()
    for stratum in ("72", "80"):
        units = listed_units(sample).filter(list__stage="commune", list__stratum=stratum)
        ranks = [TYPE_ORDER.index(unit.frame_unit.administrative_unit.unit_type) for unit in units]
        assert ranks == sorted(ranks)
        assert set(ranks) == {0, 2}


def test_stored_rows_have_the_stored_digests():
    sample = make_sample()
    stored = {(kept.stage, kept.stratum): kept.digest for kept in SelectionList.objects.all()}
    assert stored_list_digests(sample) == stored
    assert len(stored) == 2 + sample.n_communes + sample.n_villages


def test_order_of_a_register_is_proved_by_recipe_and_digest():
    sample = make_sample()
    kept = SelectionList.objects.filter(stage="person").first()
    ids = random_order(register(kept.stratum).ids, sample.seed, "person", kept.stratum)
    assert digest_of_random_order("person", kept.stratum, kept.n_wanted, ids) == kept.digest
    assert kept.n_units == len(ids)
    assert not kept.units.exists()


def test_verification_names_units_that_changed_places():
    sample = make_sample()
    first, second = ListedUnit.objects.filter(list__stage="village").order_by("list", "position")[:2]
    first.frame_unit_id, second.frame_unit_id = second.frame_unit_id, first.frame_unit_id
    ListedUnit.objects.bulk_update([first, second], ["frame_unit"])
    differences = verify_sample(sample=sample, registers=register).differences
    assert any("order" in text or "thứ tự" in text for text in differences)


@pytest.mark.parametrize("change", [{"random_start": 0}, {"random_start": 10**9}, {"n_wanted": 3}])
def test_verification_names_another_start(change: dict[str, int]):
    sample = make_sample()
    SelectionList.objects.filter(stage="commune", stratum="72").update(**change)
    assert not verify_sample(sample=sample, registers=register).is_proved


def test_verification_names_another_order_of_a_register():
    sample = make_sample()
    SelectionList.objects.filter(stage="person").update(digest="0" * 64)
    assert len(verify_sample(sample=sample, registers=register).differences) == 1


def test_deleting_a_round_takes_its_lists_along():
    make_sample().round.delete()
    assert not ListedUnit.objects.exists()
    assert not SelectionList.objects.exists()
