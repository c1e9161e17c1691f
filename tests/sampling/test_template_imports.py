"""A template that the planner wrote: taken in, refused with the field named, used for a round."""

import copy
import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from sampling.models import AdministrativeUnit, Draw, SamplingTemplate, SurveyRound, TerritoryMember
from sampling.models.areas import Level
from sampling.selectors.templates import public_templates, templates_seen_by
from sampling.services import (
    TemplateRefusedError,
    check_draw,
    create_round,
    import_sampling_template,
    load_sampling_templates,
)
from sampling.services.territories import TerritoryError
from sampling.viewsets.draw_actions import ACTIONS
from tests.questionnaires.rounds import make_user
from tests.sampling.draws import committed
from tests.sampling.makers import MERGER, commune_rows, load, make_round, make_unit, make_units

pytestmark = pytest.mark.django_db

RIGHTS = (
    "wagtailadmin.access_admin",
    "sampling.add_surveyround",
    "sampling.change_surveyround",
    "sampling.view_surveyround",
    "sampling.view_samplingtemplate",
    "sampling.view_draw",
    "sampling.commit_draw",
)
PAGE = "samplingtemplate:import"


@pytest.fixture
def planner(client: Client) -> Client:
    client.force_login(make_user("planner", *RIGHTS))
    return client


def planned(client: Client, **choices: Any) -> dict[str, Any]:
    """The document that the planner gives for the provinces before July 2025."""
    make_units()
    load_sampling_templates()
    template = SamplingTemplate.objects.get(code="sipas-2025-63x6")
    asked = {"basis": f"template:{template.pk}", "strata": "predecessor", "rule": "fixed", "per": 2}
    response = client.get(reverse("planner:index"), asked | choices | {"download": "json"})
    document: dict[str, Any] = json.loads(response.content)
    return document


def upload(client: Client, document: object, **fields: Any) -> Any:
    text = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    file = SimpleUploadedFile("plan.json", text, "application/json")
    return client.post(reverse(PAGE), {"file": file} | fields)


def refusal(document: dict[str, Any], **wishes: Any) -> str:
    with translation.override("en"), pytest.raises(TemplateRefusedError) as caught:
        import_sampling_template(document=document, **wishes)
    return str(caught.value)


def of_province(name: str, code: str) -> Any:
    """Somebody who works for a province; one that no test has yet is made."""
    if not AdministrativeUnit.objects.filter(code=code, valid_to=None, level="province").exists():
        make_unit(Level.PROVINCE, code, "Tỉnh khác", unit_type="tỉnh", valid_from=MERGER)
    user = make_user(name, *RIGHTS)
    TerritoryMember.objects.create(
        user=user, province=AdministrativeUnit.objects.get(code=code, valid_to=None, level="province")
    )
    return get_user_model().objects.get(pk=user.pk)


def round_values(template: SamplingTemplate) -> dict[str, Any]:
    now = timezone.now()
    return {
        "code": "planned",
        "name_vi": "Đợt theo phương án",
        "name_en": "Planned round",
        "year": 2026,
        "reference_period_start": "2026-01-01",
        "reference_period_end": "2026-12-31",
        "opens_at": f"{now:%Y-%m-%d %H:%M}",
        "closes_at": f"{now + datetime.timedelta(days=30):%Y-%m-%d %H:%M}",
        "template": template.pk,
    }


def test_a_plan_is_exported_loaded_chosen_for_a_round_and_drawn(planner: Client) -> None:
    document = planned(planner)
    assert upload(planner, document).status_code == 302
    template = SamplingTemplate.objects.get(code="sipas-2025-63x6-plan")
    assert template.document == document
    assert template.is_provisional
    assert str(template.pk) in planner.get(reverse("surveyround:add")).content.decode()
    assert planner.post(reverse("surveyround:add"), round_values(template)).status_code == 302
    survey_round = SurveyRound.objects.get(code="planned")
    load(survey_round, "commune", commune_rows())
    step = reverse("surveyround:draw_step", args=[survey_round.pk, "commune", "draft"])
    assert ACTIONS["draft"].permission in RIGHTS
    assert planner.post(step).status_code == 302
    draw = Draw.objects.get(round=survey_round)
    check = check_draw(draw=draw)
    assert check.problems == ()
    assert {(each.stratum, each.wanted) for each in check.strata} == {("72", 2), ("80", 2)}
    entry = ModelLogEntry.objects.get(action="sampling.import_template")
    assert entry.data == {"sha256": template.digest, "territory": ""}
    assert entry.user.username == "planner"


def test_the_same_file_twice_is_one_template(planner: Client) -> None:
    document = planned(planner)
    upload(planner, document)
    page = upload(planner, document)
    assert page.status_code == 302
    assert SamplingTemplate.objects.filter(code="sipas-2025-63x6-plan").count() == 1
    assert ModelLogEntry.objects.filter(action="sampling.import_template").count() == 1


def test_a_stored_version_never_changes_and_the_next_free_one_is_named(planner: Client) -> None:
    document = planned(planner)
    upload(planner, document)
    other = document | {"notes": ["another plan"]}
    assert "Load this one as version 2" in refusal(other)
    assert "file" in upload(planner, other).context["form"].errors
    assert upload(planner, other, version=2).status_code == 302
    assert upload(planner, other, code="another-plan").status_code == 302
    kept = SamplingTemplate.objects.filter(document__notes__0="another plan").values_list("code", "version")
    assert set(kept) == {("sipas-2025-63x6-plan", 2), ("another-plan", 1)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": {"vi": "Mẫu"}}, "title.en”: expected a text, got nothing"),
        ({"valid_from_year": "2025"}, "valid_from_year”: expected a whole number, got '2025'"),
        ({"stage": []}, "the format does not know stage"),
        ({"stages": []}, "Field “stages”: expected at least one stage"),
        ({"format": "design/9"}, "format”: expected one of sampling-template/1, got 'design/9'"),
        ({"expected": {"commune": 1}}, "Field “expected”: the stages give"),
        ({"is_provisional": False}, "Field “is_provisional”: expected true"),
        ({"confidence": "official"}, "Field “confidence”"),
        ({"code": "SIPAS 2026"}, "Field “code”: expected small letters"),
        ({"code": "sipas-2025-34x6"}, "belongs to a template of the software"),
        ({"code": "a" * 65}, "Field “code”: Ensure this value has at most 64"),
        ({"version": 0}, "Field “version”: expected 1 or more"),
        ({"territory": "nowhere"}, "Field “territory”: expected the code of a province of today"),
        ({"notes": ["\x00"]}, "characters that cannot be kept"),
        ({"notes": ["\ud800"]}, "characters that cannot be kept"),
    ],
)
def test_what_is_wrong_is_said_with_the_name_of_the_field(
    planner: Client, change: dict[str, Any], words: str
) -> None:
    assert words in refusal(planned(planner) | change)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document."""
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield from places(below, (*path, key))


def is_taken(document: dict[str, Any]) -> bool:
    """Tell whether a document is taken in; what was written is taken back."""
    with transaction.atomic():
        try:
            import_sampling_template(document=document)
        except TemplateRefusedError:
            return False
        transaction.set_rollback(True)
    return True


def changed(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Put another value at one place."""
    broken = copy.deepcopy(document)
    *above, last = path
    target: Any = broken
    for key in above:
        target = target[key]
    target[last] = value
    return broken


def test_no_broken_document_is_more_than_refused(planner: Client) -> None:
    document = planned(planner)
    n_tried = n_taken = 0
    for path in list(places(document)):
        for wrong in (None, -1, "x", [], {}, True):
            broken = changed(document, path, wrong)
            n_taken += is_taken(broken)
            n_tried += 1
    assert 0 < n_taken < n_tried / 2


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"[1]", b'{"a": NaN}', b"[" * 100_000, b" " * 1_000_001, b"code;n"]
)
def test_another_file_is_refused(planner: Client, content: bytes) -> None:
    page = upload(planner, content)
    assert page.status_code == 200
    assert page.context["form"].errors["file"]
    assert not SamplingTemplate.objects.exists()


def test_only_who_may_plan_a_round_may_load(client: Client) -> None:
    viewer = make_user("viewer", "wagtailadmin.access_admin", "sampling.view_samplingtemplate")
    client.force_login(viewer)
    assert client.get(reverse(PAGE)).status_code == 302
    assert reverse(PAGE) not in client.get(reverse("samplingtemplate:index")).content.decode()
    with pytest.raises(PermissionDenied):
        import_sampling_template(document={}, user=viewer)


def test_a_province_makes_templates_of_its_own(planner: Client) -> None:
    document = planned(planner)
    user, _other = of_province("province", "80"), of_province("other", "79")
    template = import_sampling_template(document=document, user=user).template
    assert template.document == document | {"territory": "80"}
    with pytest.raises(TerritoryError):
        import_sampling_template(document=document | {"territory": "79"}, version=2, user=user)


def test_a_template_of_a_province_is_seen_and_used_there_only(planner: Client) -> None:
    document = planned(planner)
    own, other = of_province("own", "80"), of_province("other", "79")
    template = import_sampling_template(document=document, user=own).template
    assert template in templates_seen_by(own)
    assert template in templates_seen_by(get_user_model().objects.get(username="planner"))
    assert template not in templates_seen_by(other)
    province = AdministrativeUnit.objects.get(code="80", valid_to=None, level="province")
    assert make_round(template=template, territory=province).template == template
    with translation.override("en"), pytest.raises(ValidationError, match="belongs to the province 80"):
        make_round(code="national", template=template)
    planner.force_login(other)
    assert planner.get(reverse("samplingtemplate:inspect", args=[template.pk])).status_code == 302
    listing = planner.get(reverse("samplingtemplate:index")).content.decode()
    assert "sipas-2025-63x6" in listing
    assert template.code not in listing
    assert f'value="{template.pk}"' not in planner.get(reverse("surveyround:add")).content.decode()
    plan = planner.get(reverse("planner:index"), {"basis": f"template:{template.pk}"})
    assert plan.context["basis"].template != template


def test_a_loaded_plan_becomes_public_with_the_commitment_of_its_round(
    planner: Client, settings: Any, tmp_path: Any
) -> None:
    settings.FRAME_ROOT = tmp_path
    template = import_sampling_template(document=planned(planner)).template
    assert template not in public_templates()
    assert SamplingTemplate.objects.get(code="sipas-2025-63x6") in public_templates()
    survey_round = make_round(template=template)
    load(survey_round, "commune", commune_rows())
    committed(survey_round)
    assert template in public_templates()


def test_a_list_template_is_taken_in_too() -> None:
    load_sampling_templates()
    document = SamplingTemplate.objects.get(code="sipas-dossiers").document
    taken = import_sampling_template(document=document | {"code": "own-dossiers"})
    assert taken.is_new
    assert (
        create_round(
            template=taken.template,
            **{
                **{name: value for name, value in round_values(taken.template).items() if name != "template"},
                "opens_at": timezone.now(),
                "closes_at": timezone.now() + datetime.timedelta(days=1),
            },
        ).template
        == taken.template
    )
