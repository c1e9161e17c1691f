"""Axe on every kind of question, in every state, language, theme and enlargement.

A small matrix runs in `make test`, the whole one over all questionnaires of one feature in `make test-slow`.
"""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.browser.auditing import VIEWS, ZOOM, Auditor
from tests.browser.conftest import OpenContext
from tests.browser.features import EVERY_KIND, LANGUAGES, in_groups, let_in, publish_feature, states
from tests.questionnaires.features.catalogue import load

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GROUPS = in_groups()
STATES_WITH_ERRORS = {"refused", "nothing"}


@pytest.fixture(autouse=True)
def _many_codes(settings: Any) -> None:
    settings.CODE_ATTEMPTS_PER_NETWORK = settings.CODE_ATTEMPTS_PER_SESSION = 10_000


def walk(
    open_context: OpenContext, server: LiveServer, name: str, auditor: Auditor, **chosen: Any
) -> set[str]:
    """Look at a questionnaire in every state; return the states that were seen."""
    seen = set()
    codes = publish_feature(name)
    for language, code in zip(LANGUAGES, codes, strict=True):
        if language not in chosen.get("languages", LANGUAGES):
            continue
        context = open_context(device_scale_factor=ZOOM)
        let_in(context, server, code)
        page = context.new_page()
        for section, state in states(page, load(name), language):
            auditor.look(page, f"{name} {language} {section} {state}")
            seen.add(state)
        context.close()
    return seen


@pytest.mark.parametrize("name", EVERY_KIND.values(), ids=EVERY_KIND)
def test_every_kind_of_question_keeps_to_all_rules(
    open_context: OpenContext, live_server: LiveServer, name: str
) -> None:
    view = VIEWS[[*EVERY_KIND.values()].index(name) % len(VIEWS)]
    auditor = Auditor([view])
    seen = walk(open_context, live_server, name, auditor, languages=("vi",))
    assert auditor.found == []
    assert seen & STATES_WITH_ERRORS


@pytest.mark.simulation
@pytest.mark.parametrize("group", GROUPS)
def test_every_feature_keeps_to_all_rules_in_every_view(
    open_context: OpenContext, live_server: LiveServer, record_property: Any, group: str
) -> None:
    auditor = Auditor()
    for name in GROUPS[group]:
        walk(open_context, live_server, name, auditor)
    record_property("pages", auditor.n_pages)
    record_property("runs", auditor.n_runs)
    assert auditor.found == []
