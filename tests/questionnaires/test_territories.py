"""A person of a province sees and changes the questionnaires and the fieldwork of the province only."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import translation

from questionnaires.models import Assignment, RoundQuestionnaire
from questionnaires.services import (
    apply_workloads,
    assign_version_to_round,
    assign_village,
    propose_workloads,
    start_response,
    withdraw_response,
)
from sampling.models import AdministrativeUnit, SampledUnit, SurveyRound, TerritoryMember
from tests.questionnaires.rounds import make_cases, make_round, make_user, make_village, publish

pytestmark = pytest.mark.django_db
RIGHTS = (
    "wagtailadmin.access_admin",
    "questionnaires.view_assignment",
    "questionnaires.add_assignment",
    "questionnaires.change_assignment",
    "questionnaires.delete_assignment",
    "questionnaires.view_roundquestionnaire",
    "questionnaires.add_roundquestionnaire",
    "questionnaires.change_roundquestionnaire",
    "questionnaires.key_paper_form",
)


def province(code: str) -> AdministrativeUnit:
    found, _created = AdministrativeUnit.objects.get_or_create(
        level="province", code=code, defaults={"name": f"Tỉnh {code}", "sort_key": code}
    )
    return found


@pytest.fixture
def member() -> Any:
    """Somebody of province 98 who supervises, keys and chooses questionnaires."""
    user = make_user("member", *RIGHTS)
    TerritoryMember.objects.create(user=user, province=province("98"))
    return user


def place(survey_round: SurveyRound, code: str) -> SampledUnit:
    """A village with a place on the map in a province."""
    village = make_village(survey_round, f"Thôn {survey_round.code} {code}")
    SampledUnit.objects.filter(pk=village.pk).update(province=province(code))
    commune, _created = AdministrativeUnit.objects.get_or_create(
        level="commune", code="99001", defaults={"name": "Xã", "latitude": 10.5, "longitude": 106.5}
    )
    frame_unit = village.parent.frame_unit
    frame_unit.administrative_unit = commune
    frame_unit.save()
    return SampledUnit.objects.get(pk=village.pk)


def villages() -> dict[str, SampledUnit]:
    """At home and elsewhere in a national round; in the own round; in the round of another province."""
    national, own, other = (
        make_round(code, territory=province(territory) if territory else None)
        for code, territory in (("national", ""), ("own", "98"), ("other", "97"))
    )
    return {
        "home": place(national, "98"),
        "elsewhere": place(national, "97"),
        "own": place(own, "98"),
        "other": place(other, "97"),
    }


OPEN, CLOSED = ("home", "own"), ("elsewhere", "other")


def test_villages_are_assigned_at_home_only(member: Any) -> None:
    enumerator, found = make_user("enumerator", "questionnaires.conduct_interviews"), villages()
    for name in CLOSED:
        with pytest.raises(PermissionDenied):
            assign_village(village=found[name], enumerator=enumerator, user=member)
    for name in OPEN:
        assert assign_village(village=found[name], enumerator=enumerator, user=member).village == found[name]
    assert Assignment.objects.count() == len(OPEN)


@pytest.mark.parametrize("name", [*OPEN, *CLOSED])
def test_workloads_are_applied_at_home_only(member: Any, name: str) -> None:
    enumerator, village = make_user("enumerator", "questionnaires.conduct_interviews"), villages()[name]
    make_cases(village)
    survey_round = village.sample.round
    proposal = propose_workloads(round=survey_round, province=village.province, enumerators=[enumerator])
    values: dict[str, Any] = {"round": survey_round, "proposal": proposal, "seen_digest": proposal.digest}
    if name in CLOSED:
        with pytest.raises(PermissionDenied):
            apply_workloads(user=member, **values)
        assert not Assignment.objects.exists()
    else:
        assert apply_workloads(user=member, **values) == 1


def test_assignments_of_others_are_neither_listed_nor_opened(member: Any, client: Client) -> None:
    enumerator = make_user("enumerator", "questionnaires.conduct_interviews")
    found = {name: assign_village(village=each, enumerator=enumerator) for name, each in villages().items()}
    client.force_login(member)
    listed = client.get(reverse("assignment:index")).context["object_list"]
    assert {each.pk for each in listed} == {found[name].pk for name in OPEN}
    for view in ("edit", "delete", "history", "usage"):
        status = {
            name: client.get(reverse(f"assignment:{view}", args=[each.pk])).status_code
            for name, each in found.items()
        }
        assert status == dict.fromkeys(OPEN, 200) | dict.fromkeys(CLOSED, 302), view
    client.post(reverse("assignment:delete", args=[found["other"].pk]))
    assert Assignment.objects.filter(pk=found["other"].pk).exists()


def test_form_offers_villages_at_home(member: Any, client: Client) -> None:
    found = villages()
    client.force_login(member)
    url = reverse("assignment:add")
    offered = client.get(url).context["form"].fields["village"].queryset
    assert set(offered) == {found[name] for name in OPEN}
    enumerator = make_user("enumerator", "questionnaires.conduct_interviews")
    client.post(url, {"village": found["other"].pk, "enumerator": enumerator.pk})
    assert not Assignment.objects.exists()


def test_questionnaires_of_other_rounds_are_closed(member: Any, client: Client) -> None:
    found = villages()
    rounds = {name: each.sample.round for name, each in found.items()}
    version = publish(rounds["own"])
    for name in ("home", "other"):
        assign_version_to_round(round=rounds[name], version=version)
        with pytest.raises(PermissionDenied):
            assign_version_to_round(round=rounds[name], version=version, user=member)
    assert assign_version_to_round(round=rounds["own"], version=version, user=member).version == version
    links = {link.round.code: link.pk for link in RoundQuestionnaire.objects.select_related("round")}
    client.force_login(member)
    listed = client.get(reverse("roundquestionnaire:index")).context["object_list"]
    assert {each.pk for each in listed} == {links["national"], links["own"]}
    status = {
        code: client.get(reverse("roundquestionnaire:edit", args=[pk])).status_code
        for code, pk in links.items()
    }
    assert status == {"national": 200, "own": 200, "other": 302}
    offered = client.get(reverse("roundquestionnaire:add")).context["form"].fields["round"].queryset
    assert [each.code for each in offered] == ["own"]
    answer = client.post(
        reverse("roundquestionnaire:edit", args=[links["national"]]), {"version": version.pk}
    )
    with translation.override("vi"):
        assert answer.context["form"].errors


def test_forms_are_keyed_at_home_only(member: Any, client: Client) -> None:
    found = villages()
    version = publish(found["own"].sample.round)
    cases = {name: make_cases(each)[0] for name, each in found.items()}
    for name in ("home", "other"):
        assign_version_to_round(round=found[name].sample.round, version=version)
    client.force_login(member)

    def finds(name: str) -> bool:
        case = cases[name]
        query = {"number": case.number, "round": found[name].sample.round_id}
        return "sheet" in client.get(reverse("questionnaires:key_form"), query).context

    assert {name: finds(name) for name in found} == dict.fromkeys(OPEN, True) | dict.fromkeys(CLOSED, False)


def test_forms_of_others_are_not_withdrawn(member: Any) -> None:
    found = villages()
    publish(found["elsewhere"].sample.round)
    case = make_cases(found["elsewhere"])[0]
    start_response(case=case, mode="web", language="vi")
    with pytest.raises(PermissionDenied):
        withdraw_response(number=case.number, user=member)
    case.refresh_from_db()
    assert case.response is not None
