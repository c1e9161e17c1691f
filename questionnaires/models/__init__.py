"""The database's picture of what is asked and answered."""

from questionnaires.models.access_codes import AccessCode
from questionnaires.models.assignments import Assignment
from questionnaires.models.questionnaires import (
    FrozenVersionError,
    Questionnaire,
    QuestionnaireVersion,
    RoundQuestionnaire,
)
from questionnaires.models.responses import Mode, Response, ResponseStatus
from questionnaires.models.translations import QuestionnaireTranslation

__all__ = [
    "AccessCode",
    "Assignment",
    "FrozenVersionError",
    "Mode",
    "Questionnaire",
    "QuestionnaireTranslation",
    "QuestionnaireVersion",
    "Response",
    "ResponseStatus",
    "RoundQuestionnaire",
]
