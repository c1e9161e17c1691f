"""The demonstration's draws: the path of a real round, with everything made up and marked."""

import datetime
from typing import Any

import pytest

from sampling.models import Draw
from sampling.selectors.draws import is_played, is_rehearsed
from sampling.services import Register, close_round, open_round
from sampling.services.draws import MADE_UP_SOURCE
from survey_site.demo.draws import close_draws, draw_round
from survey_site.demo.reset import reset
from tests.sampling.draws import framed_round
from tests.sampling.makers import REFERENCE_DATE, register, village_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any) -> None:
    settings.FRAME_ROOT = tmp_path / "frames"


class Scene:
    """What `draw_round` asks of the demonstration's scene."""

    reference_date = REFERENCE_DATE

    def village_rows(self, communes: frozenset[str]) -> list[dict[str, str]]:
        return [row for row in village_rows() if row["parent_code"] in communes]

    def register(self, village: str) -> Register:
        return register(village)


def play(user: Any) -> list[Draw]:
    survey_round = framed_round(is_demo=True)
    draw_round(Scene(), survey_round, user, lambda *_told: None)
    return list(Draw.objects.filter(round=survey_round).order_by("pk"))


def test_every_stage_is_committed_before_its_value_and_issued(admin_user: Any) -> None:
    draws = play(admin_user)
    assert [draw.stage for draw in draws] == ["commune", "village", "person"]
    assert {draw.status for draw in draws} == {"issued"}
    assert {draw.public_source for draw in draws} == {MADE_UP_SOURCE}
    for draw in draws:
        assert draw.committed_at is not None
        assert draw.public_value_due == draw.committed_at.date() + datetime.timedelta(days=1)
    assert draws[-1].commitment["previous"] == [draw.commitment_digest for draw in draws[:-1]]
    assert is_played(draws[0].round)
    assert not is_rehearsed(draws[0].round)


def test_secrets_and_values_differ_between_stages(admin_user: Any) -> None:
    draws = play(admin_user)
    assert len({draw.secret_digest for draw in draws}) == len({draw.public_value for draw in draws}) == 3


def test_draws_of_a_closed_round_are_closed_and_reset_takes_all_away(
    admin_user: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    survey_round = play(admin_user)[0].round
    close_round(round=open_round(round=survey_round))
    close_draws(survey_round, admin_user)
    assert {draw.status for draw in Draw.objects.all()} == {"closed"}
    registers = settings.FRAME_ROOT / survey_round.code / "registers"
    assert list(registers.iterdir())
    with django_capture_on_commit_callbacks(execute=True):
        assert reset() == 1
    assert not Draw.objects.exists()
    assert not list(registers.iterdir())
