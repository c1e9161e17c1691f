"""Who may do what with questionnaires and answers."""

from django.contrib.auth.models import AbstractUser
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from questionnaires.models import (
    Assignment,
    OpenRound,
    OpenRoundStatus,
    Questionnaire,
    QuestionnaireVersion,
    RoundQuestionnaire,
)
from sampling.models.territories import NOWHERE, Person, province_of
from sampling.permissions import CHANGING_ACTIONS, ReadOnlyPermissionPolicy

CONDUCT_INTERVIEWS = "questionnaires.conduct_interviews"
KEY_PAPER_FORM = "questionnaires.key_paper_form"
FREEZE_QUESTIONNAIRE = "questionnaires.freeze_questionnaire"
APPROVE_DRAFT = "questionnaires.publish_questionnaire"
"""Wagtail calls approving publishing; a version for answering is published by its own right."""
VIEW_DRAFT = "questionnaires.view_questionnaire"
ADD_DRAFT = "questionnaires.add_questionnaire"
CHANGE_DRAFT = "questionnaires.change_questionnaire"
VIEW_VERSION = "questionnaires.view_questionnaireversion"
APPROVE_RESPONSES = "questionnaires.approve_response"
VIEW_RIGHTS_REQUESTS = "questionnaires.view_rightsrequest"
ADD_RIGHTS_REQUEST = "questionnaires.add_rightsrequest"
ANSWER_RIGHTS_REQUEST = "questionnaires.change_rightsrequest"
USE_STUDIO = "questionnaires.use_studio"
ISSUE_CODES = "questionnaires.add_accesscode"
SEND_MESSAGES = "questionnaires.send_message"
VIEW_MESSAGES = "questionnaires.view_message"
CHANGE_MESSAGE_TEMPLATE = "questionnaires.change_messagetemplate"
ASSIGN_VILLAGES = "questionnaires.add_assignment"
ADD_OPEN_ROUND = "questionnaires.add_openround"
CHANGE_OPEN_ROUND = "questionnaires.change_openround"
VIEW_OPEN_ROUND = "questionnaires.view_openround"
EXPORT_OPEN_ROUND = "questionnaires.export_openround"

EDITABLE_MODELS = (Questionnaire, RoundQuestionnaire, Assignment)


class OpenRoundPermissionPolicy(ModelPermissionPolicy):
    """Lets people change the open rounds of their own territory, and delete one that was never opened."""

    def user_has_permission_for_instance(self, user: AbstractUser, action: str, instance: OpenRound) -> bool:
        """Refuse rounds of others, and the deletion of a round that people were sent to."""
        is_own = runs_open_round if action in CHANGING_ACTIONS else sees_open_round
        is_kept = action == "delete" and instance.status != OpenRoundStatus.PREPARING
        allowed = super().user_has_permission_for_instance(user, action, instance)
        return bool(allowed) and is_own(user, instance) and not is_kept


def register_policies() -> None:
    """Register one policy per model; called once, when the hooks are read."""
    for model in EDITABLE_MODELS:
        register_permission_policy(model, ModelPermissionPolicy(model))
    register_permission_policy(QuestionnaireVersion, ReadOnlyPermissionPolicy(QuestionnaireVersion))
    register_permission_policy(OpenRound, OpenRoundPermissionPolicy(OpenRound))


def runs_open_round(user: Person, open_round: OpenRound) -> bool:
    """Tell whether an open round is one that a person may change, as far as their territory goes."""
    province = province_of(user)
    return province is None or open_round.territory_id == province


def sees_open_round(user: Person, open_round: OpenRound) -> bool:
    """Tell whether a person may look at an open round."""
    province = province_of(user)
    return province is None or (province != NOWHERE and open_round.territory_id in (None, province))
