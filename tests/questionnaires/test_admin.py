import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from questionnaires import forms
from questionnaires.models import Assignment, QuestionnaireVersion, RoundQuestionnaire
from questionnaires.services import freeze_version, import_form
from tests.questionnaires.rounds import make_round, make_user, make_village, small_document, text

pytestmark = pytest.mark.django_db

ACCESS = "wagtailadmin.access_admin"
EDIT = "questionnaires.change_questionnaire"
FREEZE = "questionnaires.freeze_questionnaire"


def sign_in(client: Client, *permissions: str) -> None:
    client.force_login(make_user("staff", ACCESS, *permissions))


def test_draft_of_the_whole_form_can_be_opened(client: Client) -> None:
    questionnaire = import_form(forms.load("sipas-m2023"))
    sign_in(client, EDIT, FREEZE)
    url = reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[questionnaire.pk])
    page = client.get(url).content.decode()
    assert "S-3.5" in page
    assert reverse("questionnaires_freeze", args=[questionnaire.pk]) in page


def test_no_input_of_the_editor_hides_the_method_by_which_its_form_is_saved(client: Client) -> None:
    questionnaire = import_form(small_document())
    sign_in(client, EDIT)
    page = client.get(reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[questionnaire.pk]))
    names = {field.html_name for field in page.context["form"]}
    assert "measured_method" in names
    assert not names & {"method", "action"}


def test_publishing_lists_warnings_and_makes_a_version(client: Client) -> None:
    questionnaire = import_form(forms.load("sipas-m2023"))
    sign_in(client, EDIT, FREEZE)
    url = reverse("questionnaires_freeze", args=[questionnaire.pk])
    page = client.get(url)
    assert page.status_code == 200
    assert client.post(url, {"digest": page.context["digest"]}).status_code == 302
    assert QuestionnaireVersion.objects.get().number == 1


def test_draft_that_changed_since_it_was_shown_is_not_published(client: Client) -> None:
    questionnaire = import_form(small_document())
    sign_in(client, EDIT, FREEZE)
    url = reverse("questionnaires_freeze", args=[questionnaire.pk])
    shown = client.get(url).context["digest"]
    import_form(small_document(title=text("Phiếu đã sửa")))
    response = client.post(url, {"digest": shown})
    assert response.status_code == 200
    assert not QuestionnaireVersion.objects.exists()
    assert response.context["digest"] != shown
    assert client.post(url, {"digest": response.context["digest"]}).status_code == 302
    assert QuestionnaireVersion.objects.get().document["title"]["vi"] == "Phiếu đã sửa"


def test_draft_with_errors_is_not_published(client: Client) -> None:
    broken = small_document()
    broken["sections"][2]["visible_when"] = {"question": "NOWHERE", "equals": 1}
    questionnaire = import_form(broken)
    sign_in(client, EDIT, FREEZE)
    response = client.post(reverse("questionnaires_freeze", args=[questionnaire.pk]))
    assert "NOWHERE" in response.content.decode()
    assert not QuestionnaireVersion.objects.exists()


def test_publishing_needs_its_permission(client: Client) -> None:
    questionnaire = import_form(small_document())
    sign_in(client, EDIT)
    assert client.post(reverse("questionnaires_freeze", args=[questionnaire.pk])).status_code in {302, 403}
    assert not QuestionnaireVersion.objects.exists()


def test_versions_are_listed_with_print_link_and_never_edited(client: Client) -> None:
    version = freeze_version(questionnaire=import_form(small_document()))
    client.force_login(make_user("boss"))
    boss = make_user("root")
    type(boss).objects.filter(pk=boss.pk).update(is_superuser=True)
    client.force_login(type(boss).objects.get(pk=boss.pk))
    page = client.get(reverse("questionnaireversion:index")).content.decode()
    assert reverse("questionnaires:paper_form", args=[version.pk]) in page
    changes = [
        reverse("questionnaireversion:add"),
        reverse("questionnaireversion:edit", args=[version.pk]),
        reverse("questionnaireversion:delete", args=[version.pk]),
    ]
    assert [client.post(url).status_code for url in changes] == [302, 302, 302]
    assert QuestionnaireVersion.objects.get() == version


def test_round_gets_its_questionnaire_in_the_admin(client: Client) -> None:
    survey_round = make_round()
    version = freeze_version(questionnaire=import_form(small_document()))
    sign_in(client, "questionnaires.add_roundquestionnaire", "questionnaires.change_roundquestionnaire")
    url = reverse("roundquestionnaire:add")
    assert client.get(url).status_code == 200
    client.post(url, {"round": survey_round.pk, "version": version.pk})
    assert RoundQuestionnaire.objects.get().version == version


def test_village_is_assigned_in_the_admin(client: Client) -> None:
    village = make_village(make_round())
    enumerator = make_user("dtv-014", "questionnaires.conduct_interviews")
    sign_in(client, "questionnaires.add_assignment", "questionnaires.view_assignment")
    url = reverse("assignment:add")
    page = client.get(url).content.decode()
    assert "tỉnh Minh Họa – Xã Mẫu – Thôn 2" in page
    client.post(url, {"village": village.pk, "enumerator": enumerator.pk})
    assert Assignment.objects.get().enumerator == enumerator
    assert str(Assignment.objects.get()) == "Thôn 2, Xã Mẫu – dtv-014"
    assert "Thôn 2" in client.get(reverse("assignment:index")).content.decode()


def test_only_active_enumerators_are_offered_for_a_village(client: Client) -> None:
    right = "questionnaires.conduct_interviews"
    group = Group.objects.create(name="interviewers of a test")
    group.permissions.add(Permission.objects.get(codename="conduct_interviews"))
    make_user("direct", right)
    make_user("grouped").groups.add(group)
    make_user("boss")
    gone = make_user("gone", right)
    users = type(gone).objects
    users.filter(username="boss").update(is_superuser=True)
    users.filter(pk=gone.pk).update(is_active=False)
    sign_in(client, "questionnaires.add_assignment")
    form = client.get(reverse("assignment:add")).context["form"]
    offered = {user.get_username() for user in form.fields["enumerator"].queryset}
    assert offered == {"direct", "grouped"}
