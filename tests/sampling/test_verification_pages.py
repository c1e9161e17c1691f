"""The public page of verification: what everybody may see, and when."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from sampling.models import AdministrativeUnit, Draw, TerritoryMember
from sampling.sealing import secret_of
from sampling.services import abandon_draw, close_draw, close_round, open_round
from tests.sampling.draws import VALUES, checked, committed, drawn, framed_round, walk
from tests.sampling.makers import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def auditor(django_user_model: Any):
    user = django_user_model.objects.create_user("auditor", password="x")
    user.user_permissions.add(Permission.objects.get(codename="audit_draw"))
    return user


def page(client: Any, survey_round: Any) -> str:
    return client.get(reverse("sampling:verification_round", args=[survey_round.code])).content.decode()


def status(client: Any, url: str) -> int:
    answer = client.get(url)
    list(answer)  # reads a file to its end; closing it by hand would close the database connection too
    return answer.status_code


def bundle_url(draw: Draw) -> str:
    return reverse("sampling:bundle", args=[draw.round.code, draw.pk])


def closed_round():
    survey_round = walk(framed_round())
    open_round(round=survey_round)
    close_round(round=survey_round)
    for draw in Draw.objects.filter(round=survey_round):
        close_draw(draw=draw)
    return survey_round


def test_a_draft_is_nobody_elses_business(client: Any):
    draw = checked(framed_round())
    assert draw.round.name not in client.get(reverse("sampling:verification")).content.decode()
    assert client.get(reverse("sampling:verification_round", args=[draw.round.code])).status_code == 404


def test_a_commitment_is_public_from_its_first_moment_without_secret_or_seed(client: Any):
    draw = committed(framed_round())
    text = page(client, draw.round)
    assert draw.commitment_digest in text
    assert draw.secret_digest in text
    assert draw.public_source in text
    assert secret_of(draw) not in text
    answer = client.get(reverse("sampling:commitment", args=[draw.round.code, draw.pk]))
    assert answer.json() == draw.commitment


def test_after_the_draw_the_value_and_the_digest_of_the_list_are_public_but_not_the_seed(client: Any):
    draw = drawn(framed_round())
    text = page(client, draw.round)
    assert VALUES["commune"] in text
    assert draw.fingerprint in text
    assert draw.seed not in text
    assert secret_of(draw) not in text
    assert status(client, bundle_url(draw)) == 403


def test_an_abandoned_draw_stays_public_with_its_reason(client: Any):
    draw = committed(framed_round())
    abandon_draw(draw=draw, reason="The frame missed a commune")
    text = page(client, draw.round)
    assert "The frame missed a commune" in text
    assert draw.commitment_digest in text


def test_when_a_draw_is_closed_everybody_may_draw_the_places_again(client: Any):
    survey_round = closed_round()
    communes = Draw.objects.get(round=survey_round, stage="commune")
    assert communes.seed in page(client, survey_round)
    answer = client.get(bundle_url(communes))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_persons_are_verified_by_auditors_only(client: Any, auditor: Any):
    survey_round = closed_round()
    persons = Draw.objects.get(round=survey_round, stage="person")
    assert status(client, bundle_url(persons)) == 403
    assert persons.seed not in page(client, survey_round)
    client.force_login(auditor)
    assert status(client, bundle_url(persons)) == 200
    assert persons.seed in page(client, survey_round)


def test_a_long_list_is_packed_by_a_worker(client: Any, auditor: Any, monkeypatch: Any):
    monkeypatch.setattr("sampling.views.LARGEST_AT_ONCE", 1)
    draw = drawn(framed_round())
    client.force_login(auditor)
    answer = client.get(bundle_url(draw), follow=True)
    assert answer.redirect_chain
    assert status(client, bundle_url(draw)) == 200


def test_the_script_can_be_downloaded_apart_from_the_bundle(client: Any):
    answer = client.get(reverse("sampling:verification_script"))
    assert b"def main" in b"".join(answer.streaming_content)


def test_an_auditor_of_a_province_does_not_see_who_was_drawn_for_the_country(
    client: Any, auditor: Any
) -> None:
    survey_round = closed_round()
    province = AdministrativeUnit.objects.filter(level="province").first()
    TerritoryMember.objects.create(user=auditor, province=province)
    client.force_login(auditor)
    persons = Draw.objects.get(round=survey_round, stage="person")
    assert status(client, bundle_url(persons)) == 403
    assert persons.seed not in page(client, survey_round)


def test_a_second_attempt_is_counted_in_public(client: Any) -> None:
    draw = committed(framed_round())
    abandon_draw(draw=draw, reason="A commune was missing")
    committed(draw.round)
    client.cookies.load({"django_language": "en"})
    assert "attempt 2" in client.get(f"/en/xac-minh/{draw.round.code}/").content.decode()
    assert client.get(bundle_url(draw)).status_code == 403


def test_a_demonstration_is_called_one_in_every_card_and_in_its_document(client: Any) -> None:
    draw = committed(framed_round(is_demo=True))
    text = page(client, draw.round)
    assert text.count('class="mark-provisional"') == 1
    assert client.get(reverse("sampling:commitment", args=[draw.round.code, draw.pk])).json()["demonstration"]


def test_rounds_without_commitments_are_named_as_such_once_people_are_asked(client: Any) -> None:
    survey_round = make_sample().round
    url = reverse("sampling:verification")
    assert survey_round.name not in client.get(url).content.decode()
    open_round(round=survey_round)
    text = client.get(url).content.decode()
    assert survey_round.name in text
    assert "mark-rehearsed" in text
    assert reverse("sampling:verification_round", args=[survey_round.code]) not in text


def test_a_bundle_that_cannot_be_made_says_why(client: Any, settings: Any) -> None:
    draw = Draw.objects.get(round=closed_round(), stage="commune")
    settings.COORDINATION_KEY = "another key"
    answer = client.get(bundle_url(draw), follow=True)
    assert "SURVEY_COORDINATION_KEY" in answer.content.decode()
