"""What authors are told about a draft leads to the block it is about."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import Questionnaire
from questionnaires.selectors.places import block_anchor
from questionnaires.services import import_form, latest_draft, lint_draft
from tests.questionnaires.rounds import make_user, small_document, text

pytestmark = pytest.mark.django_db


def unreachable() -> dict[str, Any]:
    document = small_document()
    impossible = {"all": [{"question": "USED", "equals": 1}, {"question": "USED", "equals": 0}]}
    document["sections"][2]["visible_when"] = impossible
    return document


def missing_language() -> dict[str, Any]:
    document = small_document()
    document["sections"][2]["questions"][0]["text"] = {"vi": "Chỉ có tiếng Việt"}
    return document


def dangling_code() -> dict[str, Any]:
    document = small_document()
    document["sections"][2]["visible_when"] = {"question": "NOWHERE", "equals": 1}
    return document


def long_battery() -> dict[str, Any]:
    document = small_document()
    rating = document["sections"][2]["questions"][0]
    document["sections"][2]["questions"] = [rating | {"code": f"C{n}"} for n in range(1, 10)]
    return document


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (unreachable, "unreachable_section"),
        (missing_language, "missing_language"),
        (dangling_code, "dangling_question"),
        (long_battery, "long_battery"),
    ],
)
def test_finding_is_shown_with_a_link_to_its_block(client: Client, make: Any, code: str) -> None:
    questionnaire = import_form(make())
    assert code in {problem.code for problem in lint_draft(questionnaire)}
    client.force_login(make_user("m", "wagtailadmin.access_admin", "questionnaires.freeze_questionnaire"))
    page = client.get(reverse("questionnaires_freeze", args=[questionnaire.pk])).content.decode()
    section = latest_draft(questionnaire).sections[2]
    blocks = {section.id, section.value["questions"].bound_blocks[0].id}
    assert any(f"#block-{block}-section" in page for block in blocks)


def draft() -> Questionnaire:
    return latest_draft(import_form(small_document(remarks=[{"text": text("Ghi chú")}])))


@pytest.mark.parametrize(
    ("path", "find"),
    [
        ("$.sections[1].questions[2].text", lambda d: d.sections[1].value["questions"].bound_blocks[2]),
        ("$.scales[0].options[1]", lambda d: d.scales[0].value["options"].bound_blocks[1]),
        ("$.consent.statements[1].text", lambda d: d.consent[2]),
        ("$.remarks[0].text", lambda d: d.remarks[0]),
        ("question:B2/text.vi", lambda d: d.sections[1].value["questions"].bound_blocks[1]),
        ("section:D/title", lambda d: d.sections[3]),
    ],
)
def test_path_leads_to_the_innermost_block(path: str, find: Any) -> None:
    questionnaire = draft()
    assert block_anchor(questionnaire, path) == f"block-{find(questionnaire).id}-section"


@pytest.mark.parametrize(
    "path", ["$", "$.title", "$.sections[9]", "$.nothing[0]", "question:GONE/text", "audio.tyz"]
)
def test_path_that_leads_to_no_block_has_no_link(path: str) -> None:
    assert block_anchor(draft(), path) == ""
