from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from questionnaires.models import Assignment
from questionnaires.services import ProposalChangedError, apply_workloads, assign_village, propose_workloads
from sampling.models import AdministrativeUnit, Case, Disposition, SampledUnit, SurveyRound
from tests.questionnaires.rounds import make_user
from tests.sampling.makers import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey_round() -> SurveyRound:
    sample = make_sample()
    communes = AdministrativeUnit.objects.communes().order_by("code")
    for place, commune in enumerate(communes):
        commune.latitude, commune.longitude = 11 + place / 10, 106.0
        commune.save()
    return sample.round


@pytest.fixture
def people() -> list[Any]:
    return [make_user(name) for name in ("an", "binh")]


def proposed(survey_round: SurveyRound, people: list[Any], **values: Any) -> Any:
    province = SampledUnit.objects.first().province
    return propose_workloads(round=survey_round, province=province, enumerators=people, **values)


def test_villages_of_a_province_are_shared_out_equally(survey_round: SurveyRound, people: list[Any]) -> None:
    proposal = proposed(survey_round, people)
    assert [share.load.n_cases for share in proposal.shares] == [20, 20]
    assert [share.enumerator for share in proposal.shares] == people
    assert sum(len(share.villages) for share in proposal.shares) == 8


def test_villages_that_somebody_has_stay_with_them(survey_round: SurveyRound, people: list[Any]) -> None:
    taken = SampledUnit.objects.filter(stage="village").first()
    assign_village(village=taken, enumerator=make_user("chi"))
    assert proposed(survey_round, people).n_cases == 35
    assert proposed(survey_round, people, is_everything=True).n_cases == 40


def test_finished_villages_need_nobody(survey_round: SurveyRound, people: list[Any]) -> None:
    done = SampledUnit.objects.filter(stage="village").first()
    Case.objects.filter(village=done).update(disposition=Disposition.COMPLETE)
    assert proposed(survey_round, people).n_cases == 35


def test_village_without_coordinates_is_named(survey_round: SurveyRound, people: list[Any]) -> None:
    commune = SampledUnit.objects.filter(stage="commune").first()
    AdministrativeUnit.objects.filter(pk=commune.frame_unit.administrative_unit_id).update(latitude=None)
    proposal = proposed(survey_round, people)
    assert set(proposal.without_place) == set(commune.children.all())
    assert proposal.n_cases == 30


def test_proposal_becomes_assignments_on_record(survey_round: SurveyRound, people: list[Any]) -> None:
    proposal, user = proposed(survey_round, people), make_user("supervisor")
    assert apply_workloads(round=survey_round, proposal=proposal, seen_digest=proposal.digest, user=user) == 8
    for share in proposal.shares:
        assert set(share.enumerator.assignments.values_list("village", flat=True)) == {
            village.pk for village in share.villages
        }
    entry = ModelLogEntry.objects.get(action="questionnaires.apply_workloads")
    assert entry.data == {"villages": 8, "enumerators": 2, "cases": 40}
    assert proposed(survey_round, people).n_cases == 0


def test_other_proposal_than_the_one_seen_is_refused(survey_round: SurveyRound, people: list[Any]) -> None:
    seen = proposed(survey_round, people).digest
    assign_village(village=SampledUnit.objects.filter(stage="village").first(), enumerator=people[0])
    with pytest.raises(ProposalChangedError):
        apply_workloads(round=survey_round, proposal=proposed(survey_round, people), seen_digest=seen)
    assert Assignment.objects.count() == 1
