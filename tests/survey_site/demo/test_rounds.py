"""The questionnaire of the demonstration goes the way of every other one."""

import pytest
from wagtail.models import ModelLogEntry, TaskState

from questionnaires.models import Questionnaire
from survey_site.core.roles import ensure_roles
from survey_site.demo import voices
from survey_site.demo.rounds import publish_questionnaire
from tests.questionnaires.rounds import make_user

pytestmark = pytest.mark.django_db


def test_form_goes_from_its_author_to_a_methodologist_who_publishes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(voices, "is_there", lambda: False)
    roles = ensure_roles()
    author, methodologist = (make_user(name) for name in ("author", "methodologist"))
    methodologist.groups.add(roles["methodologist"])
    version = publish_questionnaire(author, methodologist)
    asked = ("wagtail.workflow.start", "questionnaires.approve_draft", "questionnaires.freeze")
    found = ModelLogEntry.objects.filter(action__in=asked).order_by("pk")
    assert list(found.values_list("action", "user__username")) == list(
        zip(asked, ("author", "methodologist", "methodologist"), strict=True)
    )
    draft = Questionnaire.objects.get()
    approval = TaskState.objects.get()
    assert (approval.status, approval.revision) == ("approved", draft.approved_revision)
    assert publish_questionnaire(author, methodologist) == version
