"""From author to methodologist: which draft was approved, and so may be published."""

from django.contrib.auth.models import AbstractBaseUser, Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import GroupApprovalTask, TaskState, Workflow, WorkflowContentType, WorkflowTask

from questionnaires.models import Questionnaire


class NotApprovedError(ValueError):
    """Raised when a draft is to be published that nobody has approved."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nobody has approved this draft. "
                "Submit it; a methodologist approves it or says what to change."
            )
        )


class DraftMovedOnError(ValueError):
    """Raised when a draft is not, or no longer, as the person saw it who was about to approve it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The draft was changed or approved meanwhile, so nothing was approved now. "
                "Open it again and look at what changed."
            )
        )


def needs_approval(questionnaire: Questionnaire) -> bool:
    """Tell whether drafts go through a workflow; the administrator assigns one to questionnaires, or none."""
    return bool(questionnaire.has_workflow)


def draft_to_publish(questionnaire: Questionnaire) -> Questionnaire:
    """Return the draft that may be published: the one approved last, or the latest where none need be."""
    if not needs_approval(questionnaire):
        latest: Questionnaire = questionnaire.get_latest_revision_as_object()
        return latest
    revision = questionnaire.approved_revision
    if revision is None:
        raise NotApprovedError
    approved: Questionnaire = revision.as_object()
    return approved


@transaction.atomic
def submit_draft(*, questionnaire: Questionnaire, user: AbstractBaseUser | None = None) -> TaskState | None:
    """Hand the latest draft in for approval; return what waits for an approver, None where nothing does."""
    questionnaire = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    workflow = questionnaire.get_workflow()
    if workflow is not None and not questionnaire.workflow_in_progress:
        workflow.start(questionnaire, user)
    waiting: TaskState | None = questionnaire.current_workflow_task_state
    return waiting


@transaction.atomic
def approve_draft(
    *, questionnaire: Questionnaire, seen: int, comment: str = "", user: AbstractBaseUser | None = None
) -> None:
    """Approve the latest draft, if it still is the revision that was looked at."""
    questionnaire = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if questionnaire.latest_revision_id != seen:
        raise DraftMovedOnError
    waiting = questionnaire.current_workflow_task_state
    if waiting is None:
        questionnaire.latest_revision.publish(user=user, log_action=False, skip_permission_checks=True)
    else:
        waiting.revision = questionnaire.latest_revision
        waiting.approve(user=user, comment=comment)
    log(instance=questionnaire, action="questionnaires.approve_draft", user=user, data={"revision": seen})


@transaction.atomic
def approve_submission(
    *, submission: TaskState, comment: str = "", user: AbstractBaseUser | None = None
) -> None:
    """Approve what was submitted, if it still waits and the draft is as it was then.

    A revision may be written over by whoever saves it again, so its day is compared, too.
    """
    draft = Questionnaire.objects.select_for_update().get(pk=submission.revision.object_id)
    waiting = draft.current_workflow_task_state
    if waiting is None or waiting.pk != submission.pk or waiting.revision.created_at > waiting.started_at:
        raise DraftMovedOnError
    approve_draft(questionnaire=draft, seen=waiting.revision_id, comment=comment, user=user)


@transaction.atomic
def ensure_draft_workflow(
    *, approvers: Group, name: str, task_name: str, user: AbstractBaseUser | None = None
) -> Workflow:
    """Let drafts go to a group for approval; where questionnaires have a workflow already, it stays."""
    content_type = ContentType.objects.get_for_model(Questionnaire, for_concrete_model=False)
    assigned = WorkflowContentType.objects.filter(content_type=content_type).first()
    if assigned is not None:
        return assigned.workflow
    task = GroupApprovalTask.objects.create(name=task_name)
    task.groups.add(approvers)
    workflow = Workflow.objects.create(name=name)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    WorkflowContentType.objects.create(content_type=content_type, workflow=workflow)
    log(instance=workflow, action="questionnaires.set_workflow", user=user, data={"group": approvers.name})
    return workflow
