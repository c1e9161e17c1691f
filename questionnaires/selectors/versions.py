"""Published versions as the immutable values that the schema works on."""

from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import gettext as _

from questionnaires.models import QuestionnaireVersion
from questionnaires.schema import (
    Change,
    CodebookRow,
    Correspondence,
    Questionnaire,
    Renaming,
    codebook,
    parse,
    read_mapping,
)
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
        raise _nothing_asked(survey_round)
    return version


def require_questionnaire(survey_round: SurveyRound) -> None:
    """Raise unless the round asks a published questionnaire; no query where its link was fetched."""
    if not hasattr(survey_round, "questionnaire_link"):
        raise _nothing_asked(survey_round)


def _nothing_asked(survey_round: SurveyRound) -> RoundWithoutQuestionnaireError:
    return RoundWithoutQuestionnaireError(
        _(
            "Round %(round)s asks no published questionnaire yet. "
            "Publish a version and assign it to the round."
        )
        % {"round": survey_round.code}
    )


def version_codebook(version: QuestionnaireVersion, language: str = "vi") -> tuple[CodebookRow, ...]:
    """Return the variables of a version with their labels and what became of them since the last version."""
    return codebook(schema_by_digest(version.digest), language, correspondences_of(version))


def correspondences_of(version: QuestionnaireVersion) -> tuple[Correspondence, ...]:
    """Return what became of each question since the version before, as it was found at publishing."""
    return tuple(
        Correspondence(
            stored["code"],
            Change(stored["change"]),
            stored.get("source", ""),
            tuple(stored.get("options", ())),
        )
        for stored in version.comparison
    )


def renamings_of(version: QuestionnaireVersion) -> Mapping[str, Renaming]:
    """Return the mapping that was given at publishing."""
    if not version.mapping:
        return {}
    before = QuestionnaireVersion.objects.get(
        questionnaire=version.questionnaire_id, number=version.number - 1
    )
    return read_mapping(version.mapping, schema_by_digest(before.digest), schema_by_digest(version.digest))
