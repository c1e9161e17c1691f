import pytest
from wagtail.models import ModelLogEntry

from questionnaires.access_codes import MalformedCodeError, in_groups
from questionnaires.models import AccessCode
from questionnaires.services import SeededCodesError, find_case, issue_codes
from tests.questionnaires.rounds import make_cases, make_round, make_village

pytestmark = pytest.mark.django_db


def test_code_leads_to_its_case_however_it_is_typed() -> None:
    cases = make_cases(make_village(make_round()), 3)
    codes = issue_codes(cases=cases)
    assert [find_case(in_groups(codes[case.pk])) for case in cases] == cases


def test_new_code_replaces_the_old_one() -> None:
    [case] = make_cases(make_village(make_round()))
    old = issue_codes(cases=[case])[case.pk]
    new = issue_codes(cases=[case])[case.pk]
    assert find_case(old) is None
    assert find_case(new) == case
    entries = ModelLogEntry.objects.filter(action="questionnaires.issue_codes").order_by("pk")
    assert [entry.data for entry in entries] == [
        {"n_codes": 1, "replaced": []},
        {"n_codes": 1, "replaced": [case.number]},
    ]
    assert AccessCode.objects.count() == 1


def test_seed_repeats_codes_in_a_demonstration_only() -> None:
    real = make_cases(make_village(make_round()))
    with pytest.raises(SeededCodesError):
        issue_codes(cases=real, seed="s")
    demo = make_cases(make_village(make_round("demo", is_demo=True)), 5)
    assert issue_codes(cases=demo, seed="s") == issue_codes(cases=demo, seed="s")


def test_codes_taken_are_not_given_again() -> None:
    village = make_village(make_round("demo", is_demo=True))
    first = issue_codes(cases=make_cases(village, 5), seed="s")
    second = issue_codes(cases=make_cases(village, 5), seed="s")
    assert not set(first.values()) & set(second.values())


def test_key_of_the_installation_matters(settings: object) -> None:
    [case] = make_cases(make_village(make_round()))
    code = issue_codes(cases=[case])[case.pk]
    settings.ACCESS_CODE_KEY = "another"
    assert find_case(code) is None


def test_slip_of_the_finger_is_not_looked_up() -> None:
    with pytest.raises(MalformedCodeError):
        find_case("1234 5678 9012 3456")
