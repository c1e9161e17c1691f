"""Copying, walking, test paths and approval, as authors and methodologists meet them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupApprovalTask, ModelLogEntry, WorkflowTask
from wagtail.snippets.models import create_extra_permissions

from questionnaires.models import Questionnaire, QuestionnaireVersion, RecordedPath, Response
from questionnaires.services import import_form, latest_draft
from questionnaires.services.draft_approvals import (
    DraftMovedOnError,
    approve_submission,
    ensure_draft_workflow,
    submit_draft,
)
from questionnaires.services.paths import record_path
from tests.questionnaires.rounds import make_user, options, small_document, text

pytestmark = pytest.mark.django_db

ENTER = "wagtailadmin.access_admin"
VIEW = "questionnaires.view_questionnaire"
ADD = "questionnaires.add_questionnaire"
EDIT = "questionnaires.change_questionnaire"
FREEZE = "questionnaires.freeze_questionnaire"
APPROVE = "questionnaires.publish_questionnaire"
STREAMS = ("sections", "rules", "scales", "attributes", "consent", "remarks")


def signed_in(client: Client, *rights: str, name: str = "staff") -> Client:
    client.force_login(make_user(name, ENTER, *rights))
    return client


def to(name: str, questionnaire: Questionnaire, *args: Any) -> str:
    return reverse(f"questionnaires_{name}", args=[questionnaire.pk, *args])


def editor(questionnaire: Questionnaire) -> str:
    return reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[questionnaire.pk])


def walk_to_the_end(client: Client, questionnaire: Questionnaire, used: str = "1") -> Any:
    client.post(to("walk_page", questionnaire, "_consent"))
    client.post(to("walk_page", questionnaire, "A"), {"SEX": "1", "USED": used, "move": "next"})
    for code in ("B", "C") if used == "1" else ("B",):
        fields = {"B1": "1", "B2": "2", "B3": "3", "C1": "5", "move": "next"}
        client.post(to("walk_page", questionnaire, code), fields)
    fields = {"AGE": "30", "CHANNELS": ["1", "3"], "WORDS": "Tốt", "move": "next"}
    return client.post(to("walk_page", questionnaire, "D"), fields)


def test_newcomer_starts_an_empty_form_and_may_publish_it(client: Client) -> None:
    signed_in(client, ADD, EDIT, FREEZE)
    values = {"title_vi": "Phiếu tại quầy", "title_en": "", "code": "quay-2027"}
    answer = client.post(reverse("questionnaires_start"), values)
    draft = Questionnaire.objects.get()
    assert answer.url == editor(draft)
    digest = client.get(to("freeze", draft)).context["digest"]
    client.post(to("freeze", draft), {"digest": digest})
    assert QuestionnaireVersion.objects.get().document["consent"]["is_placeholder"]


@pytest.mark.parametrize("code", ["small", "hai chữ", ""])
def test_code_that_cannot_be_used_is_explained(client: Client, code: str) -> None:
    source = import_form(small_document())
    signed_in(client, ADD)
    page = client.post(to("copy", source), {"title_vi": "x", "code": code})
    assert page.status_code == 200
    assert page.context["form"].errors["code"]
    assert Questionnaire.objects.count() == 1


def test_form_is_copied_from_the_list(client: Client) -> None:
    source = import_form(small_document())
    signed_in(client, ADD, EDIT, VIEW)
    listing = client.get(reverse("wagtailsnippets_questionnaires_questionnaire:list")).content.decode()
    assert to("copy", source) in listing
    client.post(to("copy", source), {"title_vi": "Phiếu 2027", "code": "small-2027"})
    assert Questionnaire.objects.get(code="small-2027").title_vi == "Phiếu 2027"


def test_walk_follows_the_answers_and_reaches_no_response(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, VIEW)
    assert walk_to_the_end(client, questionnaire, used="0").url == to("walk_page", questionnaire, "_review")
    review = client.get(to("walk_page", questionnaire, "_review")).content.decode()
    assert "30" in review
    assert "Người đã dùng" not in review
    assert not Response.objects.exists()


def test_page_off_the_path_leads_to_the_first_one(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, VIEW)
    assert client.get(to("walk_page", questionnaire, "C")).url == to("walk_page", questionnaire, "_consent")


def test_refused_answer_stays_on_the_page(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, VIEW)
    page = client.post(to("walk_page", questionnaire, "D"), {"AGE": "7", "move": "next"})
    assert page.status_code == 200
    assert "error-summary" in page.content.decode()


def test_language_of_the_walk_is_chosen_on_the_page(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, VIEW)
    url = to("walk_page", questionnaire, "A")
    client.post(url, {"move": "language:en"})
    assert '<html lang="en">' in client.get(url).content.decode()


def test_walk_is_saved_as_a_test_path(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, VIEW, EDIT)
    walk_to_the_end(client, questionnaire)
    client.post(to("walk", questionnaire), {"move": "save", "name": "Người đã dùng"})
    recorded = RecordedPath.objects.get()
    assert recorded.expected_sections == ["A", "B", "C", "D"]
    assert recorded.answers["CHANNELS"] == [1, 3]
    assert "Người đã dùng" in client.get(to("paths", questionnaire)).content.decode()


def test_walk_is_not_saved_by_somebody_who_only_looks(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, VIEW)
    assert client.post(to("walk", questionnaire), {"move": "save", "name": "x"}).status_code in {302, 403}
    assert not RecordedPath.objects.exists()


def test_what_the_sample_knows_decides_the_way(client: Client) -> None:
    document = small_document(attributes=[{"code": "service", "label": text("Dịch vụ")}])
    document["sections"][2]["visible_when"] = {"attribute": "service", "equals": "land"}
    questionnaire = import_form(document)
    signed_in(client, VIEW)
    client.post(to("walk", questionnaire), {"move": "know", "known:service": "land"})
    assert client.get(to("walk_page", questionnaire, "C")).status_code == 200


def test_draft_that_asks_nothing_has_no_walk_and_no_paths(client: Client) -> None:
    questionnaire = import_form(small_document(sections=[]))
    signed_in(client, VIEW, EDIT)
    pages = [client.get(to(name, questionnaire)) for name in ("walk", "paths", "path")]
    assert {page.templates[0].name for page in pages} == {"questionnaires/admin/not_ready.html"}


def test_answers_of_a_test_path_are_typed(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, VIEW, EDIT)
    fields = {"name": "trẻ", "answer:USED": "0", "answer:AGE": "7", "answer:CHANNELS": ["2"]}
    assert client.get(to("path", questionnaire)).status_code == 200
    assert client.post(to("path", questionnaire), fields).status_code == 302
    recorded = RecordedPath.objects.get()
    assert recorded.answers == {"USED": 0, "AGE": 7, "CHANNELS": [2]}
    assert (recorded.expected_sections, recorded.expected_errors) == (["A", "B", "D"], ["AGE"])
    assert client.post(to("path", questionnaire), fields).context["form"].errors["name"]


def failing(questionnaire: Questionnaire) -> Questionnaire:
    record_path(questionnaire=questionnaire, name="user", answers={"USED": 1})
    changed = small_document()
    changed["sections"][2]["visible_when"] = {"question": "USED", "equals": 0}
    return import_form(changed)


def test_failing_path_is_shown_and_recorded_again_by_a_button(client: Client) -> None:
    questionnaire = failing(import_form(small_document()))
    signed_in(client, VIEW, EDIT)
    url = to("paths", questionnaire)
    page = client.get(url)
    assert page.context["n_failed"] == 1
    assert [section.code for section in page.context["unreached"]] == ["C"]
    client.post(url, {"path": RecordedPath.objects.get().pk, "move": "again"})
    assert client.get(url).context["n_failed"] == 0
    client.post(url, {"path": RecordedPath.objects.get().pk, "move": "remove"})
    assert not RecordedPath.objects.exists()


def test_failing_path_stops_publishing_until_somebody_says_why(client: Client) -> None:
    questionnaire = failing(import_form(small_document()))
    signed_in(client, FREEZE)
    url = to("freeze", questionnaire)
    sent = {"digest": client.get(url).context["digest"]}
    assert client.post(url, sent).status_code == 200
    assert not QuestionnaireVersion.objects.exists()
    assert client.post(url, sent | {"reason": "Theo công văn 12"}).status_code == 302
    assert ModelLogEntry.objects.get(action="questionnaires.freeze").data["reason"] == "Theo công văn 12"


def with_workflow(*rights: str) -> Any:
    create_extra_permissions(apps.get_app_config("wagtailsnippets"))
    group = Group.objects.create(name="approvers")
    methodologist = make_user("methodologist", ENTER, VIEW, EDIT, FREEZE, APPROVE, *rights)
    methodologist.groups.add(group)
    ensure_draft_workflow(approvers=group, name="Approval", task_name="Methodologist")
    return methodologist


def test_draft_nobody_approved_is_not_published(client: Client) -> None:
    with_workflow()
    questionnaire = import_form(small_document())
    signed_in(client, FREEZE)
    page = client.get(to("freeze", questionnaire))
    assert not page.context["standing"].is_approved
    assert page.context["standing"].approvers == ["methodologist"]
    assert "methodologist" in page.content.decode()
    assert client.post(to("freeze", questionnaire), {"digest": page.context["digest"]}).status_code == 200
    assert not QuestionnaireVersion.objects.exists()


def submitted(author: Any) -> tuple[Questionnaire, Any]:
    """A draft that its author has handed in, and what waits for the methodologist."""
    questionnaire = import_form(small_document())
    waiting = submit_draft(questionnaire=questionnaire, user=author)
    return Questionnaire.objects.get(), waiting


def act(client: Client, waiting: Any, action: str = "approve", comment: str = "") -> Any:
    view = "wagtailsnippets_questionnaires_questionnaire:workflow_action"
    url = reverse(view, args=[waiting.revision.object_id, action, waiting.pk])
    return client.post(url, {"comment": comment})


def test_author_submits_methodologist_approves_and_the_approved_draft_is_published(client: Client) -> None:
    methodologist = with_workflow()
    questionnaire, waiting = submitted(make_user("author", ENTER, VIEW, EDIT))
    client.force_login(methodologist)
    assert act(client, waiting, comment="Tốt").status_code == 302
    waiting.refresh_from_db()
    assert (waiting.status, waiting.comment) == ("approved", "Tốt")
    assert ModelLogEntry.objects.get(action="questionnaires.approve_draft").user == methodologist
    import_form(small_document(title=text("Sửa sau khi duyệt")))
    page = client.get(to("freeze", questionnaire) + "?draft=approved")
    assert page.context["standing"].is_behind
    client.post(to("freeze", questionnaire), {"digest": page.context["digest"]})
    assert QuestionnaireVersion.objects.get().document["title"]["vi"] == "Phiếu nhỏ"


def save_again(questionnaire: Questionnaire, **how: Any) -> None:
    questionnaire.title_vi = "Sửa sau khi gửi"
    questionnaire.save_revision(**how)


def save_over(questionnaire: Questionnaire) -> None:
    """Change the revision itself, as saving by itself does."""
    save_again(questionnaire, overwrite_revision=questionnaire.latest_revision)


@pytest.mark.parametrize("change", [save_again, save_over])
def test_draft_changed_since_it_was_submitted_is_not_approved_unseen(
    client: Client, change: Callable[[Questionnaire], None]
) -> None:
    methodologist = with_workflow()
    questionnaire, waiting = submitted(make_user("author", ENTER, VIEW, EDIT))
    change(questionnaire)
    client.force_login(methodologist)
    assert str(DraftMovedOnError()) in client.get(act(client, waiting).url).content.decode()
    waiting.refresh_from_db()
    assert waiting.status == "in_progress"
    assert Questionnaire.objects.get().approved_revision is None


def test_draft_approved_twice_is_approved_once(client: Client) -> None:
    methodologist = with_workflow()
    _questionnaire, waiting = submitted(make_user("author", ENTER, VIEW, EDIT))
    client.force_login(methodologist)
    for _press in range(2):
        assert act(client, waiting).status_code == 302
    assert ModelLogEntry.objects.filter(action="questionnaires.approve_draft").count() == 1
    with pytest.raises(DraftMovedOnError):
        approve_submission(submission=waiting, user=methodologist)


def approval_in_the_editor(client: Client, questionnaire: Questionnaire, **sent: str) -> Any:
    """Press “Approve” in the editor, with what its form holds and the words of its dialog."""
    page = client.get(editor(questionnaire))
    form, latest = page.context["form"], questionnaire.latest_revision
    streams = {f"{name}-count": "0" for name in STREAMS}
    values = {name: form.initial.get(name) or "" for name in form.fields if name not in STREAMS}
    pressed = {
        "action-workflow-action": "1",
        "workflow-action-name": "approve",
        "workflow-action-extra-data": '{"comment": "Được"}',
        "loaded_revision_id": str(latest.pk),
        "loaded_revision_created_at": latest.created_at.isoformat(),
    }
    return client.post(editor(questionnaire), streams | values | pressed | sent)


def test_editor_approves_what_its_form_holds(client: Client) -> None:
    methodologist = with_workflow()
    questionnaire, waiting = submitted(make_user("author", ENTER, VIEW, EDIT))
    client.force_login(methodologist)
    assert approval_in_the_editor(client, questionnaire, title_vi="Sửa khi duyệt").status_code == 302
    approved = Questionnaire.objects.get().approved_revision
    waiting.refresh_from_db()
    assert approved.as_object().title_vi == "Sửa khi duyệt"
    assert (waiting.status, waiting.comment, waiting.revision) == ("approved", "Được", approved)
    assert ModelLogEntry.objects.get(action="questionnaires.approve_draft").data == {"revision": approved.pk}


def test_editor_approves_nothing_over_what_was_saved_meanwhile(client: Client) -> None:
    methodologist = with_workflow()
    questionnaire, waiting = submitted(make_user("author", ENTER, VIEW, EDIT))
    save_again(Questionnaire.objects.get())
    client.force_login(methodologist)
    page = approval_in_the_editor(client, questionnaire)
    assert str(DraftMovedOnError()) in page.content.decode()
    assert 'name="loaded_revision_created_at" value=""' in page.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == "in_progress"
    assert latest_draft(Questionnaire.objects.get()).title_vi == "Sửa sau khi gửi"


def test_methodologist_rejects_with_a_comment_and_nothing_is_approved(client: Client) -> None:
    methodologist = with_workflow()
    questionnaire, state = submitted(methodologist)
    client.force_login(methodologist)
    act(client, state, "reject", "Thiếu câu 5")
    questionnaire.refresh_from_db()
    state.refresh_from_db()
    assert (state.status, state.comment) == ("rejected", "Thiếu câu 5")
    assert questionnaire.approved_revision is None


def approve_and_publish(client: Client, questionnaire: Questionnaire) -> Any:
    """Press the one button, as the page that was looked at has it."""
    page = client.get(to("freeze", questionnaire))
    sent = {"approve": page.context["standing"].latest.pk, "digest": page.context["digest"]}
    return client.post(to("freeze", questionnaire), sent)


def test_one_button_approves_and_publishes_and_both_are_in_the_audit_log(client: Client) -> None:
    client.force_login(with_workflow())
    questionnaire = import_form(small_document())
    assert approve_and_publish(client, questionnaire).status_code == 302
    import_form(small_document(title=text("Khác")))
    assert approve_and_publish(client, questionnaire).status_code == 302
    titles = QuestionnaireVersion.objects.order_by("number").values_list("document__title__vi", flat=True)
    assert list(titles) == ["Phiếu nhỏ", "Khác"]
    for action in ("questionnaires.approve_draft", "questionnaires.freeze"):
        assert ModelLogEntry.objects.filter(action=action, user__username="methodologist").count() == 2


def test_one_button_needs_the_right_to_approve_and_the_draft_that_was_seen(client: Client) -> None:
    methodologist = with_workflow()
    questionnaire = import_form(small_document())
    url, seen = to("freeze", questionnaire), {"approve": questionnaire.latest_revision_id}
    signed_in(client, FREEZE)
    assert client.post(url, seen).status_code in {302, 403}
    client.force_login(methodologist)
    import_form(small_document(title=text("Khác")))
    assert str(DraftMovedOnError()) in client.post(url, seen).content.decode()
    assert Questionnaire.objects.get().approved_revision is None
    assert not QuestionnaireVersion.objects.exists()


def test_what_cannot_be_published_is_not_approved_either(client: Client) -> None:
    client.force_login(with_workflow())
    questionnaire = failing(import_form(small_document()))
    assert approve_and_publish(client, questionnaire).status_code == 200
    assert Questionnaire.objects.get().approved_revision is None
    assert not ModelLogEntry.objects.filter(action="questionnaires.approve_draft").exists()


def test_page_leaves_a_draft_with_more_steps_to_its_workflow(client: Client) -> None:
    client.force_login(with_workflow())
    questionnaire, waiting = submitted(make_user("author", ENTER, VIEW, EDIT))
    second = GroupApprovalTask.objects.create(name="Second")
    WorkflowTask.objects.create(workflow=waiting.workflow_state.workflow, task=second, sort_order=2)
    page = client.get(to("freeze", questionnaire))
    assert not page.context["standing"].may_approve
    assert 'name="approve"' not in page.content.decode()


def test_editor_offers_no_publishing_that_publishes_nothing(client: Client) -> None:
    methodologist = with_workflow()
    questionnaire = import_form(small_document())
    client.force_login(methodologist)
    page = client.get(editor(questionnaire)).content.decode()
    assert 'name="action-publish"' not in page
    assert 'name="action-submit"' in page
    assert to("freeze", questionnaire) in page
    questionnaire.get_workflow().start(questionnaire, methodologist)
    page = client.get(editor(questionnaire), headers={"Accept-Language": "en"}).content.decode()
    assert "and Publish" not in page


def test_revisions_are_compared_with_words_that_changed(client: Client) -> None:
    questionnaire = import_form(small_document())
    first = questionnaire.latest_revision_id
    changed = small_document()
    changed["sections"][0]["questions"][0]["text"] = text("Giới tính của Ông/Bà")
    questionnaire = import_form(changed)
    signed_in(client, EDIT)
    compare = "wagtailsnippets_questionnaires_questionnaire:revisions_compare"
    page = client.get(reverse(compare, args=[questionnaire.pk, first, questionnaire.latest_revision_id]))
    words = page.content.decode()
    assert "của Ông/Bà" in words
    assert "ListValue" not in words


def test_publishing_page_shows_what_changed_in_words(client: Client) -> None:
    questionnaire = import_form(small_document())
    signed_in(client, FREEZE)
    url = to("freeze", questionnaire)
    client.post(url, {"digest": client.get(url).context["digest"]})
    changed = small_document()
    changed["sections"][0]["questions"][0] |= {"options": options("Nữ", "Nam"), "text": text("Ông hay Bà")}
    import_form(changed)
    [row] = client.get(url).context["changes"]
    assert (row.code, row.before, row.now) == ("SEX", "Giới tính", "Ông hay Bà")
    assert row.options == (("1", "Nam", "Nữ"), ("2", "Nữ", "Nam"))
