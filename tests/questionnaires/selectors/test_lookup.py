"""Rows found by a query whose SQL is made once are those that the ordinary query finds."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from questionnaires.selectors.lookup import Lookup
from sampling.models import SurveyRound
from tests.questionnaires.rounds import make_round

pytestmark = pytest.mark.django_db


def _rounds() -> Lookup[SurveyRound]:
    return Lookup(lambda: SurveyRound.objects.select_related("template"))


def test_row_is_the_one_of_the_ordinary_query() -> None:
    first, second = make_round("sipas-2026"), make_round("sipas-2027", year=2027)
    rounds = _rounds()
    assert [rounds.get(each.pk).code for each in (first, second, first)] == [
        "sipas-2026",
        "sipas-2027",
        "sipas-2026",
    ]


def test_related_rows_come_in_the_same_statement() -> None:
    survey_round = make_round()
    rounds = _rounds()
    rounds.get(survey_round.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = rounds.get(survey_round.pk)
        assert found.template.pk == survey_round.template_id
    assert len(queries) == 1


def test_changes_are_seen() -> None:
    survey_round = make_round()
    rounds = _rounds()
    rounds.get(survey_round.pk)
    SurveyRound.objects.filter(pk=survey_round.pk).update(decision="123/QĐ-BNV")
    assert rounds.get(survey_round.pk).decision == "123/QĐ-BNV"


def test_missing_row_raises_as_usual() -> None:
    with pytest.raises(SurveyRound.DoesNotExist):
        _rounds().get(-1)


def test_another_field_may_be_the_key() -> None:
    survey_round = make_round("sipas-2028", year=2028)
    assert Lookup(SurveyRound.objects.all, by="code").get("sipas-2028").pk == survey_round.pk


def test_query_with_values_of_its_own_is_refused() -> None:
    with pytest.raises(TypeError, match="only parameter"):
        Lookup(lambda: SurveyRound.objects.filter(year=2026)).get(1)


def test_each_thread_makes_its_own_query() -> None:
    rounds = _rounds()
    with pytest.raises(SurveyRound.DoesNotExist):
        rounds.get(-1)

    def kept() -> bool:
        return hasattr(rounds._kept, "queryset")

    with ThreadPoolExecutor(max_workers=1) as pool:
        assert (kept(), pool.submit(kept).result()) == (True, False)
