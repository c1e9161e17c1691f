"""The database's picture of what is asked and answered."""

from questionnaires.models.access_codes import AccessCode
from questionnaires.models.assignments import Assignment
from questionnaires.models.messages import Channel, Message, MessageStatus, MessageTemplate
from questionnaires.models.open_rounds import OpenResponse, OpenRound, OpenRoundStatus, SpentToken
from questionnaires.models.paths import RecordedPath
from questionnaires.models.questionnaires import (
    FrozenVersionError,
    Questionnaire,
    QuestionnaireVersion,
    RoundQuestionnaire,
)
from questionnaires.models.recordings import Recording
from questionnaires.models.responses import DraftedSheet, Helper, Mode, Pressure, Response, ResponseStatus
from questionnaires.models.rights import Right, RightsRequest
from questionnaires.models.separated import SeparatedResponse
from questionnaires.models.translations import QuestionnaireTranslation

__all__ = [
    "AccessCode",
    "Assignment",
    "Channel",
    "DraftedSheet",
    "FrozenVersionError",
    "Helper",
    "Message",
    "MessageStatus",
    "MessageTemplate",
    "Mode",
    "OpenResponse",
    "OpenRound",
    "OpenRoundStatus",
    "Pressure",
    "Questionnaire",
    "QuestionnaireTranslation",
    "QuestionnaireVersion",
    "RecordedPath",
    "Recording",
    "Response",
    "ResponseStatus",
    "Right",
    "RightsRequest",
    "RoundQuestionnaire",
    "SeparatedResponse",
    "SpentToken",
]
