"""Every address of the site, asked for as nobody and as every role."""

import datetime
import io
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pandas import DataFrame
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, Locale, Page, Task, Workflow

from analysis import methods
from analysis.exports import ExportTable
from analysis.models import PopulationMargin
from questionnaires.models import (
    Assignment,
    MessageTemplate,
    OpenRound,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    Right,
    RightsRequest,
)
from questionnaires.services import receive_rights_request
from sampling.models import Case, FrameImport, Household, Objection, SurveyRound, TerritoryMember
from sampling.models.rounds import RoundStatus
from survey_site.core.roles import ADMIN_ACCESS, OWN_APPS, ROLES, ensure_roles
from tests.questionnaires.open_rounds import make_open_round
from tests.questionnaires.rounds import make_cases, make_village, publish, small_document
from tests.questionnaires.rounds import make_round as make_planned_round
from tests.sampling.makers import small_template_document
from tests.survey_site.makers import make_home, make_release, make_results_page

pytestmark = [
    pytest.mark.django_db,
    # Wagtail leaves the temporary file of a small picture to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    # The report of wagtail-localize pages through translations in no particular order.
    pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results.*wagtail_localize"),
]

type Values = Mapping[str, Any]

NOBODY = "nobody"
CLOSED = {302, 403, 404, 405}
BROKEN_ON_PURPOSE = "admin/failwhale/"
"""Wagtail's page for looking at the page of errors."""

PUBLIC = {
    "admin/login/",
    "admin/sprite/",
    "admin/jsi18n/",
    r"documents/^(\d+)/(.*)$",
    "robots.txt",
    "manifest.webmanifest",
    "tham-gia/",
    "bien-nhan/kiem-tra/",
    "co-that-khong/",
    "mo/<slug:code>/",
    "mo/<slug:code>/<slug:place>/",
    "phieu-mo-het-gio/",
    "dung-phieu-mo/",
    "quyen-du-lieu/",
    r"^ket-qua/tai-ve/(?P<release_code>[\w.-]{1,20})/(?P<file_format>[a-z-]{1,20})/$",
    r"^ket-qua/tai-ve/(?P<release_code>[\w.-]{1,20})/diem/(?P<file_format>[a-z-]{1,20})/$",
    "xac-minh/",
    "xac-minh/verify_draw.py",
    r"^((?:[\w\-]+/)*)$",
}
"""What somebody who is not signed in gets to see."""

LIST = ("", "results/")
LOOK = (*LIST, "inspect/<int:pk>/")
CHANGE = ("edit/<int:pk>/", "history/<int:pk>/", "history-results/<int:pk>/", "usage/<int:pk>/")
NEW, DELETE = ("new/",), ("delete/<int:pk>/",)
DRAFTS = "admin/snippets/questionnaires/questionnaire/"
COMPARE = (
    r"history/(?P<pk>.+)/revisions/compare/"
    r"(?P<revision_id_a>live|earliest|\d+)\.\.\.(?P<revision_id_b>live|latest|\d+)/$"
)
STUDIO = "<int:pk>/studio/<slug:language>/"
TRANSLATION = "<int:pk>/translations/<slug:language>/"
REVISION = "history/<int:pk>/revisions/<int:revision_id>/"
OPEN_STATES = r"^(?P<pk>\d+)/(?P<action>open|close)/$"
STATES = r"^(?P<pk>\d+)/(?P<action>open|close|freeze)/$"
SEE_ROUNDS = "methodologist statistician provincial_statistician contact_officer supervisor auditor"
IMPORT_STEPS = r"^(?P<pk>\d+)/import/(?P<import_pk>\d+)/(?P<step>check|confirm|cancel)/$"
OPEN: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("admin/surveyround/", LOOK, SEE_ROUNDS),
    ("admin/surveyround/", (*NEW, *CHANGE), "statistician"),
    ("admin/surveyround/", DELETE, ""),
    (
        "admin/surveyround/",
        ("<int:pk>/frame/", "<int:pk>/draw/", STATES),
        "statistician",
    ),
    (
        "admin/surveyround/",
        (
            "<int:pk>/import/",
            "<int:pk>/import/<int:import_pk>/",
            "<int:pk>/import/<int:import_pk>/report/",
        ),
        "statistician",
    ),
    ("admin/surveyround/", ("<int:pk>/drawn-list/",), "statistician"),
    ("admin/surveyround/", ("<int:pk>/handing-out/",), "contact_officer supervisor"),
    ("admin/surveyround/", ("<int:pk>/slips/",), "contact_officer"),
    (
        "admin/surveyround/",
        (
            "<int:pk>/reserves/",
            "<int:pk>/reserves/<str:key>/release/",
            "<int:pk>/reserves/<str:key>/replace/",
            "<int:pk>/reserves/communes/<int:unit>/replace/",
            "<int:pk>/reserves/communes/<int:unit>/villages/",
            "<int:pk>/reserves/communes/<int:unit>/registers/",
        ),
        "supervisor",
    ),
    ("admin/objection/", LIST, "contact_officer supervisor"),
    (
        "admin/objection/",
        (*NEW, *DELETE, "history/<int:pk>/", "history-results/<int:pk>/"),
        "contact_officer",
    ),
    ("admin/letters/", ("", "<int:pk>/"), "contact_officer supervisor"),
    (
        "admin/openround/",
        (
            *LOOK,
            *NEW,
            *CHANGE,
            OPEN_STATES,
            r"^(?P<pk>\d+)/poster/(?P<paper>html|pdf)/$",
            r"^(?P<pk>\d+)/answers/(?P<file_format>csv|xlsx)/$",
            "<int:pk>/qr/",
            "<int:pk>/count/",
            "<int:pk>/results/",
            "<int:pk>/tokens/",
        ),
        "methodologist statistician provincial_statistician",
    ),
    (
        "admin/messages/",
        (
            "",
            "<int:pk>/",
            "<int:pk>/wave/",
            "<int:pk>/texts/new/",
            "<int:pk>/texts/<int:template_pk>/",
            "<int:pk>/ledger/",
            "<int:pk>/ledger/file/",
            "<int:pk>/outbox/",
        ),
        "contact_officer supervisor",
    ),
    ("admin/workloads/", ("", "<int:pk>/"), "supervisor"),
    ("admin/approvals/", ("", "<int:pk>/"), "supervisor"),
    ("admin/rights/", ("", "new/", "<int:pk>/", "<int:pk>/letter/"), "contact_officer"),
    (
        "admin/surveyround/",
        ("<int:pk>/draws/<slug:stage>/", "<int:pk>/lists/<slug:stage>/"),
        SEE_ROUNDS,
    ),
    ("admin/surveyround/", ("<int:pk>/draws/<slug:stage>/<slug:action>/",), "statistician"),
    ("admin/sample/", LOOK, SEE_ROUNDS),
    (
        "admin/sample/",
        ("<int:pk>/order/", "<int:pk>/order/results/"),
        SEE_ROUNDS,
    ),
    ("admin/territorymember/", (*LIST, *NEW, *CHANGE, *DELETE), ""),
    ("admin/planner/", ("", "lists/", "size/"), "statistician"),
    ("admin/samplingframe/", LOOK, "methodologist statistician provincial_statistician auditor"),
    ("admin/frameunit/", LOOK, "methodologist statistician provincial_statistician auditor"),
    ("admin/samplingtemplate/", LOOK, "methodologist statistician provincial_statistician auditor"),
    ("admin/samplingtemplate/", ("import/",), "statistician"),
    ("admin/administrativeunit/", LOOK, "methodologist statistician provincial_statistician auditor"),
    ("admin/release/", LOOK, "editor methodologist statistician provincial_statistician"),
    (
        "admin/release/",
        (
            "publish/",
            "microdata/<int:pk>/<str:what>/<str:file_format>/",
            "recipe/<int:pk>/<str:file_name>/",
        ),
        "statistician",
    ),
    ("admin/publishedestimate/", LOOK, "methodologist statistician provincial_statistician"),
    ("admin/scorecard/", LOOK, "methodologist statistician provincial_statistician"),
    ("admin/populationmargin/", LOOK, "methodologist statistician provincial_statistician"),
    ("admin/indexmethod/", LOOK, "methodologist statistician provincial_statistician"),
    ("admin/criteriaset/", LOOK, "methodologist statistician provincial_statistician"),
    ("admin/working-estimates/", ("", "snapshot/"), "methodologist statistician"),
    ("admin/weighting-bridge/", ("",), "methodologist statistician"),
    ("admin/snapshot/", LOOK, "statistician"),
    ("admin/questionnaireversion/", LIST, "editor methodologist statistician provincial_statistician"),
    ("admin/roundquestionnaire/", LIST, "editor methodologist statistician"),
    ("admin/roundquestionnaire/", (*NEW, *CHANGE), "methodologist"),
    ("admin/roundquestionnaire/", DELETE, ""),
    ("admin/assignment/", (*LIST, *NEW, *CHANGE, *DELETE), "supervisor"),
    ("admin/questionnaires/", ("<int:pk>/publish-version/",), "methodologist"),
    ("admin/questionnaires/", ("import/", TRANSLATION, f"{TRANSLATION}workbook/"), "editor methodologist"),
    ("admin/questionnaires/", ("start/", "<int:pk>/copy/", "<int:pk>/paths/new/"), "editor methodologist"),
    (
        "admin/questionnaires/",
        ("<int:pk>/walk/", "<int:pk>/walk/<str:step>/", "<int:pk>/paths/"),
        "editor methodologist statistician",
    ),
    ("admin/questionnaires/", ("<int:pk>/studio/", STUDIO, f"{STUDIO}script/"), "editor methodologist"),
    (
        "admin/questionnaires/",
        (
            "<int:pk>/export/<slug:file_format>/",
            "<int:pk>/translations/",
        ),
        "editor methodologist statistician",
    ),
    (
        "admin/questionnaires/",
        ("versions/<int:pk>/export/<slug:file_format>/",),
        "editor methodologist statistician provincial_statistician",
    ),
    (DRAFTS, LIST, "editor methodologist statistician"),
    (DRAFTS, ("add/", *CHANGE, "workflow_history/<int:pk>/", COMPARE), "editor methodologist"),
    (DRAFTS, (f"{REVISION}revert/",), "editor methodologist"),
    (DRAFTS, ("preview/", "preview/<int:pk>/", f"{REVISION}view/"), "editor methodologist"),
    (
        DRAFTS,
        (f"{REVISION}unschedule/", "unpublish/<int:pk>/"),
        "methodologist",
    ),
    (DRAFTS, DELETE, ""),
    (
        DRAFTS,
        ("workflow/confirm_cancellation/<int:pk>/",),
        f"editor {SEE_ROUNDS}",
    ),
    ("thuc-dia/", ("", "<int:village_id>/", "nguoi/<int:case_id>/"), "enumerator"),
    ("thuc-dia/ho/", ("<int:case_id>/",), "enumerator clerk"),
    ("nhap-phieu/", ("",), "clerk"),
    (
        "phieu-giay/",
        ("<int:version_id>/",),
        "editor methodologist statistician provincial_statistician clerk",
    ),
)
"""Who besides the administrator may look at our own pages for staff; every other is closed."""

NOT_FOR_THE_ADMINISTRATOR = {
    "thuc-dia/<int:village_id>/",
    "thuc-dia/nguoi/<int:case_id>/",
    "admin/release/microdata/<int:pk>/<str:what>/<str:file_format>/",
    "admin/release/recipe/<int:pk>/<str:file_name>/",
}
"""Names of respondents are for whoever the village is assigned to, microdata for nobody who sees names."""
OWN_PAGES = tuple({beginning for beginning, _routes, _roles in OPEN})


@dataclass(frozen=True)
class Site:
    """A small site: one user per role, and what to put in place of the parts of a route."""

    users: Mapping[str, AbstractUser]
    values: Values


def build() -> Site:
    """A site with one of everything."""
    release = make_release()
    survey_round = release.snapshot.round
    home = make_home()
    make_results_page(home, release)
    home.save_revision()
    village = make_village(survey_round)
    make_cases(village)
    publish(survey_round, small_document())
    draft = Questionnaire.objects.get()
    draft.save_revision()
    PopulationMargin.objects.create(
        round=survey_round,
        province_code="01",
        variable="sex",
        category="male",
        population=1,
        source="x",
        reference_date=datetime.date(2019, 4, 1),
    )
    release.method.document = dict(methods.index_method("M2023").document)
    release.method.save()
    users = make_users()
    Assignment.objects.create(village=village, enumerator=users["enumerator"])
    tied = get_user_model().objects.create_user(username="tied", password="x")
    TerritoryMember.objects.create(user=tied, province=village.province)
    TerritoryMember.objects.create(user=users["provincial_statistician"], province=village.province)
    planned = make_planned_round("sipas-2027", status=RoundStatus.PREPARING)
    planned.template.document = small_template_document()
    planned.template.save()
    day = datetime.date(2026, 12, 31)
    listed = FrameImport.objects.create(round=planned, source="x", reference_date=day, folder="x")
    common = values(home, draft)
    return Site(
        users,
        common
        | {
            "thuc-dia/ho/case_id": make_household(users["enumerator"]).pk,
            "admin/surveyround/pk": planned.pk,
            "admin/surveyround/<int:pk>/drawn-list/": survey_round.pk,
            "admin/surveyround/<int:pk>/handing-out/": survey_round.pk,
            "admin/surveyround/<int:pk>/reserves/": survey_round.pk,
            "admin/surveyround/<int:pk>/slips/": SurveyRound.objects.get(code="sipas-2028").pk,
            "admin/letters/pk": survey_round.pk,
            "mo/code": make_open_round(
                version=QuestionnaireVersion.objects.get(), territory=village.province, is_demo=True
            ).code,
            "admin/openround/pk": OpenRound.objects.get().pk,
            "admin/openround/action": "close",
            "paper": "html",
            "place": "quay-1",
            "admin/messages/pk": survey_round.pk,
            "template_pk": MessageTemplate.objects.create(
                round=survey_round, purpose="invitation", channel="sms", body="{link}"
            ).pk,
            "admin/workloads/pk": survey_round.pk,
            "admin/approvals/pk": survey_round.pk,
            "admin/rights/pk": make_rights_request().pk,
            "admin/objection/pk": Objection.objects.create(
                kind="phone", key="0" * 64, channel="letter", note="x"
            ).pk,
            "asked_round": survey_round.pk,
            "token": "00",
            "admin/surveyround/^/pk": survey_round.pk,
            "admin/surveyround/action": "freeze",
            "admin/surveyround/import_pk": listed.pk,
            "admin/surveyround/step": "cancel",
            "admin/surveyround/<int:pk>/draws/<slug:stage>/action": "draft",
            "stage": "village",
        },
    )


def make_household(enumerator: AbstractUser) -> Case:
    """A household whose adults are to be listed, in a village of the enumerator."""
    village = make_village(make_planned_round("sipas-2028", status=RoundStatus.OPEN))
    [case] = make_cases(village)
    Household.objects.create(case=case, rule="listed_adults", seal="0" * 64, seal_digest="0" * 64)
    Assignment.objects.create(village=village, enumerator=enumerator)
    return case


def make_rights_request() -> RightsRequest:
    """A request that waits for its answer."""
    return receive_rights_request(
        right=Right.KNOW, channel=RightsRequest.Channel.LETTER, text="x", reply_to="x"
    )


def make_users() -> dict[str, AbstractUser]:
    users = {}
    for code, group in ensure_roles().items():
        users[code] = get_user_model().objects.create_user(username=code, password="x")
        users[code].groups.add(group)
    return users


def make_files() -> tuple[Any, Any]:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    document = get_document_model().objects.create(title="x", file=ContentFile(b"x", "x.txt"))
    return document, get_image_model().objects.create(title="x", file=ImageFile(picture, "x.png"))


def values(home: Page, draft: Questionnaire) -> Values:
    """What to put in place of the parts of a route: by part, and by beginning of the route for `pk`."""
    document, image = make_files()
    own = {
        model._meta.model_name: model for app in OWN_APPS for model in apps.get_app_config(app).get_models()
    }
    return {
        **dict.fromkeys(("page_id", "parent_page_id", "page_to_move_id", "page_pk"), home.pk),
        "destination_id": home.get_parent().pk,
        **dict.fromkeys(("document_id", "doc_id"), document.pk),
        "image_id": image.pk,
        "filter_spec": "max-10x10",
        "collection_id": Collection.get_first_root_node().add_child(name="x").pk,
        "workflow_pk": Workflow.objects.first().pk,
        "task_id": Task.objects.first().pk,
        **dict.fromkeys(("content_type_app_name", "app_label", "app_name"), "pages"),
        **dict.fromkeys(("content_type_model_name", "model_name"), "standardpage"),
        "revision_id_a": "earliest",
        "revision_id_b": "live",
        "village_id": Case.objects.get().village_id,
        "commune_id": Case.objects.get().village.parent_id,
        "case_id": Case.objects.get().pk,
        "version_id": QuestionnaireVersion.objects.get().pk,
        "release_code": "2026.1",
        "what": "microdata",
        "file_name": "design.toml",
        "file_format": "csv",
        "code": "0000000000000000",
        "admin/api/main/^pages/pk": home.pk,
        "admin/api/main/^documents/pk": document.pk,
        "admin/api/main/^images/pk": image.pk,
        "admin/pages/revision_id": home.latest_revision_id,
        "admin/pages/pk": home.pk,
        "admin/bulk/app_label": "wagtailcore",
        "admin/bulk/model_name": "page",
        "admin/bulk/action": "delete",
        "admin/tag-autocomplete/app_name": "taggit",
        "admin/tag-autocomplete/model_name": "tag",
        "admin/collections/pk": Collection.objects.last().pk,
        "admin/workflows/pk": Workflow.objects.first().pk,
        "admin/workflows/tasks/pk": Task.objects.first().pk,
        "admin/workflows/tasks/add/app_label": "wagtailcore",
        "admin/workflows/tasks/add/model_name": "groupapprovaltask",
        "admin/documents/pk": document.pk,
        "admin/images/pk": image.pk,
        "admin/users/pk": get_user_model().objects.first().pk,
        "admin/groups/pk": Group.objects.first().pk,
        "admin/locales/pk": Locale.objects.first().pk,
        "admin/questionnaires/pk": draft.pk,
        "admin/questionnaires/versions/pk": QuestionnaireVersion.objects.get().pk,
        "admin/questionnaires/file_format": "json",
        "admin/questionnaires/language": "tyz",
        "admin/questionnaires/step": "_review",
        "admin/snippets/pk": draft.pk,
        "admin/snippets/revision_id": draft.latest_revision_id,
        **{
            f"admin/{name}/pk": model.objects.values_list("pk", flat=True).first()
            for name, model in own.items()
        },
    }


def first_key(model: Any) -> Any:
    return model.objects.values_list("pk", flat=True).first()


@cache
def routes() -> tuple[str, ...]:
    """Every route as it stands in the tables of addresses."""
    return tuple(dict.fromkeys(_routes(get_resolver(), "")))


def _routes(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _routes(pattern, route)


PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
BY_HAND = {
    "admin/surveyround/<int:pk>/reserves/<str:key>/release/": (
        "admin/surveyround/{asked_round}/reserves/village-{village_id}/release/"
    ),
    "admin/surveyround/<int:pk>/reserves/<str:key>/replace/": (
        "admin/surveyround/{asked_round}/reserves/village-{village_id}/replace/"
    ),
    **{
        f"admin/surveyround/<int:pk>/reserves/communes/<int:unit>/{step}/": (
            f"admin/surveyround/{{asked_round}}/reserves/communes/{{commune_id}}/{step}/"
        )
        for step in ("replace", "villages", "registers")
    },
    "admin/^.*/$": "admin/nowhere/",
    r"documents/^(\d+)/(.*)$": "documents/{document_id}/x.txt",
    r"^((?:[\w\-]+/)*)$": "",
}
"""Routes that are expressions without names."""


def address(route: str, known: Values) -> str:
    """The address of a route for objects that exist."""

    def value(part: re.Match[str]) -> str:
        name = part[1] or part[2]
        folders = route[: part.start()].split("/")
        prefixes = ["/".join(folders[:count]) + "/" for count in range(len(folders), 0, -1)]
        keys = [route, *(f"{prefix}{name}" for prefix in prefixes), name]
        return str(next((known[key] for key in keys if known.get(key) is not None), 0))

    if route in BY_HAND:
        return "/" + BY_HAND[route].format_map(known)
    return "/" + PART.sub(value, route).replace("^", "").replace("$", "").replace("\\", "")


@pytest.fixture
def site(settings: Any, tmp_path: Path, monkeypatch: Any) -> Site:
    """A site whose files are its own; the snapshot of its release is not on disk."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(
        "analysis.viewsets.publication.export_microdata",
        lambda **_options: ExportTable("R1", "R1", (), DataFrame()),
    )
    monkeypatch.setattr("analysis.viewsets.publication.export_recipe", lambda **_options: {"design.toml": ""})
    return build()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Refusals are what is tested; thousands of lines about them help nobody."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def walk(site: Site, identity: str) -> dict[str, int]:
    """The status of every route for somebody."""
    client = Client(raise_request_exception=False)
    if identity != NOBODY:
        client.force_login(site.users[identity])
    return {
        route: ask(client, address(route, site.values)) for route in routes() if route != BROKEN_ON_PURPOSE
    }


def ask(client: Client, url: str) -> int:
    """The status of an address; what opening it may have changed is undone."""
    with transaction.atomic():
        response = client.get(url)
        response.getvalue()  # reads a streamed file to its end, which closes it
        transaction.set_rollback(True)
    client.cookies.pop("messages", None)
    return response.status_code


def is_own(route: str) -> bool:
    return route.startswith(OWN_PAGES)


def open_to(identity: str) -> set[str]:
    """Our own pages that the table opens to somebody."""
    if identity == NOBODY:
        return set()
    return {
        beginning + route
        for beginning, own_routes, roles in OPEN
        for route in own_routes
        if identity in {"administrator", *roles.split()}
    } - (NOT_FOR_THE_ADMINISTRATOR if identity == "administrator" else set())


def test_nobody_sees_public_pages_only(site: Site) -> None:
    found = walk(site, NOBODY)
    assert {route for route, status in found.items() if status == 200} == PUBLIC
    assert set(found.values()) <= CLOSED | {200}


@pytest.mark.parametrize("role", ROLES)
def test_role_sees_its_own_pages_and_no_other(site: Site, role: str) -> None:
    found = walk(site, role)
    assert [route for route, status in found.items() if status >= 500] == []
    if not get_user_model().objects.get(username=role).has_perm(ADMIN_ACCESS):
        assert {route for route in found if route.startswith("admin/") and found[route] == 200} <= PUBLIC
    own = {route: status for route, status in found.items() if is_own(route)}
    opened = open_to(role)
    assert sorted(opened - set(own)) == []
    assert {route: status for route, status in own.items() if (status == 200) != (route in opened)} == {}
    assert {status for route, status in own.items() if route not in opened} <= CLOSED


RUN_OPEN_ROUNDS = {"methodologist", "statistician", "provincial_statistician"}
CHANGES = {
    f"admin/surveyround/{STATES}": {"statistician"},
    f"admin/surveyround/{IMPORT_STEPS}": {"statistician"},
    "admin/surveyround/<int:pk>/import/": {"statistician"},
    "admin/surveyround/edit/<int:pk>/": {"statistician"},
    "admin/surveyround/<int:pk>/draws/<slug:stage>/<slug:action>/": {"statistician"},
    "admin/surveyround/<int:pk>/lists/<slug:stage>/": {"statistician"},
    "admin/questionnaires/<int:pk>/publish-version/": {"methodologist"},
    "admin/questionnaires/import/": {"editor", "methodologist"},
    "admin/questionnaires/pictures/": {"editor", "methodologist"},
    "admin/questionnaires/start/": {"editor", "methodologist"},
    "admin/questionnaires/<int:pk>/copy/": {"editor", "methodologist"},
    "admin/questionnaires/<int:pk>/paths/": {"editor", "methodologist"},
    "admin/questionnaires/<int:pk>/paths/new/": {"editor", "methodologist"},
    "admin/questionnaires/<int:pk>/translations/": {"editor", "methodologist"},
    f"admin/questionnaires/{STUDIO}": {"editor", "methodologist"},
    f"admin/questionnaires/{STUDIO}archive/": {"editor", "methodologist"},
    f"admin/questionnaires/{TRANSLATION}": {"editor", "methodologist"},
    f"admin/questionnaires/{TRANSLATION}workbook/": {"editor", "methodologist"},
    "admin/release/publish/": {"statistician"},
    "admin/working-estimates/snapshot/": {"methodologist", "statistician"},
    "admin/assignment/new/": {"supervisor"},
    "admin/surveyround/<int:pk>/reserves/<str:key>/release/": {"supervisor"},
    "admin/surveyround/<int:pk>/reserves/<str:key>/replace/": {"supervisor"},
    "admin/surveyround/<int:pk>/reserves/communes/<int:unit>/replace/": {"supervisor"},
    "admin/surveyround/<int:pk>/reserves/communes/<int:unit>/villages/": {"supervisor"},
    "admin/surveyround/<int:pk>/reserves/communes/<int:unit>/registers/": {"supervisor"},
    "admin/surveyround/<int:pk>/handing-out/": {"contact_officer", "supervisor"},
    "admin/surveyround/<int:pk>/slips/": {"contact_officer"},
    "admin/surveyround/<int:pk>/handing-out/<str:token>/": {"contact_officer", "supervisor"},
    "admin/objection/new/": {"contact_officer"},
    "admin/objection/delete/<int:pk>/": {"contact_officer"},
    "admin/letters/<int:pk>/": {"contact_officer", "supervisor"},
    "admin/openround/new/": RUN_OPEN_ROUNDS,
    "admin/openround/edit/<int:pk>/": RUN_OPEN_ROUNDS,
    f"admin/openround/{OPEN_STATES}": RUN_OPEN_ROUNDS,
    "admin/openround/<int:pk>/tokens/": RUN_OPEN_ROUNDS,
    "admin/letters/<int:pk>/<str:token>/": {"contact_officer", "supervisor"},
    "admin/workloads/<int:pk>/": {"supervisor"},
    "admin/approvals/<int:pk>/": {"supervisor"},
    "admin/rights/new/": {"contact_officer"},
    "admin/rights/<int:pk>/": {"contact_officer"},
    "nhap-phieu/": {"clerk"},
    "thuc-dia/nguoi/<int:case_id>/": {"enumerator"},
    "thuc-dia/ho/<int:case_id>/": {"enumerator", "clerk"},
    "admin/users/new/": set(),
    "admin/groups/new/": set(),
}
"""Who besides the administrator may send to pages that change the state."""


def test_change_of_state_is_refused_to_everybody_else(site: Site) -> None:
    before = state()
    for identity in (NOBODY, *ROLES):
        closed = [route for route, roles in CHANGES.items() if identity not in {"administrator", *roles}]
        clients = {route: sign_in(site, identity) for route in closed}
        urls = {route: address(route, site.values) for route in closed}
        assert [route for route in closed if not is_turned_away(clients[route], urls[route])] == []
        assert state() == before


def sign_in(site: Site, identity: str) -> Client:
    client = Client()
    if identity != NOBODY:
        client.force_login(site.users[identity])
    return client


def is_turned_away(client: Client, url: str) -> bool:
    """Tell whether somebody who sends to an address is refused, or sent to the log-in or the dashboard."""
    response = client.post(url, {})
    return response.status_code in {403, 404} or response.url in {"/admin/", f"/admin/login/?next={url}"}


def state() -> list[Any]:
    """What the pages could change."""
    return [
        *SurveyRound.objects.values_list("status", "name_vi").order_by("pk"),
        *OpenRound.objects.values_list("status", "name_vi").order_by("pk"),
        *(model.objects.count() for model in (QuestionnaireVersion, Response, Assignment, Group)),
        *Case.objects.values_list("disposition"),
    ]
