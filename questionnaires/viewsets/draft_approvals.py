"""Wagtail's own ways to approve a draft, through our service: what is approved is what was looked at."""

import json
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.snippets.views.snippets import EditView, WorkflowActionView

from questionnaires.services.draft_approvals import DraftMovedOnError, approve_draft, approve_submission

APPROVE = "approve"


class DraftEditView(EditView):
    """The editor: approving there approves what is in its form."""

    def is_valid(self, form: Any) -> bool:
        """Approve nothing over what somebody else saved meanwhile."""
        if self.action == "workflow-action" and self.is_out_of_date:
            self.produced_error_message = str(DraftMovedOnError())
            return False
        return bool(super().is_valid(form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Keep a form that came too late from passing for the latest draft when it is sent again."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.request.method == "POST" and self.is_out_of_date:
            context["loaded_revision_created_at"] = ""
        return context

    def workflow_action_action(self) -> HttpResponse | None:
        """Approve the revision just saved; whatever else is Wagtail's own."""
        if self.workflow_action != APPROVE:
            super().workflow_action_action()
            return None
        said = json.loads(self.request.POST.get("workflow-action-extra-data", "") or "{}")
        try:
            approve_draft(
                questionnaire=self.object,
                seen=self.new_revision.pk,
                comment=str(said.get("comment", "")),
                user=self.request.user,
            )
        except DraftMovedOnError as error:
            messages.error(self.request, str(error))
            return redirect(self.get_edit_url())
        return None


class DraftWorkflowActionView(WorkflowActionView):
    """Approving from the list of what waits: approves what was submitted, or nothing."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the draft with an explanation where it is no longer what was submitted."""
        form = self.form_class(request.POST)
        if self.action_name != APPROVE or not form.is_valid():
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        try:
            user = cast("AbstractBaseUser", request.user)
            approve_submission(submission=self.task_state, user=user, **form.cleaned_data)
        except DraftMovedOnError as error:
            messages.error(request, str(error))
        return self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Lead back, as Wagtail does: the dialog is told where to, other pages are left."""
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            step = {"step": "success", "redirect": self.redirect_url}
            answer: HttpResponse = self.render_modal_json(request, step)
            return answer
        return redirect(self.redirect_url)
