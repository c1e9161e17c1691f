"""Giving draws up: the evidence stays, and nobody picks a list to their taste alone."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from sampling.models import Draw, Sample, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.proof import verify_draw
from sampling.sealing import secret_of
from sampling.services import DrawRefusedError, abandon_draw, carry_out_draw, commit_draw
from sampling.services.bundles import bundle_path, write_bundle
from tests.sampling.draws import (
    SOURCE,
    checked,
    drawn,
    framed_round,
    issued,
    later,
    send_registers,
    send_villages,
    tomorrow,
)

pytestmark = pytest.mark.django_db

PROOF = ("fingerprint", "seed", "public_value", "n_drawn", "secret", "commitment_digest")


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def people(django_user_model: Any) -> tuple[Any, Any]:
    """Two statisticians."""
    rights = ("access_admin", "view_surveyround", "view_sample", "commit_draw", "view_draw")
    users = [django_user_model.objects.create_user(name, password="x") for name in ("lan", "minh")]
    for user in users:
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return users[0], users[1]


def committed_by(user: Any) -> Draw:
    draw = checked(framed_round())
    return commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow(), user=user)


def drawn_by(user: Any) -> Draw:
    draw = committed_by(user)
    with later():
        return carry_out_draw(draw=draw, public_value="45021", user=user)


def person_draw() -> Draw:
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    send_registers(survey_round)
    return drawn(survey_round, "person")


def failed(path: Path, published: str) -> list[str]:
    checks = verify_draw.verify(verify_draw.Bundle(path), published)
    return [what for what, expected, got in checks if expected != got]


def test_whoever_carried_a_draw_out_cannot_abandon_it_alone(people: tuple[Any, Any]):
    first, second = people
    draw = drawn_by(first)
    with pytest.raises(DrawRefusedError):
        abandon_draw(draw=draw, reason="Không vừa ý", user=first)
    draw.refresh_from_db()
    assert draw.status == "drawn"
    assert abandon_draw(draw=draw, reason="Sai giá trị công khai", user=second).status == "abandoned"


def test_once_the_value_is_out_the_committer_cannot_abandon_alone(people: tuple[Any, Any]):
    first, second = people
    draw = committed_by(first)
    with later():
        with pytest.raises(DrawRefusedError):
            abandon_draw(draw=draw, reason="Không vừa ý", user=first)
        assert abandon_draw(draw=draw, reason="Sai nguồn", user=second).status == "abandoned"


def test_before_the_value_exists_nothing_can_be_known(people: tuple[Any, Any]):
    first, _second = people
    assert abandon_draw(draw=committed_by(first), reason="Sai nguồn", user=first).status == "abandoned"


def test_the_form_says_that_a_second_person_is_needed(client: Client, people: tuple[Any, Any]):
    first, second = people
    draw = drawn_by(first)
    url = reverse("surveyround:draw_step", args=[draw.round.pk, draw.stage, "abandon"])
    client.force_login(first)
    assert client.post(url, {"reason": "Không vừa ý"}).context["form"].non_field_errors()
    client.force_login(second)
    client.post(url, {"reason": "Sai giá trị công khai"})
    draw.refresh_from_db()
    assert draw.status == "abandoned"


@pytest.mark.parametrize("make", [lambda: drawn(framed_round()), person_draw], ids=["communes", "persons"])
def test_the_proof_of_an_abandoned_draw_is_kept(make: Any):
    draw = make()
    before = [getattr(draw, name) for name in PROOF]
    draw = abandon_draw(draw=draw, reason="Sai giá trị")
    draw.refresh_from_db()
    assert [getattr(draw, name) for name in PROOF] == before
    assert failed(bundle_path(draw), draw.commitment_digest) == []
    assert write_bundle(draw=draw) == bundle_path(draw)


def test_a_list_that_cannot_be_kept_is_not_taken_back(monkeypatch: Any):
    draw = drawn(framed_round())
    monkeypatch.setattr("sampling.services.bundles.stored_rows", lambda _draw: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        abandon_draw(draw=draw, reason="x")
    draw.refresh_from_db()
    assert draw.status == "drawn"
    assert Sample.objects.exists()


def page(client: Client, survey_round: SurveyRound) -> str:
    return client.get(reverse("sampling:verification_round", args=[survey_round.code])).content.decode()


def bundle_status(client: Client, draw: Draw) -> int:
    answer = client.get(reverse("sampling:bundle", args=[draw.round.code, draw.pk]))
    list(answer)  # to its end; closing it by hand would close the database connection too
    return answer.status_code


def close_by_hand(draw: Draw) -> None:
    SurveyRound.objects.filter(pk=draw.round.pk).update(status=RoundStatus.CLOSED)
    draw.refresh_from_db()


def test_what_an_abandoned_draw_of_places_had_drawn_is_public_after_the_round(client: Client):
    draw = abandon_draw(draw=drawn(framed_round()), reason="Sai giá trị")
    assert draw.seed not in page(client, draw.round)
    assert bundle_status(client, draw) == 403
    close_by_hand(draw)
    assert draw.seed in page(client, draw.round)
    assert secret_of(draw) in page(client, draw.round)
    assert bundle_status(client, draw) == 200


def test_the_secret_of_a_commitment_that_was_not_carried_out_is_public_after_the_round(client: Client):
    survey_round = framed_round()
    draw = commit_draw(draw=checked(survey_round), public_source=SOURCE, public_value_due=tomorrow())
    abandon_draw(draw=draw, reason="Sai nguồn")
    assert secret_of(draw) not in page(client, survey_round)
    close_by_hand(draw)
    assert secret_of(draw) in page(client, survey_round)


def test_abandoned_persons_are_shown_to_auditors_only(client: Client, django_user_model: Any):
    draw = abandon_draw(draw=person_draw(), reason="Sai giá trị")
    close_by_hand(draw)
    assert draw.seed not in page(client, draw.round)
    assert secret_of(draw) not in page(client, draw.round)
    assert bundle_status(client, draw) == 403
    auditor = django_user_model.objects.create_user("auditor", password="x")
    auditor.user_permissions.add(Permission.objects.get(codename="audit_draw"))
    client.force_login(auditor)
    assert draw.seed in page(client, draw.round)
    assert bundle_status(client, draw) == 200


def test_the_page_of_a_lost_key_still_opens(client: Client, settings: Any):
    draw = abandon_draw(draw=drawn(framed_round()), reason="Sai giá trị")
    close_by_hand(draw)
    settings.COORDINATION_KEY = "another key"
    assert draw.seed in page(client, draw.round)
