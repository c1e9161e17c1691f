from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from sampling.models import Disposition, Objection
from sampling.models.rounds import RoundStatus
from sampling.services import RoundStateError
from sampling.services.issuing import (
    ListFormat,
    ObjectionError,
    Request,
    honour_objections,
    make_respondent_lists,
    record_objection,
    scope_of,
    withdraw_objection,
)
from sampling.services.issuing.objections import objection_key
from tests.sampling.services.issuing.people import named_sample, supervisor, village_of

pytestmark = pytest.mark.django_db
PHONE = "0912000001"


def test_only_a_keyed_hash_is_kept(settings: Any):
    objection = record_objection(kind="phone", text="+84 912 000 001", note="gọi đến")
    assert len(objection.key) == 64
    assert PHONE not in str(Objection.objects.values())
    settings.PERSON_KEY = "another key"
    assert objection_key("phone", PHONE) != objection.key


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+84 912 000 001", "0912.000.001"),
        ("email", " An@Example.org ", "an@example.org"),
        ("person", "001 080 012345", "001080012345"),
        ("person", "1080012345", "001080012345"),
    ],
)
def test_ways_of_writing_meet_in_one_entry(kind: str, one: str, other: str):
    record_objection(kind=kind, text=one)
    record_objection(kind=kind, text=other)
    assert Objection.objects.count() == 1


@pytest.mark.parametrize(("kind", "text"), [("phone", "12"), ("email", "an"), ("person", "123456789")])
def test_what_cannot_be_matched_is_refused(kind: str, text: str):
    with pytest.raises(ObjectionError):
        record_objection(kind=kind, text=text)
    assert not Objection.objects.exists()


def test_kinds_do_not_meet_by_chance():
    assert objection_key("phone", "01080012345") != objection_key("person", "01080012345")


def test_case_of_an_objector_counts_as_a_refusal_and_keeps_its_weight():
    sample = named_sample()
    before = dict(sample.cases.values_list("number", "design_weight"))
    record_objection(kind="phone", text=PHONE)
    assert honour_objections(sample=sample) == sample.cases.filter(draw_order=1).count()
    assert set(sample.cases.filter(draw_order=1).values_list("disposition", flat=True)) == {"2.11"}
    assert set(sample.cases.exclude(draw_order=1).values_list("disposition", flat=True)) == {"0.0"}
    assert dict(sample.cases.values_list("number", "design_weight")) == before


def test_objectors_are_left_out_of_lists_without_being_asked_for():
    sample = named_sample()
    record_objection(kind="phone", text=PHONE)
    request = Request(scope_of(sample, unit_id=village_of(sample).pk), ListFormat.CSV)
    text = make_respondent_lists(request=request, user=supervisor()).content.decode()
    name = "Lê Thị Ánh"
    assert name not in text
    assert str(Disposition.REFUSAL.label) in text
    entry = ModelLogEntry.objects.get(action="sampling.honour_objections")
    assert entry.data == {"cases": 64, "withheld": 8}


def test_answer_that_was_given_stays():
    sample = named_sample()
    sample.cases.filter(draw_order=1).update(disposition=Disposition.COMPLETE)
    record_objection(kind="phone", text=PHONE)
    assert honour_objections(sample=sample) == 0


def test_closed_round_changes_no_more():
    sample = named_sample(RoundStatus.CLOSED)
    with pytest.raises(RoundStateError):
        honour_objections(sample=sample)


def test_entry_is_withdrawn_and_nothing_tells_whose_it_was():
    withdraw_objection(objection=record_objection(kind="phone", text=PHONE))
    assert not Objection.objects.exists()
    entry = ModelLogEntry.objects.get(action="sampling.withdraw_objection")
    assert entry.data == {"kind": "phone"}
    assert PHONE not in f"{entry.label}{entry.data}"
