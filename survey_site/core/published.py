"""Where the results of a round can be read, for pages of the packages below this one."""

from django.apps import apps
from django.http import HttpRequest
from django.utils.translation import get_language

from sampling.models import SurveyRound


def results_url(request: HttpRequest, survey_round: SurveyRound) -> str:
    """Return the address of the latest published results of a round; empty where there are none."""
    model = apps.get_model("pages", "ResultsPage")
    pages = model.objects.live().public().filter(release__snapshot__round=survey_round)
    newest = pages.order_by("-release__published_at")
    page = newest.filter(locale__language_code=get_language()).first() or newest.first()
    return page.get_url(request) or "" if page else ""
