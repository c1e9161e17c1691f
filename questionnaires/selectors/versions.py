"""Published versions as the immutable values that the schema works on."""

from collections.abc import Mapping
from functools import lru_cache

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from questionnaires.models import Questionnaire as QuestionnaireDraft
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
from questionnaires.selectors.lookup import Lookup
from sampling.models import SurveyRound


class RoundWithoutQuestionnaireError(LookupError):
    """Raised when answers are asked for in a round that has no published questionnaire."""


@lru_cache(maxsize=16)
def schema_by_digest(digest: str) -> Questionnaire:
    """Return the questionnaire with a hash, read and compiled once per process: a version never changes."""
    document = QuestionnaireVersion.objects.filter(digest=digest).values_list("document", flat=True)[:1].get()
    return parse(document)


def _without_texts() -> QuerySet[QuestionnaireVersion]:
    """Return the versions with their questionnaires, without what only authors and the schema read."""
    versions = QuestionnaireVersion.objects.select_related("questionnaire")
    return versions.defer("document", "questionnaire__sections")


VERSIONS_ASKED = Lookup(_without_texts, by="round_links__round")


def version_for_round(survey_round: SurveyRound) -> QuestionnaireVersion:
    """Return the version that a round asks, without its document."""
    try:
        return VERSIONS_ASKED.get(survey_round.pk)
    except QuestionnaireVersion.DoesNotExist:
        raise _nothing_asked(survey_round) from None


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
    before = version_before(version)
    if before is None:
        return {}
    return read_mapping(version.mapping, schema_by_digest(before.digest), schema_by_digest(version.digest))


def version_before(version: QuestionnaireVersion) -> QuestionnaireVersion | None:
    """Return the version before; before the first one of a copy came what was copied."""
    if version.number == 1:
        return version.questionnaire.follows
    earlier = QuestionnaireVersion.objects.filter(questionnaire=version.questionnaire_id)
    return earlier.filter(number__lt=version.number).order_by("-number").first()


def last_version(questionnaire: QuestionnaireDraft) -> QuestionnaireVersion | None:
    """Return the version that the next one of a draft would follow."""
    own = questionnaire.versions.defer("document").order_by("-number").first()
    return own or questionnaire.follows
