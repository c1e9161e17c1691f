from typing import Any

import pandas as pd
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from wagtail.models import ModelLogEntry

from analysis.selectors.rates import disposition_rates
from sampling.models import Disposition, Objection, Sample
from sampling.models.rounds import RoundStatus
from sampling.services import CaseError, RoundStateError, record_disposition, record_dispositions
from sampling.services.issuing import (
    ListFormat,
    ObjectionError,
    Reachable,
    Request,
    honour_objections,
    make_respondent_lists,
    objections,
    record_objection,
    scope_of,
    withdraw_objection,
)
from sampling.services.issuing.objections import objection_key
from tests.sampling.services.issuing.people import member, named_sample, supervisor, village_of

pytestmark = pytest.mark.django_db
PHONE = "0912000001"


def entered(kind: str = "phone", text: str = PHONE, **changes: Any) -> Objection:
    """An entry made by a letter."""
    values = {"channel": "letter", "note": "Thư số 12 ngày 05/03/2026"} | changes
    return record_objection(kind=kind, text=text, **values)


def keeper(name: str = "keeper", province: Any = None) -> Any:
    return member(name, "sampling.add_objection", "sampling.delete_objection", province=province)


def outcomes(sample: Sample) -> dict[int, str]:
    return dict(sample.cases.values_list("pk", "disposition"))


def test_only_a_keyed_hash_is_kept(settings: Any):
    objection = entered(text="+84 912 000 001")
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
    entered(kind, one)
    entered(kind, other)
    assert Objection.objects.count() == 1


@pytest.mark.parametrize(("kind", "text"), [("phone", "12"), ("email", "an"), ("person", "123456789")])
def test_what_cannot_be_matched_is_refused(kind: str, text: str):
    with pytest.raises(ObjectionError):
        entered(kind, text)
    assert not Objection.objects.exists()


def test_kinds_do_not_meet_by_chance():
    assert objection_key("phone", "01080012345") != objection_key("person", "01080012345")


@pytest.mark.parametrize(
    "changes", [{"note": ""}, {"note": "  "}, {"channel": ""}, {"channel": "unknown"}, {"channel": "rumour"}]
)
def test_entry_needs_a_channel_and_a_note(changes: Any):
    with pytest.raises(ObjectionError):
        entered(**changes)
    assert not Objection.objects.exists()


def test_database_keeps_no_entry_without_a_note():
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.create(kind="phone", key="0" * 64, channel="letter", note="")


def test_recorder_channel_and_time_are_on_record():
    user = keeper()
    objection = entered(channel="counter", note="Bộ phận một cửa, 05/03/2026", user=user)
    assert (objection.recorded_by, objection.channel) == (user, "counter")
    assert objection.recorded_at is not None
    entry = ModelLogEntry.objects.get(action="sampling.record_objection")
    assert entry.user == user
    assert entry.data == {
        "kind": "phone",
        "channel": "counter",
        "note": "Bộ phận một cửa, 05/03/2026",
        "is_new": True,
    }
    assert PHONE not in f"{entry.label}{entry.data}"


def test_people_of_a_province_neither_make_nor_withdraw_entries():
    sample = named_sample()
    official = keeper("official", village_of(sample).province)
    with pytest.raises(PermissionDenied):
        entered(user=official)
    assert not Objection.objects.exists()
    objection = entered(user=keeper())
    with pytest.raises(PermissionDenied):
        withdraw_objection(objection=objection, user=official)
    assert Objection.objects.exists()


def test_entries_need_their_right():
    with pytest.raises(PermissionDenied):
        entered(user=supervisor())
    assert not Objection.objects.exists()


def test_case_of_an_objector_is_withheld_at_once_and_keeps_its_weight():
    sample = named_sample()
    before = list(sample.cases.order_by("pk").values_list("number", "design_weight", "inclusion_probability"))
    entered()
    assert set(sample.cases.filter(draw_order=1).values_list("disposition", flat=True)) == {"2.112"}
    assert set(sample.cases.exclude(draw_order=1).values_list("disposition", flat=True)) == {"0.0"}
    after = list(sample.cases.order_by("pk").values_list("number", "design_weight", "inclusion_probability"))
    assert after == before


def test_who_is_drawn_later_is_withheld_before_a_list_is_made():
    entered()
    sample = named_sample()
    request = Request(scope_of(sample, unit_id=village_of(sample).pk), ListFormat.CSV)
    text = make_respondent_lists(request=request, user=supervisor()).content.decode()
    name = "Lê Thị Ánh"
    assert name not in text
    assert str(Disposition.WITHHELD.label) in text
    entry = ModelLogEntry.objects.get(action="sampling.honour_objections")
    assert entry.data == {"cases": 64, "withheld": 8}


def test_who_was_not_met_is_not_visited_again():
    sample = named_sample()
    sample.cases.filter(draw_order=1).update(disposition=Disposition.NON_CONTACT)
    entered()
    assert set(sample.cases.filter(draw_order=1).values_list("disposition", flat=True)) == {"2.112"}


@pytest.mark.parametrize("given", [Disposition.COMPLETE, Disposition.PARTIAL, Disposition.REFUSAL])
def test_answer_that_was_given_stays(given: Disposition):
    sample = named_sample()
    sample.cases.filter(draw_order=1).update(disposition=given)
    entered()
    assert honour_objections(sample=sample) == 0
    assert set(sample.cases.filter(draw_order=1).values_list("disposition", flat=True)) == {given.value}


def test_closed_round_changes_no_more():
    sample = named_sample(RoundStatus.CLOSED)
    before = outcomes(sample)
    withdraw_objection(objection=entered())
    assert outcomes(sample) == before
    with pytest.raises(RoundStateError):
        honour_objections(sample=sample)


def test_withdrawal_restores_the_cases_and_nothing_tells_whose_they_were():
    sample = named_sample()
    before = outcomes(sample)
    objection = entered()
    assert outcomes(sample) != before
    assert withdraw_objection(objection=objection, user=keeper()) == 8
    assert outcomes(sample) == before
    assert not Objection.objects.exists()
    entry = ModelLogEntry.objects.get(action="sampling.withdraw_objection")
    assert entry.data == {"kind": "phone"}
    assert PHONE not in f"{entry.label}{entry.data}"
    restored = ModelLogEntry.objects.filter(action="sampling.honour_objections").order_by("-pk").first()
    assert restored.data == {"restored": 8}


def test_case_that_another_entry_bars_stays_withheld(monkeypatch: pytest.MonkeyPatch):
    sample = named_sample()
    both = {"email": "an@example.org", "phone": PHONE}

    def reachable(_sample: Sample, cases: Any) -> dict[int, Reachable]:
        return {case: Reachable(**both) for case in cases.filter(draw_order=1).values_list("pk", flat=True)}

    monkeypatch.setattr(objections, "contacts_by_case", reachable)
    by_phone, _by_email = entered(), entered("email", "an@example.org")
    assert withdraw_objection(objection=by_phone) == 0
    assert set(sample.cases.filter(draw_order=1).values_list("disposition", flat=True)) == {"2.112"}


def test_outcome_of_a_withheld_case_is_recorded_by_no_other_way():
    sample = named_sample()
    other = sample.cases.filter(draw_order=2).first()
    with pytest.raises(CaseError):
        record_disposition(case=other, disposition=Disposition.WITHHELD)
    entered()
    withheld = sample.cases.active().filter(draw_order=1).first()
    with pytest.raises(CaseError):
        record_disposition(case=withheld, disposition=Disposition.NOT_ELIGIBLE)
    with pytest.raises(CaseError):
        record_dispositions(sample=sample, outcomes={withheld.pk: Disposition.NOT_ELIGIBLE})
    withheld.refresh_from_db()
    assert withheld.disposition == Disposition.WITHHELD


def test_withheld_cases_count_as_eligible_nonrespondents():
    dispositions = pd.Series(["1.1"] * 60 + ["2.112"] * 20 + ["2.2"] * 20)
    rates = disposition_rates(dispositions)
    assert rates["dispositions"] == {"1.1": 60, "2.112": 20, "2.2": 20}
    assert rates["response_rate_1"] == pytest.approx(0.6)
    assert rates["refusal_rate_1"] == pytest.approx(0.2)
