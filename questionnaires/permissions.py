"""Who may do what with questionnaires and answers."""

from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from questionnaires.models import Assignment, Questionnaire, QuestionnaireVersion, RoundQuestionnaire
from sampling.permissions import ReadOnlyPermissionPolicy

CONDUCT_INTERVIEWS = "questionnaires.conduct_interviews"
KEY_PAPER_FORM = "questionnaires.key_paper_form"
FREEZE_QUESTIONNAIRE = "questionnaires.freeze_questionnaire"
VIEW_DRAFT = "questionnaires.view_questionnaire"
ADD_DRAFT = "questionnaires.add_questionnaire"
CHANGE_DRAFT = "questionnaires.change_questionnaire"
VIEW_VERSION = "questionnaires.view_questionnaireversion"
ISSUE_CODES = "questionnaires.add_accesscode"
ASSIGN_VILLAGES = "questionnaires.add_assignment"

EDITABLE_MODELS = (Questionnaire, RoundQuestionnaire, Assignment)


def register_policies() -> None:
    """Register one policy per model; called once, when the hooks are read."""
    for model in EDITABLE_MODELS:
        register_permission_policy(model, ModelPermissionPolicy(model))
    register_permission_policy(QuestionnaireVersion, ReadOnlyPermissionPolicy(QuestionnaireVersion))
