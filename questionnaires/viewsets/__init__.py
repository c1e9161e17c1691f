"""The admin of questionnaires, letters and the work in the field."""

from django.utils.translation import gettext_lazy
from wagtail.admin.viewsets.base import ViewSetGroup

from questionnaires.viewsets.approvals import ApprovalsViewSet
from questionnaires.viewsets.drafts import (
    AssignmentViewSet,
    QuestionnaireVersionViewSet,
    QuestionnaireViewSet,
    RoundQuestionnaireViewSet,
)
from questionnaires.viewsets.letters import LettersViewSet
from questionnaires.viewsets.messages import MessagesViewSet
from questionnaires.viewsets.publishing import FreezeView, edit_url
from questionnaires.viewsets.rights import RightsViewSet
from questionnaires.viewsets.workloads import WorkloadsViewSet

__all__ = ["FreezeView", "QuestionnaireViewSetGroup", "edit_url"]


class QuestionnaireViewSetGroup(ViewSetGroup):
    """Everything about questionnaires in one menu."""

    menu_label = gettext_lazy("Questionnaires")
    menu_icon = "form"
    menu_order = 220
    items = (
        QuestionnaireViewSet,
        QuestionnaireVersionViewSet,
        RoundQuestionnaireViewSet,
        AssignmentViewSet,
        WorkloadsViewSet,
        LettersViewSet,
        MessagesViewSet,
        ApprovalsViewSet,
        RightsViewSet,
    )
