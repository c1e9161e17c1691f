import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import translation
from wagtail.models import ModelLogEntry

from sampling.design.households import seal_of
from sampling.design.within_household import select_adult, select_last_birthday
from sampling.models import Case, Contact, Disposition, Draw, Household, HouseholdAdult, Sample
from sampling.proof import verify_draw
from sampling.resources import CaseResource
from sampling.sealing import number_of_household, seed_of
from sampling.selectors.cases import case_design_rows
from sampling.selectors.frames import stage_codes
from sampling.services import (
    DrawRefusedError,
    RegisterError,
    RoundStateError,
    abandon_draw,
    issue_draw,
    open_round,
    release_reserve,
    verify_sample,
)
from sampling.services.bundles import write_bundle
from sampling.services.contacts import ListedAdult, adults_of, erase_contacts
from sampling.services.draws import kept_registers, receive_households
from sampling.services.household_contacts import FOLDER, keep_heads
from sampling.services.households import HouseholdError, age_group_of, list_adults
from tests.sampling.draws import checked, drawn
from tests.sampling.households import (
    adults,
    heads,
    listed,
    listed_round,
    open_households,
    walk_households,
)
from tests.sampling.makers import register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def failed(path: Path, published: str = "") -> list[str]:
    checks = verify_draw.verify(verify_draw.Bundle(path), published)
    return [what for what, expected, got in checks if expected != got]


def number_of(case: Case) -> str:
    draw = Draw.objects.get(round=case.sample.round, stage="household")
    return seal_of(seed_of(draw), case.village.frame_unit.code, case.register_number)


def test_households_are_the_last_stage_that_is_drawn():
    survey_round = walk_households()
    assert stage_codes(survey_round) == ("commune", "village", "household")
    cases = Case.objects.filter(sample__round=survey_round)
    villages = cases.values("village").distinct().count()
    assert (cases.active().count(), cases.sealed_reserves().count()) == (4 * villages, 2 * villages)
    assert {case.inclusion_probability for case in cases} == {1 / 3}


@pytest.mark.parametrize("order", ["random", "sorted", "serpentine"])
def test_script_draws_the_households_again(order: str):
    survey_round = walk_households(order=order)
    draw = Draw.objects.get(round=survey_round, stage="household")
    assert failed(write_bundle(draw=draw), draw.commitment_digest) == []
    sample = Sample.objects.get(round=survey_round)
    assert verify_sample(sample=sample, registers=kept_registers(survey_round)).is_proved


def test_exchanged_seal_is_found_out():
    survey_round = walk_households()
    household = Household.objects.filter(case__sample__round=survey_round).first()
    household.seal_digest = "0" * 64
    household.save()
    assert "list" in failed(write_bundle(draw=Draw.objects.get(round=survey_round, stage="household")))


def test_adult_chosen_by_hand_is_found_out():
    [case, *_rest] = open_households()
    household = listed(case, 3)
    draw = Draw.objects.get(round=case.sample.round, stage="household")
    assert failed(write_bundle(draw=draw)) == []
    Household.objects.filter(pk=household.pk).update(chosen=household.chosen % 3 + 1)
    draw.fingerprint = "1" * 64
    assert "adults" in failed(write_bundle(draw=draw))


def test_commitment_fixes_the_rule_for_the_adult_and_the_order_of_the_list():
    draw = checked(listed_round(), "household")
    assert draw.design["within"] == {"stage": "person", "rule": "listed_adults"}
    assert (draw.design["selection"], draw.design["order"]) == ("systematic", ["serpentine"])


def test_number_is_sealed_in_the_database():
    [case, *_rest] = open_households()
    assert number_of_household(case.household) == number_of(case)
    with connection.cursor() as cursor:
        cursor.execute("SELECT seal FROM sampling_household WHERE case_id = %s", [case.pk])
        assert cursor.fetchone()[0] != number_of(case)


def test_listed_adults_are_chosen_by_the_sealed_number(django_user_model: Any):
    enumerator = django_user_model.objects.create_user("e")
    [case, *_rest] = open_households()
    household = listed(case, 4, user=enumerator)
    assert household.chosen == int(select_adult(list("1234"), number_of(case)).adult)
    assert (household.n_adults, household.is_quasi_random, household.listed_by) == (4, False, enumerator)
    case.refresh_from_db()
    chosen = adults(4)[household.chosen - 1]
    assert (case.sex, case.age_group) == (chosen.sex, "61+")
    assert adults_of(household) == adults(4)


def test_list_is_closed_for_good_and_on_record(django_user_model: Any):
    enumerator = django_user_model.objects.create_user("e")
    [case, *_rest] = open_households()
    first = listed(case, 2, user=enumerator)
    with translation.override("en"), pytest.raises(HouseholdError, match="already"):
        listed(case, 5, user=enumerator)
    entry = ModelLogEntry.objects.get(action="sampling.list_adults")
    assert entry.user == enumerator
    assert (entry.data["adults"], entry.data["line"]) == (2, first.chosen)
    assert "Người" not in str(entry.data)


def test_last_birthday_is_quasi_random_and_asks_for_every_birthday():
    [case, *_rest] = open_households(rule="last_birthday")
    day = datetime.date(2026, 5, 1)
    with pytest.raises(HouseholdError, match="14/3"):
        list_adults(case=case, adults=[ListedAdult(birthday=(3, 14)), ListedAdult()], on=day)
    birthdays = {"1": (3, 14), "2": (11, 2)}
    born = [ListedAdult(birthday=birthday) for birthday in birthdays.values()]
    household = list_adults(case=case, adults=born, on=day)
    assert household.chosen == int(select_last_birthday(birthdays, day, number_of(case)).adult)
    assert household.is_quasi_random


@pytest.mark.parametrize(("rule", "are_marked"), [("listed_adults", False), ("last_birthday", True)])
def test_adults_chosen_by_their_birthday_mark_the_cases_of_larger_households(rule: str, *, are_marked: bool):
    alone, among_two, *_rest = open_households(rule=rule)
    born = [ListedAdult("A", "female", 40, (3, 14)), ListedAdult("B", "male", 41, (11, 2))]
    list_adults(case=alone, adults=born[:1])
    list_adults(case=among_two, adults=born)
    rows = {row.case_id: row for row in case_design_rows(among_two.sample)}
    assert not rows[alone.pk].is_approximate
    assert rows[among_two.pk].is_approximate is are_marked
    exported = CaseResource().export(Case.objects.filter(pk__in=[alone.pk, among_two.pk])).dict
    marks = {row["number"]: row["is_approximate"] for row in exported}
    assert marks == {alone.number: "0", among_two.number: str(int(are_marked))}


def test_household_without_adults_is_not_eligible():
    [case, *_rest] = open_households()
    household = listed(case, 0)
    case.refresh_from_db()
    assert (household.n_adults, household.chosen) == (0, None)
    assert case.disposition == Disposition.NOT_ELIGIBLE
    assert not Case.objects.filter(pk=case.pk).with_known_person().exists()


def test_sealed_reserve_person_of_a_register_and_closed_round_are_refused():
    [case, *_rest] = open_households()
    reserve = case.sample.cases.sealed_reserves().first()
    with translation.override("en"), pytest.raises(HouseholdError, match="sealed reserve"):
        listed(reserve)
    Household.objects.filter(case=case).delete()
    with translation.override("en"), pytest.raises(HouseholdError, match="register"):
        listed(case)
    with pytest.raises(RoundStateError):
        listed(Case.objects.get(pk=_closed(reserve)))


def _closed(case: Case) -> int:
    case.sample.round.status = "closed"
    case.sample.round.save()
    return case.pk


def test_weight_of_the_person_is_that_of_the_household_times_its_adults():
    first, second, *_rest = open_households()
    listed(first, 3)
    rows = {row.number: row for row in case_design_rows(first.sample)}
    asked, unlisted = rows[first.number], rows[second.number]
    assert asked.person_probability == pytest.approx(1 / 9)
    assert asked.design_weight == pytest.approx(3 * first.design_weight)
    assert (asked.household_adults, unlisted.household_adults) == (3, 1)
    assert unlisted.design_weight == pytest.approx(second.design_weight)
    probability = asked.commune_probability * asked.village_probability * asked.person_probability
    assert asked.design_weight == pytest.approx(1 / probability)


def test_released_reserve_counts_one_household_more():
    [case, *_rest] = open_households()
    reserve = release_reserve(village=case.village, reason="moved away")
    assert reserve.inclusion_probability == pytest.approx(5 / 12)
    assert listed(reserve, 2).chosen in (1, 2)


def test_names_go_to_the_protected_store_and_are_forgotten_for_all_others(
    django_capture_on_commit_callbacks: Any,
):
    survey_round = listed_round()
    folder = Path(configured.FRAME_ROOT) / survey_round.code / FOLDER
    assert all("Chủ hộ".encode() not in file.read_bytes() for file in folder.iterdir())
    drawn(survey_round, "household")
    drawn_cases = Case.objects.filter(sample__round=survey_round)
    contacts = Contact.objects.filter(case__in=drawn_cases)
    assert contacts.count() == drawn_cases.count()
    assert {f"Chủ hộ {int(each.case.register_number)}" for each in contacts} == {
        each.full_name for each in contacts
    }
    with django_capture_on_commit_callbacks(execute=True):
        issue_draw(draw=Draw.objects.get(round=survey_round, stage="household"))
    assert list(folder.iterdir()) == []


def test_a_list_sent_again_replaces_names():
    survey_round = listed_round()
    village = Sample.objects.get(round=survey_round).units.filter(stage="village").first()
    folder = Path(configured.FRAME_ROOT) / survey_round.code / FOLDER
    before = sorted(folder.iterdir())
    keep_heads(survey_round, village.frame_unit.code, heads(""))
    assert len(list(folder.iterdir())) == len(before)
    assert sorted(folder.iterdir()) != before


def test_erasing_contacts_erases_the_adults():
    [case, *_rest] = open_households()
    household = listed(case)
    erase_contacts(sample=case.sample)
    assert HouseholdAdult.objects.count() == Contact.objects.count() == 0
    household.refresh_from_db()
    assert household.n_adults == 3


def test_abandoned_draw_takes_seals_and_cases_back():
    survey_round = listed_round()
    draw = drawn(survey_round, "household")
    abandon_draw(draw=draw, reason="wrong lists")
    assert Household.objects.count() == Case.objects.count() == 0
    again = drawn(survey_round, "household")
    assert again.n_drawn == draw.n_drawn


def test_register_of_adults_is_no_list_of_households():
    survey_round = listed_round()
    villages = [draw.unit_code for draw in survey_round.submissions.filter(stage="household")]
    with translation.override("en"), pytest.raises(RegisterError, match="list of households"):
        receive_households(round=survey_round, villages=villages, lists=register)


def test_missing_list_forbids_the_draw():
    survey_round = listed_round()
    survey_round.submissions.filter(stage="household").first().delete()
    with pytest.raises((AssertionError, DrawRefusedError)):
        checked(survey_round, "household")


@pytest.mark.parametrize(("age", "group"), [(18, "18-24"), (34, "25-34"), (61, "61+"), (None, "")])
def test_age_groups_are_those_of_the_margins(age: int | None, group: str):
    assert age_group_of(age) == group


def test_open_round_needs_the_households_to_be_drawn():
    with pytest.raises(RoundStateError):
        open_round(round=listed_round())
