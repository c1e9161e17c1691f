from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from analysis.services import take_snapshot
from analysis.services.snapshots import open_snapshot
from analysis.services.weighting import weight_snapshot
from analysis.weighting import CellMinimum
from questionnaires.models import SeparatedResponse
from questionnaires.services import (
    CaseNotAskedError,
    Submission,
    assign_village,
    check_can_answer,
    submit_single,
)
from sampling.models import Case, Disposition, Household
from sampling.services import close_round
from tests.questionnaires.rounds import make_user, publish
from tests.sampling.households import listed, open_households

pytestmark = pytest.mark.django_db

CONDUCT, KEY = "questionnaires.conduct_interviews", "questionnaires.key_paper_form"


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any) -> None:
    settings.FRAME_ROOT = tmp_path / "frames"
    settings.SNAPSHOT_ROOT = tmp_path / "snapshots"


def field(client: Client, right: str = CONDUCT, **sizes: Any) -> Case:
    """Sign somebody in who may list the adults of the case that is returned."""
    case = open_households(**sizes)[0]
    publish(case.sample.round)
    person = make_user("dtv-014", right)
    assign_village(village=case.village, enumerator=person)
    client.force_login(person)
    return case


def detail(case: Case) -> str:
    return reverse("questionnaires:case_detail", args=[case.pk])


def listing(case: Case, count: Any = None) -> str:
    url = reverse("questionnaires:household", args=[case.pk])
    return url if count is None else f"{url}?adults={count}"


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def posted(count: int, **changes: Any) -> dict[str, Any]:
    adults = {}
    for line in range(1, count + 1):
        adults |= {f"name_{line}": f"Người {line}", f"sex_{line}": "female", f"age_{line}": str(70 - line)}
    return adults | {"is_complete": "on"} | changes


def test_interview_waits_for_the_list_of_adults(client: Client) -> None:
    case = field(client)
    shown = page(client, detail(case))
    assert listing(case) in shown
    assert 'name="interview"' not in shown
    assert "Chủ hộ" in shown
    answer = client.post(detail(case), {"interview": "1"})
    assert answer.url == listing(case)
    with pytest.raises(CaseNotAskedError):
        check_can_answer(case)
    submission = Submission(case_id=case.pk, answers={"B1": 1, "B2": 2}, mode="web")
    with pytest.raises(CaseNotAskedError):
        submit_single(round=case.sample.round, submission=submission)


def test_number_of_adults_is_asked_first(client: Client) -> None:
    case = field(client)
    assert 'name="adults"' in page(client, listing(case))
    for wrong in ("", "-1", "31", "x"):
        assert "error-message" in page(client, listing(case, wrong))
    shown = page(client, listing(case, 3))
    assert shown.count("<fieldset") == 3
    assert "birthday_1" not in shown


def test_closed_list_opens_the_seal_and_says_who_is_asked(client: Client) -> None:
    case = field(client)
    answer = client.post(listing(case, 3), posted(3), follow=True)
    household = Household.objects.get(case=case)
    shown = answer.content.decode()
    assert household.n_adults == 3
    assert f"Người {household.chosen}</strong>" in shown
    assert 'name="interview"' in shown
    assert ModelLogEntry.objects.get(action="sampling.list_adults").user.username == "dtv-014"
    assert client.post(detail(case), {"interview": "1"}).url == reverse("questionnaires:consent")


def test_seal_stays_closed_until_the_list_is_complete(client: Client) -> None:
    case = field(client)
    answer = client.post(listing(case, 2), posted(2, is_complete=""))
    assert "error-message" in answer.content.decode()
    assert not Household.objects.get(case=case).is_listed
    for wrong in ({"age_1": "30", "age_2": "60"}, {"age_2": "17"}, {"age_1": ""}, {"sex_2": ""}):
        answer = client.post(listing(case, 2), posted(2, **wrong))
        assert "error-message" in answer.content.decode()
        assert not Household.objects.get(case=case).is_listed


def test_closed_list_cannot_be_sent_again(client: Client) -> None:
    case = field(client)
    listed(case, 2)
    assert client.get(listing(case, 5)).url == detail(case)
    client.post(listing(case, 5), posted(5))
    assert Household.objects.get(case=case).n_adults == 2


def test_nobody_at_home_of_age_is_not_eligible(client: Client) -> None:
    case = field(client)
    assert "notice--warn" in page(client, listing(case, 0))
    client.post(listing(case, 0), {"is_complete": "on"})
    case.refresh_from_db()
    assert case.disposition == Disposition.NOT_ELIGIBLE
    assert 'name="interview"' not in page(client, detail(case))


def test_last_birthday_is_asked_and_marked(client: Client) -> None:
    case = field(client, rule="last_birthday")
    assert "birthday_2" in page(client, listing(case, 2))
    wrong = client.post(listing(case, 2), posted(2, birthday_1="14/3", birthday_2="32/15"), follow=True)
    assert not Household.objects.get(case=case).is_listed
    assert "14/3" in wrong.content.decode()
    answer = client.post(listing(case, 2), posted(2, birthday_1="14/3", birthday_2="02-11"), follow=True)
    assert Household.objects.get(case=case).is_quasi_random
    assert answer.status_code == 200


def test_household_of_another_village_is_not_found(client: Client) -> None:
    case = field(client)
    other = Client()
    other.force_login(make_user("dtv-015", CONDUCT))
    assert other.get(listing(case)).status_code == 404
    assert other.post(listing(case, 1), posted(1)).status_code == 404
    stranger = Client()
    stranger.force_login(make_user("somebody"))
    assert stranger.get(listing(case)).status_code == 403


def test_clerk_lists_the_adults_before_a_paper_form_is_keyed(client: Client) -> None:
    case = field(client, KEY)
    url = f"{reverse('questionnaires:key_form')}?number={case.number}"
    assert client.get(url).url == listing(case)
    answer = client.post(listing(case, 2), posted(2))
    assert answer.url == url
    assert client.get(url).status_code == 200


def test_refused_household_is_not_listed(client: Client) -> None:
    case = field(client)
    Case.objects.filter(pk=case.pk).update(disposition=Disposition.REFUSAL)
    assert client.get(listing(case)).status_code == 404


def test_answers_carry_the_weight_of_all_adults(client: Client) -> None:
    case = field(client)
    survey_round = case.sample.round
    cases = Case.objects.filter(sample=case.sample).active().order_by("number")
    for place, each in enumerate(cases):
        if place % 4:
            listed(each, 1 + place % 3)
            submission = Submission(case_id=each.pk, answers={"B1": 1, "B2": 2, "B3": 3}, mode="web")
            submit_single(round=survey_round, submission=submission)
        elif place % 8:
            Case.objects.filter(pk=each.pk).update(disposition=Disposition.NON_CONTACT)
    close_round(round=survey_round)
    content = open_snapshot(take_snapshot(round=survey_round))
    rows = content.rows.sort_values("design_weight")
    answered = rows["disposition"].isin([Disposition.COMPLETE, Disposition.PARTIAL])
    assert set(rows.loc[answered, "household_adults"]) == {1.0, 2.0, 3.0}
    probability = rows["commune_probability"] * rows["village_probability"] * rows["person_probability"]
    assert (rows["design_weight"] * probability).tolist() == pytest.approx([1.0] * len(rows))
    assert SeparatedResponse.objects.count() == answered.sum()
    minimum = CellMinimum(answers=3, psus=1)
    weights = weight_snapshot(content, None, minimum=minimum).weights.merge(rows, on="analysis_id")
    households = rows["design_weight"] / rows["household_adults"]
    weighted = (weights["final_weight"] / weights["household_adults"]).sum()
    assert weighted == pytest.approx(households.sum())
