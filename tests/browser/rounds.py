"""Small rounds for the browser: after each test the database is empty, the site's own first rows included."""

from typing import Any

from wagtail.models import Collection

from questionnaires.models import Assignment
from questionnaires.services import issue_codes
from sampling.models import Case, SurveyRound
from survey_site.pages.models import HomePage, MethodologyPage
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish, publish_sipas
from tests.survey_site import makers


def make_portal() -> HomePage:
    """The landing page in both languages, with the rows that migrations would have left."""
    home = makers.make_home()
    makers.make_home("en")
    if Collection.get_first_root_node() is None:
        Collection.add_root(name="Root")
    return home


def make_open_round(*, is_whole_form: bool = False) -> SurveyRound:
    """A round that takes answers, to a small form or to the whole one."""
    survey_round = make_round("sipas-2027")
    (publish_sipas if is_whole_form else publish)(survey_round)
    return survey_round


def invite(survey_round: SurveyRound, enumerator: Any = None) -> tuple[Case, str]:
    """Somebody who was chosen, with the code on the letter; their village may be assigned."""
    village = make_village(survey_round)
    if enumerator is not None:
        Assignment.objects.create(village=village, enumerator=enumerator)
    [case] = make_cases(village)
    return case, issue_codes(cases=[case])[case.pk]


def make_results(home: HomePage) -> tuple[str, str]:
    """The addresses of the results of an earlier round and of the methods."""
    results = makers.make_results_page(home, makers.make_release())
    methods = MethodologyPage(title="Phương pháp", slug="phuong-phap", locale=home.locale)
    home.add_child(instance=methods)
    return results.get_url(), methods.get_url()
