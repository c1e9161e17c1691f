"""Half-widths of the planner by the method of a list, and the words that say what they assume."""

import pytest
from django.test import Client
from django.urls import reverse

from sampling.viewsets.planner_words import (
    ASSUMPTIONS,
    BY_SIZE_ASSUMPTION,
    EQUAL_ASSUMPTION,
    RANDOM_SIZE,
    UNKNOWN_SIZES,
)
from tests.questionnaires.rounds import make_user

pytestmark = pytest.mark.django_db

KNOWN = "province;N;SD;mean;size_effect\n01;9000;40;60;1.5\n79;9000;40;90;1.5"
UNKNOWN = "province;N;SD;mean\n01;9000;40;60\n79;9000;40;90"


@pytest.fixture
def planner(client: Client) -> Client:
    client.force_login(make_user("planner", "wagtailadmin.access_admin", "sampling.change_surveyround"))
    return client


def plan(planner: Client, selection: str, table: str) -> tuple[float, list[str]]:
    """Return the half-width of the whole list, and what the page says of it."""
    fields = {"table": table, "selection": selection, "rule": "equal", "n": 600, "reserve": 0}
    answer = planner.get(reverse("planner:lists"), fields)
    page = answer.content.decode()
    words = [str(words) for words in answer.context["assumptions"]]
    assert all(one[:40] in page for one in words)
    return answer.context["result"].whole.margin, words


def test_sizes_widen_what_is_drawn_by_size(planner: Client) -> None:
    equal, said = plan(planner, "simple_random", KNOWN)
    assert said == [str(EQUAL_ASSUMPTION)]
    by_size, said = plan(planner, "sampford", KNOWN)
    assert said == [str(BY_SIZE_ASSUMPTION)]
    assert by_size == pytest.approx(equal * 1.5**0.5, rel=0.02)


def test_unknown_sizes_are_told(planner: Client) -> None:
    equal, _said = plan(planner, "simple_random", UNKNOWN)
    by_size, said = plan(planner, "pps_systematic", UNKNOWN)
    assert by_size == equal
    assert said == [str(ASSUMPTIONS["pps_systematic"]), str(UNKNOWN_SIZES)]


def test_random_size_lets_strata_differ(planner: Client) -> None:
    fixed, said = plan(planner, "systematic", UNKNOWN)
    assert said == [str(ASSUMPTIONS["systematic"])]
    random, said = plan(planner, "bernoulli", UNKNOWN)
    assert said == [str(EQUAL_ASSUMPTION), str(RANDOM_SIZE)]
    assert random > fixed
