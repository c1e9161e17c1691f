"""Roles as groups: what each may do, in one table."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, Group, Permission
from django.db import transaction
from django.utils.translation import gettext, gettext_noop, override
from wagtail.log_actions import log
from wagtail.models import Collection as RootCollection
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page
from wagtail.snippets.models import create_extra_permissions

from questionnaires.services.draft_approvals import ensure_draft_workflow
from sampling.models.territories import BOUND_TO_PROVINCE

ADMIN_ACCESS = "wagtailadmin.access_admin"
SET_ROLE = "accounts.set_role"
TRANSLATE_PAGES = "wagtail_localize.submit_translation"
SEE_ROUNDS = (
    "sampling.view_surveyround",
    "sampling.view_administrativeunit",
    "sampling.view_sample",
    "sampling.view_samplingframe",
    "sampling.view_frameunit",
    "sampling.view_samplingtemplate",
)
SEE_RESULTS = (
    "analysis.view_release",
    "analysis.view_publishedestimate",
    "analysis.view_scorecard",
    "analysis.view_populationmargin",
    "analysis.view_indexmethod",
    "analysis.view_criteriaset",
)
SEE_FORMS = (
    "questionnaires.view_questionnaire",
    "questionnaires.view_questionnaireversion",
    "questionnaires.view_roundquestionnaire",
)
HAND_OUT = (
    "sampling.export_contact",
    "questionnaires.add_accesscode",
    "sampling.view_objection",
    "questionnaires.view_message",
    "questionnaires.send_message",
    "questionnaires.change_messagetemplate",
)
"""Lists, letters and messages; the services ask for the state of the round and the province as well."""
RUN_OPEN_ROUNDS = (
    "questionnaires.view_openround",
    "questionnaires.add_openround",
    "questionnaires.change_openround",
    "questionnaires.export_openround",
    "questionnaires.view_questionnaireversion",
)
"""Forms that anybody with the link may answer, on paper too; a province runs its own."""
SERVE_RIGHTS = (
    "questionnaires.view_rightsrequest",
    "questionnaires.add_rightsrequest",
    "questionnaires.change_rightsrequest",
)
"""Requests about personal data, which come to the office of the whole country."""
SEE_PEOPLE = frozenset(
    {
        *(f"sampling.{action}_contact" for action in ("add", "change", "delete", "view", "export")),
        "sampling.add_objection",
        "questionnaires.add_accesscode",
        "questionnaires.view_message",
        "questionnaires.send_message",
        "questionnaires.conduct_interviews",
        *SERVE_RIGHTS,
    }
)
"""Rights with which names, addresses or telephones of respondents are seen."""
EXPORT_MICRODATA = "analysis.export_microdata"
"""No role holds it together with one of `SEE_PEOPLE`, the administrator included."""
LIMITS = (f"sampling.{BOUND_TO_PROVINCE}",)
"""Rights that take something away; nobody has them who is to have everything."""
KEPT_FROM_ADMINISTRATORS = (*LIMITS, EXPORT_MICRODATA)
EDIT_FORMS = (
    "questionnaires.add_questionnaire",
    "questionnaires.change_questionnaire",
    "questionnaires.use_studio",
)


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its group, its permissions and one sentence for the people who hand it out."""

    name: str
    does: str
    permissions: tuple[str, ...]
    edits_pages: bool = False
    has_everything: bool = False


ROLES: Mapping[str, Role] = {
    "administrator": Role(
        gettext_noop("Administrator"),
        gettext_noop("manages users, groups, pages and every record of the system"),
        (),
        edits_pages=True,
        has_everything=True,
    ),
    "editor": Role(
        gettext_noop("Editor"),
        gettext_noop("writes and publishes pages; drafts questionnaires"),
        (ADMIN_ACCESS, *SEE_FORMS, *EDIT_FORMS, "analysis.view_release", TRANSLATE_PAGES),
        edits_pages=True,
    ),
    "methodologist": Role(
        gettext_noop("Methodologist"),
        gettext_noop("edits questionnaires, publishes their versions, assigns them to rounds; sees methods"),
        (
            ADMIN_ACCESS,
            *SEE_ROUNDS,
            *SEE_RESULTS,
            *SEE_FORMS,
            *EDIT_FORMS,
            *RUN_OPEN_ROUNDS,
            "questionnaires.freeze_questionnaire",
            "questionnaires.publish_questionnaire",
            "questionnaires.add_roundquestionnaire",
            "questionnaires.change_roundquestionnaire",
            "analysis.estimate_snapshot",
        ),
    ),
    "statistician": Role(
        gettext_noop("Statistician"),
        gettext_noop(
            "plans rounds, commits and draws samples, freezes rounds, publishes results, exports microdata"
        ),
        (
            ADMIN_ACCESS,
            *SEE_ROUNDS,
            *SEE_RESULTS,
            *SEE_FORMS,
            *RUN_OPEN_ROUNDS,
            "sampling.add_surveyround",
            "sampling.change_surveyround",
            "sampling.draw_sample",
            "sampling.view_draw",
            "sampling.commit_draw",
            "sampling.issue_draw",
            "analysis.view_snapshot",
            "analysis.estimate_snapshot",
            "analysis.publish_release",
            EXPORT_MICRODATA,
        ),
    ),
    "provincial_statistician": Role(
        gettext_noop("Provincial statistician"),
        gettext_noop("sees rounds, samples and published results; runs open rounds of the province"),
        (ADMIN_ACCESS, *SEE_ROUNDS, *SEE_RESULTS, *RUN_OPEN_ROUNDS, *LIMITS),
    ),
    "auditor": Role(
        gettext_noop("Auditor"),
        gettext_noop("verifies draws, lists of persons included; changes nothing"),
        (ADMIN_ACCESS, *SEE_ROUNDS, "sampling.view_draw", "sampling.audit_draw"),
    ),
    "contact_officer": Role(
        gettext_noop("Contact officer"),
        gettext_noop("hands lists, letters and messages out, answers respondents; sees names, no answers"),
        (
            ADMIN_ACCESS,
            "sampling.view_surveyround",
            "sampling.view_sample",
            "sampling.issue_draw",
            *HAND_OUT,
            "sampling.add_objection",
            "sampling.delete_objection",
            *SERVE_RIGHTS,
        ),
    ),
    "supervisor": Role(
        gettext_noop("Supervisor"),
        gettext_noop("hands lists and letters out, releases reserves, assigns villages, approves interviews"),
        (
            ADMIN_ACCESS,
            "sampling.view_surveyround",
            "sampling.view_sample",
            *HAND_OUT,
            "sampling.change_case",
            "sampling.change_sampledunit",
            "questionnaires.approve_response",
            "questionnaires.view_assignment",
            "questionnaires.add_assignment",
            "questionnaires.change_assignment",
            "questionnaires.delete_assignment",
        ),
    ),
    "enumerator": Role(
        gettext_noop("Enumerator"),
        gettext_noop("sees the respondents of assigned villages and interviews them"),
        ("questionnaires.conduct_interviews",),
    ),
    "clerk": Role(
        gettext_noop("Clerk"),
        gettext_noop("keys in paper forms"),
        ("questionnaires.key_paper_form",),
    ),
}

OWN_APPS = ("sampling", "questionnaires", "analysis")
MANAGED_APPS = ("auth", "wagtailcore", "wagtailadmin", "wagtailusers", "wagtail_localize")
PAGE_RIGHTS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
FILE_RIGHTS = (
    "add_image",
    "change_image",
    "choose_image",
    "add_document",
    "change_document",
    "choose_document",
)
COLLECTION_RIGHTS = ("add_collection", "change_collection", "delete_collection")


class UnknownPermissionError(LookupError):
    """Raised when the table of roles names a permission that no app declares."""


@transaction.atomic
def ensure_roles(*, user: AbstractBaseUser | None = None) -> dict[str, Group]:
    """Make the groups exist with exactly the permissions of the table; running it again changes nothing."""
    _declare_snippet_rights()
    groups = {code: _ensure_role(role, user) for code, role in ROLES.items()}
    with override(settings.LANGUAGE_CODE):
        ensure_draft_workflow(
            approvers=groups["methodologist"],
            name=gettext("Approval of a questionnaire"),
            task_name=gettext("A methodologist approves"),
            user=user,
        )
    return groups


def _declare_snippet_rights() -> None:
    """Let Wagtail declare who may publish and lock snippets; it knows them once the addresses are loaded."""
    import_module(settings.ROOT_URLCONF)
    create_extra_permissions(apps.get_app_config("wagtailsnippets"))


def _ensure_role(role: Role, user: AbstractBaseUser | None) -> Group:
    group = _group(role)
    before, wanted = set(group.permissions.all()), set(_permissions(role))
    group.permissions.set(wanted)
    if before != wanted:
        counts = {"added": len(wanted - before), "removed": len(before - wanted)}
        log(instance=group, action=SET_ROLE, user=user, data=counts)
    if role.edits_pages:
        _allow_pages(group, PAGE_RIGHTS)
        _allow_in_collections(group, FILE_RIGHTS)
    if role.has_everything:
        _allow_pages(group, ["bulk_delete_page"])
        _allow_in_collections(group, COLLECTION_RIGHTS)
    return group


def _group(role: Role) -> Group:
    """Return the group of a role, called as in the language of the site; an English name is replaced."""
    with override(settings.LANGUAGE_CODE):
        name = gettext(role.name)
    group = Group.objects.filter(name__in=(name, role.name)).first() or Group()
    if group.name != name:
        group.name = name
        group.save()
    return group


def _permissions(role: Role) -> list[Permission]:
    if role.has_everything:
        every = Permission.objects.filter(content_type__app_label__in=[*OWN_APPS, *MANAGED_APPS])
        return list(
            every.exclude(codename__in=[right.partition(".")[2] for right in KEPT_FROM_ADMINISTRATORS])
        )
    found = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    missing = [name for name in role.permissions if name not in found]
    if missing:
        raise UnknownPermissionError(f"{role.name}: no app declares {', '.join(missing)}.")
    return [found[name] for name in role.permissions]


def _allow_pages(group: Group, codenames: Collection[str]) -> None:
    """Give rights on the root page, and so on every page."""
    root = Page.get_first_root_node()
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", codename__in=codenames
    ):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _allow_in_collections(group: Group, codenames: Collection[str]) -> None:
    """Give rights on the root collection, and so on every picture and document."""
    root = RootCollection.get_first_root_node()
    for permission in Permission.objects.filter(codename__in=codenames):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)
