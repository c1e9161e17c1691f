"""Published versions as the immutable values that the schema works on."""

from functools import lru_cache

from django.utils.translation import gettext as _

from questionnaires.models import QuestionnaireVersion
from questionnaires.schema import CodebookRow, Questionnaire, codebook, parse
from sampling.models import SurveyRound


class RoundWithoutQuestionnaireError(LookupError):
    """Raised when answers are asked for in a round that has no published questionnaire."""


@lru_cache(maxsize=16)
def schema_by_digest(digest: str) -> Questionnaire:
    """Return the questionnaire with a hash, read and compiled once per process: a version never changes."""
    document = QuestionnaireVersion.objects.filter(digest=digest).values_list("document", flat=True)[:1].get()
    return parse(document)


def version_for_round(survey_round: SurveyRound) -> QuestionnaireVersion:
    """Return the version that a round asks, without its document."""
    version = (
        QuestionnaireVersion.objects.filter(round_links__round=survey_round)
        .select_related("questionnaire")
        .defer("document", "questionnaire__sections")
        .first()
    )
    if version is None:
        raise RoundWithoutQuestionnaireError(
            _(
                "Round %(round)s asks no published questionnaire yet. "
                "Publish a version and assign it to the round."
            )
            % {"round": survey_round.code}
        )
    return version


def version_codebook(version: QuestionnaireVersion, language: str = "vi") -> tuple[CodebookRow, ...]:
    """Return the variables of a version with their labels."""
    return codebook(schema_by_digest(version.digest), language)
